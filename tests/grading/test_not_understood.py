"""What is not understood accuses nobody: other languages, other forms, other orders; and what such work hid."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assignment06.grading import diagnosis, metrics, names, predictions, roles, stated, tables
from assignment06.grading import photographs as photographs_module
from assignment06.grading.grade import Grade
from assignment06.grading.registry import UNCONFIRMED

from . import builder
from .builder import STEM, Files
from .conftest import failures
from .test_alarms import answered
from .test_defects import R, name
from .test_fairness import CIFAR10, guesses, renamed, required, result
from .test_written import notebook

GERMAN = np.array("Flugzeug Auto Vogel Katze Hirsch Hund Frosch Pferd Schiff LKW".split())  # noqa: SIM905


def without(*parts: str, files: Files | None = None) -> Files:
    return {
        entry: data for entry, data in (files or builder.clean()).items() if not any(part in entry for part in parts)
    }


def test_class_names_of_another_language(graded: Callable[[Files], Grade]) -> None:
    rows = {"tatsächlich": GERMAN[builder.labels("6.2a")], "Vorhersage": GERMAN[guesses("6.2a")]}
    judged = graded(answered("6.2a", builder.table(rows), ".csv"))
    assert failures(judged) == set()
    assert "told by what they agree with" in result(judged, "predictions.ten_classes 6.2a").sentence
    shuffled = np.random.default_rng(0).permutation(rows["Vorhersage"])
    judged = graded(answered("6.2a", builder.table({"Vorhersage": shuffled}), ".csv"))
    assert "predictions.ten_classes 6.2a" in required(judged)  # ten words that stand for nothing


@pytest.mark.parametrize("first", [0, 1])
def test_rows_that_say_of_which_image_they_are(first: int, graded: Callable[[Files], Grade]) -> None:
    """`image_dataset_from_directory` reads a folder for each class after the other."""
    order = np.argsort(builder.labels("6.2b"), kind="stable")
    classes = CIFAR10[builder.labels("6.2b")]
    rows = {
        "filename": [f"test/{classes[i]}/{i + first:05d}.png" for i in order],
        "label": classes[order],
        "prediction": CIFAR10[guesses("6.2b")][order],
    }
    judged = graded(answered("6.2b", builder.table(rows), ".csv"))
    assert failures(judged) == set()
    assert result(judged, "predictions.order 6.2b").status == "passed"
    del rows["filename"]
    judged = graded(answered("6.2b", builder.table(rows), ".csv"))
    assert required(judged) == set()
    assert "in another order" in result(judged, "predictions.order 6.2b").sentence


def test_numbers_that_are_no_order() -> None:
    rows = [f"{i}" for i in range(20)]
    assert roles.order(rows) is None  # in order already
    assert roles.order([*rows[:-1], "17"]) is None  # one is twice there
    assert roles.order(["cat"] * 20) is None
    found = roles.order([f"a/b{i}/{i}.png" for i in (*range(10, 20), *range(10))])
    assert found is not None
    assert found.tolist() == [*range(10, 20), *range(10)]


@pytest.mark.parametrize("count", [1000, 5000])
def test_the_first_test_images_only(count: int, graded: Callable[[Files], Grade]) -> None:
    judged = graded(answered("6.1", builder.table({"prediction": guesses("6.1")[:count]}), ".csv"))
    assert required(judged) == set()
    assert f"the first {count:,} test images" in result(judged, "predictions.rows 6.1").sentence
    judged = graded(answered("6.1", builder.table({"prediction": guesses("6.1")[5000 : 5000 + count]}), ".csv"))
    assert "predictions.rows 6.1" in required(judged)


def test_a_test_set_of_ones_own(graded: Callable[[Files], Grade]) -> None:
    """7,000 of openml's 70,000 digits, with their labels beside the predictions, and the accuracy of these stated."""
    random = np.random.default_rng(5)
    true = random.integers(0, 10, 7000)
    predicted = np.where(random.random(7000) < 0.96, true, (true + 1) % 10)
    rows = {"openml_row": random.permutation(70_000)[:7000], "true": true, "pred": predicted}
    files = answered("6.1", builder.table(rows), ".csv")
    right = float(np.mean(true == predicted))
    judged = graded(files | {name("metrics"): json.dumps({"test_accuracy": right}).encode()})
    assert required(judged) == set()
    assert "a choice of its own" in result(judged, "predictions.rows 6.1").sentence
    assert result(judged, "figures.stated_accuracy 6.1").status == "passed"
    judged = graded(files | {name("metrics"): json.dumps({"test_accuracy": 0.99}).encode()})
    assert result(judged, "figures.stated_accuracy 6.1").status == UNCONFIRMED


def test_a_first_row_that_was_taken_for_a_heading(graded: Callable[[Files], Grade]) -> None:
    judged = graded(answered("6.1", builder.table({"prediction": guesses("6.1")[1:]}), ".csv"))
    assert "predictions.rows 6.1" in required(judged)
    assert "it lacks the first 1" in result(judged, "predictions.rows 6.1").sentence
    true = builder.labels("6.1")
    assert "too many of the first 2" in diagnosis.cut(np.concatenate([[1, 2], true]), true)
    assert diagnosis.cut(np.random.default_rng(0).permutation(true)[3:], true) == ""


def test_other_runs_beside_the_final_one(graded: Callable[[Files], Grade]) -> None:
    files: Files = {}
    for entry, data in builder.clean().items():
        task = next((task for task, stem in STEM.items() if f"/{stem}" in entry), None)
        kind = entry.split("/")[2] if task else ""
        files[f"{R}final/{task}/{kind}.{entry.rpartition('.')[2]}" if task else entry] = data
    runs = {f"{R}runs/{task}_lr/metrics.json": b'{"test_accuracy": 0.31}' for task in STEM}
    assert required(graded(files | runs)) == set()
    beside = graded(files | {f"{R}final/6.1/more_metrics.json": b'{"test_accuracy": 0.31}'})
    assert "figures.stated_accuracy 6.1" in required(beside)


