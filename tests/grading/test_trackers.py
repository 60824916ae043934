"""What trackers and pickles hold is read as data: figures go to their task, and nothing in them is called."""

from __future__ import annotations

import collections
import contextlib
import json
import pickle
import sqlite3
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assignment06.grading import described, pickles, trackers
from assignment06.grading.grade import Grade
from assignment06.grading.unpack import Unpacked

from . import builder
from .builder import STEM, Files
from .conftest import failures
from .test_fairness import required, result
from .test_workbooks import TOP, of_tasks

Graded = Callable[[Files], Grade]
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(PLAIN, st.integers(0, 5))
def test_plain_pickles_are_read_as_they_are(tmp_path_factory: pytest.TempPathFactory, value: object, form: int) -> None:
    path = tmp_path_factory.mktemp("pickle") / "value.pkl"
    path.write_bytes(pickle.dumps(value, form))
    assert pickles.read(path) == value


@pytest.mark.parametrize("form", range(6))
@pytest.mark.parametrize("kind", ["<f4", "<f8", "<i8", "u1", "?", ">i4"])
def test_arrays_are_read_as_they_are(tmp_path: Path, form: int, kind: str) -> None:
    for array in (
        np.arange(12).astype(kind).reshape(3, 4),
        np.asfortranarray(np.eye(3)).astype(kind),
        np.zeros(0, kind),
    ):
        (tmp_path / "a.pkl").write_bytes(pickle.dumps({"a": array, "one": [array.dtype.type(1)]}, form))
        read = pickles.read(tmp_path / "a.pkl")
        assert np.array_equal(read["a"], array)
        assert read["a"].dtype == array.dtype
        assert read["one"] == [1]


def test_what_a_pickle_would_call_is_not_called(tmp_path: Path) -> None:
    class Opens:
        def __reduce__(self) -> tuple:
            return open, (str(tmp_path / "made"), "w")

    layers: list = [0] * 10
    for _ in range(20):
        layers = [layers] * 10  # 10 ** 21 values in 400 bytes
    itself: list = []
    itself.append(itself)
    long = ["x" * 1_000_000] * 1000  # a gigabyte of text in a megabyte
    for bad in (
        Opens(),
        {"accuracy": Opens()},
        layers,
        itself,
        long,
        print,
        np.array([print]),
        collections.Counter("a"),
    ):
        (tmp_path / "bad.pkl").write_bytes(pickle.dumps(bad))
        with pytest.raises(ValueError, match=r"is not read|more values|no pickle|other things"):
            pickles.read(tmp_path / "bad.pkl")
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("compress", [0, 3])
def test_arrays_in_joblib_are_read_as_they_are(tmp_path: Path, compress: int) -> None:
    joblib = pytest.importorskip("joblib")
    given = {"labels": np.arange(700) % 10, "probabilities": np.eye(700, 10, dtype=np.float32), "note": "as it is"}
    joblib.dump(given, tmp_path / "a.joblib", compress=compress)
    read = pickles.read(tmp_path / "a.joblib")
    assert read.pop("note") == given.pop("note")
    for key, array in given.items():
        assert np.array_equal(read[key], array)


@pytest.mark.parametrize("form", [2, 4, 5])
def test_tables_of_pandas_are_read_as_they_are(tmp_path: Path, form: int) -> None:
    numbers = pd.DataFrame({"image": range(3), "p": np.float32([0.25, 0.5, 1]), "right": [True, False, True]})
    for table in (numbers, pd.DataFrame(np.eye(3)), pd.DataFrame({"p": [0.5, 0.25], "q": [1, 2], "r": [0.125, 1]})):
        table.columns = pd.Index(list(table.columns), dtype=object)
        table.to_pickle(tmp_path / "a.pkl", protocol=form)
        read = pickles.read(tmp_path / "a.pkl")
        assert read.header == [str(name) for name in table.columns]
        for column, name in zip(read.columns, table.columns, strict=True):
            assert column == table[name].tolist()


