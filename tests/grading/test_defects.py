"""One submission for every defect: the grader finds it, and nothing else."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assignment06.grading.examine import examine
from assignment06.grading.registry import CHECKS

from . import builder
from .builder import STEM, Files
from .conftest import failures

TOP = "assignment06/"
R = f"{TOP}results/"
Change = Callable[[Files], object]


def name(kind: str, task: str = "6.1") -> str:
    return f"{R}{kind}/{STEM[task]}{'.csv' if kind == 'predictions' else '.json' if kind == 'metrics' else '.keras'}"


def drop(*parts: str) -> Change:
    def change(files: Files) -> None:
        for entry in [n for n in files if any(part in n for part in parts)]:
            del files[entry]

    return change


def put(entry: str, data: bytes | Callable[[], bytes]) -> Change:
    return lambda files: files.update({entry: data() if callable(data) else data})


def predicted(labels: Callable[[], np.ndarray], task: str = "6.1") -> Change:
    """The task's predictions are these, and its metrics no longer state a test accuracy."""

    def change(files: Files) -> None:
        files[name("predictions", task)] = builder.table({"predicted_label": labels()})
        figures = json.loads(files[name("metrics", task)])
        files[name("metrics", task)] = json.dumps({k: v for k, v in figures.items() if k != "test_accuracy"}).encode()

    return change


def stated(task: str = "6.1", **figures: float) -> Change:
    return put(name("metrics", task), lambda: builder.metrics(task, **figures))


def rolled(task: str) -> np.ndarray:
    """Predictions that were made with badly scaled images, say: no better than chance, all classes there."""
    return np.random.default_rng(2).permutation(builder.probabilities(task).argmax(axis=1))


def mixed(labels: np.ndarray, share: float) -> np.ndarray:
    """The labels with a share of them replaced by any other, as nobody's net errs."""
    random = np.random.default_rng(5)
    wrong = random.random(len(labels)) < share
    return np.where(wrong, (labels + random.integers(1, 10, len(labels))) % 10, labels)


def training() -> np.ndarray:
    return builder.LABELS["mnist_train"][20_000:30_000]


def shuffled(files: Files) -> None:
    order = np.random.default_rng(0).permutation(10_000)
    files[name("predictions")] = builder.table(
        {
            "true_label": builder.labels("6.1")[order],
            "predicted_label": builder.probabilities("6.1").argmax(axis=1)[order],
        }
    )
    files[name("metrics")] = builder.metrics("6.1", val_accuracy=0.8)
    figures = json.loads(files[name("metrics")])
    del figures["test_accuracy"]
    files[name("metrics")] = json.dumps(figures).encode()


def same_predictions(files: Files) -> None:
    files[name("predictions", "6.2b")] = files[name("predictions", "6.2a")]


def photos_as_file(files: Files) -> None:
    drop("resnet50")(files)
    files[f"{R}predictions/resnet50"] = builder.resnet()


