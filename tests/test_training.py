"""Training: splits, reproducibility, going on after a kill, threads. Each training runs in its own process."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from made_documents import description
from support import ROOT, run_python

from assignment06.config.experiment import Experiment

SETTINGS = {
    "dataset": "cifar10", "model": "book_cifar10", "augmentation": "strong", "dropout": 0.3, "epochs": 3,
    "batch_size": 64, "optimizer": "sgd", "learning_rate": 0.02, "schedule": "linear", "warmup_epochs": 0.5,
    "weight_decay": 0.0005, "label_smoothing": 0.1, "validation_split": 0.2, "seed": 3, "compute_dtype": "auto",
}  # fmt: skip
WHITENED = {
    "model": "whitened", "augmentation": "slight", "optimizer": "muon", "low_resolution_share": 0.7,
    "test_time_augmentation": "mirror",
}  # fmt: skip
OUTPUTS = {"model": "m.keras", "summary": "m.txt", "history": "h.csv", "facts": "f.json", "checkpoints": "state"}
TRAIN = """
import sys, json
from assignment06.config.experiment import Experiment
from assignment06.experiments.training import train_convnet
arguments = json.loads(sys.argv[1])
settings = Experiment(**arguments.pop("settings"))
train_convnet(**arguments, settings=settings, code="the same")
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """A small training set: 800 of the drawn objects."""
    from assignment06.data import stand_ins

    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    y = np.resize(np.arange(10), 800).astype(np.uint8)
    np.savez(folder / "train.npz", x=np.stack([stand_ins._draw_object(label, rng) for label in y]), y=y)
    description(stand_ins.OBJECTS).write(folder / "dataset.json")
    return folder


