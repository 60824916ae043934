"""What is said in passing, in READMEs, reports and beside photographs; and tables in other forms than text."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from scipy.io import savemat
from sklearn.metrics import classification_report

from assignment06.grading import converting, names, pairs
from assignment06.grading.grade import Grade
from assignment06.grading.unpack import Unpacked

from . import builder
from .conftest import failures
from .test_fairness import guesses, required, result
from .test_workbooks import STEMS, TOP, of_tasks

Graded = Callable[[builder.Files], Grade]


def readme(figures: dict[str, float], form: str) -> bytes:
    lines = {
        "table": ["| Model | Accuracy |", "|:--|--:|", *(f"| net of {t} | {v:.4f} |" for t, v in figures.items())],
        "list": ["# Test accuracy:", *(f"- {task}: {value:.2%}" for task, value in figures.items())],
        "sentences": [f"* {task}: accuracy **{value:.3f}** on the test images" for task, value in figures.items()],
        "others": [f"{t}: validation accuracy {v + 0.1:.3f}, {v:.2%} of the training" for t, v in figures.items()],
    }[form]
    return "\n".join(["# Assignment 6", "", *lines, "", "Trained for 5 epochs, 12 % of the time waiting."]).encode()


@pytest.mark.parametrize("form", ["table", "list", "sentences", "others"])
def test_a_readme_is_compared(form: str, graded: Graded) -> None:
    figures = {task: builder.accuracy(task) for task in STEMS}
    judged = graded(builder.clean() | {"assignment06/README.md": readme(figures, form)})
    expected = "not applicable" if form == "others" else "passed"
    assert {result(judged, f"figures.printed {task}").status for task in STEMS} == {expected}
    judged = graded(builder.clean() | {"assignment06/README.md": readme(figures | {"6.2b": 0.9312}, form)})
    found = result(judged, "figures.printed 6.2b")
    assert required(judged) == set()
    if form != "others":
        assert found.status == "failed" and "README.md says 93." in found.sentence
        assert {result(judged, f"figures.printed {task}").status for task in ("6.1", "6.2a")} == {"passed"}


TRAINS = """from keras.datasets import cifar10
EPOCHS = 7
(x, y), _ = cifar10.load_data()
history = model.fit(x, y, epochs=EPOCHS, batch_size=64, validation_split=0.1)
"""


def grows(epochs: int, last: float) -> bytes:
    """A history, whose validation accuracy ends at `last`."""
    rise = np.linspace(0.4, 1, epochs)
    table = {"accuracy": 0.6 * rise, "loss": 2 - rise, "val_accuracy": last * rise, "val_loss": 2.1 - rise}
    return pd.DataFrame(table).to_csv().encode()


@pytest.mark.parametrize(
    ("epochs", "code", "status"),
    [
        (7, TRAINS, "passed"),
        (25, TRAINS, "failed"),
        (5, TRAINS, "failed"),
        (5, TRAINS.replace("split=0.1", "split=0.1, callbacks=[EarlyStopping()]"), "passed"),
        (5, TRAINS.replace("split=0.1", "split=0.1, callbacks=[CSVLogger(path)]"), "failed"),
        (8, TRAINS + "model.fit(x, y, epochs=30)\n", "failed"),
        (30, TRAINS + "model.fit(x, y, epochs=30)\n", "passed"),
        (14, TRAINS + "model.fit(x, y, epochs=7)\n", "passed"),
        (25, TRAINS.replace("EPOCHS = 7", "EPOCHS = int(argv[1])"), "not applicable"),
        (25, TRAINS + "EPOCHS = 25\n", "not applicable"),
        (25, TRAINS.replace("cifar10", "mnist"), "not applicable"),
    ],
)
def test_epochs_of_a_history_and_of_the_code(epochs: int, code: str, status: str, graded: Graded) -> None:
    files = builder.clean() | {f"{TOP}metrics/cifar10_plain_history.csv": grows(epochs, builder.accuracy("6.2a"))}
    judged = graded(files | {"assignment06/cifar10_plain.py": code.encode()})
    assert required(judged) == set()
    assert result(judged, "figures.epochs 6.2a").status == status


@pytest.mark.parametrize(
    ("entry", "text", "status"),
    [
        ("README.md", "* 6.2a, CIFAR-10 without dropout: trained for 20 epochs, 71.2 % right", "failed"),
        ("README.md", "* 6.2a, CIFAR-10 without dropout: trained for 6 epochs", "not applicable"),
        ("README.md", "* 6.2b, CIFAR-10 with dropout: trained for 20 epochs", "not applicable"),
        ("README.md", "* 6.2a: the best of 20 epochs was epoch 6 of 9 epochs", "not applicable"),
        ("README.md", "| cifar10_plain | epochs: 20 |", "failed"),
        ("configs/cifar10_plain.yaml", "batch_size: 64\nepochs: 30\n", "failed"),
        ("configs/cifar10_plain.json", '{"epochs": 6, "seed": 20}', "not applicable"),
        ("configs/cifar10.yaml", "epochs: 30\n", "not applicable"),
    ],
)
def test_epochs_that_are_told(entry: str, text: str, status: str, graded: Graded) -> None:
    files = builder.clean() | {f"{TOP}metrics/cifar10_plain_history.csv": grows(6, builder.accuracy("6.2a"))}
    judged = graded(files | {f"assignment06/{entry}": text.encode()})
    assert required(judged) == set()
    assert result(judged, "figures.epochs 6.2a").status == status
    stops = {"assignment06/nets.py": b"stop = EarlyStopping(patience=2)\n"}
    judged = graded(files | stops | {f"assignment06/{entry}": text.encode()})
    assert result(judged, "figures.epochs 6.2a").status == "not applicable"


def test_a_table_of_all_trainings_is_no_history_of_one(graded: Graded) -> None:
    """A row an epoch, a column for the net: its rows are more than each net's epochs."""
    epochs = {"mnist": 5, "cifar10_plain": 7, "cifar10_augmented": 9}
    rows = [(net, n, 2 - n / 10, n / 20, 2.1 - n / 10, n / 21) for net, count in epochs.items() for n in range(count)]
    names_of = ["net", "epoch", "loss", "accuracy", "val_loss", "val_accuracy"]
    files = builder.clean() | {f"{TOP}metrics/history.csv": pd.DataFrame(rows, columns=names_of).to_csv().encode()}
    judged = graded(files | {"assignment06/cifar10_plain.py": TRAINS.encode()})
    assert result(judged, "figures.epochs 6.2a").status != "failed"