def test_a_table_of_pandas_with_endless_names(tmp_path: Path) -> None:
    whole = pickle.dumps(pd.DataFrame(np.eye(3)), 4)
    spoilt = whole.replace(b"stop\x94K\x03", b"stop\x94\x8a\x08" + (2**62).to_bytes(8, "little"), 1)
    assert spoilt != whole
    (tmp_path / "a.pkl").write_bytes(spoilt)
    with pytest.raises(ValueError, match=r"other names|no pickle"):
        pickles.read(tmp_path / "a.pkl")


def test_texts_in_tables_of_pandas(tmp_path: Path) -> None:
    """Those of Python's own kind, and those that pandas 3 keeps with Arrow."""
    for kind in (object, pd.Series(["a"]).dtype):
        table = pd.DataFrame({"n": [1, 2, 3], "name": pd.Series(["cat", "", "größer"], dtype=kind)})
        table.to_pickle(tmp_path / "a.pkl", protocol=5)
        assert pickles.read(tmp_path / "a.pkl").columns == [[1, 2, 3], ["cat", "", "größer"]]


@given(st.binary(max_size=300), st.integers(0, 300))
def test_damaged_pickles_are_refused_in_one_way(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes, place: int
) -> None:
    whole = pickle.dumps({"accuracy": [0.5, np.float32(0.25)], "a": np.eye(2)})
    table = pickle.dumps(pd.DataFrame({"a": [1, 2], "b": ["cat", "dog"]}), 5)
    place, there = place * len(whole) // 300, place * len(table) // 300
    path = tmp_path_factory.mktemp("pickle") / "value.pkl"
    spoilt = whole[:place] + junk + whole[place:], table[:there] + junk + table[there + len(junk) :]
    for data in (junk, whole[:place], table[:there], *spoilt):
        path.write_bytes(data)
        try:
            pickles.read(path)
        except ValueError:
            continue


@pytest.mark.parametrize("form", [2, 4])
def test_a_submission_of_pickles(graded: Graded, form: int) -> None:
    files = of_tasks(of_tasks(builder.clean(), "predictions"), "metrics")
    for task, stem in STEM.items():
        accuracy = np.float64(builder.accuracy(task))
        history = collections.defaultdict(list, {"accuracy": [0.1, np.float32(0.3)], "val_accuracy": [0.2, 0.3]})
        files[f"{TOP}metrics/{stem}_history.pkl"] = pickle.dumps(history, form)
        files[f"{TOP}metrics/{stem}_test.pickle"] = pickle.dumps({"test_accuracy": accuracy}, form)
        files[f"{TOP}predictions/{stem}.pkl"] = pickle.dumps(builder.probabilities(task), form)
    judged = graded(files)
    assert required(judged) == set()
    for task in STEM:
        assert result(judged, f"figures.stated_accuracy {task}").status == "passed"
    files[f"{TOP}metrics/mnist_test.pickle"] = pickle.dumps({"test_accuracy": 0.1234}, form)
    assert "figures.stated_accuracy 6.1" in failures(graded(files))


def mlflow(files: Files, task: str, run: str, **params: object) -> None:
    """A run as MLflow's file store keeps it, under the numbers of a run and of an experiment."""
    folder = f"assignment06/mlruns/138832617636099877/{run}/"
    files[f"{folder}meta.yaml"] = f"artifact_uri: file:///home/me/{run}\nrun_name: bald-shrew-35\nstatus: 3\n".encode()
    for key, value in params.items():
        files[f"{folder}params/{key}"] = str(value).encode()
    accuracy = builder.accuracy(task)
    for key, values in (("accuracy", (0.2, 0.4)), ("val_accuracy", (0.3, 0.35)), ("test_accuracy", (accuracy,))):
        lines = [f"{1680000000000 + step} {value} {step}" for step, value in enumerate(values)]
        files[f"{folder}metrics/{key}"] = "\n".join(lines).encode()


def hydra(files: Files, task: str, run: str, **params: object) -> None:
    """A folder of a run by its date, as Hydra makes it."""
    folder = f"assignment06/outputs/2023-04-01/{run}/"
    lines = [f"{key}: {str(value).lower()}\n" for key, value in params.items()]
    files[f"{folder}.hydra/config.yaml"] = "".join(lines).encode()
    files[f"{folder}.hydra/overrides.yaml"] = "".join(f"- {line.replace(': ', '=')}" for line in lines).encode()
    files[f"{folder}metrics.json"] = json.dumps({"test_accuracy": builder.accuracy(task)}).encode()


