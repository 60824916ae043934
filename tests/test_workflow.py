"""The whole workflow on sample data, and what a change makes out of date."""

import json
import os
import platform
import re
import shutil
import time
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import yaml
from support import ROOT, copy_tree, snakemake

pytestmark = pytest.mark.slow
OVERLAY = ("--configfile", "small.yaml")
ZIP = "assignment06_LovelaceAda.zip"
PACKING = {"pack_submission", "verify_submission", "deliver_submission"}  # the zip holds the workflow's own files
COMPUTED = {"train_convnet", "predict_test_set", "evaluate_predictions", "classify_shard", "prepare_dataset"}


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    """A copy of the project, under a path with a space and an accent, in which the workflow ran to its end."""
    folder = copy_tree(tmp_path_factory.mktemp("run") / "my assignmént 06")
    shutil.copy(ROOT / "tests/small.yaml", folder)
    done = snakemake(folder, *OVERLAY)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    (folder / "terminal.txt").write_text(done.stderr + done.stdout, encoding="utf-8")
    return folder


STUB = """
from pathlib import Path

for path in map(Path, snakemake.output):
    if path.suffix:
        path.write_text("made")
    else:
        path.mkdir(exist_ok=True)
Path(snakemake.log[0]).write_text("made")
"""


@pytest.fixture(scope="module")
def planned(tmp_path_factory) -> Path:
    """A copy of the project in which every job made files with nothing in them, which is enough to plan."""
    folder = copy_tree(tmp_path_factory.mktemp("plan") / "assignment06")
    shutil.copy(ROOT / "tests/small.yaml", folder)
    for script in (folder / "workflow/scripts").glob("*.py"):
        script.write_text(STUB)
    snakefile = folder / "Snakefile"
    snakefile.write_text(re.sub(r"(?ms)^onsuccess:.*?(?=^\S|\Z)", "", snakefile.read_text()))
    done = snakemake(folder, *OVERLAY)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return folder


def stale(folder: Path, *arguments: str, overlay: tuple[str, ...] = OVERLAY) -> set[str]:
    """Return the rules that a dry run would run, as `rule` or `rule experiment`."""
    done = snakemake(folder, "-n", *overlay, *arguments)
    assert done.returncode == 0, done.stderr[-3000:]
    jobs = re.findall(r"^(?:local)?rule (\w+):\n(.*?)(?=^\[|^Job stats|\Z)", done.stdout, re.MULTILINE | re.DOTALL)
    found = set()
    for rule, text in jobs:
        experiment = re.search(r"wildcards: experiment=(\w+)", text)
        found.add(f"{rule} {experiment[1]}" if experiment else rule)
    return found - {"all"}


@pytest.fixture
def edited(planned):
    """Write files into the planned tree for one test, then put the old ones back with their old times."""
    saved: dict[Path, tuple[bytes, os.stat_result]] = {}

    def write(name: str, text: str) -> None:
        path = planned / name
        saved[path] = (path.read_bytes(), path.stat())
        path.write_text(text, encoding="utf-8")

    yield write
    for path, (data, facts) in saved.items():
        path.write_bytes(data)
        os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def replace(edited, folder: Path, path: str, old: str, new: str, count: int = 0) -> None:
    """Edit a file of the library: `old` is a pattern that must be there."""
    text = (folder / "workflow/assignment06" / path).read_text(encoding="utf-8")
    changed = re.sub(old, lambda match: new, text, count=count)
    assert changed != text, f"{path} has no {old!r}: bring this test up to date"
    edited(f"workflow/assignment06/{path}", changed)


def overlay_with(finished: Path, tmp_path: Path, change) -> tuple[str, str]:
    values = yaml.safe_load((finished / "small.yaml").read_text())
    change(values)
    (tmp_path / "changed.yaml").write_text(yaml.safe_dump(values))
    return "--configfile", str(tmp_path / "changed.yaml")