def test_a_log_that_agrees_hides_no_metrics_that_do_not(graded: Callable[[Files], Grade]) -> None:
    log = f"Test accuracy: {builder.accuracy('6.1'):.4f}\n".encode()
    files = builder.clean() | {name("metrics"): b'{"test_accuracy": 0.9999}', f"{R}logs/mnist.log": log}
    assert required(graded(files)) == {"figures.stated_accuracy 6.1"}
    for folder in ("tries", "training_run1", "metrics_old", "old/metrics"):
        tries = {f"{R}{folder}/mnist_{rate}.json": b'{"test_accuracy": 0.31}' for rate in (1, 2)}
        assert required(graded(builder.clean() | tries)) == set()


def test_lines_of_predictions_below_lines_of_words(graded: Callable[[Files], Grade]) -> None:
    right = builder.accuracy("6.1")
    words = f"test loss: 0.0839\ntest accuracy: {right:.4f}\npredicted digits of the test images:\n"
    files = without("metrics/mnist", "predictions/mnist")
    files[f"{R}mnist_predictions_and_metrics.txt"] = (words + "\n".join(map(str, guesses("6.1")))).encode()
    judged = graded(files)
    assert required(judged) == set()
    assert result(judged, "figures.stated_accuracy 6.1").status == "passed"
    assert "loss of 0.0839" in result(judged, "figures.loss 6.1").sentence


@pytest.mark.parametrize(
    ("preface", "read"),
    [
        ("MNIST predictions on the test set\nAccuracy: 0.9912\n\n", True),
        ("Predicted classes of the test images, by index:\n", True),
        ("Predicted labels (test error 0.9 %):\n", True),
        ("Classes of MNIST's test images:\n", True),
        ("Predictions of the test set, true accuracy 0.99:\n", True),
        ("The true labels of these predictions:\n", False),
        ("Indices of wrong predictions:\n", False),
        ("True labels:\n", False),
    ],
)
def test_a_list_below_words(preface: str, read: bool, tmp_path: Path) -> None:
    (tmp_path / "p.txt").write_text(f"{preface}{guesses('6.1').tolist()}\n")
    found = predictions.read("results/mnist_predictions.txt", tmp_path / "p.txt")
    assert (found is not None and not found.problem and found.rows == 10_000) is read
    (tmp_path / "p.txt").write_text("one line\nand two\n" + "7\n" * (tables.MAX_ROWS + 1))
    assert tables.printed_amid((tmp_path / "p.txt").read_text())[1] == []


def test_metrics_in_per_cent_in_words(graded: Callable[[Files], Grade]) -> None:
    files = without("metrics/mnist")
    for accuracy, expected in ((100 * builder.accuracy("6.1"), "passed"), (31.5, "failed")):
        files[f"{R}metrics/mnist.txt"] = f"test loss 0.059418\ntest accuracy {accuracy:.6f} percent\n".encode()
        judged = graded(files)
        assert result(judged, "figures.stated_accuracy 6.1").status == expected
        assert result(judged, "figures.loss 6.1").status == "passed"


def test_a_history_with_gaps(tmp_path: Path) -> None:
    """Lightning writes what training and validation gave in rows of their own."""
    (tmp_path / "h.csv").write_text("epoch,step,train_acc,val_acc\n0,93,,0.91\n0,93,0.8,\n1,187,,0.95\n1,187,0.9,\n")
    assert metrics.series(tmp_path / "h.csv")["val_acc"] == [0.91, 0.95]


def test_a_copy_of_a_notebook_is_no_answer(graded: Callable[[Files], Grade]) -> None:
    copy = {"assignment06/Assignment 6.ipynb copy": b'{"cells": [], "accuracy": 0.5}'}
    found = result(graded(without("metrics/mnist") | copy), "completeness.metrics 6.1")
    assert (found.status, found.required) == ("failed", True)


def test_a_checkpoint_of_lightning_is_pytorchs(graded: Callable[[Files], Grade]) -> None:
    files = without("models/mnist") | {f"{R}models/mnist.ckpt": b"PK\3\4" + bytes(99)}
    assert "mnist.ckpt is a PyTorch file" in result(graded(files), "models.format 6.1").sentence


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("mnist.yaml", "dataset: MNIST\ntest:\n  accuracy: {value:.6f}\n  loss: 0.12\nval:\n  accuracy: 0.51\n"),
        ("mnist.ini", "[mnist]\ntest_size = 10000\ntest_accuracy = {value:.6f}\n"),
        ("mnist.out", "Epoch 1/1\n1/1 - loss: 0.3 - accuracy: 0.9\nTest accuracy: {value:.4f}\n"),
        ("mnist.log", "Test set: Average loss: 0.0834, Accuracy: {right}/10000 ({percent:.2f}%)\n"),
    ],
)
def test_metrics_in_other_forms_are_read(file: str, text: str, graded: Callable[[Files], Grade]) -> None:
    right = int(np.sum(guesses("6.1") == builder.labels("6.1")))
    for value, expected in ((right / 10_000, "passed"), (0.111, "failed")):
        said = text.format(value=value, right=round(value * 10_000), percent=100 * value)
        judged = graded(without("metrics/mnist") | {f"{R}metrics/{file}": said.encode()})
        assert result(judged, "figures.stated_accuracy 6.1").status == expected