@pytest.mark.parametrize(("above", "status"), [(-0.2, "passed"), (0.05, "passed"), (0.18, "failed")])
def test_a_validation_that_is_too_good(above: float, status: str, graded: Graded) -> None:
    history = grows(9, builder.accuracy("6.2a") + above)
    judged = graded(builder.clean() | {f"{TOP}metrics/cifar10_plain_history.csv": history})
    assert required(judged) == set()
    assert result(judged, "figures.validation 6.2a").status == status


LISTS = {
    "bare": "Test accuracy (of all images)\n\ndigits (6.1)      {:.2%}\ncifar without dropout (6.2a)   {:.2%}\n"
    "cifar with dropout (6.2b)  {:.2%}\n",
    "ruled": "ACCURACY on the test set\n=====\n- MNIST: {:.4f}\n- CIFAR-10 without dropout: {:.4f}\n- CIFAR-10 with "
    "dropout and augmentation: {:.4f}\n",
}


@pytest.mark.parametrize("form", LISTS)
def test_a_list_below_a_line_that_says_what_it_lists(form: str, graded: Graded) -> None:
    files = of_tasks(builder.clean(), "metrics")
    shares = [builder.accuracy(task) for task in STEMS]
    judged = graded(files | {f"{TOP}metrics.txt": LISTS[form].format(*shares).encode()})
    assert {result(judged, f"figures.stated_accuracy {task}").status for task in STEMS} == {"passed"}
    judged = graded(files | {f"{TOP}metrics.txt": LISTS[form].format(*shares[:2], 0.93).encode()})
    assert required(judged) == {"figures.stated_accuracy 6.2b"}


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("names_of_classes", [None, [f"class {n}" for n in range(10)]])
def test_a_report_of_classes(swapped: bool, names_of_classes: list[str] | None, graded: Graded) -> None:
    labels = [builder.labels("6.2a"), guesses("6.2a")]
    report = classification_report(*(labels[::-1] if swapped else labels), target_names=names_of_classes, digits=4)
    judged = graded(builder.clean() | {f"{TOP}metrics/cifar10_plain_report.txt": report.encode()})
    assert result(judged, "figures.report 6.2a").status == ("failed" if swapped else "passed")
    assert required(judged) == set()