def test_the_zip_and_what_is_in_it(finished) -> None:
    with zipfile.ZipFile(finished / ZIP) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        manifest = json.loads(archive.read("assignment06/manifest.json"))
    wanted = {
        "results/models/{e}.keras", "results/models/{e}.txt", "results/metrics/{e}.json",
        "results/metrics/{e}_history.csv", "results/predictions/{e}.csv", "results/plots/{e}_history.png",
        "results/plots/{e}_confusion_matrix.png", "results/plots/{e}_mistakes.png", "results/plots/{e}_layers.png",
    }  # fmt: skip
    for experiment in ("mnist", "cifar10_plain", "cifar10_augmented"):
        assert {f"assignment06/{name.format(e=experiment)}" for name in wanted} <= names
    assert "assignment06/results/plots/cifar10_augmented_augmentation.png" in names
    assert "assignment06/results/predictions/resnet50/predictions.csv" in names
    assert "assignment06/results/predictions/resnet50/contact_sheet.png" in names
    assert {
        f"assignment06/results/plots/{name}_gradcam.png" for name in ("cifar10_plain", "cifar10_augmented")
    } <= names
    assert {"assignment06/results/explore.html", "assignment06/results/predictions/resnet50/gradcam.png"} <= names
    assert not [name for name in names if re.search(r"\.checkpoints|/logs/|/benchmarks/|__pycache__|\.part", name)]
    assert not manifest["for_submission"]
    assert "sample data (mnist)" in manifest["stamps"]
    assert any("untrained" in stamp for stamp in manifest["stamps"])


def test_looks_at_test_images_are_kept_and_not_packed(finished) -> None:
    assert len(list((finished / "results/looks").glob("*.json"))) == 3
    with zipfile.ZipFile(finished / ZIP) as archive:
        assert not [name for name in archive.namelist() if "results/looks" in name]
        report = archive.read("assignment06/results/report.html").decode()
    assert report.count("test images, used once.") == 1, "those of MNIST"
    assert report.count("test images, used twice, by 2 nets.") == 2


def test_the_zip_names_no_place_user_or_host(finished) -> None:
    secrets = [str(finished), str(finished.parent), os.path.expanduser("~") + "/", platform.node()]
    with zipfile.ZipFile(finished / ZIP) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            assert not [one for one in secrets if len(one) > 3 and one.encode() in data], name


def test_the_zip_runs_again_to_the_same_results(finished, tmp_path) -> None:
    with zipfile.ZipFile(finished / ZIP) as archive:
        archive.extractall(tmp_path)
    unpacked = tmp_path / "assignment06"
    shutil.rmtree(unpacked / "results")
    done = snakemake(unpacked, "results/metrics/mnist.json", "results/predictions/resnet50/predictions.csv", ZIP, "-n")
    assert done.returncode == 0, done.stderr[-3000:]
    done = snakemake(unpacked, "results/metrics/mnist.json", "results/predictions/resnet50/predictions.csv")
    assert done.returncode == 0, done.stderr[-3000:]
    for name in ("predictions/mnist.csv", "predictions/resnet50/predictions.csv"):
        assert (unpacked / "results" / name).read_bytes() == (finished / "results" / name).read_bytes()
    weights = [
        json.loads((folder / "results/metrics/mnist.json").read_text())["provenance"]["weights_sha256"]
        for folder in (finished, unpacked)
    ]
    assert weights[0] == weights[1]


def test_metrics_predictions_and_models_agree(finished) -> None:
    for experiment in ("mnist", "cifar10_plain", "cifar10_augmented"):
        metrics = json.loads((finished / f"results/metrics/{experiment}.json").read_text())
        table = pd.read_csv(finished / f"results/predictions/{experiment}.csv")
        assert metrics["test"]["accuracy"] == (table["true_label"] == table["predicted_label"]).mean()
        assert metrics["test"]["images"] == len(table) == 2000
        probabilities = table.filter(regex="^p_")
        assert probabilities.shape[1] == 10
        assert (probabilities.sum(axis=1) - 1).abs().max() < 1e-5
        assert (probabilities.to_numpy().argmax(axis=1) == table["predicted_label"]).all()
        assert metrics["stamps"] == [f"sample data ({metrics['dataset']})"]
        assert metrics["training"]["seed"] == 0
        assert len(metrics["provenance"]["weights_sha256"]) == 64
        assert (finished / f"results/models/{experiment}.keras").stat().st_size < 5e6
    assert json.loads((finished / "results/metrics/mnist.json").read_text())["test"]["accuracy"] > 0.8