def test_yaml_that_stands_for_endless_data(tmp_path) -> None:
    lines = ["a0: &a0 {accuracy: 0.5}"] + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)]
    path = tmp_path / "metrics.yaml"
    path.write_text("\n".join(lines))
    assert metrics.read("metrics.yaml", path) is not None  # and in no time


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("vipimo.txt", "usahihi wa jaribio: 0.9642\nhasara ya jaribio: 0.1225\n"),
        ("ölçütler.txt", "Doğruluk (test): %95.66\n"),
        ("Kennzahlen.xlsx", "PK\3\4\0\0\0\0"),
        ("Auswertung.xlsx", "PK\3\4\0\0\0\0"),
        ("notes.md", "After 2 epochs it got **97.4 %** of the test images right.\n"),
    ],
)
def test_metrics_that_are_not_understood_accuse_nobody(file: str, text: str, graded: Callable[[Files], Grade]) -> None:
    judged = graded(without("metrics/mnist") | {f"{R}6.1/{file}": text.encode()})
    assert required(judged) == set()
    assert result(judged, "completeness.metrics 6.1").status == UNCONFIRMED
    assert "completeness.metrics 6.1" in required(graded(without("metrics/mnist")))


def test_predictions_that_are_not_understood_accuse_nobody(graded: Callable[[Files], Grade]) -> None:
    packed = np.random.default_rng(0).bytes(40_000).replace(b"\0", b"\1") + b"\0"
    judged = graded(without("predictions/mnist") | {f"{R}6_1_rakamlar/cevaplar.xlsx": b"PK\3\4\0" + packed})
    assert required(judged) == set()
    assert result(judged, "completeness.predictions 6.1").status == UNCONFIRMED
    small = graded(without("predictions/mnist") | {f"{R}6_1_rakamlar/history.pkl": b"\x80\4\0" * 30})
    assert "completeness.predictions 6.1" in required(small)


def test_plots_in_other_languages_and_of_both_nets(graded: Callable[[Files], Grade]) -> None:
    pdf = b"%PDF-1.4\n%%EOF\n"
    judged = graded(without("plots/mnist") | {f"{R}6.1/courbe.pdf": pdf})
    assert result(judged, "completeness.plots 6.1").status == "passed"
    judged = graded(without("plots/cifar10_augmented") | {f"{R}03_cifar_met/verloop.pdf": pdf})
    assert required(judged) == set()
    assert "verloop.pdf may show it" in result(judged, "completeness.plots 6.2b").sentence
    both = {f"{R}plots/q62_curvas.png": builder.plot(7)}
    judged = graded(without("plots/cifar10") | both)
    assert required(judged) == set()
    assert result(judged, "completeness.plots 6.2b").status == UNCONFIRMED


@pytest.mark.parametrize(
    ("path", "task"),
    [
        ("results/modelo_cifar_con.keras", "6.2b"),
        ("results/modelo_cifar_sin.keras", "6.2a"),
        ("results/cifar_avec.h5", "6.2b"),
        ("results/cifar_ohne.h5", "6.2a"),
        ("results/cifar_v1/learning_curves.png", "6.2a"),
        ("results/cifar_v2/metrics.txt", "6.2b"),
        ("results/cifar_v2/run1/metrics.txt", "6.2b"),
    ],
)
def test_which_net_a_path_names(path: str, task: str) -> None:
    assert names.task(path)[0] == task


def test_weights_of_a_class_of_ones_own(tried: Callable[[Files], Grade], models: dict[str, bytes]) -> None:
    weights = {name("models").replace(".keras", ".weights.h5"): models["weights only"]}
    files = without("models/mnist", files=builder.clean(models)) | weights
    assert "models.loads 6.1" in required(tried(files))
    code = {"assignment06/src/nets.py": b"import keras\n\nclass Net(keras.Model):\n    pass\n"}
    judged = tried(files | code)
    assert required(judged) == set()
    assert "is not run" in result(judged, "models.loads 6.1").sentence


def photographs(table: str, *pictures: str) -> Files:
    files = without("resnet50", "images/") | {f"{R}predictions/resnet50/top.csv": table.encode()}
    return files | {f"assignment06/images/{picture}": builder.plot(n) for n, picture in enumerate(pictures)}


def test_photographs_without_predictions(graded: Callable[[Files], Grade]) -> None:
    """A photograph with a margin may have its label above it; a notebook may have printed them all."""
    folder = f"{R}predictions/resnet50/"
    files = without("resnet50", "images/") | {f"{folder}{i}.jpg": builder.photograph(i) for i in range(6)}
    judged = graded(files)
    assert required(judged) == set()
    assert "no file says what was predicted" in result(judged, "completeness.resnet50_classes").sentence
    silent, told = "1/1 [=====] - 1s 600ms/step", "[('n02123045', 'tabby', 0.53)]"
    for text, status in ((silent, "failed"), (told, "not applicable")):
        output = {"output_type": "stream", "text": [text]}
        cell = {"cell_type": "code", "source": "decode_predictions(resnet.predict(x))", "outputs": [output]}
        book = {"assignment06/6.ipynb": json.dumps({"cells": [cell]}).encode()}
        assert result(graded(files | book), "completeness.resnet50_classes").status == status
    figures = {f"{folder}{i}.jpg": builder.plot(i) for i in range(6)}
    assert result(graded(files | figures), "completeness.resnet50_classes").status == "not applicable"


