"""Tables of predictions as anybody may write them: every variant is read alike, or is said to be in doubt."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from assignment06.grading import people, photographs, pictures, predictions, stated

TRUE = np.random.default_rng(1).integers(0, 10, 1200)
PREDICTED = np.where(np.random.default_rng(2).random(1200) < 0.3, (TRUE + 1) % 10, TRUE)
SCORES = np.random.default_rng(3).dirichlet(np.full(10, 0.3), 1200)
CIFAR10 = np.array(["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"])

predicted_heads = st.sampled_from(
    [
        "Predicted",
        "y_pred",
        "predicted_label",
        "prediction",
        "Predicted Class",
        "preds",
        "Model Prediction",
        "Vorhersage",
    ]
)
true_heads = st.sampled_from(
    ["Actual", "y_true", "true_label", "Actual Class", "label", "y_test", "Wahre Klasse", "target"]
)
index_heads = st.sampled_from([None, "", "index", "Unnamed: 0", "ImageId", "image"])


@st.composite
def tables(draw: st.DrawFn) -> tuple[bytes, str]:
    """The bytes of a table of true and predicted classes, in one of many forms, and the suffix of its file."""
    columns: list[tuple[str, list[str]]] = []
    named = draw(st.booleans())
    shown = CIFAR10 if named else np.arange(10)
    decimal = not named and draw(st.booleans())
    write = (lambda v: f"{shown[v]}.0") if decimal else (lambda v: str(shown[v]))
    pair = [
        (draw(true_heads), [write(v) for v in TRUE]),
        (draw(predicted_heads), [write(v) for v in PREDICTED]),
    ]
    if draw(st.booleans()):
        pair.reverse()
    if (head := draw(index_heads)) is not None:
        start = draw(st.integers(0, 1))
        columns.append((head, [str(i + start) for i in range(len(TRUE))]))
    columns += pair
    if draw(st.booleans()):
        columns.append(("correct", [str(a == b) for a, b in zip(TRUE, PREDICTED, strict=True)]))
    separator = draw(st.sampled_from([",", ";", "\t", "|", ", "]))
    if draw(st.booleans()):
        comma = separator in (";", "\t", "|")
        columns.append(("confidence", [f"{s:.4f}".replace(".", "," if comma else ".") for s in SCORES.max(axis=1)]))
    quote = draw(st.sampled_from(["", '"']))
    rows = [[head for head, _ in columns], *zip(*(cells for _, cells in columns), strict=True)]
    lines = [separator.join(f"{quote}{cell}{quote}" for cell in row) for row in rows]
    text = draw(st.sampled_from(["\n", "\r\n"])).join(lines) + draw(st.sampled_from(["", "\n", "\n\n"]))
    return text.encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]))), draw(
        st.sampled_from([".csv", ".txt", ".tsv"])
    )


def read(data: bytes, suffix: str) -> predictions.Predictions | None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"predictions{suffix}")
        path.write_bytes(data)
        return predictions.read("predictions", path, len(TRUE))


@given(tables())
@settings(deadline=None, max_examples=150)
def test_the_predicted_column_is_found(table: tuple[bytes, str]) -> None:
    found = read(*table)
    assert found is not None and not found.problem and not found.doubt
    assert np.array_equal(found.labels, PREDICTED)
    assert found.true_labels is not None and np.array_equal(found.true_labels, TRUE)


@given(st.sampled_from([",", ";", "\t", " "]), st.booleans(), st.booleans(), st.integers(4, 9))
@settings(deadline=None, max_examples=40)
def test_scores_are_found(separator: str, index: bool, heading: bool, digits: int) -> None:
    comma = separator in ";\t"
    rows = [[f"{value:.{digits}f}".replace(".", "," if comma else ".") for value in row] for row in SCORES]
    if heading:
        rows.insert(0, [str(i) for i in range(10)])
    if index:
        rows = [[str(i - heading) if i or not heading else "id", *row] for i, row in enumerate(rows)]
    found = read("\n".join(separator.join(row) for row in rows).encode(), ".csv")
    assert found is not None and not found.problem
    assert np.mean(found.labels == SCORES.argmax(axis=1)) > 0.99


@given(st.text(max_size=300), st.sampled_from([".csv", ".txt", ".json", ".log"]))
@settings(deadline=None, max_examples=150)
def test_no_text_stops_the_readers(text: str, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"x{suffix}")
        path.write_text(text, encoding="utf-8", errors="replace")
        predictions.read("x", path)
        stated.from_text("x", text)
        photographs.count({"x": path})
        photographs.probabilities({"x": path})
        photographs.labels({"x": path})


@given(st.text(max_size=200))
@settings(deadline=None, max_examples=200)
def test_no_name_stops_the_readers_of_names(name: str) -> None:
    people.platform(name)
    people.zip_student(name)
    people.reversed_by_habit(name)
    assert people.letters(name) in people.spellings(name)


@given(st.sampled_from(["default", "ggplot", "dark_background", "seaborn-v0_8", "bmh"]), st.integers(1, 4))
@settings(deadline=None, max_examples=10)
def test_curves_are_told_from_grids_of_images(style: str, count: int) -> None:
    import matplotlib.style
    from matplotlib.figure import Figure

    def look(draw) -> pictures.Picture:
        with matplotlib.style.context(style), tempfile.TemporaryDirectory() as folder:
            figure = Figure()
            draw(figure)
            path = Path(folder, "plot.png")
            figure.savefig(path)
            return pictures.look("plot.png", path)

    def curves(figure: Figure) -> None:
        axes = figure.subplots()
        for i in range(count):
            axes.plot(np.random.default_rng(i).random(12), label=f"loss {i}")
        axes.legend()

    def images(figure: Figure) -> None:
        for i, axes in enumerate(figure.subplots(3, 3).ravel()):
            axes.imshow(np.random.default_rng(i).random((32, 32, 3)))

    assert look(curves).curve is True and look(images).curve is False


def test_one_megabyte_of_the_worst_is_read_in_linear_time() -> None:
    """Twice the text takes about twice the time, for each text that once took its square."""
    import time

    def seconds(text: str) -> float:
        started = time.process_time()
        stated.from_text("x", text)
        return time.process_time() - started

    for unit in ("accuracy ", "accuracy" + " " * 40, "acc:\n", "loss = ", "val_loss\t"):
        half, whole = (seconds(unit * (size // len(unit))) for size in (500_000, 1_000_000))
        assert whole < 3 * half + 0.5, unit