def test_photographs_are_the_seven_stand_ins(finished) -> None:
    table = pd.read_csv(finished / "results/predictions/resnet50/predictions.csv")
    assert table.groupby("image")["rank"].apply(list).tolist() == [[1, 2, 3, 4, 5]] * 7
    assert list(pd.read_csv(finished / "results/predictions/resnet50/skipped.csv")) == ["image", "reason"]


def test_the_terminal_shows_epochs_with_time_left(finished) -> None:
    text = (finished / "terminal.txt").read_text()
    assert re.search(r"mnist: epoch 1/3  loss \d\.\d+  accuracy 0\.\d+  .* left", text)
    assert "mnist: epoch 3/3" in text


def test_steps_that_compute_nothing_with_images_import_no_tensorflow() -> None:
    from assignment06.orchestration.code_digest import code_files

    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "workflow/rules").glob("*.smk"))
    steps = set(re.findall(r'step\(\s*"([\w.]+:\w+)"', text))
    assert len(steps) > 20
    allowed = {
        "train_convnet", "predict_test_set", "preview_augmentation", "classify_shard", "quantise_classifier",
        "prepare_backbone", "extract_features", "train_head", "fine_tune", "predict_from_features", "cross_validate",
        "detect_faces", "export_onnx", "look_into_nets", "map_photographs", "extract_grids", "train_captioner",
        "evaluate_captioner", "caption_photographs", "extract_maps", "train_detector", "detect_objects",
        "evaluate_detector", "evaluate_own_detector", "verify_submission",
    }  # fmt: skip
    for step in steps:
        names = [
            path.name
            for path in code_files(step)
            if re.search(r"(?m)^\s*(import|from) (keras|tensorflow)", path.read_text())
        ]
        assert bool(names) == (step.partition(":")[2] in allowed), (step, names)


def test_nothing_is_stale_after_a_run(finished) -> None:
    assert stale(finished) == set()


def test_nothing_is_stale_after_a_planned_run(planned) -> None:
    assert stale(planned) == set()


def test_the_name_changes_only_the_zip(planned, tmp_path) -> None:
    overlay = overlay_with(planned, tmp_path, lambda c: c["student"].update(last_name="Byron"))
    rules = {job.split()[0] for job in stale(planned, overlay=overlay)}
    assert "pack_submission" in rules
    assert rules <= {"pack_submission", "write_report", "verify_submission", "deliver_submission"}


def test_a_plot_setting_redraws_plots_only(planned, tmp_path) -> None:
    overlay = overlay_with(planned, tmp_path, lambda c: c.update(plots={"dpi": 80}))
    rules = {job.split()[0] for job in stale(planned, overlay=overlay)}
    assert {"plot_history", "plot_confusion_matrix", "plot_mistakes", "plot_contact_sheet", "plot_comparison"} <= rules
    assert not rules & {"train_convnet", "predict_test_set", "evaluate_predictions", "classify_shard"}


def test_one_experiments_epochs_touch_only_its_own_chain(planned, tmp_path) -> None:
    overlay = overlay_with(planned, tmp_path, lambda c: c["experiments"]["mnist"].update(epochs=4))
    jobs = stale(planned, overlay=overlay)
    assert {"train_convnet mnist", "predict_test_set mnist", "evaluate_predictions mnist"} <= jobs
    assert not [job for job in jobs if "cifar10" in job]
    assert not jobs & {"classify_shard", "prepare_dataset", "gather_predictions"}


def test_a_row_says_how_many_cores_its_training_gets(planned, tmp_path) -> None:
    def change(values):
        values["experiments"]["mnist"]["threads"] = 2

    overlay = overlay_with(planned, tmp_path, change)
    assert {job for job in stale(planned, overlay=overlay) if "convnet" in job} == {"train_convnet mnist"}
    for arguments, given in ((OVERLAY, 1), (overlay, 2)):
        done = snakemake(planned, "-n", "--forcerun", "train_convnet", *arguments)
        (job,) = re.findall(
            r"^rule train_convnet:\n(?:    .*\n)*?    wildcards: experiment=mnist\n(?:    .*\n)*", done.stdout, re.M
        )
        assert int((re.search("threads: (\\d+)", job) or [0, 1])[1]) == given


