"""What code and notebooks tell of curves and histories: both drawn, called what they are, of the training shown."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from assignment06.grading.grade import Grade

from . import builder
from .conftest import failures
from .test_fairness import required, result

Graded = Callable[[builder.Files], Grade]

FIT = "(x, y), _ = cifar10.load_data()\nh = model.fit(x, y,\n    epochs=5,\n    validation_split=0.1)\n"
BOOK = "acc = h.history['acc']\nval_acc = h.history['val_acc']\nplt.plot(e, acc, 'bo', label='Training acc')\n"
PLOT_OF_TRAINING = "acc = h.history['accuracy']\nplt.plot(range(5), acc)\nprint(model.evaluate(x, y))\n"


LENGTHS = (
    "e = range(len(h['loss']))\nfor k in ('accuracy', 'loss'):\n    a.plot(e, h['val_' + k], label='Validation')\n"
)


def status(graded: Graded, code: str, check: str) -> str:
    judged = graded(builder.clean() | {"assignment06/work.py": code.encode()})
    assert required(judged) == set()
    return result(judged, check).status


@pytest.mark.parametrize(
    "code",
    [
        FIT + PLOT_OF_TRAINING,
        FIT + "plt.subplot(121)\nplt.plot(h.history['accuracy'], marker='o')\nax[0].plot(h.history['loss'])",
        FIT + BOOK + "plt.plot(e, val_acc, 'b')\n" + FIT + PLOT_OF_TRAINING,
        # what comes behind it is of another kind
        FIT + PLOT_OF_TRAINING + "pd.DataFrame(rows).to_csv('a.csv')\nfor f in os.listdir('images'):\n    print(f)",
    ],
)
def test_a_plot_of_the_training_alone(code: str, graded: Graded) -> None:
    assert status(graded, code, "curves.validation") == "failed"


@pytest.mark.parametrize(
    "code",
    [
        FIT + BOOK + "plt.plot(e, val_acc, 'b', label='Validation acc')",
        FIT + "pd.DataFrame(h.history).plot()",
        FIT + "plot_history(h)\nplt.plot(h.history['loss'])",
        FIT + "for key in h.history:\n    plt.plot(h.history[key], label=key)",
        FIT + "sns.lineplot(h.history['loss'])",
        FIT + "acc = h.history['acc']\nplt.plot(acc)\nplt.plot(other)",
        FIT + "print(h.history['loss'][-1])",
        FIT + "h = json.load(open('imdb.json'))\nplot(h['loss'])",
        FIT + "h2 = net.fit(x, y, epochs=2)\n" + BOOK + "plt.plot(e, val_acc, 'b')",
    ],
)
def test_plots_that_may_be_of_both(code: str, graded: Graded) -> None:
    assert status(graded, code, "curves.validation") == "passed"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("loss = h.history['loss']\nplt.plot(e, loss, 'bo', label='Training accuracy')", "failed"),
        ("plt.plot(h.history['val_accuracy'], label=\"Validation loss\")", "failed"),
        ("plt.plot(h.history['val_accuracy'], label='Training accuracy')", "failed"),
        ("acc = h.history['acc']\nplt.plot(e, acc, 'b', label='Validation acc')", "failed"),
        ("plt.plot(h.history['val_accuracy'], label='test')\nplt.plot(h.history['loss'], label='values')", "passed"),
        ("plt.plot(h.history['acc'], label='training without validation')", "passed"),
        ("acc = h.history['val_acc']\nax[1].plot(acc, label='validation acc')", "passed"),
        ("loss = h.history['loss']\nloss = h.history['acc']\nplt.plot(loss, label='accuracy')", "passed"),
        ("plt.plot(h.history['loss'], label='loss beside accuracy')", "passed"),
        ("plt.plot(h.history['loss'], label=f'{kind} of training')", "passed"),
        ("plt.plot(h.history['acc'], h.history['loss'], label='loss')", "passed"),
        ("plt.plot(x, label='accuracy')", "not applicable"),
        ("plt.plot(h.history['val_' + k], label='Validation ' + k.replace('acc', 'accuracy'))", "not applicable"),
    ],
)
def test_what_a_curve_is_called(code: str, expected: str, graded: Graded) -> None:
    assert status(graded, code, "curves.labels") == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("d = ImageDataGenerator(\n    zoom_range=0.1,\n    horizontal_flip=True)\nv = d.flow(x_val, y_val)", "failed"),
        ("d = ImageDataGenerator(rotation_range=9)\nt = d.flow(x_test, y_test, batch_size=32)", "failed"),
        ("d = ImageDataGenerator(rotation_range=9)\nt = d.flow(x, y, subset='validation')", "failed"),
        ("val_ds = val_ds.map(lambda a, b: (augment(a), b))", "failed"),
        ("d = ImageDataGenerator(rotation_range=9)\nt = d.flow(x_train, y_train)", "passed"),
        ("d = ImageDataGenerator(rotation_range=9)\nd = ImageDataGenerator(rescale=1/255)\nd.flow(x_val)", "passed"),
        (
            "d = ImageDataGenerator(\n    rescale=1/255)\nt = d.flow_from_directory('validation')\nd.flow(x_val)",
            "passed",
        ),
        ("d = ImageDataGenerator(rotation_range=9)\nt = d.flow(x_train[val:], y)", "passed"),
        ("train = train.map(lambda a, b: (augment(a), b))\nval = val.map(scale)", "passed"),
    ],
)
def test_validation_images_stay_as_they_are(code: str, expected: str, graded: Graded) -> None:
    assert status(graded, code, "sources.validation_unchanged") == expected


def progress(history: list[dict[str, float]]) -> str:
    """Keras' lines of it."""
    lines = (" - ".join(f"{key}: {value:.4f}" for key, value in epoch.items()) for epoch in history)
    return "".join(f"Epoch {n}/3\n235/235 [=====] - 2s 9ms/step - {line}\n" for n, line in enumerate(lines, 1))