PLAIN: dict[str, tuple[Change, set[str]]] = {
    "droppings": (put(f"{R}.ipynb_checkpoints/a.csv", b"1"), {"packaging.no_droppings"}),
    "macOS leftovers": (put("__MACOSX/._x", b"1"), {"packaging.no_droppings"}),
    "a library": (put("assignment06/mine/lib/site-packages/keras/VGG16.py", b"VGG16(1)"), {"packaging.no_droppings"}),
    "own paths": (put(f"{R}a.py", b"open('/home/jane/data.csv')"), {"packaging.no_own_paths"}),
    "own paths on Windows": (put(f"{R}a.py", rb"open('C:\Users\jane\data.csv')"), {"packaging.no_own_paths"}),
    "pickle": (put(f"{R}history.pkl", b"\x80\x04."), {"packaging.no_pickles"}),
    "an archive": (put(f"{R}plots.rar", b"Rar!"), {"packaging.no_archives"}),
    "traversal": (put("../../evil.txt", b"1"), {"packaging.no_traversal"}),
    "absolute": (put("/evil/evil.txt", b"1"), {"packaging.no_absolute_paths"}),
    "absolute on Windows": (put("C:/evil.txt", b"1"), {"packaging.no_absolute_paths"}),
    "capitals": (put(f"{R}Predictions/MNIST.csv", b"1"), {"packaging.no_duplicates"}),
    "first name first": (put(f"{TOP}run.py", b"# Author: Doe Jane\n"), {"packaging.name_order"}),
    "no model": (drop("models/mnist"), {"completeness.model 6.1"}),
    "no predictions": (drop("predictions/mnist"), {"completeness.predictions 6.1"}),
    "no metrics": (drop("metrics/cifar10_plain"), {"completeness.metrics 6.2a"}),
    "empty metrics": (put(name("metrics"), b"{}"), {"completeness.metrics 6.1"}),
    "no plots": (drop("plots/cifar10_augmented"), {"completeness.plots 6.2b"}),
    "outside results": (lambda f: f.update({f"{TOP}mnist.keras": f.pop(name("models"))}), {"completeness.in_results"}),
    "resnet50 a file": (photos_as_file, {"completeness.resnet50_directory"}),
    "no 6.3": (drop("resnet50"), {"completeness.resnet50_directory"}),
    "one photograph": (
        put(f"{R}predictions/resnet50/predictions.csv", builder.resnet(1)),
        {"completeness.photographs"},
    ),
    "eleven photographs": (
        put(f"{R}predictions/resnet50/predictions.csv", builder.resnet(11)),
        {"completeness.photographs", "completeness.images"},
    ),
    "photographs without classes": (
        put(f"{R}predictions/resnet50/predictions.csv", b"image\n" + b"".join(b"photo_%d.jpg\n" % i for i in range(6))),
        {"completeness.resnet50_classes"},
    ),
    "broken plot": (put(f"{R}plots/mnist_extra.png", builder.plot(30)[:200]), {"plots.open"}),
    "empty plot": (put(f"{R}plots/mnist_extra.png", b""), {"plots.open"}),
    "white plot": (put(f"{R}plots/mnist_loss.png", builder.plot(0, "white")), {"plots.not_blank"}),
    "empty axes": (put(f"{R}plots/mnist_loss.png", builder.plot(0, "axes")), {"plots.not_blank"}),
    "6.1's plot for 6.2b": (put(f"{R}plots/cifar10_augmented_loss.png", builder.plot(1)), {"plots.different"}),
    "labels 1 to 10": (predicted(lambda: builder.labels("6.1") + 1), {"predictions.ten_classes 6.1"}),
    "one sigmoid": (predicted(lambda: np.linspace(0, 1, 10_000).round(4)), {"predictions.ten_classes 6.1"}),
    "too many rows": (predicted(lambda: np.resize(rolled("6.2a"), 59_104), "6.2a"), {"predictions.rows 6.2a"}),
    "half the rows": (predicted(lambda: rolled("6.2b")[:5000], "6.2b"), {"predictions.rows 6.2b"}),
    "all training rows": (predicted(lambda: builder.LABELS["mnist_train"]), {"predictions.rows 6.1"}),
    "constant": (predicted(lambda: np.full(10_000, 3)), {"predictions.not_constant 6.1"}),
    "training images": (predicted(training), {"predictions.test_images 6.1"}),
    "another order": (shuffled, {"predictions.order 6.1"}),
    "chance": (predicted(lambda: rolled("6.2a"), "6.2a"), {"predictions.above_chance 6.2a"}),
    "6.2b's are 6.2a's": (same_predictions, {"predictions.differ"}),
    "another accuracy": (stated(test_accuracy=0.9917), {"figures.stated_accuracy 6.1"}),
    "loss of ln 10": (stated("6.2b", test_loss=2.3026), {"figures.loss 6.2b"}),
    "loss of 284": (stated("6.2a", test_loss=284.2), {"figures.loss 6.2a"}),
    "overfitting": (stated("6.2b", train_accuracy=0.99, val_accuracy=0.7), {"figures.overfitting 6.2b"}),
    "the right answers": (predicted(lambda: builder.labels("6.1")), {"predictions.not_the_labels 6.1"}),
    "nearly the right answers": (
        predicted(lambda: mixed(builder.labels("6.2a"), 0.03), "6.2a"),
        {"predictions.like_a_net 6.2a"},
    ),
    "6.2b's metrics are 6.2a's": (
        put(name("metrics", "6.2b"), b'{"val_accuracy": 0.71234, "val_loss": 0.81234}'),
        {"figures.test_stated 6.2b"},
    ),
    "a probability of 1.7": (
        put(
            f"{R}predictions/resnet50/predictions.csv",
            b"image,label,probability\n"
            + b"".join(b"photo_%d.jpg,dragon_unicorn,%.1f\n" % (i, 1.2 + i / 10) for i in range(6)),
        ),
        {"completeness.resnet50_probabilities"},
    ),
}