def test_what_63_says_of_each_photograph(graded: Callable[[Files], Grade]) -> None:
    names_of = [f"picture {i}.jpg" for i in range(6)]
    words = ["tabby", "daisy", "bee", "zebra", "alp", "ski"]
    table = "image,rank,label,score\n" + "".join(
        f"{n},1,{w},0.{i}13\n" for i, (n, w) in enumerate(zip(names_of, words, strict=True))
    )
    judged = graded(photographs(table, *names_of))
    assert failures(judged) == set()
    for check in ("completeness.images", "completeness.resnet50_answers"):
        assert result(judged, check).status == "passed"
    judged = graded(photographs(table, *names_of[1:]))
    assert failures(judged) == {"completeness.images"}
    assert "picture 0.jpg" in result(judged, "completeness.images").sentence
    judged = graded(photographs(table, "IMG_1.jpg", "IMG_2.jpg"))  # renamed, or other photographs
    assert required(judged) == set()
    assert "picture 0.jpg and the others" in result(judged, "completeness.images").sentence
    assert "IMG_1.jpg is" in result(judged, "completeness.images").sentence
    judged = graded(photographs(table))
    assert failures(judged) == {"completeness.images"}
    assert "not handed in: picture 0.jpg" in result(judged, "completeness.images").sentence
    same = "image,rank,label,score\n" + "".join(f"{n},1,tabby,0.713\n" for n in names_of)
    judged = graded(photographs(same, *names_of))
    assert failures(judged) == {"completeness.resnet50_answers"}
    assert required(judged) == set()
    as_json = {n: [["n02123045", w, 0.5 + i / 100]] for i, (n, w) in enumerate(zip(names_of, words, strict=True))}
    files = without("resnet50", "images/") | {f"{R}predictions/resnet50/top.json": json.dumps(as_json).encode()}
    assert result(graded(files), "completeness.resnet50_answers").status == "passed"


def test_answers_without_any_photograph(graded: Callable[[Files], Grade]) -> None:
    lines = "".join(f"[('n0212304{n}', 'tabby', 0.{n + 1}12)]\n" for n in range(6))
    files = without("resnet50") | {f"{R}predictions/resnet50/results.txt": lines.encode()}
    assert failures(graded(files)) == set()
    alone = {entry: data for entry, data in files.items() if "/images/" not in entry}
    assert failures(graded(alone)) == {"completeness.images"}


@pytest.mark.parametrize(
    ("form", "status", "check"),
    [
        ("{name}: {label} (0.{n}3)", "passed", "resnet50_probabilities"),
        ("{name}: {label} (1.{n}3)", "failed", "resnet50_probabilities"),
        ("{name}\n1. {label}: {n}0 %\n2. tiger cat - 0.{n}", "passed", "resnet50_probabilities"),
        ("{name}: {cifar} 0.3701{n}", "failed", "resnet50_labels"),
        ("{name}: {label}, 0.3701{n}", "not applicable", "resnet50_labels"),
    ],
)
def test_answers_in_lines_of_ones_own(form: str, status: str, check: str, graded: Callable[[Files], Grade]) -> None:
    words = zip(
        ["tabby", "daisy", "bee", "zebra", "alp", "ski"], ["Deer", "Truck", "Frog", "Ship", "cat", "car"], strict=True
    )
    lines = [
        form.format(name=f"photo_{n}.jpg", n=n, label=label, cifar=other) for n, (label, other) in enumerate(words)
    ]
    judged = graded(without("resnet50") | {f"{R}predictions/resnet50/predictions.txt": "\n".join(lines).encode()})
    assert required(judged) == set()
    assert result(judged, f"completeness.{check}").status == status


def test_lines_below_the_names_of_photographs(graded: Callable[[Files], Grade]) -> None:
    def answered_by(top: Callable[[int], str]) -> str:
        lines = "".join(f"images\\photo {n}.jpg\nPredicted: {top(n)}\n\n" for n in range(6))
        files = without("resnet50") | {f"{R}predictions/resnet50/predictions.txt": lines.encode()}
        return result(graded(files), "completeness.resnet50_answers").status

    assert answered_by(lambda n: f"[('n02123045', 'tabby', 0.{n + 1}12)]") == "passed"
    assert answered_by(lambda n: "[('n02123045', 'tabby', 0.712)]") == "failed"


def test_a_label_with_an_apostrophe(tmp_path: Path) -> None:
    path = tmp_path / "resnet50.json"
    path.write_text('{"a.jpg": [{"class": "potter\'s_wheel", "p": 0.9}], "b.jpg": [{"class": "tabby", "p": 0.8}]}')
    assert photographs_module.labels({"resnet50.json": path}) == {"potterswheel", "tabby"}


def test_63_in_a_folder_with_another_name(graded: Callable[[Files], Grade]) -> None:
    page = b"<table><tr><td>kedi.jpg</td><td>Egyptian_cat</td><td>0.6958</td></tr></table>"
    files = {entry.replace("/results/", "/sonuclar/"): data for entry, data in without("resnet50").items()}
    judged = graded(files | {"assignment06/sonuclar/predictions/resnet50/ilk5.html": page})
    assert required(judged) == set()
    assert "no folder results/" in result(judged, "packaging.layout").sentence