def epochs(shift: float) -> list[dict[str, float]]:
    keys = ("loss", "accuracy", "val_loss", "val_accuracy")
    return [{key: round(0.11 * n + 0.2 * k + shift, 7) for k, key in enumerate(keys)} for n in range(3)]


@pytest.mark.parametrize("form", ["csv", "json"])
@pytest.mark.parametrize(("shift", "expected"), [(0.01, "passed"), (0.02345, "failed")])
def test_a_history_of_another_training(form: str, shift: float, expected: str, graded: Graded) -> None:
    saved = epochs(0.01)
    rows = [",".join(saved[0]), *(",".join(map(str, epoch.values())) for epoch in saved)]
    columns = {key: [epoch[key] for epoch in saved] for key in saved[0]}
    text = "\n".join(rows) if form == "csv" else json.dumps(columns)
    output = {"output_type": "stream", "text": progress(epochs(shift)).splitlines(keepends=True)}
    cells = [
        {"cell_type": "code", "source": "(x, y), (x_test, y_test) = mnist.load_data()", "outputs": []},
        {"cell_type": "code", "source": "h = model.fit(x, y, validation_split=0.1)", "outputs": [output]},
    ]
    files = builder.clean() | {f"assignment06/results/metrics/mnist_history.{form}": text.encode()}
    judged = graded(files | {"assignment06/mnist.ipynb": json.dumps({"cells": cells}).encode()})
    assert required(judged) == set()
    assert result(judged, "figures.history 6.1").status == expected
    # shown below a cell of which it is not known whose it is
    output = {"output_type": "stream", "text": progress(saved)}
    cells += [{"cell_type": "code", "source": "mystery()", "outputs": [output]}]
    judged = graded(files | {"assignment06/work.ipynb": json.dumps({"cells": cells}).encode()})
    assert result(judged, "figures.history 6.1").status == "passed"


def ran(*cells: str | None) -> bytes:
    """A notebook of cells with an error's name, "" where they went well, None where they were not run."""
    made = []
    for number, name in enumerate(cells, 1):
        output = {"output_type": "error", "ename": name, "evalue": "", "traceback": []}
        made.append({"cell_type": "code", "source": f"step({number})", "outputs": [output] if name else []})
        made[-1]["execution_count"] = None if name is None else number
    return json.dumps({"cells": made}).encode()


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("", "ValueError", None, None), "failed"),
        (("", "ValueError"), "failed"),
        (("", "KeyboardInterrupt", "", ""), "passed"),
        (("", "", ""), "passed"),
        ((None, None), "not applicable"),
    ],
)
def test_a_notebook_that_stops(cells: tuple[str | None, ...], expected: str, graded: Graded) -> None:
    judged = graded(builder.clean() | {"assignment06/work.ipynb": ran(*cells)})
    assert failures(judged) == ({"sources.errors"} if expected == "failed" else set())
    assert result(judged, "sources.errors").status == expected


def test_a_notebook_that_was_not_run_beside_one_that_was(graded: Graded) -> None:
    def trains(*cells: str | None) -> bytes:
        return ran(*cells).replace(b"step(1)", b"model.fit(x, y, validation_split=0.1)")

    clean = builder.clean()
    judged = graded(clean | {"assignment06/a.ipynb": trains("", ""), "assignment06/b.ipynb": trains(None, None)})
    assert failures(judged) == {"sources.not_run"}
    told = result(judged, "sources.not_run").sentence
    assert told == "assignment06/b.ipynb has no outputs, where assignment06/a.ipynb has them"
    for other in (ran(None, None), trains("", None)):  # one that trains nothing, one that was run in part
        judged = graded(clean | {"assignment06/a.ipynb": trains("", ""), "assignment06/b.ipynb": other})
        assert failures(judged) == set()
    cleared = {"assignment06/a.ipynb": trains(None), "assignment06/b.ipynb": trains(None)}
    assert result(graded(clean | cleared), "sources.not_run").status == "not applicable"