def wandb(files: Files, task: str, run: str, **params: object) -> None:
    folder = f"assignment06/wandb/run-20230401_123000-{run}/files/"
    told = {key: {"desc": None, "value": value} for key, value in params.items()}
    files[f"{folder}config.yaml"] = json.dumps({"wandb_version": 1, **told}).encode()  # JSON is YAML
    files[f"{folder}wandb-metadata.json"] = json.dumps({"program": "train.py", "python": "3.9"}).encode()
    files[f"{folder}wandb-summary.json"] = json.dumps({"test_accuracy": builder.accuracy(task), "_step": 4}).encode()


@pytest.mark.parametrize("keeps", [mlflow, hydra, wandb])
def test_settings_tell_whose_a_run_is(graded: Graded, keeps: Callable) -> None:
    """Of the runs' folders, 6.2a's is last in the alphabet."""
    files = of_tasks(builder.clean(), "metrics")
    keeps(files, "6.1", "e41f", dataset="mnist", epochs=2)
    keeps(files, "6.2a", "f7a0", dataset="cifar10", augmentation=False, dropout=0.0)
    keeps(files, "6.2b", "a9c3", dataset="cifar10", augmentation=True, dropout=0.5)
    judged = graded(files)
    assert required(judged) == set()
    for task in STEM:
        assert result(judged, f"figures.stated_accuracy {task}").status == "passed"


def test_all_files_of_a_run_are_its_task_s(tried: Graded, models: dict[str, bytes]) -> None:
    """MLflow's folders with model, predictions and plots as artifacts, whose names are the same in each."""
    files = {
        name: data
        for name, data in builder.clean(models).items()
        if "results/predictions/resnet" in name or "/images/" in name
    }
    whole = builder.clean(models)
    settings = {"6.1": {"dataset": "mnist"}, "6.2a": {"job": "cifar10"}, "6.2b": {"job": "cifar10-dropout"}}
    for task, run in (("6.1", "e41f"), ("6.2a", "f7a0"), ("6.2b", "a9c3")):
        stem, artifacts = STEM[task], f"assignment06/results/mlruns/1388/{run}/artifacts"
        mlflow(files, task, run, **settings[task])
        files[f"{artifacts}/model/data/model.keras"] = whole[f"{TOP}models/{stem}.keras"]
        files[f"{artifacts}/predicted.csv"] = whole[f"{TOP}predictions/{stem}.csv"]
        for kind in ("accuracy", "loss"):
            files[f"{artifacts}/{kind}.png"] = whole[f"{TOP}plots/{stem}_{kind}.png"]
    moved = {
        name.replace("06/mlruns/138832617636099877", "06/results/mlruns/1388"): data for name, data in files.items()
    }
    judged = tried(moved)
    assert required(judged) == set()
    for task, run in (("6.1", "e41f"), ("6.2a", "f7a0"), ("6.2b", "a9c3")):
        assert result(judged, f"figures.predictions_from_model {task}").status == "passed"
        assert all(run in judged.used[f"{task} {kind}"] for kind in ("model", "predictions", "metrics", "plots"))