@pytest.mark.parametrize(
    ("code", "check"),
    [
        ("x_all = np.concatenate([x_train[:5000], x_test])", "sources.test_apart"),
        ("both <- abind(x_train, x_test, along = 1)", "sources.test_apart"),
        ("x_all = np.concatenate([x_test, x_train])", "sources.test_apart"),
        (
            "(x_app, y_app), (x_essai, y_essai) = mnist.load_data()\nx = np.concatenate([x_app, x_essai])\n"
            "p = rng.permutation(len(x))\nx_essai = x_essai / 255\nm.fit(x[p], y[p], epochs=2, validation_split=0.1)\n"
            "m.evaluate(x_essai, y_essai)",
            "sources.test_apart",
        ),
        ("net = VGG16(weights='imagenet')", "sources.resnet50"),
        ("net = ResNet50(weights='imagenet')\nanswers = [('cat.jpg', 'tabby', 0.61)]", "sources.resnet50"),
        ("x_val = augment(x_train[:5000], training=True)", "sources.validation_unchanged"),
        (
            "net = ResNet101()\nsave(decode_predictions(net.predict(preprocess_input(x))), 'resnet50/a')",
            "sources.resnet50",
        ),
        (
            "net = ResNet50(weights=None)\nx = preprocess_input(x)\ndecode_predictions(net.predict(x))",
            "sources.resnet50",
        ),
        (
            "(x, y), _ = mnist.load_data()\nmodel.fit(x, y, epochs=5)\n"
            "(x, y), _ = cifar10.load_data()\nmodel.fit(x, y, epochs=5, validation_split=0.1)\nimport resnet_of_mine",
            "sources.no_validation",
        ),
        (
            "net = ResNet50(weights='imagenet')\nx = image / 255\nprint(decode_predictions(net.predict(x)))",
            "sources.resnet50",
        ),
        (
            "datagen = ImageDataGenerator(rotation_range=20)\ndatagen.fit(x_train)\nmodel.fit(x_train)",
            "sources.augmentation",
        ),
        (
            "(x_treino, y), (x_teste, z) = mnist.load_data()\nx_teste = x_teste / 255\n"
            "h = m.fit(x_treino, y, epochs=8, validation_data=(x_teste, z))",
            "sources.validation",
        ),
        (
            "aug = keras.Sequential([\n    layers.Rescaling(1 / 255),\n    layers.RandomFlip('horizontal'),\n"
            "    layers.RandomRotation(0.1)])\nmodel.fit(x, y)",
            "sources.augmentation",
        ),
        ("d <- image_data_generator(rotation_range = 20)\nmodel %>% fit(x_train)", "sources.augmentation"),
        (
            "d = ImageDataGenerator(\n    zoom_range=0.2)\nd.fit(x)\nfor a, b in zip(c, d.flow(x)):\n    a.imshow(b)\n"
            "h = model.fit(x, y,\n    epochs=3,\n    validation_split=0.1)",
            "sources.augmentation",
        ),
    ],
)
def test_what_the_code_shows_besides(code: str, check: str, graded: Callable[[Files], Grade]) -> None:
    suffix = "R" if "<-" in code or "%>%" in code else "py"
    assert failures(graded(builder.clean() | {f"assignment06/work.{suffix}": code.encode()})) == {check}


@pytest.mark.parametrize(
    "code",
    [
        "x = np.concatenate([x_train, x_test])\nx_train, x_test = train_test_split(x)",
        "(a, b), (c, d) = mnist.load_data()\nx = np.concatenate([a, c])\na, c = train_test_split(x)\nm.fit(a)\nf(c)",
        "(a, b), (c, d) = mnist.load_data()\nx = np.concatenate([a, c])\nm = x.mean()\nnet.fit(a - m)\nf(c)",
        "(x, y), (v, w) = mnist.load_data()\nv, w = x[:5000], y[:5000]\nm.fit(x, y, epochs=2, validation_data=(v, w))",
        "aug = Sequential([layers.RandomFlip('horizontal')])\nmodel = Sequential([aug, layers.Dense(10)])",
        "net = Sequential([layers.Conv2D(8, 3), layers.RandomFlip('horizontal')])",
        "both = np.concatenate([train_losses, test_losses])",
        "net = VGG16(weights='imagenet')\nother = ResNet50(weights='imagenet')\nx = load_img('cat.jpg')",
        "net = ResNet101()\nother = torch.hub.load('pytorch/vision', 'resnet50')\nx = Image.open('cat.jpg')",
        "_, a = mnist.load_data()\nmodel.fit(x, y, epochs=5,\n  validation_data=(a, b))\nmodel.fit(x, y, epochs=4)",
        "(x, y), _ = mnist.load_data()\nscaler.fit(x)\nmodel.fit(**settings, epochs=5)",
        "net = ResNet50()\nx = preprocess_input(x)\nprint(decode_predictions(net.predict(x)))",
        "net = ResNet50()\nx = resnet.imagenet_preprocess_input(x)\ndecode_predictions(net.predict(x))",
        "datagen = ImageDataGenerator(rotation_range=20)\nmodel.fit(datagen.flow(x_train))",
        "test = ImageDataGenerator(rescale=1./255)",
        "d = ImageDataGenerator(zoom_range=0.2)\ngen = d.flow(x, y)\nmodel.fit(gen)\nother.fit(x, y)",
        "d = ImageDataGenerator(\n    zoom_range=0.2)\nmodel.fit_generator(\n    d.flow(x, y),\n    epochs=2)",
        "d = ImageDataGenerator(zoom_range=0.2)\nfor a, b in d.flow(x, y):\n    model.train_on_batch(a, b)",
        "d = ImageDataGenerator(zoom_range=0.2)\ndef f(x):\n    return d.random_transform(x)\nz = f(x)\nmodel.fit(z)",
        "d = ImageDataGenerator(zoom_range=0.2)\nxs, ys = next(d.flow(x, y))\nx = np.append(x, xs)\nmodel.fit(x, y)",
    ],
)
def test_code_that_shows_nothing_wrong(code: str, graded: Callable[[Files], Grade]) -> None:
    assert failures(graded(builder.clean() | {"assignment06/work.py": code.encode()})) == set()


