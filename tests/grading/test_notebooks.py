"""Plots that only a notebook shows: of which net's training they are, as the cells before them tell."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from assignment06.grading import notebooks
from assignment06.grading.registry import UNCONFIRMED
from assignment06.grading.result import Grade

from . import builder
from .builder import Files
from .test_fairness import required, result

PLOT = base64.b64encode(builder.plot(1)).decode()
HISTORY = "acc = history.history['acc']\nval_acc = history.history['val_acc']"
DRAW = "plt.plot(acc)\nplt.plot(val_acc)\nplt.show()"
MNIST = ["(x, y), (x_test, y_test) = mnist.load_data()", "history = model.fit(x, y,\n    epochs=3)", HISTORY, DRAW]
PLAIN = [
    "(x, y), (x_test, y_test) = cifar10.load_data()",
    "model = Sequential()\nmodel.add(Conv2D(32, 3))",
    "history = model.fit(x, y)",
    HISTORY,
    DRAW,
]
AUGMENTED = ["model = Sequential()\nmodel.add(Dropout(0.5))", "history = model.fit_generator(flow)", HISTORY, DRAW]
TITLED = "def show(h, title):\n    plt.plot(h.history['loss'])\n    plt.title(title)"
BOTH = "(x, y), _ = mnist.load_data()\n(u, v), _ = cifar10.load_data()"


def cell(text: str, picture: str = PLOT, form: str = "image/png") -> dict:
    """A cell of code; below it the picture, if it is one that shows something."""
    if text.startswith("%md "):
        return {"cell_type": "markdown", "source": text[4:]}
    shows = "plt.show()" in text or text.startswith("show(")
    data = {"image/png": picture, "text/plain": "<Figure size 432x288>"} if form == "image/png" else {form: picture}
    outputs = [{"output_type": "display_data", "data": data}] if shows else []
    return {"cell_type": "code", "source": text.splitlines(keepends=True), "outputs": outputs}


def book(cells: list[str], **of: str) -> bytes:
    return json.dumps({"cells": [cell(text, **of) for text in cells]}).encode()


def tasks(cells: list[str], folder: Path, name: str = "Assignment 6.ipynb") -> list[set[str]]:
    (folder / "a.ipynb").write_bytes(book(cells))
    return [set(one.tasks) for one in notebooks.shown(name, folder / "a.ipynb")]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([*MNIST, *PLAIN, *AUGMENTED], [{"6.1"}, {"6.2a"}, {"6.2b"}]),
        ([*MNIST, *PLAIN], [{"6.1"}, {"6.2"}]),
        ([TITLED, BOTH, "h = mnist_net.fit(x, y)", "h_a = net.fit(u, v)", "show(h, 'a')", "show(h_a, 'b')"],
         [{"6.1"}, {"6.2a"}]),
        ([TITLED, BOTH, "h = net.fit(x, y)", "h2 = net.fit(u, v)", "show(h, 'a')"], [{"6.1"}]),
        (["from mine import x", "mnist.load_data()\ncifar10.load_data()", "h = net.fit(x)", "show(h)"], [set()]),
        (["%md ## Assignment 6.1", *MNIST[1:], "%md ### 6.2 (b)", "h = net.fit(u)", "plt.plot(h)\nplt.show()"],
         [{"6.1"}, {"6.2b"}]),
        (["def run(n):\n    (x, y), _ = mnist.load_data()\n\n    return n.fit(x, y)", "h = run(net)", "show(h)"],
         [{"6.1"}]),
        ([*MNIST[:2], "both = [history]", *PLAIN[:3], "both.append(history)", "for h in both:\n    plt.show()"],
         [{"6.1", "6.2"}]),
        ([*MNIST[:2], "image = x[0]\nplt.imshow(image)\nplt.show()"], [set()]),
        (["h <- model %>% fit(\n  x, y)", "plot(h)\nplt.show()"], [set()]),
        (["mnist <- dataset_mnist()", "h <- model %>%\n  fit(x, y)", "plot(h) # plt.show()"], [{"6.1"}]),
        ([*MNIST, *PLAIN, "datagen = ImageDataGenerator()\ndatagen.fit(x)", *AUGMENTED], [{"6.1"}, {"6.2a"}, {"6.2b"}]),
        (["# 61 of 62", "h = net.fit(x)", "show(h)"], [set()]),
        (["from keras.layers import Conv2D, Dropout", *PLAIN, *AUGMENTED], [{"6.2a"}, {"6.2b"}]),
        ([*PLAIN[:2], "model = net(dropout=False)", *PLAIN[2:], *AUGMENTED], [{"6.2a"}, {"6.2b"}]),
        ([PLAIN[0], *AUGMENTED, *AUGMENTED], [{"6.2"}, {"6.2"}]),  # one of them may be 6.2a's, with a defect
        ([PLAIN[0], *AUGMENTED, *PLAIN], [{"6.2b"}, {"6.2"}]),
        (["ConfusionMatrixDisplay(m).plot()\nplt.show()", *MNIST], [set(), {"6.1"}]),
        ([*MNIST[:2], "log = pd.read_csv('log.csv')\nplt.plot(log)\nplt.show()"], [set()]),
    ],
)  # fmt: skip
def test_whose_training_a_picture_shows(cells: list[str], expected: list[set[str]], tmp_path: Path) -> None:
    assert tasks(cells, tmp_path) == expected


def test_a_word_in_a_notebooks_name_is_no_letter(graded: Callable[[Files], Grade]) -> None:
    """`with` is a word for the net with dropout, but the book's section 5.2 has both."""
    books = {"5.1-introduction-to-convnets": MNIST, "5.2-using-convnets-with-cifar10": [*PLAIN, *AUGMENTED]}
    files = {f"assignment06/{title}.ipynb": book(cells) for title, cells in books.items()}
    judged = graded(without_plots() | files)
    assert {result(judged, f"completeness.plots {task}").status for task in ("6.1", "6.2a", "6.2b")} == {"passed"}
    assert notebooks.place("cifar10_a.ipynb") == notebooks.place("Assignment 6.2a.ipynb") == "6.2a"