def test_a_title_trains_nothing(planned, tmp_path) -> None:
    overlay = overlay_with(planned, tmp_path, lambda c: c["experiments"]["mnist"].update(title="Digits"))
    jobs = stale(planned, overlay=overlay)
    assert "evaluate_predictions mnist" in jobs
    assert not {job.split()[0] for job in jobs} & {"train_convnet", "predict_test_set"}


def test_other_words_make_nothing_stale_but_the_zip_that_holds_them(planned, edited) -> None:
    replace(edited, planned, "experiments/progress.py", "min left", "minutes to go")
    replace(edited, planned, "experiments/fitting.py", "lower its ", "make smaller its ")  # an error
    replace(edited, planned, "experiments/networks/whitened.py", "about zero mean", "near a mean of zero")  # a comment
    replace(edited, planned, "experiments/networks/book_mnist.py", "The net of the book", "The book's net")
    replace(edited, planned, "grading/checks/figures.py", '"""', '"""Some words. ', count=1)
    replace(edited, planned, "plots/style.py", "which colour-blind readers", "which all readers")
    assert stale(planned) == PACKING


def test_an_edited_check_verifies_again_and_trains_nothing(planned, edited) -> None:
    replace(edited, planned, "grading/checks/figures.py", r"(?m)^AGREEMENT = .*?(?=\s)", "AGREEMENT = 0.9")
    assert stale(planned) == PACKING
    # whose own digest changes too, not only the zip's (tests/test_code_digest.py)


def test_an_edited_plot_redraws_plots(planned, edited) -> None:
    replace(edited, planned, "plots/experiments.py", r"figsize=\(10, 4\)", "figsize=(10, 5)")
    rules = {job.split()[0] for job in stale(planned)}
    drawn = {"plot_history", "plot_confusion_matrix", "plot_mistakes", "plot_comparison"}
    assert rules == drawn | PACKING


def test_an_edited_style_redraws_every_plot(planned, edited) -> None:
    replace(edited, planned, "plots/style.py", '"font.size": 10', '"font.size": 11')
    rules = {job.split()[0] for job in stale(planned)}
    drawn = {"plot_history", "plot_confusion_matrix", "plot_mistakes", "plot_comparison"}
    assert drawn | {"plot_contact_sheet", "preview_augmentation"} <= rules
    assert not rules & COMPUTED


@pytest.mark.parametrize(
    ("path", "old", "new", "trained"),
    [
        ("experiments/networks/book_mnist.py", r"Dense\(64", "Dense(65", {"mnist"}),
        ("experiments/networks/book_cifar10.py", r"Dense\(256", "Dense(255", {"cifar10_plain"}),
        ("experiments/networks/whitened.py", r"\(32, 128, 160\)", "(32, 128, 161)", {"cifar10_augmented"}),
        ("experiments/policies/slight.py", r"1 / 16", "1 / 8", {"cifar10_augmented"}),
        ("experiments/policies/strong.py", r"0\.125", "0.2", set()),
        (
            "experiments/optimizers.py",
            r"momentum=0\.9",
            "momentum=0.8",
            {"mnist", "cifar10_plain", "cifar10_augmented"},
        ),
    ],
)
def test_what_trains_again_is_what_uses_the_edited_file(planned, edited, path, old, new, trained) -> None:
    replace(edited, planned, path, old, new)
    jobs = stale(planned)
    assert {job.split()[1] for job in jobs if job.startswith("train_convnet ")} == trained
    assert jobs >= PACKING
    assert not {job.split()[0] for job in jobs} & {"prepare_dataset", "classify_shard", "acquire_dataset"}
    if not trained:
        assert jobs == PACKING