@pytest.mark.parametrize("defect", PLAIN)
def test_defect(defect: str, graded) -> None:
    change, expected = PLAIN[defect]
    files = builder.clean()
    change(files)
    assert failures(graded(files)) == expected


MODELS: dict[str, tuple[str, str, set[str]]] = {
    "Lambda": ("6.1", "lambda", {"models.safe 6.1"}),
    "foreign module": ("6.1", "foreign module", {"models.safe 6.1"}),
    "custom class": ("6.1", "custom class", {"models.safe 6.1"}),
    "external link": ("6.1", "external link", {"models.safe 6.1"}),
    "truncated": ("6.1", "truncated", {"models.loads 6.1"}),
    "weights only": ("6.1", "weights only", {"models.loads 6.1"}),
    "a model of CIFAR-10 for MNIST": ("6.1", "plain", {"models.input 6.1"}),
    "one sigmoid": ("6.1", "sigmoid", {"models.output 6.1"}),
    "ten sigmoids": ("6.1", "ten sigmoids", {"models.output 6.1"}),
    "dead": ("6.1", "dead", {"models.alive 6.1"}),
    "not a number": ("6.1", "not a number", {"models.alive 6.1"}),
    "another training": ("6.1", "another training", {"figures.predictions_from_model 6.1"}),
    "no convolution": ("6.1", "dense", {"models.convolution 6.1"}),
    "dropout in 6.2a": ("6.2a", "plain with dropout", {"models.dropout 6.2a"}),
    "no dropout in 6.2b": ("6.2b", "augmented without dropout", {"models.dropout 6.2b"}),
    "augmentation in 6.2a": ("6.2a", "plain with augmentation", {"models.augmentation 6.2a"}),
}


@pytest.mark.parametrize("defect", MODELS)
def test_defect_of_a_model(defect: str, tried, models: dict[str, bytes]) -> None:
    task, kind, expected = MODELS[defect]
    files = builder.clean(models)
    files[name("models", task)] = models[kind]
    assert failures(tried(files)) == expected


def test_model_at_chance(tried, models: dict[str, bytes]) -> None:
    files = builder.clean(models)
    drop("predictions/mnist")(files)
    files[name("models")] = models["untrained"]
    found = failures(tried(files))
    assert found == {"completeness.predictions 6.1", "models.accuracy 6.1", "figures.stated_accuracy 6.1"}


def test_test_images_scaled_differently(tried, models: dict[str, bytes]) -> None:
    """The model learnt 0 to 1 and was given 0 to 255: the grader says so."""
    files = builder.clean(models)
    predicted(lambda: builder.probabilities("6.1", 1.0).argmax(axis=1))(files)
    result = tried(files)
    assert failures(result) == {"predictions.not_constant 6.1", "figures.scaling 6.1"}
    sentence = next(r.sentence for r in result.results if r.label == "models.accuracy 6.1")
    assert "0-1" in sentence


@pytest.mark.parametrize(
    ("entry", "content", "expected"),
    [
        ("models/mnist.pkl", b"\x80\x04.", {"models.safe 6.1"}),
        ("models/mnist/saved_model.pb", b"\x08\x01", {"models.format 6.1"}),
        ("models/mnist.pt", b"PK", {"models.format 6.1"}),
    ],
)
def test_models_that_are_never_opened(entry: str, content: bytes, expected: set[str], tried, models) -> None:
    files = builder.clean(models)
    del files[name("models")]
    files[f"{R}{entry}"] = content
    assert failures(tried(files)) == expected


OWN: dict[str, tuple[Callable[[Files], Files], set[str]]] = {
    "changed file": (lambda f: f | {f"{R}plots/mnist_loss.png": builder.plot(40)}, {"provenance.manifest"}),
    "file too many": (lambda f: f | {f"{R}plots/mnist_new.png": builder.plot(41)}, {"provenance.manifest"}),
    "file missing": (lambda f: {k: v for k, v in f.items() if "mnist_loss" not in k}, {"provenance.manifest"}),
    "sample data": (lambda f: builder.sealed(f, ["sample data"]), {"provenance.for_submission"}),
    "another model": (
        lambda f: builder.sealed({k: v.replace(b'"model_sha256": "', b'"model_sha256": "0') for k, v in f.items()}),
        {"provenance.models"},
    ),
    "no seed": (
        lambda f: builder.sealed({k: v.replace(b', "seed": 7', b"") for k, v in f.items()}),
        {"provenance.settings"},
    ),
    "no versions": (
        lambda f: builder.sealed({k: v.replace(b'{"tensorflow": "2.21.0"}', b"{}") for k, v in f.items()}),
        {"provenance.settings"},
    ),
}