def test_the_only_training_is_of_the_net_that_the_name_tells(tmp_path: Path) -> None:
    assert tasks(PLAIN, tmp_path, "cifar10_plain.ipynb") == [{"6.2a"}]
    assert tasks([*PLAIN, *PLAIN], tmp_path, "cifar10_plain.ipynb") == [{"6.2"}, {"6.2"}]


def test_names_of_arguments_are_no_variables(tmp_path: Path) -> None:
    cells = [*MNIST, "loss = history.history['loss']", "net.compile(loss='mse',\n    metrics=['acc'])\nplt.show()"]
    assert tasks(cells, tmp_path) == [{"6.1"}, set()]


def test_a_notebook_that_names_its_task(tmp_path: Path) -> None:
    assert tasks(["h = net.fit(x)", "plt.plot(h)\nplt.show()"], tmp_path, "Assignment 6.2a.ipynb") == [{"6.2a"}]
    assert tasks(["plt.plot(log)\nplt.show()"], tmp_path, "Assignment 6.2a.ipynb") == [{"6.2a"}]


def without_plots() -> Files:
    return {entry: data for entry, data in builder.clean().items() if "/plots/" not in entry}


def test_plots_that_are_all_in_a_notebook(graded: Callable[[Files], Grade]) -> None:
    judged = graded(without_plots() | {"assignment06/Assignment 6.ipynb": book([*MNIST, *PLAIN, *AUGMENTED])})
    for task, number in (("6.1", 4), ("6.2a", 9), ("6.2b", 13)):
        found = result(judged, f"completeness.plots {task}")
        assert found.status == "passed"
        assert found.sentence.startswith(f"assignment06/Assignment 6.ipynb:{number}")


@pytest.mark.parametrize("missing", ["6.1", "6.2a", "6.2b"])
def test_the_plot_that_no_notebook_shows(missing: str, graded: Callable[[Files], Grade]) -> None:
    """The others' curves and pictures of images are no plot of this task's training."""
    parts = {"6.1": MNIST, "6.2a": PLAIN, "6.2b": AUGMENTED}
    cells = [text for task, part in parts.items() for text in part if task != missing or "show()" not in text]
    judged = graded(without_plots() | {"assignment06/Assignment 6.ipynb": book(cells)})
    assert required(judged) == {f"completeness.plots {missing}"}
    assert "shows another training" in result(judged, f"completeness.plots {missing}").sentence