@pytest.mark.parametrize("form", ["gzip", "page", "parquet", "feather", "mat", "h5"])
def test_predictions_in_other_forms(form: str, graded: Graded) -> None:
    files = of_tasks(builder.clean(), "predictions")
    for task, stem in STEMS.items():
        table = pd.DataFrame({"true": builder.labels(task), "predicted": guesses(task)})
        if form in ("parquet", "feather"):
            getattr(table, f"to_{form}")(buffer := io.BytesIO())
            files[f"{TOP}predictions/{stem}.{form}"] = buffer.getvalue()
        elif form == "gzip":
            files[f"{TOP}predictions/{stem}.csv.gz"] = gzip.compress(table.to_csv().encode())
        elif form == "mat":
            savemat(buffer := io.BytesIO(), {**table, "classes": np.array(["zero", "one"], object)})
            files[f"{TOP}predictions/{stem}.mat"] = buffer.getvalue()
        elif form == "h5":
            files[f"{TOP}predictions/{stem}.h5"] = hdf5({key: table[key].to_numpy() for key in table})
        else:
            files[f"{TOP}predictions/{stem}.html"] = table.to_html().encode()
    judged = graded(files)
    assert failures(judged) == set()
    for task in STEMS:
        assert result(judged, f"figures.stated_accuracy {task}").status == "passed"


def hdf5(given: dict[str, np.ndarray]) -> bytes:
    with h5py.File(buffer := io.BytesIO(), "w") as file:
        for name, array in given.items():
            file[name] = array
    return buffer.getvalue()


def test_predictions_of_all_tasks_in_groups_of_hdf5(graded: Graded) -> None:
    files = of_tasks(builder.clean(), "predictions")
    groups = {f"{stem}/probabilities": builder.probabilities(task) for task, stem in STEMS.items()}
    labels = {f"{stem}/true_label": builder.labels(task) for task, stem in STEMS.items()}
    judged = graded(files | {f"{TOP}predictions.hdf5": hdf5(groups | labels)})
    assert failures(judged) == set()
    assert {result(judged, f"predictions.rows {task}").status for task in STEMS} == {"passed"}


@pytest.mark.parametrize(
    "given",
    [
        {"dense/kernel": np.zeros((784, 10)), "dense/bias": np.zeros(10)},
        {"layers/dense/vars/0": np.zeros((784, 10)), "layers/dense/vars/1": np.zeros(10)},
        {"a": np.zeros((3, 3, 32, 64)), "b": np.zeros((576, 10))},
        {"a": np.zeros(10)},
    ],
)
def test_weights_in_hdf5_are_no_predictions(given: dict[str, np.ndarray], tmp_path: Path) -> None:
    (tmp_path / "a.h5").write_bytes(hdf5(given))
    unpacked = Unpacked(False, tmp_path, files={"a.h5": tmp_path / "a.h5"})
    converting.turn_into_text(unpacked)
    assert list(unpacked.files) == ["a.h5"]


def test_hdf5_that_points_at_other_files_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "other.h5").write_bytes(hdf5({"predictions": np.zeros(1000)}))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["predictions"] = h5py.ExternalLink(tmp_path / "other.h5", "predictions")
    (tmp_path / "b.mat").write_bytes(b"MATLAB 5.0 MAT-file" + bytes(200))
    unpacked = Unpacked(False, tmp_path, files={name: tmp_path / name for name in ("a.h5", "b.mat")})
    converting.turn_into_text(unpacked)
    assert list(unpacked.files) == ["a.h5", "b.mat"]


def database(tables: dict[str, pd.DataFrame]) -> bytes:
    with contextlib.closing(sqlite3.connect(":memory:")) as base:
        for name, table in tables.items():
            table.to_sql(name, base, index=False)
        return base.serialize()


