"""The benchmarks' arithmetic, files and processes; nothing is timed here."""

import base64
import json
import math
from pathlib import Path
from types import SimpleNamespace

import made_documents
import numpy as np
import pytest

from assignment06.shared.errors import AssignmentError
from benchmarks import (
    classification,
    input_pipeline,
    measuring,
    operations,
    overhead,
    ratios,
    tables,
    time_to_accuracy,
    training_throughput,
)

CAPPED = (32.0, None)


def test_a_ratio_of_measured_values_is_exact_pair_by_pair() -> None:
    row = ratios.ratio("x", ("theirs", [10, 30, 20]), ("ours", [5, 10, 8]), "s", at_least=2.5)
    assert row["ratio"] == [2.5, 2.5]
    assert row["pairs"] == [[2.0, 2.0], [3.0, 3.0], [2.5, 2.5]]
    assert (ratios.met(row), ratios.shown(row["ratio"])) == ("yes", "2.5")
    assert ratios.met({**row, "at_least": 2.6}) == "no"


def test_a_capped_baseline_gives_a_lower_bound() -> None:
    row = ratios.ratio("x", ("theirs", [CAPPED]), ("ours", [10]), "s", at_least=3)
    assert row["ratio"] == [3.2, None]
    assert ratios.shown(row["ratio"]) == "> 3.2"
    assert ratios.met(row) == "yes"
    assert ratios.met({**row, "at_least": 4}) == "open", "the cap came before the target"
    below = ratios.ratio("x", ("a", [10]), ("b", [CAPPED]), "s", at_most=0.5)
    assert (ratios.shown(below["ratio"]), ratios.met(below)) == ("< 0.312", "yes")
    neither = ratios.ratio("x", ("a", [CAPPED]), ("b", [CAPPED]), "s", at_least=1)
    assert (ratios.shown(neither["ratio"]), ratios.met(neither)) == ("unknown", "open")
    assert "Infinity" not in json.dumps([row, below, neither])


def test_a_cap_beyond_the_median_does_not_make_it_a_bound() -> None:
    assert ratios.median([(10, 10), (12, 12), (32, math.inf)]) == (12, 12)
    assert ratios.median([(10, 10), (32, math.inf), (33, math.inf)]) == (32, math.inf)
    assert ratios.median([(10, 10), (32, math.inf)]) == (21, math.inf)


def test_pairs_must_be_pairs() -> None:
    for values in ([], [1.0, 2.0]):
        with pytest.raises(ValueError, match="values against"):
            ratios.ratio("x", ("a", values), ("b", [1.0] if values else []), "s")


def layer(kernel: tuple | None, output: tuple, *weights: tuple) -> SimpleNamespace:
    shaped = [SimpleNamespace(shape=shape) for shape in ((kernel,) if kernel else ()) + weights]
    return SimpleNamespace(
        name="layer", kernel=shaped[0] if kernel else None, output=SimpleNamespace(shape=output), weights=shaped
    )


def test_operations_of_the_books_net() -> None:
    net = SimpleNamespace(
        layers=[
            layer((3, 3, 1, 32), (None, 26, 26, 32), (32,)),
            layer(None, (None, 13, 13, 32)),
            layer((3, 3, 32, 64), (None, 11, 11, 64), (64,)),
            layer((3, 3, 64, 64), (None, 3, 3, 64), (64,)),
            layer((576, 64), (None, 64), (64,)),
            layer((64, 10), (None, 10), (10,)),
        ]
    )
    by_hand = 2 * (26 * 26 * 9 * 32 + 11 * 11 * 9 * 32 * 64 + 3 * 3 * 9 * 64 * 64 + 576 * 64 + 64 * 10)
    assert operations.forward_operations(net) == by_hand == 5_588_480
    assert operations.forward_operations(SimpleNamespace(layers=[net, net.layers[-1]])) == by_hand + 1280
    with pytest.raises(ValueError, match="cannot be counted"):
        operations.forward_operations(SimpleNamespace(layers=[layer(None, (None, 8), (8, 8))]))


@pytest.mark.slow
def test_operations_of_real_nets_and_the_baselines() -> None:
    import keras
    import numpy as np

    from assignment06.experiments.networks import build
    from benchmarks import baselines

    assert operations.forward_operations(build("book_mnist", (28, 28, 1), 10, 0, 0)) == 5_588_480
    resnet = keras.applications.ResNet50(weights=None)
    assert operations.forward_operations(resnet) == pytest.approx(7.7e9, rel=0.01), "3.9 billion multiply-adds"
    pixels = np.random.default_rng(0).integers(0, 256, (64, 32, 32, 3), np.uint8)
    split = pixels, np.arange(64) % 10
    parameters = {"listing_5_3": 93_322, "keras_cifar10": 1_250_858, "keras_cifar10_plain": 1_250_858}
    assert {contest.script for contest in time_to_accuracy.CONTESTS.values()} == set(parameters)
    for script, count in parameters.items():
        shaped = (pixels[:, :28, :28, :1], split[1]) if script == "listing_5_3" else split
        model, data, checked = getattr(baselines, script)(shaped, shaped)
        assert model.count_params() == count
        assert checked[0].max() <= 1
        before = model.get_weights()[0].copy()
        model.fit(**data, epochs=1, verbose=0)
        assert not np.array_equal(before, model.get_weights()[0]), "it learns"