def test_the_notebook_beside_that_of_the_other_net(graded: Callable[[Files], Grade]) -> None:
    """A notebook of CIFAR-10 whose name says nothing, beside one that says dropout: 6.2a's."""
    books = {"digits": MNIST, "Pictures": PLAIN, "CIFAR10 (with Dropout)": [PLAIN[0], *AUGMENTED]}
    files = without_plots() | {f"assignment06/{title}.ipynb": book(cells) for title, cells in books.items()}
    assert result(graded(files), "completeness.plots 6.2a").sentence == "assignment06/Pictures.ipynb:5, in a notebook"
    twice = graded(files | {"assignment06/Pictures again.ipynb": book(PLAIN)})
    assert result(twice, "completeness.plots 6.2a").status == UNCONFIRMED
    script = {"assignment06/train_a.py": b"(x, y), _ = cifar10.load_data()\nmodel.fit(x, y)\n"}
    assert result(graded(files | script), "completeness.plots 6.2a").status == UNCONFIRMED
    of_two = graded(files | {"assignment06/Pictures.ipynb": book([*PLAIN, *PLAIN])})
    assert result(of_two, "completeness.plots 6.2a").status == UNCONFIRMED


def test_a_confusion_matrix_is_no_curve(graded: Callable[[Files], Grade]) -> None:
    cells = [*MNIST, *PLAIN, *AUGMENTED[:2], "ConfusionMatrixDisplay(m).plot()\nplt.show()"]
    judged = graded(without_plots() | {"assignment06/Assignment 6.ipynb": book(cells)})
    assert required(judged) == {"completeness.plots 6.2b"}


@pytest.mark.parametrize(
    "cells",
    [
        [*MNIST[:2], *PLAIN[:3], *AUGMENTED[:2], "plt.plot(pd.read_csv('logs.csv'))\nplt.show()"],
        [*MNIST[:2], "all = {'a': history}", *PLAIN[:3], "all['b'] = history", "for h in all:\n    plt.show()"],
        ["from mine import run", "run(1)", "plt.show()"],
    ],
)  # fmt: skip
def test_what_is_not_understood_accuses_nobody(cells: list[str], graded: Callable[[Files], Grade]) -> None:
    judged = graded(without_plots() | {"assignment06/Assignment 6.ipynb": book(cells)})
    assert required(judged) == set()
    assert {result(judged, f"completeness.plots {task}").status for task in ("6.1", "6.2a", "6.2b")} == {UNCONFIRMED}


@pytest.mark.parametrize(
    ("form", "content"),
    [("image/svg+xml", "<svg></svg>"), ("application/vnd.plotly.v1+json", "{}"), ("image/png", "iVBORw0KGgo=")],
)
def test_pictures_that_are_not_looked_at(form: str, content: str, graded: Callable[[Files], Grade]) -> None:
    text = book(["plt.show()"], form=form, picture=content)
    judged = graded(without_plots() | {"assignment06/Assignment 6.ipynb": text})
    assert result(judged, "completeness.plots 6.1").status == UNCONFIRMED


def test_images_and_blank_pictures_are_no_plots(graded: Callable[[Files], Grade], tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "images.png")
    sample = base64.b64encode((tmp_path / "images.png").read_bytes()).decode()
    judged = graded(without_plots() | {"assignment06/Assignment 6.ipynb": book(MNIST, picture=sample)})
    assert "completeness.plots 6.1" in required(judged)
    blank = base64.b64encode(builder.plot(1, "axes")).decode()
    judged = graded(without_plots() | {"assignment06/Assignment 6.ipynb": book(MNIST, picture=blank)})
    assert result(judged, "completeness.plots 6.1").status == UNCONFIRMED


def without_metrics() -> Files:
    return {entry: data for entry, data in builder.clean().items() if "/metrics/" not in entry}


def printed(cells: dict[str, str]) -> Files:
    """A notebook of cells with what each of them prints."""
    outputs = {
        code: [{"output_type": "stream", "text": said.splitlines(keepends=True)}] for code, said in cells.items()
    }
    made = [{"cell_type": "code", "source": code, "outputs": outputs[code]} for code in cells]
    return {"assignment06/Assignment 6.ipynb": json.dumps({"cells": made}).encode()}