@pytest.mark.parametrize("form", ["a table a task", "one table", "one CSV"])
def test_predictions_of_all_tasks_in_one_file(form: str, graded: Graded) -> None:
    """In a database with the metrics, or in a long table of which a column says whose each row is."""
    files = of_tasks(of_tasks(builder.clean(), "predictions"), "metrics")
    each = {task: pd.DataFrame({"true": builder.labels(task), "predicted": guesses(task)}) for task in STEMS}
    long = pd.concat(table.assign(net=STEMS[task]) for task, table in each.items())
    shares = {task: float(np.mean(builder.labels(task) == guesses(task))) for task in STEMS}
    metrics = pd.DataFrame({"net": [*STEMS.values()], "test_acuratete": [*shares.values()], "test_loss": [0.4, 1, 0.9]})
    if form == "one CSV":
        files |= {f"{TOP}all.csv": long.to_csv().encode(), f"{TOP}metrics.csv": metrics.to_csv(index=False).encode()}
    elif form == "one table":
        files[f"{TOP}results.db"] = database({"predictions": long, "metrics": metrics})
    else:
        tables = {f"predictions {STEMS[task]}": table for task, table in each.items()}
        files[f"{TOP}results.sqlite3"] = database(tables | {"metrics": metrics})
    judged = graded(files)
    assert failures(judged) == set()
    for task in STEMS:
        assert result(judged, f"predictions.rows {task}").status == "passed"
        assert result(judged, f"figures.stated_accuracy {task}").status == "passed"


def test_rows_of_other_words_are_not_taken_apart(graded: Graded) -> None:
    """A column that names one net, or classes, beside the predictions is nothing to go by."""
    files = of_tasks(builder.clean(), "predictions")
    for task, stem in STEMS.items():
        table = pd.DataFrame({"net": stem, "true": builder.labels(task), "predicted": guesses(task)})
        files[f"{TOP}predictions/{stem}.csv"] = table.to_csv(index=False).encode()
    assert failures(graded(files)) == set()


def test_hostile_databases_stop_nobody(graded: Graded, tmp_path: Path) -> None:
    """Broken ones, endless views and columns that are computed, names full of quotes."""
    whole = database({"a": pd.DataFrame({"x": range(5000)})})
    with contextlib.closing(sqlite3.connect(path := tmp_path / "made.db")) as base:
        endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
        base.execute(f"CREATE VIEW predictions AS {endless}")
        base.execute("""CREATE TABLE "o""dd'; DROP TABLE a; --" ("a""b" TEXT, "../../x" BLOB)""")
        base.execute("""INSERT INTO "o""dd'; DROP TABLE a; --" VALUES ('x', zeroblob(900000))""")
        base.execute("CREATE TABLE computed (x, y AS (hex(zeroblob(300000000))))")
        base.execute("INSERT INTO computed VALUES (1)")
        base.execute("CREATE TABLE huge (x)")
        base.executemany("INSERT INTO huge VALUES (?)", [("7" * 900,)] * 60_000)
        base.commit()
    broken = {f"{TOP}{n}.db": whole[:n] + bytes([255]) * 200 + whole[n + 200 :] for n in (20, 100, 4096, 9000, 20_000)}
    files = builder.clean() | broken | {f"{TOP}cut.db": whole[:5000], f"{TOP}made.sqlite": path.read_bytes()}
    assert failures(graded(files)) == set()


def test_a_hostile_page_and_gzip_stop_nobody(graded: Graded) -> None:
    files = builder.clean() | {
        f"{TOP}a.csv.gz": gzip.compress(bytes(1 << 27)),
        f"{TOP}b.csv.gz": b"\x1f\x8b" + bytes(40),
        f"{TOP}a.parquet": b"PAR1" + bytes(500) + b"PAR1",
        f"{TOP}b.feather": b"ARROW1" + bytes(range(256)),
        f"{TOP}c.html": b"<table>" * 200_000,
        f"{TOP}d.html": b"<td><table><tr><td>" * 100_000 + b"<!--" * 100_000,
        f"{TOP}e.html": b"<table>" + b"<tr><td>" * 200_000,
    }
    assert failures(graded(files)) == set()


def test_words_for_without() -> None:
    for word in (
        "bez",
        "uden",
        "uten",
        "utan",
        "zonder",
        "senza",
        "sem",
        "ohne",
        "sans",
        "sin",
        "no",
        "ilman",
        "tanpa",
    ):
        assert names.certain(f"results/cifar_{word}_dropout.h5") == "6.2a", word
    for word in ("dropoutless", "dropout_nelkul", "dropout_nélkül", "dropoutsuz", "dropout_olmadan"):
        assert names.certain(f"results/cifar_{word}.h5") == "6.2a", word