def test_arms_are_measured_in_turn() -> None:
    order = []
    arms = {arm: lambda pair, arm=arm: order.append((arm, pair)) or {"value": pair} for arm in "AB"}
    rows = measuring.in_turn("t", arms, 2)
    assert order == [("A", 0), ("B", 0), ("A", 1), ("B", 1)]
    assert measuring.column(rows, "B", "value") == [0, 1]
    assert measuring.column(rows, "B", "value", "another title") == []


def test_a_measurement_runs_in_a_process_of_its_own_and_says_why_it_fails() -> None:
    ballast = b"x" * 200_000_000
    answer = measuring.fresh(ratios.quantity, name="x", values=[1, 2, 9], unit="s")
    del ballast
    assert answer["median"] == 2
    assert 5 < answer["peak_rss_mb"] < 100, "its own, whatever the caller has"
    with pytest.raises(RuntimeError, match=r"(?s)ratios.quantity failed.*no median for empty data"):
        measuring.fresh(ratios.quantity, name="x", values=[], unit="s")


@pytest.mark.slow
def test_the_workflows_own_training_is_what_is_measured(tmp_path: Path) -> None:
    """With the row of 6.2b, whose epochs are of two sizes of images; in the processes in which it is measured."""
    row = measuring.CONFIG.experiments["cifar10_augmented"].training() | {"batch_size": 8}
    rates = measuring.fresh(training_throughput.train, settings=row, rounds=1, threads=1, images=32)
    assert rates["images_per_second"] > 0
    assert rates["operations_per_image"] > 2e8
    drawn = measuring.fresh(input_pipeline.pipeline, settings=row, seconds=0.1, threads=1)
    assert len(drawn["rounds"]) == 3
    rng = np.random.default_rng(0)
    for part, images in (("train", 120), ("test", 20)):
        x, y = rng.integers(0, 256, (images, 32, 32, 3), np.uint8), np.arange(images, dtype=np.uint8) % 10
        np.savez(tmp_path / f"{part}.npz", x=x, y=y)
    made_documents.description([str(label) for label in range(10)], train=120, test=20).write(tmp_path / "dataset.json")
    ended = measuring.fresh(
        time_to_accuracy.ours, experiment="b", settings=row | {"epochs": 3}, folder=str(tmp_path), goals=[0.0],
        started=0.0, threads=1,
    )  # fmt: skip
    assert len(ended["epochs"]) == 1, "the goal ends it, after the first epoch"


def test_the_clock_stands_still_while_the_test_set_is_read(monkeypatch) -> None:
    now, accuracies = [100.0], iter([0.5, 0.9])
    monkeypatch.setattr(time_to_accuracy.time, "time", lambda: now[0])

    def evaluate(x, y, **options) -> dict:
        now[0] += 50
        return {"accuracy": next(accuracies)}

    clock = time_to_accuracy.AccuracyClock(90.0, [0.4, 0.8])
    clock.begin()
    now[0] += 7
    assert not clock.epoch_done(SimpleNamespace(evaluate=evaluate), None, None)
    now[0] += 7
    assert clock.epoch_done(SimpleNamespace(evaluate=evaluate), None, None)
    assert clock.startup == 10
    assert [row["seconds"] for row in clock.epochs] == [17, 24]
    assert time_to_accuracy.reached(clock.epochs, 0.8) == (24, 24)
    assert time_to_accuracy.reached(clock.epochs, 0.95) == (24, math.inf)


def test_epochs_of_a_finished_run(tmp_path: Path) -> None:
    with pytest.raises(AssignmentError, match="is not there"):
        time_to_accuracy.finished(tmp_path, "mnist")
    for folder in ("metrics", "training", "benchmarks/train_convnet"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "metrics/mnist_history.csv").write_text("epoch,val_accuracy,seconds\n1,0.9,10\n2,0.99,8\n")
    (tmp_path / "training/mnist.json").write_text('{"seed": 3}')
    (tmp_path / "benchmarks/train_convnet/mnist.tsv").write_text("s\tmax_rss\n25.5\t1000\n")
    run = time_to_accuracy.finished(tmp_path, "mnist")
    assert (run["startup_seconds"], run["seed"]) == (7.5, 3)
    assert [(row["seconds"], row["accuracy"]) for row in run["epochs"]] == [(17.5, 0.9), (25.5, 0.99)]