@pytest.mark.parametrize("suffix", ["qmd", "Rmd"])
def test_code_in_documents(suffix: str, graded: Callable[[Files], Grade]) -> None:
    text = "---\ntitle: x\n---\nx = np.append(x_train, x_test) would be wrong.\n\n```{python}\nprint(1)\n```\n"
    assert failures(graded(builder.clean() | {f"assignment06/work.{suffix}": text.encode()})) == set()
    text += "```{python}\nx = np.append(x_train, x_test)\n```\n"
    judged = graded(builder.clean() | {f"assignment06/work.{suffix}": text.encode()})
    assert failures(judged) == {"sources.test_apart"}
    assert f"work.{suffix}:10 puts" in result(judged, "sources.test_apart").sentence


@pytest.mark.parametrize(
    ("cells", "status"),
    [
        (["import keras\n# TODO: load MNIST", "raise NotImplementedError('your code here')"], "failed"),
        (["# TODO: tidy up\nmodel.fit(x, y, epochs=5, validation_split=0.1)", "# TODO: more epochs"], "passed"),
        (["# TODO: load MNIST"], "passed"),
    ],
)
def test_a_template_that_is_not_filled_in(cells: list[str], status: str, graded: Callable[[Files], Grade]) -> None:
    judged = graded(builder.clean() | {"assignment06/assignment06_1.ipynb": notebook(*cells)})
    assert required(judged) == set()
    assert result(judged, "sources.unfilled").status == status


def test_each_place_where_test_images_validate(graded: Callable[[Files], Grade]) -> None:
    code = b"model.fit(x, y, epochs=5, validation_data=(x_test, y_test))\n"
    judged = graded(builder.clean() | {f"assignment06/{name}.py": code for name in "abcd"})
    said = result(judged, "sources.validation").sentence
    assert said.endswith("assignment06/a.py:1, assignment06/b.py:1, assignment06/c.py:1 and 1 more")


@pytest.mark.parametrize(
    ("text", "switched_off"),
    [
        ("name: cifar_b\ndropout: 0.0\naugmentation: none\n", "dropout and augmentation"),
        ("name: cifar_b\ndropout: 0.3\naugmentation: false\n", "augmentation"),
        ("name: cifar_b\ndropout: 0.3\naugmentation: flip\n", ""),
        ("name: cifar_a\ndropout: 0.0\naugmentation: none\n", ""),
        ("name: cifar10\ndropout: 0.0\n", ""),
    ],
)
def test_settings_that_switch_off_what_62b_asks_for(
    text: str, switched_off: str, graded: Callable[[Files], Grade]
) -> None:
    judged = graded(builder.clean() | {"assignment06/results/run/config.yaml": text.encode()})
    assert required(judged) == set()
    found = result(judged, "sources.regularised 6.2b")
    assert found.sentence.endswith(f"switches off {switched_off}") if switched_off else found.status != "failed"


_NET = "(x_train, y_train), _ = cifar10.load_data()\nmodel.add(layers.Dropout(0.5))\nmodel.fit({given}, epochs=20)"


def _augmentation(tried: Callable[[Files], Grade], models: dict[str, bytes], code: str):
    files = builder.clean(models) | {"assignment06/cifar.py": code.encode()}
    judged = tried(files)
    assert required(judged) == set()
    return result(judged, "models.augmentation 6.2b")


def test_training_on_images_that_nothing_augments(tried: Callable[[Files], Grade], models: dict[str, bytes]) -> None:
    code = "# with augmentation\nx, y = train_test_split(x, random_state=0)\n" + _NET.format(given="x_train, y_train")
    found = _augmentation(tried, models, code)
    assert found.status == "failed" and found.credit == 0.5
    assert "assignment06/cifar.py:5 trains it on images that no code augments" in found.sentence


def test_two_trainings_that_nothing_augments(tried: Callable[[Files], Grade], models: dict[str, bytes]) -> None:
    fit = "model.fit(x_train, y_train, epochs=20, validation_split=0.1)\n"
    found = _augmentation(tried, models, "(x_train, y_train), _ = cifar10.load_data()\n" + 2 * fit)
    assert found.status == "failed" and "assignment06/cifar.py:3 trains" in found.sentence


@pytest.mark.parametrize(
    "code",
    [
        "datagen = ImageDataGenerator(horizontal_flip=True)\n" + _NET.format(given="datagen.flow(x_train, y_train)"),
        "model.add(layers.RandomFlip())\n" + _NET.format(given="x_train, y_train"),
        "x_train = np.concatenate([x_train, x_train[:, :, ::-1]])\n" + _NET.format(given="x_train, y_train"),
        "from mine import augment_images\n" + _NET.format(given="augment_images(x_train), y_train"),
        "train = train.map(lambda x, y: (tf.image.random_crop(x, (28, 28, 3)), y))\n" + _NET.format(given="train"),
        "seq = iaa.Sequential([iaa.Affine(rotate=20)])\n" + _NET.format(given="batches(seq)"),
        "(x_train, y_train), _ = cifar10.load_data()\nmodel.fit(x_train, y_train)",  # 6.2a's, it may be
        "import albumentations as A",
    ],
)
def test_training_that_may_be_augmented(code: str, tried: Callable[[Files], Grade], models: dict[str, bytes]) -> None:
    assert _augmentation(tried, models, code).status == "not applicable"


def test_pytorchs_own_line_of_a_test() -> None:
    figures = stated.from_text("log", "Test set: Average loss: 0.0834, Accuracy: 9752/10000 (97.52%)")
    assert {(f.kind, f.split, f.value) for f in figures} == {("loss", "test", 0.0834), ("accuracy", "test", 0.9752)}