SAID = "313/313 [======] - 1s - loss: 0.0251 - accuracy: 0.9917"
LOADED = "(x, y), (x_test, y_test) = mnist.load_data()\nmodel = Sequential()"
AGAIN = "(u, v), (u_test, v_test) = cifar10.load_data()\nmodel = Sequential()"
TESTED = {
    LOADED: "",
    "history = model.fit(x, y, verbose=0)": "",
    "loss, acc = model.evaluate(x_test, y_test)": "",
    "print('Test accuracy:', acc)": "Test accuracy: 0.9917",
    AGAIN: "",
    "history = model.fit(u, v)": "Epoch 1/1\n - loss: 1.2 - accuracy: 0.6 - val_loss: 1.1 - val_accuracy: 0.61",
    "model = Sequential([Dropout(0.5)])": "",
    "history = model.fit(u, v, epochs=9)": "",
    "model.evaluate(u_test, v_test)": SAID,
}


def test_metrics_below_the_cells_of_a_notebook(graded: Callable[[Files], Grade]) -> None:
    judged = graded(without_metrics() | printed(TESTED))
    assert required(judged) == set()
    assert not any("could not be checked" in found.sentence for found in judged.results)
    for task, number in (("6.1", 4), ("6.2a", 6), ("6.2b", 9)):
        assert (
            f"below the cell assignment06/Assignment 6.ipynb:{number}"
            in result(judged, f"completeness.metrics {task}").sentence
        )


def test_one_cell_with_the_metrics_of_several_nets(graded: Callable[[Files], Grade]) -> None:
    silent = dict.fromkeys(TESTED, "") | {"again = model.evaluate(u_test, v_test)": ""}
    judged = graded(without_metrics() | printed(silent | {"print(acc, again)": "mnist accuracy 0.99, cifar 0.61"}))
    assert "below the cell" in result(judged, "completeness.metrics 6.1").sentence
    assert "below the cell" in result(judged, "completeness.metrics 6.2b").sentence
    assert "completeness.metrics 6.2a" in required(judged)


def test_metrics_in_a_form_that_is_not_read(graded: Callable[[Files], Grade]) -> None:
    judged = graded(without_metrics() | printed(TESTED) | {"assignment06/results/metrics/metrics.xlsx": b"PK\3\4" * 50})
    found = result(judged, "completeness.metrics 6.1")
    assert (found.status, found.required, found.credit) == ("failed", False, 1.0)
    assert "metrics.xlsx may be them" in found.sentence


@pytest.mark.parametrize(
    ("silent", "task"), [("print('Test accuracy:', acc)", "6.1"), ("history = model.fit(u, v)", "6.2a")]
)
def test_metrics_that_no_cell_shows(silent: str, task: str, graded: Callable[[Files], Grade]) -> None:
    judged = graded(without_metrics() | printed(TESTED | {silent: ""}))
    assert required(judged) == {f"completeness.metrics {task}"}
    assert "shows another net's" in result(judged, f"completeness.metrics {task}").sentence


def test_figures_of_an_unknown_net_accuse_nobody(graded: Callable[[Files], Grade]) -> None:
    judged = graded(without_metrics() | printed(TESTED | {"print(report)": SAID, "model.evaluate(u_test, v_test)": ""}))
    assert required(judged) == set()
    assert result(judged, "completeness.metrics 6.2b").status == UNCONFIRMED


RIGHT = round(builder.accuracy("6.1"), 4)
FITTED = {
    LOADED: "",
    "history = model.fit(x, y, verbose=0)": "",
    "test_loss, test_acc = model.evaluate(x_test, y_test)\nloss, acc = test_loss, test_acc": "",
}
ENDINGS = {
    "print('Test accuracy:', acc)": "Test accuracy: {}",
    "test_acc": "{}",
    "loss, test_acc": "(0.0251, {})",
    "(test_loss, test_acc)": "(0.0251, np.float32({}))",
    "model.evaluate(x_test, y_test, verbose=0)": "[0.0251, {}]",
    "print(f'Test accuracy: {100 * acc[1:2]:.1f}')": "Test accuracy: {} (of the first model: 0.4321)",
}


@pytest.mark.parametrize("code", ENDINGS)
def test_the_accuracy_that_a_cell_says_is_compared(code: str, graded: Callable[[Files], Grade]) -> None:
    def judged(figure: float) -> Grade:
        return graded(builder.clean() | printed(FITTED | {code: ENDINGS[code].format(figure)}))

    assert result(judged(RIGHT), "figures.printed 6.1").status == "passed"
    wrong = judged(round(RIGHT - 0.1, 4))
    found = result(wrong, "figures.printed 6.1")
    assert (found.status, found.required) == ("failed", False)
    assert "Assignment 6.ipynb:4 says" in found.sentence and f"{RIGHT:.2%}" in found.sentence
    assert required(wrong) == set()
    assert result(wrong, "figures.printed 6.2a").status == "not applicable"