@pytest.mark.parametrize(
    ("drawn", "saved", "expected"),
    [
        ("h1", "results/plots/cifar10_accuracy.png", "failed"),
        ("h2", "plots/mnist_loss.png", "failed"),
        ("h2", "plots/cifar10_loss.png", "passed"),
        ("h1", "plots/loss.png", "not applicable"),
        ("h2", "plots/cifar10_an_dropout.png", "passed"),
        ("h3", "plots/cifar10_loss.png", "not applicable"),
    ],
)
def test_a_plot_of_another_training(drawn: str, saved: str, expected: str, graded: Graded) -> None:
    code = [
        "(x, y), _ = mnist.load_data()\nh1 = model.fit(x, y, validation_split=0.1)",
        "(x, y), _ = cifar10.load_data()\nh2 = model.fit(x, y, validation_split=0.1)",
        f"plt.plot({drawn}.history['val_loss'], label='validation')\nplt.savefig('{saved}')",
    ]
    cells = [{"cell_type": "code", "source": text, "execution_count": 1, "outputs": []} for text in code]
    judged = graded(builder.clean() | {"assignment06/work.ipynb": json.dumps({"cells": cells}).encode()})
    assert required(judged) == set()
    assert result(judged, "curves.own_history").status == expected


def test_a_task_without_one_of_the_plots_that_others_have(graded: Graded) -> None:
    files = builder.clean()
    assert result(graded(files), "plots.both 6.1").status == "passed"
    del files["assignment06/results/plots/mnist_loss.png"]
    judged = graded(files)
    assert failures(judged) == {"plots.both 6.1"}
    assert result(judged, "plots.both 6.1").sentence == "there is no plot of the loss, as 6.2a has one"
    files["assignment06/results/plots/mnist.png"] = builder.plot(99)  # which may show both
    assert failures(graded(files)) == set()


def test_the_length_of_a_history_is_no_curve(graded: Graded) -> None:
    assert status(graded, FIT + LENGTHS, "curves.labels") == "not applicable"


MNIST = "x = mnist.load_data()\nmodel.fit(x)\n"
CLASSIFIES = "from keras.applications.resnet50 import ResNet50\n"


def test_pages_of_notebooks_and_plots_hide_no_code(graded: Graded) -> None:
    """A page of HTML beside the notebook that it was made of, and a plot as PDF, have no further code in them."""
    files = builder.clean() | {"assignment06/train.py": (FIT + MNIST).encode(), "assignment06/a.html": b"<p>net</p>"}
    assert result(graded(files), "sources.resnet50").status == "passed"
    book = {"assignment06/a.ipynb": b'{"cells": []}', "assignment06/results/plots/mnist_both.pdf": b"%PDF-1.4\n"}
    assert result(graded(files | book), "sources.resnet50").status == "failed"


TORCH = """from torchvision import datasets, transforms
tf = transforms.Compose([transforms.ToTensor()])
train = datasets.CIFAR10("data", transform=tf)
{net}
for x, y in loader:
    loss.backward()
"""


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (TORCH.format(net="drop = nn.Dropout(0.3)"), "that no code augments"),
        (TORCH.format(net="flip = transforms.RandomHorizontalFlip()"), "no code has dropout"),
        (TORCH.format(net="net = make(RandomCrop(32), Dropout(0.3))"), "the code has both"),
    ],
)
def test_code_of_a_net_that_is_not_read(code: str, sentence: str, graded: Graded) -> None:
    files = {entry: data for entry, data in builder.clean().items() if "cifar10_augmented.keras" not in entry}
    files["assignment06/results/models/cifar10_augmented.pt"] = b"PK\3\4" + bytes(99)
    judged = graded(files | {"assignment06/cifar10_augmented.py": code.encode()})
    assert required(judged) == set()
    assert sentence in result(judged, "sources.regularised 6.2b").sentence


@pytest.mark.parametrize(
    ("code", "name", "status"),
    [
        (FIT + MNIST, "train.py", "failed"),
        (FIT + MNIST, "6_3.py", "passed"),
        (FIT + MNIST + CLASSIFIES, "train.py", "passed"),
        (FIT, "train.py", "passed"),  # not all of the code is there
        ("print(1)", "train.py", "passed"),  # no training either: the code may be elsewhere
    ],
)
def test_code_of_6_3(code: str, name: str, status: str, graded: Graded) -> None:
    judged = graded(builder.clean() | {f"assignment06/{name}": code.encode()})
    assert required(judged) == set()
    assert result(judged, "sources.resnet50").status == status
