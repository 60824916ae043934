"""Weights that were saved without their net, which the code beside them writes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignment06.grading.grade import Grade
from assignment06.grading.rebuild import building, loading, reading, written
from assignment06.grading.trial import ModelFile

from . import builder
from .builder import Files
from .test_fairness import required, result

SHARDS = ("variables/variables.index", "variables/variables.data-00000-of-00001")
BOOK = """
from keras import layers, models
%matplotlib inline
model = models.Sequential()
model.add(layers.Conv2D(1, 1, activation='sigmoid', input_shape=(28, 28, 1)))
model.add(layers.Flatten())
model.add(layers.Dense(10, activation='softmax'))
model.summary()
model.save_weights('results/models/mnist.weights.h5')
"""
LIST = """
import tensorflow as tf
def build(classes, act="sigmoid", dropout=False):
    body = [tf.keras.Input(shape=train.shape[1:]), tf.keras.layers.Conv2D(filters=1, kernel_size=(1, 1), activation=act,
            kernel_regularizer=tf.keras.regularizers.l2(penalty))]
    net = tf.keras.Sequential(body)
    if dropout:
        net.add(tf.keras.layers.Dropout(0.5))
    net.add(tf.keras.layers.Flatten())
    net.add(tf.keras.layers.Dense(classes, activation=tf.nn.softmax))
    return net
if __name__ == "__main__":
    net = build(labels.shape[1])
    net.fit(train, labels)
"""
CALLS = """
from keras import Input, Model, layers
def stem(x):
    for size in (1,):
        x = layers.Conv2D(1, size, activation="sigmoid")(x)
    return x