def test_an_edited_data_set_prepares_only_itself_again(planned, edited) -> None:
    replace(edited, planned, "data/official/mnist.py", r"(?m)^FORMS = .*$", "FORMS = (FILES, FILES)")
    done = snakemake(planned, "-n", *OVERLAY)
    prepared = set(re.findall(r"wildcards: dataset=(\w+)", done.stdout))
    assert prepared == {"mnist"}
    trained = {job for job in stale(planned) if job.startswith("train_convnet ")}
    assert trained <= {"train_convnet mnist"}


NET = """
from keras import layers


def build(image, dropout):
    x = layers.AveragePooling2D(4)(layers.Rescaling(1 / 255)(image))
    return layers.Dense({width}, activation="relu")(layers.Flatten()(x))
"""
POLICY = """
from assignment06.backend import kerascv


def layers(seed):
    return [kerascv.shift(seed, 0.05)]
"""
DATA = """
import numpy as np

FORMS = ()


def parse(raw, names):
    raise AssertionError("there are no official files")


def stand_in():
    noise, y = np.random.default_rng(0), np.arange(80, dtype=np.uint8) % 2
    x = np.clip(noise.normal(80 + 60 * y[:, None, None, None], 30, (80, 20, 20, 3)), 0, 255).astype(np.uint8)
    return {{"x_train": x[:60], "y_train": y[:60], "x_test": x[60:], "y_test": y[60:]}}, ["dark", "light"]
"""


def branch(finished: Path, target: Path) -> Path:
    """Copy the finished tree with its records and times, for a test that runs jobs in it."""
    return Path(shutil.copytree(finished, target, symlinks=True))


def test_a_net_a_policy_and_a_data_set_are_one_file_each(finished, tmp_path) -> None:
    folder = branch(finished, tmp_path / "a branch")
    library = folder / "workflow/assignment06"
    (library / "experiments/networks/tiny.py").write_text(NET.format(width=8))
    (library / "experiments/policies/nudge.py").write_text(POLICY)
    (library / "data/official/two_greys.py").write_text(DATA.replace("{{", "{").replace("}}", "}"))
    assert stale(folder) == PACKING, "that they are there makes nothing else stale"
    row = {"dataset": "two_greys", "model": "tiny", "augmentation": "nudge", "epochs": 1, "batch_size": 16}
    overlay = overlay_with(folder, tmp_path, lambda c: c["experiments"].update(fresh=row))
    jobs = stale(folder, overlay=overlay)
    assert {job for job in jobs if job.startswith("train_convnet")} == {"train_convnet fresh"}
    assert not [job for job in jobs if "mnist" in job or "cifar10" in job]
    done = snakemake(folder, "results/metrics/fresh.json", "results/plots/fresh_augmentation.png", *overlay)
    assert done.returncode == 0, done.stderr[-3000:]
    metrics = json.loads((folder / "results/metrics/fresh.json").read_text())
    assert (metrics["dataset"], metrics["settings"]["model"], metrics["test"]["images"]) == ("two_greys", "tiny", 20)
    assert metrics["stamps"] == ["sample data (two_greys)"]


def test_a_net_of_ones_own_from_its_file_to_the_zip(finished, tmp_path) -> None:
    folder = branch(finished, tmp_path / "a branch")
    (folder / "my_nets.py").write_text(NET.format(width=32))
    row = {"dataset": "mnist", "model": "my_nets.py:build", "epochs": 1, "title": "Mine"}
    overlay = overlay_with(folder, tmp_path, lambda c: c["experiments"].update(mine=row))
    done = snakemake(folder, *overlay)
    assert done.returncode == 0, done.stderr[-3000:]
    facts = json.loads((folder / "results/training/mine.json").read_text())
    assert facts["parameters"] == 7 * 7 * 32 + 32 + 32 * 10 + 10
    with zipfile.ZipFile(folder / ZIP) as archive:
        assert archive.read("assignment06/my_nets.py").decode() == NET.format(width=32)
        assert "my_nets.py" in json.loads(archive.read("assignment06/manifest.json"))["files"]
        assert "assignment06/results/models/mine.keras" in archive.namelist()
    assert stale(folder, overlay=overlay) == set()
    (folder / "my_nets.py").write_text("# a comment\n" + NET.format(width=32))
    assert stale(folder, overlay=overlay) == PACKING
    (folder / "my_nets.py").write_text(NET.format(width=33))
    jobs = stale(folder, overlay=overlay)
    assert {job for job in jobs if job.startswith("train_convnet")} == {"train_convnet mine"}
    assert not [job for job in jobs if "mnist" in job or "cifar10" in job]