def start(data: Path, out: Path, **settings: object) -> subprocess.Popen:
    out.mkdir(exist_ok=True)
    arguments = {
        "experiment": "e", "settings": SETTINGS | settings, "train": str(data / "train.npz"), "threads": 2,
        "description": str(data / "dataset.json"), **{key: str(out / name) for key, name in OUTPUTS.items()},
    }  # fmt: skip
    return subprocess.Popen(
        [sys.executable, "-c", TRAIN, json.dumps(arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, env=os.environ | {"PYTHONPATH": str(ROOT / "workflow")},
    )  # fmt: skip


def finish(process: subprocess.Popen, out: Path) -> dict:
    text = process.communicate()[0]
    assert process.returncode == 0, text[-3000:]
    return json.loads((out / "f.json").read_text())


@pytest.fixture(scope="module", params=[{}, WHITENED], ids=["sgd", "muon"])
def undisturbed(request, data, tmp_path_factory) -> tuple[Path, dict, dict]:
    """The folder of a training, its facts, and what is special in its settings."""
    out = tmp_path_factory.mktemp("undisturbed")
    return out, finish(start(data, out, **request.param), out), request.param


@pytest.mark.slow
def test_facts_and_files(undisturbed) -> None:
    out, facts, _ = undisturbed
    assert (facts["images"], facts["validation_images"], facts["epochs"]) == (640, 160, 3)
    history = (out / "h.csv").read_text().splitlines()
    assert history[0] == "epoch,accuracy,loss,val_accuracy,val_loss,learning_rate,seconds,compute_dtype"
    assert len(history) == 4
    best = max(history[1:], key=lambda row: float(row.split(",")[3]))
    assert int(best.split(",")[0]) == facts["chosen_epoch"]
    once = facts.get("validation_accuracy_once", facts["validation_accuracy"])  # of nets that look twice
    assert float(best.split(",")[3]) == pytest.approx(once, abs=1e-6)
    assert not (out / "state").exists(), "what a restart needs is removed at the end"


@pytest.mark.slow
def test_killed_three_times_it_ends_with_the_same_weights(data, undisturbed, tmp_path) -> None:
    for epoch, delay in ((1, 0.0), (2, 0.1), (3, 0.3)):  # right after an epoch, in the next, while it is saved
        process = start(data, tmp_path, **undisturbed[2])
        while process.poll() is None and not (tmp_path / f"state/epoch-{epoch:04d}").exists():
            time.sleep(0.01)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert process.returncode == -signal.SIGKILL, f"it ended before it could be killed after epoch {epoch}"
    facts = finish(start(data, tmp_path, **undisturbed[2]), tmp_path)
    assert facts["weights_sha256"] == undisturbed[1]["weights_sha256"]
    files = [folder / "h.csv" for folder in (tmp_path, undisturbed[0])]
    histories = [[row.split(",")[:6] for row in file.read_text().splitlines()] for file in files]
    assert histories[0] == histories[1], "and with the same history, but for the seconds"


@pytest.mark.slow
def test_bfloat16_where_the_processor_has_it_and_float32_where_it_is_asked_for(data, undisturbed, tmp_path) -> None:
    info = Path("/proc/cpuinfo")
    flags = info.read_text().split() if info.exists() else []
    fast = "avx512_bf16" in flags or "amx_bf16" in flags
    assert undisturbed[1]["compute_dtype"] == ("bfloat16" if fast else "float32")
    facts = finish(start(data, tmp_path, **undisturbed[2], compute_dtype="float32"), tmp_path)
    assert facts["compute_dtype"] == "float32"
    assert (facts["weights_sha256"] != undisturbed[1]["weights_sha256"]) == fast, "it is used, not only named"
    assert {row.split(",")[-1] for row in (tmp_path / "h.csv").read_text().splitlines()[1:]} == {"float32"}
    with zipfile.ZipFile(undisturbed[0] / "m.keras") as saved:
        assert b"bfloat16" not in saved.read("config.json"), "a saved model computes in float32 everywhere"


@pytest.mark.slow
def test_another_seed_gives_other_weights(data, undisturbed, tmp_path) -> None:
    assert (
        finish(start(data, tmp_path, **undisturbed[2], seed=4, epochs=1), tmp_path)["weights_sha256"]
        != undisturbed[1]["weights_sha256"]
    )


@pytest.mark.slow
def test_a_rate_that_is_too_high_is_said_in_one_sentence(data, tmp_path) -> None:
    process = start(
        data, tmp_path, learning_rate=1000, augmentation="none", epochs=2, schedule="constant", warmup_epochs=0
    )
    text = process.communicate()[0]
    assert process.returncode != 0
    assert "the loss is no longer finite in epoch 1: lower its learning_rate" in text
    assert not (tmp_path / "m.keras").exists()


@pytest.mark.slow
def test_tensorflow_uses_the_threads_it_is_given(tmp_path) -> None:
    code = """
import time
from assignment06.backend import compute
compute.configure(threads=1)
import tensorflow as tf
a = tf.random.normal((1500, 1500))
f = tf.function(lambda x: x @ a / 40)
f(a)
wall, cpu, x = time.monotonic(), time.process_time(), a
while time.monotonic() - wall < 2:
    x = f(x)
print((time.process_time() - cpu) / (time.monotonic() - wall))
"""
    done = run_python(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 1.25, "one thread cannot use much more than one core"


def test_split_is_stratified_and_disjoint() -> None:
    from assignment06.experiments.subsets import split
    from assignment06.shared.errors import AssignmentError

    y = np.repeat(np.arange(10), 30)
    x = np.arange(300)
    (train, y_train), (held, y_held) = split(x, y, 0.1, seed=1)
    assert sorted([*train, *held]) == list(range(300))
    assert np.bincount(y_held).tolist() == [3] * 10
    assert np.bincount(y_train).tolist() == [27] * 10
    with pytest.raises(AssignmentError, match="validation_split"):
        split(x, y, 0.001, seed=1)


def test_epochs_differ_and_repeat() -> None:
    from assignment06.experiments import batches

    x = np.random.default_rng(0).integers(0, 255, (64, 32, 32, 3), np.uint8)
    y = np.eye(10, dtype=np.float32)[np.arange(64) % 10]

    def draw(epoch: int, policy: str) -> np.ndarray:
        settings = Experiment(dataset="x", model="x", seed=5, batch_size=32, augmentation=policy)
        return np.concatenate([images for images, _ in batches.of_epoch(x, y, settings, epoch)])

    for policy in ("none", "book", "light", "slight", "strong"):
        assert np.array_equal(draw(0, policy), draw(0, policy)), policy
        assert not np.array_equal(draw(0, policy), draw(1, policy)), policy
        assert draw(0, policy).shape == x.shape
    assert {image.tobytes() for image in draw(0, "none")} == {image.tobytes() for image in x}


def test_no_epoch_waits_for_the_thread_that_tunes_pipelines() -> None:
    from assignment06.experiments import batches

    x, y = np.zeros((8, 4, 4, 1), np.uint8), np.eye(10, dtype=np.float32)[:8]
    settings = Experiment(dataset="x", model="x", seed=5, batch_size=4)
    for data in (batches.of_epoch(x, y, settings, 0), batches.in_order(x), batches.in_order((x, y))):
        assert data.options().autotune.enabled is False


def test_nets() -> None:
    import keras

    from assignment06.experiments.networks import build
    from assignment06.shared import registry

    assert build("book_mnist", (28, 28, 1), 10, 0, 0).count_params() == 93_322, "listing 5.2 of the book"
    for name in registry.names(registry.NETWORKS):
        for dropout in (0, 0.5):
            layers = [type(layer) for layer in build(name, (32, 32, 3), 10, dropout, 0).layers]
            assert (keras.layers.Dropout in layers) == bool(dropout), name
            assert layers[1] is keras.layers.Rescaling


@pytest.mark.parametrize("columns", [None, "40"])
def test_summaries_are_whole_however_wide_the_terminal(columns, tmp_path, monkeypatch) -> None:
    from assignment06.experiments.networks import build
    from assignment06.experiments.summary import write_summary
    from assignment06.shared import registry

    monkeypatch.delenv("COLUMNS", raising=False)
    if columns:
        monkeypatch.setenv("COLUMNS", columns)
    for name in registry.names(registry.NETWORKS):
        net = build(name, (32, 32, 3), 10, 0.5, 0)
        write_summary(net, str(tmp_path / "net.txt"))
        text = (tmp_path / "net.txt").read_text(encoding="utf-8")
        head, *rows = [line for line in text.splitlines() if line.startswith(("┃", "│"))]
        assert [column.strip() for column in head.strip("┃").split("┃")] == ["Layer (type)", "Output Shape", "Param #"]
        counts = [row.strip("│").split("│")[2].strip().replace(",", "") for row in rows]
        assert sum(int(count) for count in counts if count) == net.count_params(), name
        assert len({len(row) for row in rows}) == 1
        assert "…" not in text
        for layer in net.layers:
            assert layer.name in text.replace("\n", ""), name
    assert os.environ.get("COLUMNS") == columns, "the variable is as it was"


def test_schedules() -> None:
    from assignment06.experiments.optimizers import optimizer

    base = SETTINGS | {"learning_rate": 0.1, "epochs": 10, "warmup_epochs": 2}
    for schedule, end in (("linear", 0), ("cosine", 0), ("constant", 0.1)):
        rate = optimizer(Experiment(**base | {"schedule": schedule}), steps=10)._learning_rate
        values = [float(rate(step)) for step in range(0, 101, 10)]
        assert values[0] == 0
        assert values[1] == pytest.approx(0.05)
        assert max(values) == pytest.approx(0.1)
        assert values[-1] == pytest.approx(end, abs=1e-6), schedule
    assert float(
        optimizer(Experiment(**base | {"schedule": "constant", "warmup_epochs": 0}), steps=10).learning_rate
    ) == pytest.approx(0.1)


def test_a_damaged_state_beside_the_one_before_is_written_anew(tmp_path: Path) -> None:
    """Killed between two states, and the disk lost the newer one's end: both folders are there."""
    import keras

    from assignment06.experiments.checkpoints import Checkpoints

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.optimizer.build(model.trainable_variables)
    rows = [{"epoch": epoch, "val_accuracy": 0.1 * epoch} for epoch in (1, 2)]
    state = Checkpoints(tmp_path / "state", "f")
    state.save(model, rows[:1])
    shutil.copytree(tmp_path / "state/epoch-0001", tmp_path / "before")
    state.save(model, rows)
    (tmp_path / "before").rename(tmp_path / "state/epoch-0001")
    (tmp_path / "state/epoch-0002/variables.npz").write_bytes(b"PK")
    assert state.restore(model) == rows[:1]
    state.save(model, rows)
    assert [path.name for path in (tmp_path / "state").iterdir()] == ["epoch-0002"]
    assert Checkpoints(tmp_path / "state", "f").restore(model) == rows