picture = Input((28, 28, 1))
last = layers.Dense(10, activation="softmax")
net = Model(inputs=[picture], outputs=last(layers.Flatten()(stem(picture))))
"""


def notebook(*cells: str) -> bytes:
    made = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": cell.splitlines(True)} for cell in cells]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def read(folder: Path, code: str) -> list[written.Written]:
    path = folder / "net.py"
    path.write_text(code, encoding="utf-8")
    return written.nets({"net.py": path})[0]


@pytest.mark.parametrize("weights", ["weights only", "weights in order"])
@pytest.mark.parametrize("code", [BOOK, LIST, CALLS], ids=["added", "listed", "called"])
def test_weights_are_tried_in_the_net_of_the_code(
    code: str, weights: str, tried: Callable[[Files], Grade], models: dict[str, bytes]
) -> None:
    files = builder.clean(models)
    stem = "assignment06/results/models/mnist"
    del files[f"{stem}.keras"]
    cells = code.replace("\nmodel.add(layers.Flatten", "\0model.add(layers.Flatten").split("\0")  # a net in two cells
    files |= {f"{stem}.weights.h5": models[weights], "assignment06/mnist.ipynb": notebook(*cells)}
    judged = tried(files)
    assert required(judged) == set()
    assert "the net that assignment06/mnist.ipynb:1 writes" in result(judged, "models.loads 6.1").sentence
    assert result(judged, "figures.predictions_from_model 6.1").status == "passed"


def test_nets_that_do_not_fit_are_not_taken(tried: Callable[[Files], Grade], models: dict[str, bytes]) -> None:
    files = builder.clean(models)
    stem = "assignment06/results/models/mnist"
    del files[f"{stem}.keras"]
    code = BOOK.replace("Conv2D(1, 1", "Conv2D(2, 1")
    files |= {f"{stem}.weights.h5": models["weights only"], "assignment06/mnist.ipynb": notebook(code)}
    assert "models.loads 6.1" in required(tried(files))


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (("", ""), "passed"),
        (("Conv2D(1, 1", "Conv2D(2, 1"), "failed"),
        (("28, 28, 1", "32, 32, 3"), "not applicable"),  # another task's
        (("Conv2D(1, 1", "Conv2D(width, 1"), "not applicable"),
        (("Dense(10", "Dense(20"), "not applicable"),
        (
            (
                "model.summary()",
                "other = models.Sequential([layers.Conv2D(5, 1, input_shape=(28, 28, 1)), layers.Dense(10)])",
            ),
            "passed",
        ),
        (("\nmodel = ", "\nclass Net(keras.Model):\n    pass\nmodel = "), "passed"),
    ],
)
def test_a_model_that_no_net_of_the_code_is(
    change: tuple[str, str], status: str, tried: Callable[[Files], Grade], models: dict[str, bytes]
) -> None:
    code = notebook(BOOK.replace(*change))
    judged = tried(builder.clean(models) | {"assignment06/mnist.ipynb": code})
    found = result(judged, "models.in_code 6.1")
    assert (found.status, found.required) == (status, False)
    if status == "failed":
        assert "(Conv2D 1, Dense 10) is no net that the code writes" in found.sentence
        assert "the nearest has Conv2D 2, Dense 10 (assignment06/mnist.ipynb:1)" in found.sentence


def test_layers_that_two_fitting_nets_differ_in_are_not_told(
    tried: Callable[[Files], Grade], models: dict[str, bytes]
) -> None:
    """The weights of a net with dropout fit the same net without it; whose they are is told by who saves them."""
    files = builder.clean(models)
    stem = "assignment06/results/models/cifar10_augmented"
    del files[f"{stem}.keras"]
    net = BOOK.replace("28, 28, 1", "32, 32, 3").replace("Conv2D(1, 1", "Conv2D(3, 1").partition("model.summary")[0]
    both = net + net.replace("model.add(layers.Dense", "model.add(layers.Dropout(0.3))\nmodel.add(layers.Dense")
    files |= {f"{stem}.weights.h5": models["augmented weights"], "assignment06/nets.py": both.encode()}
    judged = tried(files)
    assert required(judged) == set()
    assert result(judged, "models.dropout 6.2b").status == "not confirmed"
    for call in ("model.save_weights(", "keras.models.save_model(model, "):
        saves = f"{call}f'{{folder}}/cifar10_augmented.weights.h5')\n"
        named = tried(files | {"assignment06/nets.py": (both + saves).encode()})
        assert result(named, "models.dropout 6.2b").status == "passed"
    exports = "a = keras.export.ExportArchive()\na.track(model)\na.write_out('models/cifar10_augmented.weights.h5')\n"
    named = tried(files | {"assignment06/nets.py": (both + exports).encode()})
    assert result(named, "models.dropout 6.2b").status == "passed"
    best = "best = ModelCheckpoint(filepath=os.path.join(root, 'models/cifar10_augmented.weights.h5'))\n"
    fits = f"{best}model.fit(x, y, epochs=9, callbacks=[EarlyStopping(), best])\n"
    named = tried(files | {"assignment06/nets.py": (both + fits).encode()})
    assert result(named, "models.dropout 6.2b").status == "passed"
    elsewhere = tried(files | {"assignment06/nets.py": (both + fits.replace("models/", "old/")).encode()})
    assert result(elsewhere, "models.dropout 6.2b").status == "not confirmed"


@pytest.mark.parametrize(
    "change",
    [
        "for size in sizes:\n    model.add(layers.Dense(size))",
        "if deep:\n    model.add(layers.Dense(5))",
        "model.pop()",
        "while len(model.layers) < 9:\n    model.add(layers.Dense(5))",
        "model.add(layers.Conv2D(width, 3))",
        "model.add(Attention2D(5))",
        "model.add(layers.Conv2D(**options))",
        "model.add(model)",
        "deepen(model)",
        "model.add(layers.Dense(5), extra)",
        "grow = lambda net: net.add(layers.Dense(5))\ngrow(model)",
    ],
)
def test_half_a_net_is_none(change: str, tmp_path: Path) -> None:
    start, end = BOOK.split("model.add(layers.Flatten())\n")
    assert len(read(tmp_path, BOOK)) == 1
    assert not any(net.sure for net in read(tmp_path, f"{start}{change}\n{end}"))


@pytest.mark.parametrize(
    ("code", "rates"),
    [
        ("body.append(Dropout(0.5))\nmodel = Sequential(body)", [0.5]),
        ("def train(n):\n    return n.fit(x, y)\nmodel = Sequential(body)\nhistory = train(model)", []),
        ("model = Sequential(body)\nplot_model(model)\nmodel.compile(loss)\nprint(model.evaluate(x))", []),
        ("body.insert(1, Dropout(0.5))\nmodel = Sequential(body)", None),
        ("body += [Dropout(0.5)]\nmodel = Sequential(body)", None),
        ("model = Sequential(body)\nmodel.add(layer=Dropout(0.5))", [0.5]),
        ("def build(rate=0.5):\n    return Sequential([*body, Dropout(rate)])\nbuild(**{'rate': 0.0})", None),
        (
            "def build(rate=0.5):\n    n = Sequential(body)\n    n.add(Dropout(rate))\nn = [build(r) for r in x]",
            None,
        ),
        ("model = Sequential(body)\nmodel.add(Dropout(settings['rate']))", None),
        ("model = Sequential([Dense(3), Dropout(rate)])", None),
        ("a = Input((8,))\nmodel = Model(a, Dropout(rate)(Dense(3)(a)))", None),
    ],
)
def test_dropout_is_there_or_the_net_is_left_out(code: str, rates: list[float] | None, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(f"body = [Dense(3)]\n{code}\n")
    whole, left = written.nets({"net.py": tmp_path / "net.py"})
    if rates is None:
        assert (whole, left) == ([], "net.py")
    else:
        assert [layer["config"]["rate"] for layer in whole[0].layers if layer["class_name"] == "Dropout"] == rates


@pytest.mark.parametrize(
    "code",
    [
        "x = [1, 1]\n" + "x = [x, x]\n" * 40 + "Sequential([Dense(x)])",
        "\n" * 200_000,
        "for i in range(60):\n    for j in range(60):\n        x = [" + "a, " * 20_000 + "]\n",
        "x = 9\nfor i in range(60):\n    for j in range(60):\n        x = x * x\n",
        "def f(n):\n    f(n)\n    f(n)\n    return f(n)\nf(1)\n",
        "x = Input((8, 8, 1))\nfor i in range(60):\n    for j in range(60):\n        x = Dense(3)(x)\nModel(0, x)\n",
        "n = Sequential([Dense(3)])\nfor i in range(60):\n    n = Sequential([n, n])\n",
        "for i in range(0, 10, 0):\n    Dense(i)\n",
        "a\n" * 4_000_000,
        "x = " + "(" * 80 + "1" + ")" * 80,
        "x = " + "-" * 5000 + "1",
        "Sequential([" + "Dense(2), " * 3000 + "])",
        "def f(*, a, b=2, **c):\n    return Sequential([Dense(b)])\nf()\n",
    ],
)
def test_code_that_goes_on_and_on(code: str, tmp_path: Path) -> None:
    assert len(read(tmp_path, code)) <= written.MOST_NETS


@given(st.lists(st.sampled_from([*BOOK.splitlines(), *LIST.splitlines(), *CALLS.splitlines(), "else:", "    pass"])))
def test_any_order_of_lines_is_read(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    for net in read(tmp_path_factory.mktemp("code"), "\n".join(lines)):
        assert all(isinstance(layer["class_name"], str) for layer in net.layers)


def converted(model: bytes, how: str, folder: Path) -> dict[str, bytes]:
    """A model's files, made by `export` of Keras 3, or a `checkpoint` as `save_weights` of Keras 2 leaves it."""
    code = """
import sys
import keras, tensorflow as tf
model = keras.saving.load_model("net.keras")
if sys.argv[1] == "export":
    model.export("made")
else:
    root, number = tf.train.Checkpoint(), 0
    for layer in model.layers:
        if layer.weights:
            kept = tf.train.Checkpoint(**{one.name: tf.Variable(one) for one in layer.weights})
            setattr(root, f"layer_with_weights-{number}", kept)
            number += 1
    root.write("made/cp.ckpt")
"""
    folder.mkdir()
    (folder / "net.keras").write_bytes(model)
    subprocess.run([sys.executable, "-c", code, how], check=True, capture_output=True, cwd=folder)
    made = folder / "made"
    return {path.relative_to(made).as_posix(): path.read_bytes() for path in made.rglob("*") if path.is_file()}