@pytest.mark.parametrize(
    ("without", "beside"),
    [("gan_dropout", "le_dropout"), ("dropoutik_gabe", "dropoutarekin"), ("无dropout", "有dropout和数据增强"),
     ("an_dropout", "dropout"), ("dropout_nahi", "dropout"), ("χωρίς", "με"), ("dropout", "og_dropout")],
)  # fmt: skip
@pytest.mark.parametrize("turned", [False, True])
def test_without_in_a_language_that_is_not_known(
    without: str, beside: str, turned: bool, tried: Graded, models: dict[str, bytes]
) -> None:
    """Which net is which, the nets themselves tell; what has the one's words is the one's."""
    without, beside = (beside, without) if turned else (without, beside)
    words = {"mnist": "mnist", "cifar10_plain": f"cifar_{without}", "cifar10_augmented": f"cifar_{beside}"}
    files = {}
    for name, data in builder.clean(models).items():
        stem = next((stem for stem in sorted(words, key=len, reverse=True) if f"/{stem}" in name), "")
        files[name.replace(f"/{stem}", f"/{words[stem]}") if stem else name] = data
    judged = tried(files)
    assert required(judged) == set()
    assert result(judged, "models.dropout 6.2a").status == result(judged, "models.dropout 6.2b").status == "passed"
    for task in ("6.2a", "6.2b"):
        assert result(judged, f"figures.stated_accuracy {task}").status == "passed"
        assert result(judged, f"figures.predictions_from_model {task}").status == "passed"


def test_two_nets_that_say_what_they_are_are_not_turned(tried: Graded, models: dict[str, bytes]) -> None:
    """The defect that a language might explain stays one where the names are understood."""
    files = builder.clean(models | {"plain": models["augmented"], "augmented": models["plain"]})
    renamed = {
        name.replace("cifar10_plain", "cifar_no_dropout").replace("cifar10_augmented", "cifar_dropout"): data
        for name, data in files.items()
    }
    assert {"models.dropout 6.2a", "models.dropout 6.2b"} <= required(tried(renamed))


def test_a_checkpoint_takes_nobodys_place(tried: Graded, models: dict[str, bytes]) -> None:
    open_ones = ["cifar_dropout_aug.h5", "cifar_drop.h5"]
    assert set(pairs.of_models(open_ones, open_ones).values()) == {"6.2a", "6.2b"}
    assert pairs.of_models([*open_ones, "cifar_baseline.h5"], open_ones) == {}
    assert pairs.of_models(open_ones, [*open_ones, "cifar_no_aug.csv"]) == {}
    files = builder.clean(models)
    renamed = {
        name.replace("cifar10_plain", "cifar_baseline").replace("cifar10_augmented", "cifar_dropout_aug"): data
        for name, data in files.items()
    }
    renamed[f"{TOP}models/cifar_drop.keras"] = models["augmented"]
    judged = tried(renamed)
    assert required(judged) == set()
    assert result(judged, "models.dropout 6.2a").status == result(judged, "models.dropout 6.2b").status == "passed"


def test_predictions_of_runs_that_no_name_tells_go_to_their_nets(tried: Graded, models: dict[str, bytes]) -> None:
    files = builder.clean(models)
    for kind, stems in {"models": (".keras",), "predictions": (".csv",)}.items():
        for run, stem in zip(("d45be557", "c4297127", "b66e0f50"), STEMS.values(), strict=True):
            for suffix in stems:
                files[f"{TOP}runs/{run}/{kind[:5]}{suffix}"] = files.pop(f"{TOP}{kind}/{stem}{suffix}")
    judged = tried(files)
    assert required(judged) == set()
    for task in STEMS:
        assert result(judged, f"figures.predictions_from_model {task}").status == "passed"


@pytest.mark.parametrize(
    ("options", "images", "status"),
    [("rotation_range=15", "flow", "failed"), ("rotation_range=15", "x", "passed"),
     ("featurewise_center=True, validation_split=0.2", "flow", "passed")],
)  # fmt: skip
def test_a_generator_in_62a(options: str, images: str, status: str, tried: Graded, models: dict[str, bytes]) -> None:
    code = f"gen = ImageDataGenerator({options})\ngen.fit(x)\nflow = gen.flow(x, y)\nnet.fit({images}, y)\n"
    judged = tried(builder.clean(models) | {"assignment06/assignment_6_2a.py": code.encode()})
    assert result(judged, "models.augmentation 6.2a").status == status
    assert required(judged) == set()