def test_int8_is_one_job_before_the_shards(planned, tmp_path) -> None:
    pytest.importorskip("nncf", reason="EXTRAS=openvino is not installed")

    def change(values):
        values.setdefault("classifier", {}).update(engine="openvino", compute_dtype="int8")

    jobs = stale(planned, overlay=overlay_with(planned, tmp_path, change))
    assert {"quantise_classifier", "classify_shard", "gather_predictions"} <= jobs
    assert not [job for job in jobs if "convnet" in job or "test_set" in job or "list_photographs" in job]


def test_a_new_photograph_touches_only_6_3(planned) -> None:
    (planned / "data/raw/images/mine.jpg").write_bytes(b"any")
    try:
        jobs = stale(planned)
    finally:
        (planned / "data/raw/images/mine.jpg").unlink()
    assert {"list_photographs", "classify_shard", "gather_predictions", "plot_contact_sheet"} <= jobs
    assert not [job for job in jobs if "convnet" in job or "test_set" in job or "evaluate" in job]


@pytest.mark.parametrize(
    ("deleted", "made_again"),
    [
        ("plots/mnist_history.png", "plot_history mnist"),
        ("models/mnist.keras", "train_convnet mnist"),
        ("predictions/cifar10_plain.csv", "predict_test_set cifar10_plain"),
        ("predictions/resnet50/predictions.csv", "gather_predictions"),
        ("report.html", "write_report"),
    ],
)
def test_a_deleted_result_is_made_again(planned, tmp_path, deleted, made_again) -> None:
    result, aside = planned / "results" / deleted, tmp_path / "aside"
    shutil.move(result, aside)
    try:
        jobs = stale(planned)
    finally:
        shutil.move(aside, result)
    assert {made_again, *PACKING} <= jobs
    trained = {job for job in jobs if job.startswith("train_convnet")}
    assert trained == ({made_again} if made_again.startswith("train_convnet") else set())


def test_a_touched_source_is_not_a_changed_source(planned) -> None:
    os.utime(planned / "workflow/assignment06/experiments/training.py", (time.time(), time.time()))
    assert stale(planned) == set()


def test_results_in_a_clone_of_the_course_repository(tree, tmp_path) -> None:
    assignments = tmp_path / "dsc650/assignments"
    (assignments / "assignment06").mkdir(parents=True)
    (assignments / "assignment06/{notes}.txt").write_text("braces are no wildcards")
    done = snakemake(tree, "-n", "--config", f"assignment_dir={assignments}/assignment06")
    assert done.returncode == 0, done.stderr
    assert f"output: {assignments}/assignment06_LastnameFirstname.zip" in done.stdout
    assert f"{assignments}/assignment06/results/models/mnist.keras" in done.stdout
    done = snakemake(tree, "-n", "--config", "assignment_dir=./course/assignment06")
    assert "output: course/assignment06_LastnameFirstname.zip" in done.stdout
    assert "starts with './'" not in done.stdout + done.stderr


def test_a_new_row_needs_no_new_rule(tree, tmp_path) -> None:
    row = {"dataset": "mnist", "model": "book_cifar10", "dropout": 0.2, "epochs": 1}
    (tmp_path / "row.yaml").write_text(yaml.safe_dump({"experiments": {"digits_deep": row}}))
    jobs = stale(tree, overlay=("--configfile", str(tmp_path / "row.yaml")))
    assert {"train_convnet digits_deep", "plot_mistakes digits_deep"} <= jobs


def test_the_graph_goes_to_standard_output_alone(tree) -> None:
    done = snakemake(tree, "--dag", "dot", "--quiet", "all")
    assert done.returncode == 0
    assert done.stdout.startswith("digraph snakemake_dag")
    assert done.stdout.rstrip().endswith("}")