@pytest.mark.parametrize("defect", OWN)
def test_defect_of_this_workflows_zip(defect: str, graded) -> None:
    change, expected = OWN[defect]
    files = builder.with_manifest(builder.clean())
    assert failures(graded(change(files))) == expected


@pytest.mark.parametrize(
    ("zip_name", "expected"),
    [
        ("assignment06_DoeJane.zip", set()),
        ("assignment06_Van-DykeAnna-Maria.zip", set()),
        ("assignment06_O'NeilZoë.zip", set()),
        ("Assignment 6_jdoe_attempt_2023-01-01_assignment06_DoeJane.zip", set()),
        ("assignment06_DoeJane (1).zip", set()),
        ("DoeJane_assignment06.zip", {"packaging.zip_name"}),
        ("assignment06.zip", {"packaging.zip_name"}),
        ("assignment6_DoeJane.zip", {"packaging.zip_name"}),
        ("assignment06_Doe_Jane.zip", {"packaging.zip_name"}),
        ("results.zip", {"packaging.zip_name"}),
    ],
)
def test_zip_names(zip_name: str, expected: set[str], tmp_path: Path) -> None:
    path = builder.zipped(tmp_path / zip_name, builder.clean())
    assert failures(examine(path, [], None)) == expected


def test_very_many_photographs(graded) -> None:
    """This workflow writes them as Parquet, which is not read; its manifest has their number."""
    files = builder.clean()
    del files[f"{R}predictions/resnet50/predictions.csv"]
    files[f"{R}predictions/resnet50/predictions.parquet"] = b"PAR1"
    files = builder.with_manifest(files)
    manifest = json.loads(files[f"{TOP}manifest.json"]) | {"classifier": {"images": 100_000}}
    result = graded(files | {f"{TOP}manifest.json": json.dumps(manifest).encode()})
    assert failures(result) == {"completeness.photographs"}
    assert any("100000 photographs in manifest.json" in r.sentence for r in result.results)


def test_name_order_of_this_workflows_zip(tmp_path: Path) -> None:
    path = builder.zipped(tmp_path / "assignment06_JaneDoe.zip", builder.with_manifest(builder.clean()))
    assert failures(examine(path, [], None)) == {"packaging.name_order"}


@pytest.mark.parametrize("top", ["dsc650/assignments/assignment06/", "my homework/"])
def test_layout(top: str, graded) -> None:
    judged = graded(builder.clean(top=top))
    assert failures(judged) == {"packaging.layout"}
    assert not judged.failed()


def test_no_results_folder(graded) -> None:
    files = {k.replace("results/", ""): v for k, v in builder.clean().items() if "resnet50" not in k}
    found = failures(graded(files))
    assert found == {"packaging.layout", "completeness.resnet50_directory"}


