"""The whole workflow on sample data, and what a change makes out of date."""

import json
import os
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


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    """A copy of the project, under a path with a space and an accent, in which the workflow ran to its end."""
    folder = copy_tree(tmp_path_factory.mktemp("run") / "my assignmént 06")
    shutil.copy(ROOT / "tests/small.yaml", folder)
    done = snakemake(folder, *OVERLAY)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    (folder / "terminal.txt").write_text(done.stderr + done.stdout, encoding="utf-8")
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
def edited(finished):
    """Write files into the finished tree for one test, then put the old ones back with their old times."""
    saved: dict[Path, tuple[bytes, os.stat_result]] = {}

    def write(name: str, text: str) -> None:
        path = finished / name
        saved[path] = (path.read_bytes(), path.stat())
        path.write_text(text, encoding="utf-8")

    yield write
    for path, (data, facts) in saved.items():
        path.write_bytes(data)
        os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


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
        "results/plots/{e}_confusion_matrix.png", "results/plots/{e}_mistakes.png",
    }  # fmt: skip
    for experiment in ("mnist", "cifar10_plain", "cifar10_augmented"):
        assert {f"assignment06/{name.format(e=experiment)}" for name in wanted} <= names
    assert "assignment06/results/plots/cifar10_augmented_augmentation.png" in names
    assert "assignment06/results/predictions/resnet50/predictions.csv" in names
    assert "assignment06/results/predictions/resnet50/contact_sheet.png" in names
    assert not [name for name in names if re.search(r"checkpoint|/logs/|/benchmarks/|__pycache__|\.part", name)]
    assert not manifest["for_submission"]
    assert "sample data (mnist)" in manifest["stamps"]
    assert any("untrained" in stamp for stamp in manifest["stamps"])


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

    for script in sorted((ROOT / "workflow/scripts").glob("*.py")):
        modules = {path.stem for path in code_files(str(script))}
        heavy = modules & {"vision", "training", "networks", "compute", "prediction", "classification"}
        allowed = {"train_convnet", "predict_test_set", "preview_augmentation", "classify_shard"}
        assert bool(heavy) == (script.stem in allowed), (script.stem, heavy)


def test_nothing_is_stale_after_a_run(finished) -> None:
    assert stale(finished) == set()


def test_the_name_changes_only_the_zip(finished, tmp_path) -> None:
    overlay = overlay_with(finished, tmp_path, lambda c: c["student"].update(last_name="Byron"))
    rules = {job.split()[0] for job in stale(finished, overlay=overlay)}
    assert "pack_submission" in rules
    assert rules <= {"pack_submission", "write_report", "verify_submission", "deliver_submission"}


def test_a_plot_setting_redraws_plots_only(finished, tmp_path) -> None:
    overlay = overlay_with(finished, tmp_path, lambda c: c.update(plots={"dpi": 80}))
    rules = {job.split()[0] for job in stale(finished, overlay=overlay)}
    assert {"plot_history", "plot_confusion_matrix", "plot_mistakes", "plot_contact_sheet", "plot_comparison"} <= rules
    assert not rules & {"train_convnet", "predict_test_set", "evaluate_predictions", "classify_shard"}


def test_one_experiments_epochs_touch_only_its_own_chain(finished, tmp_path) -> None:
    overlay = overlay_with(finished, tmp_path, lambda c: c["experiments"]["mnist"].update(epochs=4))
    jobs = stale(finished, overlay=overlay)
    assert {"train_convnet mnist", "predict_test_set mnist", "evaluate_predictions mnist"} <= jobs
    assert not [job for job in jobs if "cifar10" in job]
    assert not jobs & {"classify_shard", "prepare_dataset", "gather_predictions"}


def test_a_title_trains_nothing(finished, tmp_path) -> None:
    overlay = overlay_with(finished, tmp_path, lambda c: c["experiments"]["mnist"].update(title="Digits"))
    jobs = stale(finished, overlay=overlay)
    assert "evaluate_predictions mnist" in jobs
    assert not {job.split()[0] for job in jobs} & {"train_convnet", "predict_test_set"}


def test_editing_the_plotting_library_trains_nothing(finished, edited) -> None:
    edited(
        "workflow/assignment06/plots/experiments.py",
        (finished / "workflow/assignment06/plots/experiments.py").read_text() + "\n# edited\n",
    )
    rules = {job.split()[0] for job in stale(finished)}
    assert {"plot_history", "plot_comparison"} <= rules
    assert not rules & {"train_convnet", "predict_test_set", "evaluate_predictions", "classify_shard"}


def test_editing_the_training_library_retrains(finished, edited) -> None:
    path = "workflow/assignment06/experiments/networks.py"
    edited(path, (finished / path).read_text() + "\n# edited\n")
    jobs = stale(finished)
    assert {f"train_convnet {name}" for name in ("mnist", "cifar10_plain", "cifar10_augmented")} <= jobs
    assert "classify_shard" not in jobs


def test_a_new_photograph_touches_only_6_3(finished) -> None:
    shutil.copy(finished / "data/sample/images/china.jpg", finished / "data/raw/images/mine.jpg")
    try:
        jobs = stale(finished)
    finally:
        (finished / "data/raw/images/mine.jpg").unlink()
    assert {"list_photographs", "classify_shard", "gather_predictions", "plot_contact_sheet"} <= jobs
    assert not [job for job in jobs if "convnet" in job or "test_set" in job or "evaluate" in job]


def test_a_touched_source_is_not_a_changed_source(finished) -> None:
    os.utime(finished / "workflow/assignment06/experiments/networks.py", (time.time(), time.time()))
    assert stale(finished) == set()


def test_results_in_a_clone_of_the_course_repository(tree, tmp_path) -> None:
    assignments = tmp_path / "dsc650/assignments"
    done = snakemake(tree, "-n", "--config", f"assignment_dir={assignments}/assignment06")
    assert done.returncode == 0, done.stderr
    assert f"output: {assignments}/assignment06_LastnameFirstname.zip" in done.stdout
    assert f"{assignments}/assignment06/results/models/mnist.keras" in done.stdout


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