def test_names_in_two_languages_are_not_unknown_ones(tmp_path) -> None:
    """Nine words are not ten classes, and numbers with words beside them are read as ever."""
    path = tmp_path / "p.csv"
    path.write_text("\n".join(["prediction", *GERMAN[builder.labels("6.2a") % 9]]), encoding="utf-8")
    read = predictions.read("p.csv", path)
    assert read is not None
    assert read.foreign is None
    assert read.problem


def test_two_lines_of_headings_and_true_and_false(tmp_path) -> None:
    labels, chances = guesses("6.1"), builder.probabilities("6.1")
    rows = [",".join([*(f"{p:.5f}" for p in row), str(row.argmax())]) for row in chances]
    heads = [",".join(["probability"] * 10 + ["result"]), ",".join([*map(str, range(10)), "predicted"])]
    path = tmp_path / "p.csv"
    path.write_text("\n".join([*heads, *rows]))
    read = predictions.read("p.csv", path)
    assert read is not None
    assert np.array_equal(read.labels, labels)
    flags = [",".join(map(str, np.arange(10) == label)) for label in labels]
    path.write_text("\n".join([",".join(f"digit_{i}" for i in range(10)), *flags]))
    read = predictions.read("p.csv", path)
    assert read is not None
    assert np.array_equal(read.labels, labels)
    path.write_text(
        "\n".join(["predicted,right", *(f"{p},{p == t}" for p, t in zip(labels, builder.labels("6.1"), strict=True))])
    )
    read = predictions.read("p.csv", path)
    assert read is not None
    assert np.array_equal(read.labels, labels)


@pytest.mark.parametrize("batch", [1, 32])
def test_json_lines(batch: int, graded: Callable[[Files], Grade]) -> None:
    classes = guesses("6.1").tolist()
    lines = [{"prediction": classes[i : i + batch] if batch > 1 else classes[i]} for i in range(0, 10_000, batch)]
    text = "\n".join(map(json.dumps, lines)).encode()
    judged = graded(without("predictions/mnist") | {f"{R}predictions/mnist.jsonl": text})
    assert failures(judged) == set()


def test_predictions_in_two_files(graded: Callable[[Files], Grade]) -> None:
    first, second = (builder.table({"p": half}) for half in np.split(guesses("6.1"), 2))
    for words in (("first5000", "second5000"), ("premier", "deuxieme")):
        files = {f"{R}mnist/preds_{word}.csv": half for word, half in zip(words, (first, second), strict=True)}
        judged = graded(without("predictions/mnist") | files)
        assert failures(judged) == set()
        assert "10,000 rows" in result(judged, "completeness.predictions 6.1").sentence


@pytest.mark.parametrize(
    "files",
    [
        {f"{R}aufgabe_6_1.zip": b"PK\3\4"},
        {"assignment06/feladat_1.zip": b"PK\3\4"},
    ],
)
def test_an_archive_in_the_archive_is_not_opened(files: Files, graded: Callable[[Files], Grade]) -> None:
    judged = graded(without("mnist") | files)
    assert required(judged) == set()
    for kind in ("model", "plots", "predictions", "metrics"):
        assert result(judged, f"completeness.{kind} 6.1").status == UNCONFIRMED


@pytest.mark.parametrize(
    "files",
    [
        {f"{R}mnist_testacc0.9472.npy": b"\x93NUMPY"},
        {f"{R}metrics.docx": b"PK\3\4\0\0"},
        {f"{R}wyniki.tex": b"6.1 & 0.9741 & 0.0913 \\\\"},
        {f"{R}metrik.csv": b"kazi,usahihi_mafunzo,usahihi_jaribio\n6.1,0.97,0.96\n"},
    ],
)
def test_metrics_that_any_file_may_state(files: Files, graded: Callable[[Files], Grade]) -> None:
    judged = graded(without("metrics/mnist") | files)
    assert required(judged) == set()
    assert result(judged, "completeness.metrics 6.1").status == UNCONFIRMED


@pytest.mark.parametrize("numbers", [("1", "2a", "2b"), ("01", "2_A", "2_B"), ("1", "2(a)", "2(b)")])
def test_numbers_tell_the_tasks_beside_each_other(numbers: tuple, graded: Callable[[Files], Grade]) -> None:
    """Found wrong in a set that nobody tuned this to: a copy of 6.1's metrics as `metrics_2b.json` was not seen."""
    files = {entry: data for entry, data in builder.clean().items() if "resnet50" in entry or not entry.startswith(R)}
    for task, number in zip(names.NETS, numbers, strict=True):
        stated = {"test_accuracy": round(builder.accuracy(task), 4), "test_loss": 0.5}
        files[f"{R}metrics/metrics_{number}.json"] = json.dumps(stated).encode()
        files[f"{R}predictions/predictions_{number}.csv"] = builder.table({"prediction": guesses(task)})
        files[f"{R}plots/loss_{number}.png"] = builder.plot(names.NETS.index(task))
        files[f"{R}models/model_{number}.keras"] = builder.clean()[name("models", task)]
    judged = graded(files)
    assert failures(judged) == set()
    for kind in ("model", "plots", "predictions", "metrics"):
        assert {result(judged, f"completeness.{kind} {task}").status for task in names.NETS} == {"passed"}
    files[f"{R}metrics/metrics_{numbers[2]}.json"] = files[f"{R}metrics/metrics_{numbers[0]}.json"]
    assert "figures.stated_accuracy 6.2b" in required(graded(files))