def _repacked(path: Path, files: Files, change: Callable[[zipfile.ZipInfo], None], only: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, data in files.items():
            info = zipfile.ZipInfo(entry)
            info.compress_type = zipfile.ZIP_DEFLATED
            if entry == only:
                change(info)
            archive.writestr(info, data)
    return path


def test_link(tmp_path: Path) -> None:
    files = builder.clean() | {"assignment06/link": b"/etc/passwd"}

    def link(info: zipfile.ZipInfo) -> None:
        info.create_system, info.external_attr = 3, 0o120777 << 16

    path = _repacked(tmp_path / "assignment06_DoeJane.zip", files, link, "assignment06/link")
    assert failures(examine(path, [], None)) == {"packaging.no_links"}


def test_link_in_a_folder(tmp_path: Path) -> None:
    folder = builder.unzipped(tmp_path / "hers", builder.clean())
    (folder / "assignment06/link").symlink_to("/etc/passwd")
    (folder / "assignment06/all").symlink_to("/")
    assert failures(examine(folder, [], None)) == {"packaging.no_links"}


def test_encrypted_entry(tmp_path: Path) -> None:
    files = builder.clean() | {"assignment06/notes.txt": b"secret"}
    path = builder.zipped(tmp_path / "assignment06_DoeJane.zip", files)
    data = bytearray(path.read_bytes())
    central = data.index(b"PK\x01\x02", data.rindex(b"assignment06/notes.txt") - 80)
    data[central + 8] |= 1
    path.write_bytes(bytes(data))
    result = examine(path, [], None)
    assert failures(result) == {"packaging.not_encrypted"}
    assert result.verdict == "could not be read"


def test_damaged_entry(tmp_path: Path) -> None:
    files = builder.clean() | {"assignment06/notes.txt": bytes(range(256)) * 40}
    path = builder.zipped(tmp_path / "assignment06_DoeJane.zip", files)
    data = bytearray(path.read_bytes())
    start = data.index(b"assignment06/notes.txt") + 60
    data[start : start + 20] = bytes(20)
    path.write_bytes(bytes(data))
    result = examine(path, [], None)
    assert failures(result) == {"packaging.intact"}
    assert result.verdict == "could not be read"


@pytest.mark.parametrize("content", [b"", b"not a zip", builder.plot(0), b"PK\x03\x04" + bytes(100)])
def test_no_zip_at_all(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "assignment06_DoeJane.zip"
    path.write_bytes(content)
    result = examine(path, [], None)
    assert result.verdict == "could not be read"
    assert failures(result) == {"packaging.intact"}


def test_nothing_at_all(tmp_path: Path) -> None:
    path = builder.zipped(tmp_path / "assignment06_DoeJane.zip", {})
    (tmp_path / "folder").mkdir()
    for source in (path, tmp_path / "folder"):
        result = examine(source, [], None)
        assert failures(result) == {"packaging.layout"} and result.verdict == "failed"


def test_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from assignment06.grading import unpack

    path = tmp_path / "assignment06_DoeJane.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a", "w") as file:
        for _ in range(30):
            file.write(bytes(1 << 20))
    assert "packaging.no_bomb" in failures(examine(path, [], None))

    builder.zipped(path, {f"{i}.txt": b"" for i in range(60)})
    monkeypatch.setattr(unpack, "MAX_FILES", 50)
    assert "packaging.no_bomb" in failures(examine(path, [], None))
    monkeypatch.setattr(unpack, "MAX_FILES", 100)
    monkeypatch.setattr(unpack, "MAX_TOTAL_BYTES", 1000)
    builder.zipped(path, {f"{i}.txt": np.random.default_rng(i).bytes(100) for i in range(60)})
    assert "packaging.no_bomb" in failures(examine(path, [], None))


def test_every_check_has_a_defect() -> None:
    """No check without a submission that fails it."""
    failed = {label.split()[0] for cases in (PLAIN, OWN) for _, labels in cases.values() for label in labels}
    failed |= {label.split()[0] for _, _, labels in MODELS.values() for label in labels}
    elsewhere = {
        "packaging.intact",
        "packaging.not_encrypted",
        "packaging.no_bomb",
        "packaging.no_links",
        "packaging.zip_name",
        "packaging.layout",
        "models.accuracy",
        "models.format",
        "models.own_weights",
        "models.in_code",
        "figures.scaling",
        "figures.own_metrics",
        "figures.history",
        "figures.validation",
        "figures.confusion",
        "figures.epochs",
        "predictions.own_scores",
        "figures.printed",
        "figures.report",
        "completeness.resnet50_labels",
        "completeness.resnet50_answers",
        "sources.data_set",
        "sources.loss",
        "sources.validation",
        "sources.validation_unchanged",
        "sources.errors",
        "sources.not_run",
        "curves.validation",
        "curves.labels",
        "curves.own_history",
        "plots.both",
        "plots.own_training",
        "sources.no_validation",
        "sources.test_apart",
        "sources.resnet50",
        "sources.augmentation",
        "sources.regularised",
        "sources.gpu",
        "sources.unfilled",
    }
    assert {check.id for check in CHECKS} == failed | elsewhere


def test_duplicate_names(tmp_path: Path) -> None:
    path = tmp_path / "assignment06_DoeJane.zip"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        for entry, data in builder.clean().items():
            archive.writestr(entry, data)
        archive.writestr(name("metrics"), b"{}")
    path.write_bytes(buffer.getvalue())
    assert failures(examine(path, [], None)) == {"packaging.no_duplicates"}