def test_classes_counted_from_one_beside_other_columns(graded: Graded) -> None:
    table = pd.DataFrame({"imagen": range(10_000), "clase": guesses("6.2a") + 1, "confianza": 0.5})
    files = builder.clean() | {f"{TOP}predictions/cifar10_plain.csv": table.to_csv(index=False).encode()}
    assert "predictions.ten_classes 6.2a" in required(graded(files))


def test_the_page_of_a_notebook_that_was_read_is_not_asked(graded: Graded) -> None:
    files = {name: data for name, data in builder.clean().items() if "plots/mnist" not in name}
    page = b"<img src='data:image/png;base64,AAAA'>"
    assert required(graded(files | {"assignment06/other.html": page})) == set()
    both = {"assignment06/a6.ipynb": b'{"cells": []}', "assignment06/a6.html": page}
    assert required(graded(files | both)) == {"completeness.plots 6.1"}


def test_an_author_in_another_language(graded: Graded) -> None:
    for line in ("Hazırlayan: Onur Yıldırım", "Auteur : Onur Yıldırım", "## Autor: Onur Yıldırım"):
        judged = graded(builder.clean() | {"assignment06/README.md": line.encode()})
        assert result(judged, "packaging.name_order").status == "failed", line


PHOTOGRAPHS = "resnet50/predictions.csv"


def with_answers(rows: list[str], pictures: list[str]) -> builder.Files:
    """6.3 of these answers, and pictures in images/."""
    files = {name: data for name, data in builder.clean().items() if "/images/" not in name}
    files[f"{TOP}predictions/{PHOTOGRAPHS}"] = "\n".join(["image,label,probability", *rows, ""]).encode()
    return files | {f"assignment06/images/{name}": builder.photograph(n) for n, name in enumerate(pictures)}


NAMES = ["cat", "hot_dog", "parrot", "coffee", "bus", "IMG_0021"]
LABELS = ["Egyptian_cat", "hotdog", "macaw", "coffee_mug", "minibus", "tripod"]
JPEGS = [f"{name}.jpg" for name in NAMES]


def answered(labels: list[str]) -> list[str]:
    return [f"{name},{label},0.{9 - n}1" for n, (name, label) in enumerate(zip(JPEGS, labels, strict=True))]


def test_photographs_that_have_no_answer(graded: Graded) -> None:
    assert failures(graded(with_answers(answered(LABELS), JPEGS))) == set()
    files = with_answers(answered(LABELS), [*JPEGS, "owl.jpg", "overview.png"])
    judged = graded(files)
    assert failures(judged) == {"completeness.images"} and required(judged) == set()
    assert result(judged, "completeness.images").sentence.endswith("owl.jpg")
    said = {"cells": [{"cell_type": "code", "source": "show()", "outputs": [{"text": "owl.jpg: great_grey_owl"}]}]}
    assert failures(graded(files | {"assignment06/a.ipynb": json.dumps(said).encode()})) == set()


def test_answers_beside_other_photographs(graded: Graded) -> None:
    judged = graded(with_answers(answered(list(np.roll(LABELS, 1))), JPEGS))
    assert failures(judged) == {"completeness.resnet50_answers"} and required(judged) == set()
    assert "cat.jpg, hot_dog.jpg" in result(judged, "completeness.resnet50_answers").sentence
    one_wrong = ["tripod", *LABELS[1:5], "Egyptian_cat"]
    assert failures(graded(with_answers(answered(one_wrong), JPEGS))) == set()


