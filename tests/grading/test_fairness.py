"""What was once said wrongly of real submissions, or not said at all, each as a small submission made up here."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assignment06.grading import official
from assignment06.grading.examine import examine as grade
from assignment06.grading.result import Grade

from . import builder
from .builder import STEM, Files
from .conftest import failures
from .test_defects import R, name, put, stated

CIFAR10 = np.array(["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"])


def required(grade: Grade) -> set[str]:
    return {r.label for r in grade.failed()}


def result(grade: Grade, label: str):
    return next(r for r in grade.results if r.label == label)


def guesses(task: str) -> np.ndarray:
    return builder.probabilities(task).argmax(axis=1)


def aligned(*columns: object, header: str, index: bool = True) -> bytes:
    """A table as pandas prints it: columns set apart by spaces, an index without a heading."""
    rows = zip(*columns, strict=True)
    lines = [f"{i if index else '':<6}" + "".join(f"{cell!s:>12}" for cell in row) for i, row in enumerate(rows)]
    return "\n".join(["      " + header, *lines, "", f"[{len(lines)} rows x {len(columns)} columns]"]).encode()


TABLES: dict[str, Callable[[], bytes]] = {
    "printed, actual first": lambda: aligned(builder.labels("6.1"), guesses("6.1"), header="  Actual   Predicted"),
    "printed, two words a heading": lambda: aligned(
        builder.labels("6.1"), guesses("6.1"), header="Actual Label   Predicted Label"
    ),
    "no heading, true labels first": lambda: builder.table(
        {"a": builder.labels("6.1"), "b": guesses("6.1")}, header=False
    ),
    "headings that say nothing": lambda: builder.table({"first": builder.labels("6.1"), "second": guesses("6.1")}),
    "y_true and label": lambda: builder.table({"y_true": builder.labels("6.1"), "label": guesses("6.1")}),
    "bars": lambda: "\n".join(
        ["| Actual | Predicted |", "|--------|-----------|"]
        + [f"| {a} | {p} |" for a, p in zip(builder.labels("6.1"), guesses("6.1"), strict=True)]
    ).encode(),
    "sentences": lambda: "\n".join(
        f"Image {i}: Actual: {a}, Predicted: {p}"
        for i, (a, p) in enumerate(zip(builder.labels("6.1"), guesses("6.1"), strict=True))
    ).encode(),
    "semicolons and decimal commas": lambda: (
        ";" + ";".join(map(str, range(10))) + "\n"
        + "\n".join(
            f"{i};" + ";".join(f"{v:.6f}".replace(".", ",") for v in row)
            for i, row in enumerate(builder.probabilities("6.1"))
        )
    ).encode(),
    "Latin-1 headings": lambda: ("Präzision;Wahre Klasse;Vorhersage\n" + "\n".join(
        f"0,5;{a};{p}" for a, p in zip(builder.labels("6.1"), guesses("6.1"), strict=True)
    )).encode("latin-1"),
}  # fmt: skip


@pytest.mark.parametrize("form", TABLES)
def test_the_right_column_is_read(form: str, graded: Callable[[Files], Grade]) -> None:
    """The stated accuracy is the predictions'; a column of true labels would give 100 %."""
    files = builder.clean()
    files[name("predictions")] = TABLES[form]()
    judged = graded(files)
    assert failures(judged) == set()
    assert result(judged, "figures.stated_accuracy 6.1").status == "passed"
    assert f"{builder.accuracy('6.1'):.2%}" in result(judged, "predictions.above_chance 6.1").sentence


def test_a_column_that_is_in_doubt_accuses_nobody(graded: Callable[[Files], Grade]) -> None:
    other = np.where(np.arange(10_000) % 5 == 0, 0, guesses("6.1"))
    files = builder.clean()
    files[name("predictions")] = builder.table({"one": other, "two": guesses("6.1")})
    judged = graded(files)
    assert required(judged) == set()
    assert "no heading says which column" in result(judged, "figures.stated_accuracy 6.1").sentence


def test_true_labels_only(graded: Callable[[Files], Grade]) -> None:
    files = builder.clean()
    files[name("predictions")] = builder.table({"Actual": builder.labels("6.1")})
    judged = graded(files)
    assert required(judged) == {"predictions.ten_classes 6.1"}
    assert "true labels, no predictions" in result(judged, "predictions.ten_classes 6.1").sentence