def test_a_cell_and_a_file_that_say_other_things(graded: Callable[[Files], Grade]) -> None:
    """The model gives what its cell says, and the file of metrics what the predictions do."""
    code = "loss, acc = model.evaluate(x_test, y_test)\njson.dump(acc, file)"
    files = builder.clean() | {"assignment06/results/metrics/mnist.json": b'{"test_accuracy": 0.4321}'}
    said = f"313/313 [===] - 1s 3ms/step - loss: 0.08 - accuracy: {RIGHT}"
    assert "states 43.21%" in result(graded(files | printed(FITTED | {code: said})), "figures.printed 6.1").sentence
    assert result(graded(builder.clean() | printed(FITTED | {code: said})), "figures.printed 6.1").status == "passed"
    of_both = "model.evaluate(x, y)\n" + code
    judged = graded(builder.clean() | printed(FITTED | {of_both: said.replace(str(RIGHT), "0.4321") + "\n" + said}))
    assert result(judged, "figures.printed 6.1").status == "not applicable"
    steps = "1/4 [==>...] - loss: 0.1 - accuracy: 0.4321\b\b\b\b\b\b4/4 [====] - 1s - loss: 0.08 - accuracy: " + str(
        RIGHT
    )
    judged = graded(builder.clean() | printed(FITTED | {code: steps}))
    assert result(judged, "figures.printed 6.1").status == "passed"


def test_a_history_beside_the_cell_that_says_the_test_accuracy(graded: Callable[[Files], Grade]) -> None:
    files = {entry: data for entry, data in builder.clean().items() if "metrics/mnist" not in entry}
    files["assignment06/results/metrics/mnist_history.csv"] = b"accuracy,val_accuracy\n0.5,0.6\n0.9,0.92\n"
    assert result(graded(files), "figures.test_stated 6.1").status == "failed"
    code, said = next(iter(ENDINGS.items()))
    judged = graded(files | printed(FITTED | {code: said.format(RIGHT)}))
    assert result(judged, "figures.test_stated 6.1").sentence.startswith("the cell assignment06/Assignment 6.ipynb:4")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("model.evaluate(x, y)", "[0.1, 0.4321]"),
        ("print(acc)", "0.4321"),
        ("val_acc = model.evaluate(x, y)[1]\nval_acc", "0.4321"),
        ("print('Test accuracy', other_net_score)", "Test accuracy 0.4321"),
        ("print(acc, again)", "validation accuracy 0.4321"),
    ],
)
def test_what_may_be_another_figure_accuses_nobody(code: str, said: str, graded: Callable[[Files], Grade]) -> None:
    assert (
        result(graded(builder.clean() | printed(FITTED | {code: said})), "figures.printed 6.1").status
        == "not applicable"
    )


CODE = st.lists(
    st.one_of(
        st.sampled_from([*MNIST, *PLAIN, *AUGMENTED, TITLED, BOTH, "def f(", "x = (", ")", "%md 6.1", "for"]),
        st.text(max_size=60),
    ),
    max_size=12,
)


KEYS = st.sampled_from(["cells", "cell_type", "source", "outputs", "data", "attachments", "image/png", "code"])
JSON = st.recursive(
    st.none() | st.text(max_size=5), lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=20
)


@given(st.one_of(CODE.map(book), st.binary(max_size=200), JSON.map(lambda value: json.dumps(value).encode())))
def test_no_notebook_stops_the_reader(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("books") / "a.ipynb"
    path.write_bytes(content)
    for one in notebooks.shown("a.ipynb", path):
        assert one.tasks <= {"", "6.1", "6.2", "6.2a", "6.2b"}


def test_a_number_in_a_files_name_is_of_its_cell_alone(tmp_path: Path) -> None:
    """`save('06_2a', ...)` closes the part of 6.2a; what is trained below it is another net."""
    first = ["(x, y), _ = cifar10.load_data()", "history = net.fit(x, y)", "save('06_2a', net, history)\nplt.show()"]
    second = ["history = aug_net.fit(x, y)", "plt.plot(history)\nplt.show()"]
    assert tasks([*first, *second], tmp_path) == [{"6.2a"}, {"6.2b"}]
    assert tasks([first[0], "save('6.2b.h5', h := net.fit(x, y))\nplt.plot(h)\nplt.show()"], tmp_path) == [{"6.2b"}]