def test_a_database_tells_by_another_table_whose_a_row_is(graded: Graded, tmp_path: Path) -> None:
    """Of `experiment_id` the words of `experiments` count, whatever their numbers; headings are Turkish."""
    files = of_tasks(of_tasks(builder.clean(), "predictions"), "metrics")
    said = {"6.1": ("6.1", "rakamlar"), "6.2b": ("6.2b", "dropout var"), "6.2a": ("6.2a", "dropout yok")}
    with contextlib.closing(sqlite3.connect(tmp_path / "all.db")) as base:
        base.execute("CREATE TABLE experiments(id INTEGER PRIMARY KEY, soru TEXT, words TEXT, dogruluk REAL)")
        base.execute("CREATE TABLE rows(experiment_id INTEGER, n INTEGER, gercek INTEGER, tahmin INTEGER)")
        for key, (task, words) in enumerate(said.items(), 7):
            base.execute("INSERT INTO experiments VALUES (?, ?, ?, ?)", (key, *words, builder.accuracy(task)))
            labels = builder.LABELS[f"{builder.FAMILY[task]}_test"].tolist()
            given = builder.probabilities(task).argmax(axis=1).tolist()
            rows = [(key, n, true, answer) for n, (true, answer) in enumerate(zip(labels, given, strict=True))]
            base.executemany("INSERT INTO rows VALUES (?, ?, ?, ?)", rows)
        base.commit()
    judged = graded(files | {f"{TOP}all.db": (tmp_path / "all.db").read_bytes()})
    assert required(judged) == set()
    for task in STEM:
        assert result(judged, f"figures.stated_accuracy {task}").status == "passed"


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("dataset: mnist", "6.1"),
        ("job: cifar10-reg", "6.2b"),
        ("args: [train.py, cifar10_dropout]", "6.2b"),
        ("data: {name: cifar10}\naugment: true", "6.2b"),
        ("data: {name: cifar10}\naugment: 'no'\ndropout: 0", "6.2a"),
        ("data: {name: cifar10}\naugment: false\ndropout: 0.3", None),
        ("dataset: cifar10", None),
        ("dataset: mnist\nmodel: cifar_net", None),
        ("model: convnet\nseed: 6", None),
        ("- mnist", None),
        ("epochs: 6", None),
        ("a: &a [1]\ndataset: mnist", None),
    ],
)
def test_settings(tmp_path: Path, text: str, task: str | None) -> None:
    (tmp_path / "config.yaml").write_text(text)
    (tmp_path / "other.yaml").write_text("dataset: cifar10\naugment: true" if task == "6.1" else "dataset: mnist")
    files = {"runs/1/config.yaml": tmp_path / "config.yaml", "runs/2/config.yaml": tmp_path / "other.yaml"}
    told = described.folders(files)
    assert told.get(PurePosixPath("runs/1")) == task
    assert bool(told) == bool(task)
    assert described.folders(dict(list(files.items())[:1])) == {}  # a single one is a default
    nested = {"runs/config.yaml": files["runs/1/config.yaml"], "runs/2/config.yaml": tmp_path / "other.yaml"}
    assert described.folders(nested) == {}


def test_tensorboard_as_keras_writes_it(tmp_path: Path) -> None:
    import tensorflow as tf

    unpacked = Unpacked(False, tmp_path / "made")
    unpacked.folder.mkdir()
    for split, accuracies in (("train", [0.5, 0.25]), ("validation", [0.75, 0.125])):
        with tf.summary.create_file_writer(str(tmp_path / "logs" / split)).as_default():
            for step, value in enumerate(accuracies):
                tf.summary.scalar("epoch_accuracy", value, step=step)
                tf.summary.scalar("evaluation_accuracy_vs_iterations", 0.9, step=100 * step)
                tf.summary.image("first", np.zeros((1, 2, 2, 3)), step=step)
    files = {str(path.relative_to(tmp_path)): path for path in (tmp_path / "logs").rglob("*") if path.is_file()}
    unpacked.files = {f"mnist/{name}": path for name, path in files.items()}
    trackers.turn_into_text(unpacked)
    assert list(unpacked.files) == ["mnist/logs/history.json"]
    read = json.loads(unpacked.files["mnist/logs/history.json"].read_text())
    assert read == {"accuracy": [0.5, 0.25], "val_accuracy": [0.75, 0.125]}


@settings(max_examples=50)
@given(st.binary(max_size=200), st.integers(0, 2**64 - 1))
def test_damaged_event_files_are_left(tmp_path_factory: pytest.TempPathFactory, junk: bytes, length: int) -> None:
    folder = tmp_path_factory.mktemp("events")
    name = "logs/train/events.out.tfevents.1.me.1.0.v2"
    for data in (junk, length.to_bytes(8, "little") + b"\0\0\0\0" + junk):
        (folder / "events").write_bytes(data)
        unpacked = Unpacked(False, folder, files={name: folder / "events"})
        trackers.turn_into_text(unpacked)
        assert list(unpacked.files) == [name]