def grid(seed: int = 0) -> bytes:
    """Nine images side by side, as students show the first of a data set."""
    image = Image.new("RGB", (320, 240), "white")
    pixels = np.random.default_rng(seed).integers(0, 256, (9, 60, 60, 3), dtype=np.uint8)
    for i, values in enumerate(pixels):
        image.paste(Image.fromarray(values), (50 + 80 * (i % 3), 20 + 70 * (i // 3)))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def test_the_same_sample_images_for_every_task(graded: Callable[[Files], Grade]) -> None:
    files = builder.clean()
    for stem in STEM.values():
        files[f"{R}plots/{stem}_nine_images.png"] = grid()
        files[f"{R}plots/{stem}_figure.png"] = grid()
    assert failures(graded(files)) == set()


def renamed(files: Files, *pairs: tuple[str, str]) -> Files:
    for old, new in pairs:
        for entry in [n for n in files if old in n]:
            files[entry.replace(old, new)] = files.pop(entry)
    return files


def test_plots_without_a_task(graded: Callable[[Files], Grade]) -> None:
    files = renamed(
        builder.clean(), ("plots/mnist_accuracy", "plots/accuracyPNG"), ("plots/mnist_loss", "plots/lossPNG")
    )
    assert failures(graded(files)) == set()


def test_plots_with_bare_numbers(graded: Callable[[Files], Grade]) -> None:
    """1_plot and 2_plot are the two plots of 6.2b, the only task that has none."""
    files = renamed(
        builder.clean(),
        ("plots/cifar10_augmented_accuracy", "plots/1_plot"),
        ("plots/cifar10_augmented_loss", "plots/2_plot"),
    )
    judged = graded(files)
    assert failures(judged) == set()
    assert "1_plot" in result(judged, "completeness.plots 6.2b").sentence


def test_plots_that_may_be_anybodys(graded: Callable[[Files], Grade]) -> None:
    files = {k: v for k, v in builder.clean().items() if "/plots/" not in k}
    files |= {f"{R}plots/{word}.png": builder.plot(i) for i, word in enumerate(("one", "two", "three", "four"))}
    judged = graded(files)
    assert failures(judged) == set() and judged.verdict == "not confirmed"


def test_a_plot_of_digits_is_a_plot(graded: Callable[[Files], Grade]) -> None:
    files = renamed(builder.clean(), ("plots/mnist_", "plots/digits_mnist_image_"))
    assert failures(graded(files)) == set()


def test_63_is_judged_wherever_it_lies(graded: Callable[[Files], Grade]) -> None:
    """The file of predictions is named, not a photograph; and its number is judged at once."""
    files = {k: v for k, v in builder.clean().items() if "resnet50" not in k}
    files[f"{R}6_3_predictions.txt"] = builder.resnet(2)
    files |= {f"assignment06/6.3 Images/{animal}.jpg": builder.plot(7) for animal in ("cat", "dog")}
    judged = graded(files)
    assert required(judged) == {"completeness.photographs"}
    assert "results/6_3_predictions.txt" in result(judged, "completeness.resnet50_directory").sentence
    assert "2 photographs" in result(judged, "completeness.photographs").sentence


def test_63_is_recognised_by_its_wordnet_ids(graded: Callable[[Files], Grade]) -> None:
    files = renamed(builder.clean(), ("predictions/resnet50/predictions.csv", "predictions/my_photos.csv"))
    judged = graded(files)
    assert required(judged) == set() and failures(judged) == {"completeness.resnet50_directory"}
    place = result(judged, "completeness.resnet50_directory")
    assert place.credit == 0.5 and "my_photos.csv" in place.sentence


def test_invented_labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = builder.clean()
    rows = b"".join(b"photo_%d.jpg,dragon_unicorn,0.%d\n" % (i, i + 1) for i in range(6))
    files[f"{R}predictions/resnet50/predictions.csv"] = b"image,label,probability\n" + rows
    monkeypatch.setattr(official, "imagenet_classes", lambda folders: frozenset({"tabby", "egyptiancat"}))
    judged = grade(builder.zipped(tmp_path / "assignment06_DoeJane.zip", files), [], None)
    assert failures(judged) == {"completeness.resnet50_labels"}


def test_stated_on_unscaled_images(tried: Callable[[Files], Grade], models: dict[str, bytes]) -> None:
    files = builder.clean(models)
    del files[name("predictions", "6.2a")]
    unscaled = builder.accuracy("6.2a", builder.probabilities("6.2a", 1.0).argmax(axis=1))
    files[name("metrics", "6.2a")] = json.dumps({"test_accuracy": round(unscaled, 4)}).encode()
    judged = tried(files)
    assert "figures.scaling 6.2a" in required(judged)
    sentence = result(judged, "figures.scaling 6.2a").sentence
    assert "you measured on images scaled otherwise than in training" in sentence
    assert re.search(r"gives 7\d\.\d%$", sentence)


def test_labels_with_some_noise_beside_a_model(tried: Callable[[Files], Grade], models: dict[str, bytes]) -> None:
    """They agree with the model as far as it is right, which leaves open how it got its images; their errors do not."""
    files = builder.clean(models)
    random = np.random.default_rng(5)
    noise = np.where(random.random(10_000) < 0.01, random.integers(1, 10, 10_000), 0)
    answers = (builder.labels("6.1") + noise) % 10
    files[name("predictions")] = builder.table({"predicted_label": answers})
    accuracy = float((answers == builder.labels("6.1")).mean())
    files[name("metrics")] = json.dumps({"test_accuracy": accuracy}).encode()
    judged = tried(files)
    assert required(judged) == {"figures.predictions_from_model 6.1"}
    assert "nets err on the same images" in result(judged, "figures.predictions_from_model 6.1").sentence


def test_ten_sigmoids_are_advice_and_judging_goes_on(tried: Callable[[Files], Grade], models: dict[str, bytes]) -> None:
    files = builder.clean(models)
    files[name("models")] = models["ten sigmoids"]
    judged = tried(files)
    assert failures(judged) == {"models.output 6.1"} and judged.failed() == []
    assert result(judged, "models.accuracy 6.1").status == "passed"


def test_metrics_copied_from_another_task(graded: Callable[[Files], Grade]) -> None:
    copied = (
        b'{"accuracy": [0.3, 0.81234], "val_accuracy": [0.3, 0.70123], "loss": [2, 0.61234], "val_loss": [2, 0.9123]}'
    )
    files = builder.clean()
    for task in ("6.2a", "6.2b"):
        files[name("metrics", task)] = copied
    assert "figures.own_metrics" in required(graded(files))


def test_one_file_of_metrics_for_all_tasks_is_no_copy(graded: Callable[[Files], Grade]) -> None:
    files = {k: v for k, v in builder.clean().items() if "/metrics/" not in k}
    keys = {"6.1": "mnist", "6.2a": "cifar10_plain", "6.2b": "cifar10_augmented"}
    files[f"{R}metrics/all.json"] = json.dumps(
        {keys[task]: {"test_accuracy": round(builder.accuracy(task), 4)} for task in STEM}
    ).encode()
    assert failures(graded(files)) == set()


@pytest.mark.parametrize(
    "line",
    [
        r"data = 'C:\\data\\photos\\cat.jpg'",
        "data = 'D:/school/dsc650/cat.jpg'",
        "open('/content/drive/MyDrive/dsc650/x.csv')",
        "open('/Users/jane/x.csv')",
        "open('/home/jane/x.csv')",
    ],
)
def test_paths_of_somebodys_disk(line: str, graded: Callable[[Files], Grade]) -> None:
    book = {"cells": [{"cell_type": "code", "source": [line], "outputs": []}]}
    files = builder.clean() | {"assignment06/a.ipynb": json.dumps(book).encode()}
    assert failures(graded(files)) == {"packaging.no_own_paths"}


@pytest.mark.parametrize("line", ["x = 'https://keras.io/api'", "a:/b", "results/home/x", "ratio 1:/2 a/", "see: /x"])
def test_what_is_no_path_of_a_disk(line: str, graded: Callable[[Files], Grade]) -> None:
    book = {"cells": [{"cell_type": "code", "source": [line], "outputs": [{"text": r"C:\Users\jane\lib\x.py"}]}]}
    files = builder.clean() | {"assignment06/a.ipynb": json.dumps(book).encode()}
    assert failures(graded(files)) == set()


def test_predictions_of_all_training_images(graded: Callable[[Files], Grade]) -> None:
    """Even where they are no classes at all, their number is judged."""
    files = builder.clean()
    files[name("predictions", "6.2b")] = builder.table({"predicted_label": np.linspace(0, 0.9, 50_000).round(4)})
    assert {"predictions.rows 6.2b", "predictions.ten_classes 6.2b"} <= required(graded(files))


def test_ninety_per_cent_of_a_binary_loss(tried: Callable[[Files], Grade], models: dict[str, bytes]) -> None:
    files = builder.clean(models)
    p = builder.probabilities("6.2b")
    binary = float(np.mean((p > 0.5) == np.eye(10, dtype=bool)[builder.labels("6.2b")]))
    stated("6.2b", test_accuracy=round(binary, 4))(files)
    judged = tried(files)
    assert required(judged) == {"figures.stated_accuracy 6.2b"}
    assert "accuracy of a binary loss" in result(judged, "figures.stated_accuracy 6.2b").sentence


@pytest.mark.parametrize(
    ("zip_name", "author", "failing", "required_too"),
    [
        ("assignment06_JaneDoe.zip", "", True, False),
        ("assignment06_JaneO'Connell.zip", "", True, False),
        ("assignment06_JaneMcDoe.zip", "", True, False),
        ("assignment06_OConnellJane.zip", "", False, False),
        ("assignment06_DoeJane.zip", "", False, False),
        ("assignment06_JamesThomas.zip", "", False, False),
        ("assignment06_KellyLou.zip", "", False, False),
        ("Assignment 6_jdoe_attempt_2023-01-02-03-04-05_assignment06_JaneDoe.zip", "", True, False),
        ("assignment06_MullerZoe.zip", "Zoë Müller", False, False),
        ("assignment06_MuellerZoe.zip", "Zoë Müller", False, False),
        ("assignment06_ZoeMuller.zip", "Zoë Müller", True, True),
        ("assignment06_O'NeilZoë.zip", "Zoe O’Neil", False, False),
    ],
)
def test_order_of_names(zip_name: str, author: str, failing: bool, required_too: bool, tmp_path: Path) -> None:
    files = builder.clean() | ({"assignment06/run.py": f"# Author: {author}\n".encode()} if author else {})
    judged = grade(builder.zipped(tmp_path / zip_name, files), [], None)
    assert (failures(judged) == {"packaging.name_order"}) is failing
    assert bool(judged.failed()) is required_too


def test_results_beside_results(graded: Callable[[Files], Grade]) -> None:
    files = builder.clean()
    files["assignment06/predictions/mnist_old.csv"] = builder.predictions("6.1")
    files["assignment06/mnist.h5"] = b"\x89HDF\r\n\x1a\n"
    judged = graded(files)
    assert failures(judged) == {"completeness.in_results"}
    assert "mnist" in result(judged, "completeness.in_results").sentence


def test_overfitting_in_62a_is_what_it_is_for(graded: Callable[[Files], Grade]) -> None:
    files = builder.clean()
    stated("6.2a", train_accuracy=0.99, val_accuracy=0.7)(files)
    assert failures(graded(files)) == set()


def test_nothing_to_read_takes_one_line(tmp_path: Path) -> None:
    path = tmp_path / "assignment06_DoeJane.zip"
    path.write_bytes(b"no zip")
    assert [r.check.id for r in grade(path, [], None).results] == ["packaging.intact"]
    builder.zipped(path, {})
    assert [r.check.id for r in grade(path, [], None).results] == ["packaging.layout"]


def test_a_saved_model_confirms_nothing(graded: Callable[[Files], Grade]) -> None:
    """97 % of the right answers beside a model that cannot be tried: looked at, never passed."""
    random = np.random.default_rng(3)
    files = builder.clean()
    for task in STEM:
        truth = builder.labels(task)
        wrong = random.random(10_000) < 0.03
        copied = np.where(wrong, (truth + random.integers(1, 10, 10_000)) % 10, truth)
        files[name("predictions", task)] = builder.table({"predicted_label": copied})
        files[name("metrics", task)] = json.dumps({"test_accuracy": float((copied == truth).mean())}).encode()
        del files[name("models", task)]
        files[f"{R}models/{STEM[task]}/saved_model.pb"] = b"\x08\x01"
    judged = graded(files)
    assert judged.verdict == "not confirmed"
    assert {f"predictions.like_a_net {task}" for task in STEM} <= failures(judged)
    assert result(judged, "models.safe 6.1").status == "not confirmed"


def test_62b_is_62a_with_dropout_and_one_row_changed(tried: Callable[[Files], Grade], models: dict[str, bytes]) -> None:
    files = builder.clean(models | {"augmented": models["plain with dropout"]})
    changed = guesses("6.2a").copy()
    changed[17] = (changed[17] + 1) % 10
    files[name("predictions", "6.2b")] = builder.table({"predicted_label": changed})
    accuracy = float((changed == builder.labels("6.2b")).mean())
    files[name("metrics", "6.2b")] = json.dumps({"test_accuracy": round(accuracy, 4)}).encode()
    judged = tried(files)
    assert {"predictions.differ", "models.own_weights 6.2b"} <= required(judged)
    assert "all but 1" in result(judged, "predictions.differ").sentence


DISGUISES: dict[str, tuple[Callable[[np.ndarray], np.ndarray], str]] = {
    "shuffled": (lambda labels: np.random.default_rng(4).permutation(labels), "in another order"),
    "shifted": (lambda labels: np.roll(labels, 37), "moved down by 37 rows"),
    "shifted up": (lambda labels: np.roll(labels, -1), "moved up by 1 rows"),
    "renumbered": (lambda labels: np.array([3, 4, 5, 6, 7, 8, 9, 0, 1, 2])[labels], "classes renumbered"),
    "by folder": (lambda labels: np.sort(labels), "a folder for each class"),
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_why_predictions_are_at_chance(disguise: str, graded: Callable[[Files], Grade]) -> None:
    change, words = DISGUISES[disguise]
    files = builder.clean()
    source = builder.labels("6.1") if disguise in ("shuffled", "by folder") else guesses("6.1")
    files[name("predictions")] = builder.table({"predicted_label": change(source)})
    files[name("metrics")] = b'{"val_accuracy": 0.79}'
    judged = graded(files)
    assert "predictions.above_chance 6.1" in required(judged)
    assert words in result(judged, "predictions.above_chance 6.1").sentence


def test_a_training_figure_is_no_test_accuracy(graded: Callable[[Files], Grade]) -> None:
    """An accuracy that names no images may be the training's: it is pointed out, and accuses nobody."""
    files = builder.clean()
    files[name("metrics")] = b'{"accuracy": 0.9987, "loss": 0.01}'
    judged = graded(files)
    assert judged.failed() == [] and "figures.stated_accuracy 6.1" in failures(judged)


def test_answers_in_a_form_that_is_not_read(graded: Callable[[Files], Grade]) -> None:
    files = builder.clean()
    del files[name("predictions")], files[name("metrics")]
    put(f"{R}predictions/mnist_predictions.xlsx", b"PK")(files)
    put(f"{R}metrics/mnist_metrics.xlsx", b"PK")(files)
    judged = graded(files)
    assert failures(judged) == set()
    assert result(judged, "completeness.predictions 6.1").status == "not confirmed"


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("model.compile(optimizer='rmsprop', loss='binary_crossentropy', metrics=['accuracy'])", "sources.loss"),
        ("model.fit(x, y, epochs=30, validation_data=(x_test, y_test))", "sources.validation"),
        ("val_dl = DataLoader(test, 500)\ntrainer.fit(net, train_dl, val_dl)", "sources.validation"),
        ("model.fit(train_images, train_labels, validation_data = (test_images, test_labels))", "sources.validation"),
        ("assert len(tf.config.list_physical_devices('GPU')) > 0", "sources.gpu"),
        ("(x, y), (x_test, y_test) = fashion_mnist.load_data()", "sources.data_set"),
        ("data = torchvision.datasets.CIFAR100('.')", "sources.data_set"),
        ("mnist.load_data()\nfashion_mnist.load_data()  # for fun", ""),
        ("model.compile(loss='categorical_crossentropy')", ""),
        ("model.fit(x, y, validation_data=(x_val, y_val))", ""),
        ("print(tf.config.list_physical_devices('GPU'))", ""),
        ("# model.compile(loss='binary_crossentropy')", ""),
    ],
)
def test_what_the_code_says(line: str, label: str, graded: Callable[[Files], Grade]) -> None:
    book = {"cells": [{"cell_type": "code", "source": ["model.add(Dense(10))\n", line], "outputs": []}]}
    judged = graded(builder.clean() | {"assignment06/a.ipynb": json.dumps(book).encode()})
    assert failures(judged) == ({label} if label else set())


def test_ninety_per_cent_without_anything_to_compare(graded: Callable[[Files], Grade]) -> None:
    files = builder.clean()
    files[name("predictions", "6.2b")] = builder.table({"predicted_label": np.linspace(0, 0.9, 50_000).round(4)})
    files[name("metrics", "6.2b")] = b'{"test_accuracy": 0.9003}'
    judged = graded(files)
    assert "binary loss" in result(judged, "figures.stated_accuracy 6.2b").sentence