@pytest.mark.parametrize(("second", "failing"), [("0.08", False), ("0.6", True)])
@pytest.mark.parametrize("form", ["rows", "rows under other headings", "JSON"])
def test_what_probabilities_add_up_to(second: str, failing: bool, form: str, graded: Graded) -> None:
    rows = [row for name in JPEGS for row in (f"{name},tabby,0.9", f"{name},tiger_cat,{second}")]
    files = with_answers([f"{row[:-3]}0.8{n}" if row.endswith("0.9") else row for n, row in enumerate(rows)], JPEGS)
    if form == "JSON":
        given = {name: [["n02123045", "tabby", 0.8 + n / 100], ["x", float(second)]] for n, name in enumerate(JPEGS)}
        del files[f"{TOP}predictions/{PHOTOGRAPHS}"]
        files[f"{TOP}predictions/resnet50/predictions.json"] = json.dumps(given).encode()
    if form == "rows under other headings":
        table = files[f"{TOP}predictions/{PHOTOGRAPHS}"].partition(b"\n")[2]
        files[f"{TOP}predictions/{PHOTOGRAPHS}"] = b"zdjecie,klasa,p\n" + table
    found = result(graded(files), "completeness.resnet50_probabilities")
    assert ("add up to 1." in found.sentence) is failing and not (found.required and found.status == "failed")


def test_what_two_nets_say_of_a_photograph_is_not_added_up(graded: Graded) -> None:
    rows = [f"{name},{net},tabby,0.6{n}" for n, name in enumerate(JPEGS) for net in ("ResNet50", "VGG16")]
    files = with_answers([], JPEGS)
    files[f"{TOP}predictions/{PHOTOGRAPHS}"] = "\n".join(["photo,model,label,probability", *rows, ""]).encode()
    assert result(graded(files), "completeness.resnet50_probabilities").status == "passed"


@pytest.mark.parametrize(
    ("folder", "failing"),
    [("OlegIvanchuk_assignment06", True), ("assignment06_WebbMarcus", True), ("assignment06_DoeJane", False),
     ("JaneDoe_assignment06", False), ("assignment06", False), ("Assignment06_Final", False), ("DeepLearning", False)],
)  # fmt: skip
def test_a_folder_of_somebody_else(folder: str, failing: bool, graded: Graded) -> None:
    files = {name.replace("assignment06/", f"{folder}/", 1): data for name, data in builder.clean().items()}
    found = result(graded(files), "packaging.name_order")
    assert (found.status == "failed") is failing and not (found.required and failing)


def test_a_net_that_was_saved_twice_is_the_last_one(tried: Graded, models: dict[str, bytes]) -> None:
    """Both notebooks saved `cifar10.keras`: what is there has dropout, and it is 6.2a's that is missing."""
    files = {name: data for name, data in builder.clean(models).items() if "models/cifar10" not in name}
    judged = tried(files | {"assignment06/results/models/cifar10.keras": models["augmented"]})
    assert required(judged) == {"completeness.model 6.2a"}
    judged = tried(files | {"assignment06/results/models/cifar10.keras": models["plain"]})
    assert required(judged) == {"completeness.model 6.2b"}


def matrix_of(task: str, labels: np.ndarray) -> np.ndarray:
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (builder.labels(task), labels), 1)
    return counts


def as_npy(matrix: np.ndarray) -> bytes:
    np.save(buffer := io.BytesIO(), matrix)
    return buffer.getvalue()


MATRICES: dict[str, tuple[str, Callable[[np.ndarray], bytes]]] = {
    "bare CSV": ("confusion.csv", lambda m: "\n".join(",".join(map(str, row)) for row in m).encode()),
    "pandas": ("confusion_matrix.csv", lambda m: pd.DataFrame(m).add_prefix("class ").to_csv().encode()),
    "NumPy": ("cm.txt", lambda m: b"Confusion matrix:\n" + str(m).encode()),
    "transposed": ("cm.npy", lambda m: as_npy(m.T)),
    "in another order": ("cm.npy", lambda m: as_npy(m[::-1, ::-1])),
}  # fmt: skip


@pytest.mark.parametrize("form", MATRICES)
def test_a_confusion_matrix_is_compared(form: str, graded: Graded) -> None:
    name, written = MATRICES[form]
    entry = f"{TOP}metrics/cifar10_plain_{name}"
    judged = graded(builder.clean() | {entry: written(matrix_of("6.2a", guesses("6.2a")))})
    assert result(judged, "figures.confusion 6.2a").status == "passed"
    assert failures(judged) == set()
    judged = graded(builder.clean() | {entry: written(matrix_of("6.2a", guesses("6.2b")))})
    assert failures(judged) == {"figures.confusion 6.2a"}
    few = graded(builder.clean() | {entry: written(matrix_of("6.2a", guesses("6.2a")) // 2)})
    assert result(few, "figures.confusion 6.2a").status == "not applicable"