def test_the_contests_are_experiments_of_the_config() -> None:
    assert set(time_to_accuracy.CONTESTS) == set(measuring.CONFIG.experiments)
    only = measuring.Options(experiments=("mnist",)).chosen()
    assert list(only) == ["mnist"]
    assert "title" not in only["mnist"]


def test_jobs_of_a_finished_run(tmp_path: Path) -> None:
    with pytest.raises(AssignmentError, match="no record of a training"):
        overhead.jobs_of(tmp_path / "results")
    records = {
        "results/models/a.keras": ("train_convnet", ["a.log"], 100, 200),
        "results/models/a.txt": ("train_convnet", ["a.log"], 100, 200),
        "results/models/b.keras": ("train_convnet", ["b.log"], 150, 260),
        "results/report.html": ("write_report", ["r.log"], 270, 280),
    }
    folder = tmp_path / ".snakemake/metadata"
    folder.mkdir(parents=True)
    for output, (rule, log, start, end) in records.items():
        record = {"rule": rule, "log": log, "starttime": start, "endtime": end, "incomplete": False}
        (folder / base64.b64encode(output.encode()).decode()).write_text(json.dumps(record))
    jobs = overhead.jobs_of(tmp_path / "results")
    assert [job["rule"] for job in jobs] == ["train_convnet", "train_convnet", "write_report"]
    assert overhead.covered(jobs) == 170, "what overlaps is counted once, and the gap not at all"
    later = {"rule": "write_report", "start": 1000, "end": 1005}
    assert overhead.covered([later, *jobs], bridged=60) == 185, "the short gap counts, the long one does not"
    (tmp_path / "results/benchmarks/train_convnet").mkdir(parents=True)
    (tmp_path / "results/benchmarks/train_convnet/a.tsv").write_text("s\tmax_rss\n1\t1000\n")
    (tmp_path / "results/benchmarks/short.tsv").write_text("s\tmax_rss\n0\t-\n")
    assert overhead.peak_memory(tmp_path / "results") == {"train_convnet/a.tsv": pytest.approx(1.048576)}


def test_a_dry_run_in_a_copy_uses_the_library_of_the_copy(tmp_path: Path) -> None:
    done = overhead.timed([*overhead.SNAKEMAKE, "-n"], overhead.copied(tmp_path))
    assert not done["nothing_to_do"], "a fresh clone has all to do"


def test_crops_are_readable_and_differ(tmp_path: Path) -> None:
    from assignment06.data.image_files import read_image

    classification.crops(tmp_path / "images", 9)
    images = [read_image(path, 224) for path in sorted((tmp_path / "images").iterdir())]
    assert len({image.tobytes() for image in images}) == 9
    assert all(min(image.shape[:2]) >= 200 for image in images)


def result(name: str, quick: bool, row: dict) -> dict:
    machine = {
        "created": "2020-02-02T00:00:00+00:00", "device": "CPU (x)", "cores": 2, "threads": 2,
        "matrix_product_gflops": 99.6, "versions": {"tensorflow-cpu": "1.2", "keras": "3.4"},
    }  # fmt: skip
    quantities = [ratios.quantity("imports", [1.5, 1.0, 2.0], "s")]
    return {
        "benchmark": name, "quick": quick, "seconds": 61, "machine": machine, "ratios": [row],
        "matrix_product_gflops_after": 88, "quantities": quantities,
    }  # fmt: skip


def test_the_table_and_the_plot(tmp_path: Path) -> None:
    bound = ratios.ratio("to 79 %", ("theirs", [CAPPED, (40, 40)]), ("ours", [10, 10]), "s", at_least=3)
    share = ratios.ratio("rest", ("rest", [2]), ("whole", [10]), "s", at_most=0.15)
    for name, quick, row in (("one", False, bound), ("two", True, share)):
        (tmp_path / f"{name}.json").write_text(json.dumps(result(name, quick, row)))
    results = tables.load(tmp_path)
    text = tables.markdown(results)
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    assert lines[2] == ["to 79 %", "theirs: > 36 s", "ours: 10 s", "**> 3.6**", "> 3.2, 4", "at least 3", "yes"]
    assert lines[3][3:] == ["**0.2**", "0.2", "at most 0.15", "no"]
    assert ["imports", "1.5 s", "1.5, 1, 2"] in lines
    assert "Quick runs" in text.splitlines()[0] and "two" in text.splitlines()[0]
    assert "`one`: 2020-02-02, CPU (x), 2 cores, 2 threads, 100 GFLOP/s" in text
    assert tables.plot(results, tmp_path / "ratios.png")
    assert (tmp_path / "ratios.png").read_bytes()[:4] == b"\x89PNG"
    untargeted = ratios.ratio("rest", ("rest", [2]), ("whole", [10]), "s")
    assert not tables.plot([result("three", False, untargeted)], tmp_path / "none.png")
    assert not (tmp_path / "none.png").exists()