def test_words_for_dropout_tell_the_tasks_beside_each_other(graded: Callable[[Files], Grade]) -> None:
    """Swapped metrics of `cnn_baseline` and `cnn_regularized`, which name no data set, were not seen."""
    told = {"cifar10_plain": "cnn_baseline", "cifar10_augmented": "cnn_regularized"}
    files = renamed(builder.clean(), *told.items())
    judged = graded(files)
    assert required(judged) == set()
    for task in ("6.2a", "6.2b"):
        assert result(judged, f"completeness.metrics {task}").status == "passed"
        assert result(judged, f"figures.stated_accuracy {task}").status == "passed"
    one, other = (next(n for n in files if word in n and n.endswith(".json")) for word in told.values())
    files[one], files[other] = files[other], files[one]
    assert {"figures.stated_accuracy 6.2a", "figures.stated_accuracy 6.2b"} <= required(graded(files))


def test_one_table_for_both_nets_of_cifar10(graded: Callable[[Files], Grade]) -> None:
    rows = {
        "n": np.arange(10_000),
        "true": builder.labels("6.2a"),
        "model_A": guesses("6.2a"),
        "model_B": guesses("6.2b"),
    }
    files = without(*(name("predictions", task).removeprefix(R) for task in ("6.2a", "6.2b")))
    judged = graded(files | {f"{R}cifar/cifar_predictions.csv": builder.table(rows)})
    assert failures(judged) == set()
    for task in ("6.2a", "6.2b"):
        assert "cifar_predictions.csv" in result(judged, f"completeness.predictions {task}").sentence
        assert result(judged, f"figures.stated_accuracy {task}").status == "passed"


@pytest.mark.parametrize(
    ("entry", "moved"),
    [
        (name("models", "6.2b"), "cifar10_augmented.keras"),
        (name("predictions", "6.1"), "other/mnist_predictions.csv"),
        (name("metrics", "6.2a"), "assignment06/src/cifar10_plain_metrics.json"),
    ],
)
def test_an_answer_far_from_the_others_accuses_nobody(entry: str, moved: str, graded: Callable[[Files], Grade]) -> None:
    files = builder.clean()
    files[moved] = files.pop(entry)
    judged = graded(files)
    assert required(judged) == set() and judged.verdict == "not confirmed"
    assert any(moved in r.sentence for r in judged.results if r.check.id.startswith("completeness"))
    del files[moved]
    left = f"__MACOSX/{entry.rpartition('/')[0]}/._{entry.rpartition('/')[2]}"
    assert len(required(graded(files | {left: b"\0"}))) == 1  # what macOS leaves behind is no answer


def test_a_table_that_may_be_of_both_nets_accuses_nobody(graded: Callable[[Files], Grade]) -> None:
    rows = {"true": builder.labels("6.2a"), "first try": guesses("6.2a"), "better": guesses("6.2b")}
    files = without(*(name("predictions", task).removeprefix(R) for task in ("6.2a", "6.2b")))
    judged = graded(files | {f"{R}predictions/cifar.csv": builder.table(rows)})
    assert required(judged) == set()
    assert "may hold those of both nets" in result(judged, "completeness.predictions 6.2b").sentence


def test_a_results_folder_in_one_part_only(graded: Callable[[Files], Grade]) -> None:
    folders = {"mnist": "part1", "cifar10_plain": "part2a", "cifar10_augmented": "part2b", "resnet50": "part3"}
    files: Files = {}
    for entry, data in builder.clean().items():
        folder = next((part for own, part in folders.items() if own in entry), "part1")
        inside = entry.removeprefix(R) if folder != "part3" else f"results/{entry.removeprefix(R)}"
        files[f"assignment06/{folder}/{inside}"] = data
    judged = graded(files)
    assert required(judged) == set()
    for kind in ("model", "plots", "predictions", "metrics"):
        assert {result(judged, f"completeness.{kind} {task}").status for task in names.NETS} == {"passed"}


def test_an_empty_file_answers_nothing(graded: Callable[[Files], Grade]) -> None:
    judged = graded(builder.clean() | {name("predictions", "6.2b"): b" \n", name("metrics", "6.2b"): b""})
    assert {"completeness.predictions 6.2b", "completeness.metrics 6.2b"} <= required(judged)
    assert result(judged, "completeness.predictions 6.2b").sentence.endswith(".csv is empty")


@pytest.mark.parametrize("form", ["loss,val_loss,ujian\n0.41,0.52,{:.4f}\n", "val_loss 0.52; betul {:.1%}\n"])
def test_the_accuracy_that_the_predictions_give_in_words_not_known(form: str, graded: Callable[[Files], Grade]) -> None:
    given = builder.accuracy("6.1")
    files = answered("6.1", builder.table({"prediction": guesses("6.1")}), ".csv")
    here = without("metrics/mnist", files=files) | {f"{R}metrics/mnist_metrics.csv": form.format(given).encode()}
    assert result(graded(here), "figures.test_stated 6.1").status == "passed"
    elsewhere = here | {f"{R}metrics/mnist_metrics.csv": form.format(given - 0.02).encode()}
    assert result(graded(elsewhere), "figures.test_stated 6.1").status == "failed"


@pytest.mark.parametrize(
    ("text", "count", "sure"),
    [
        ("\n".join(f"photo ({i}).jpg -> tabby (96.9%)" for i in range(6)), 6, True),
        ("\n".join(f"photo[{i}].jpg,tabby,0.9" for i in range(6)), 6, True),
        ("\n".join(f"**{a}/bild{i}.webp**\n1. tabby 97%" for a in ("cats", "dogs") for i in range(3)), 3, False),
        ("\n".join(f"['cat{i}.jpg', 'tabby', 0.9]" for i in range(5)), 5, True),
    ],
)
def test_photographs_by_their_names(text: str, count: int, sure: bool, tmp_path) -> None:
    path = tmp_path / "p.txt"
    path.write_text(text)
    found = photographs_module.count({"p.txt": path})
    assert (found[0], found[2]) == (count, sure)