def test_seeds_of_random_layers_are_no_weights(tmp_path: Path) -> None:
    """What Keras 3 exports of a net with random layers has the states of their seeds among its variables."""
    code = "net = Sequential([Input((28, 28, 1)), RandomFlip(), Conv2D(1, 1), Dropout(0.3), Flatten(), Dense(10)])"
    (tmp_path / "net.py").write_text(code)
    net = written.nets({"net.py": tmp_path / "net.py"})[0][0]
    model = building.build(reading.read(net.config((28, 28, 1))))
    model.export(tmp_path / "made", verbose=False)
    parts = {name: tmp_path / "made" / name for name in ("saved_model.pb", *SHARDS)}
    file = ModelFile("net", parts["saved_model.pb"], "savedmodel", parts=parts, code={"net.py": tmp_path / "net.py"})
    again = loading.load(file, tmp_path, {})
    assert [one.tolist() for one in again.get_weights()] == [one.tolist() for one in model.get_weights()]


@pytest.mark.parametrize(("how", "status"), [("checkpoint", "failed"), ("export", "passed")])
def test_other_forms_of_weights(
    how: str, status: str, tried: Callable[[Files], Grade], models: dict[str, bytes], tmp_path: Path
) -> None:
    files = builder.clean(models)
    folder = "assignment06/results/models/mnist"
    del files[f"{folder}.keras"]
    files |= {f"{folder}/{name}": data for name, data in converted(models["mnist"], how, tmp_path / "net").items()}
    alone = tried(files)
    assert required(alone) == set()
    assert result(alone, "models.loads 6.1").status == "not confirmed"
    judged = tried(files | {"assignment06/train.py": BOOK.replace("%matplotlib inline", "").encode()})
    assert required(judged) == set()
    assert result(judged, "models.loads 6.1").status == status
    assert "assignment06/train.py writes" in result(judged, "models.loads 6.1").sentence
    assert result(judged, "figures.predictions_from_model 6.1").status == "passed"
    odd = tried(files | {"assignment06/train.py": BOOK.replace("Conv2D(1", "Conv2D(2").encode()})
    assert required(odd) == set()
