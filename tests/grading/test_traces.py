"""Curves are read off plots as students draw them, and told from those of other trainings; nothing unsure is said."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from assignment06.grading import pictures, traces, vectors
from assignment06.grading.grade import Grade

from . import builder
from .builder import STEM, Files
from .test_fairness import required, result
from .test_workbooks import TOP

mpl.use("Agg")
from matplotlib import pyplot as plt

Graded = Callable[[Files], Grade]
LINES = {
    "book": ("bo", "b"),
    "two colours": ("r", "b"),
    "default": ("", ""),
    "dashed": ("--", "-"),
    "markers": ("o-", "o-"),
}
Curves = dict[str, np.ndarray]


def trained(seed: int, epochs: int, best: float) -> Curves:
    """A history as a net's: training rises, validation falls behind it, and both are a little uneven."""
    random, epoch = np.random.default_rng(seed), np.arange(epochs)
    accuracy = best - 0.45 * np.exp(-epoch / random.uniform(1.5, 5)) + random.normal(0, 0.003, epochs)
    behind = accuracy - 0.08 * (1 - np.exp(-epoch / 6)) + random.normal(0, 0.01, epochs)
    return {"accuracy": accuracy, "val_accuracy": behind, "loss": 1.3 - accuracy, "val_loss": 1.35 - behind}


def overfitted(epochs: int) -> Curves:
    """One whose validation gets worse again."""
    curves, worse = trained(9, epochs, 0.8), np.maximum(0, np.arange(epochs) - 4) / 100
    return curves | {
        "val_accuracy": curves["val_accuracy"] - worse,
        "loss": curves["loss"] - worse / 2,
        "val_loss": curves["val_loss"] + worse,
    }


def drawn(
    curves: Curves,
    lines: str = "default",
    *,
    what: str = "accuracy",
    size: tuple[float, float] = (6.4, 4.8),
    dpi: int = 100,
    both: bool = False,
    style: str = "default",
    tight: bool = False,
    form: str = "png",
    **axes: object,
) -> bytes:
    epochs = range(1, len(curves["loss"]) + 1)
    with plt.style.context(style):
        figure = plt.figure(figsize=size, dpi=dpi)
        for number, kind in enumerate(("accuracy", "loss") if both else (what,), 1):
            ax = figure.add_subplot(1, 2 if both else 1, number)
            ax.plot(epochs, curves[kind], LINES[lines][0], label="Training")
            ax.plot(epochs, curves[f"val_{kind}"], LINES[lines][1], label="Validation")
            ax.set(title=f"Training and validation {kind}", xlabel="Epochs", **axes)
            ax.legend()
        figure.savefig(file := io.BytesIO(), bbox_inches="tight" if tight else None, format=form)
        plt.close(figure)
    return file.getvalue()


def read(picture: bytes) -> list[traces.Trace]:
    if picture.startswith(b"<?xml"):
        return vectors.read(picture.decode())
    return traces.read(np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")))


def away(found: list[traces.Trace], curves: Curves) -> list[float]:
    return [min(trace.misses(values) for values in curves.values()) for trace in found]


@pytest.mark.parametrize("form", ["png", "svg"])
@pytest.mark.parametrize("epochs", [5, 12, 20])
@pytest.mark.parametrize("lines", LINES)
def test_the_usual_plots_are_read(lines: str, epochs: int, form: str) -> None:
    curves, other = trained(1, epochs, 0.8), trained(2, epochs + 4, 0.75)
    found = read(drawn(curves, lines, form=form))
    assert min(away(found, curves)) < 2.5 < min(away(found, other))


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("style", ["ggplot", "seaborn-v0_8", "seaborn-v0_8-darkgrid"])
def test_axes_with_a_ground_of_their_own_are_read(style: str, both: bool) -> None:
    curves, other = trained(1, 7, 0.8), trained(2, 12, 0.75)
    found = read(drawn(curves, "markers", style=style, both=both, size=(10, 4) if both else (6.4, 4.8)))
    assert min(away(found, curves)) < 2.5 < min(away(found, other))
    assert {trace.places for trace in found if trace.places} == {7}


@pytest.mark.parametrize("style", ["default", "ggplot", "bmh", "dark_background"])
@pytest.mark.parametrize("epochs", [4, 30, 100])
def test_all_curves_of_an_svg_are_read_exactly(epochs: int, style: str) -> None:
    curves = trained(1, epochs, 0.8)
    text = drawn(curves, "markers", both=True, style=style, form="svg").decode()
    sorted_as_in_2018 = re.sub(
        r"(<(?:path|use)) ([^<>]*?)(/?>)", lambda m: f"{m[1]} {' '.join(sorted(_split(m[2])))}{m[3]}", text
    ).replace("fill: none", "fill:none")
    assert sorted_as_in_2018 != text
    for written in (text, sorted_as_in_2018):
        found = vectors.read(written)
        assert len(found) == 8  # four lines, and their markers
        assert max(away(found, curves)) < 0.5
    assert not vectors.is_blank(text)


def _split(attributes: str) -> list[str]:
    return re.findall(r'[\w:-]+="[^"]*"', attributes)


@pytest.mark.parametrize(
    "style",
    ["default", "classic", "ggplot", "bmh", "seaborn-v0_8", {"axes.spines.top": False, "axes.spines.right": False}],
    ids=str,
)
def test_an_empty_svg_is_blank(tmp_path: Path, style: str | dict) -> None:
    def blank(draw: Callable[[], object]) -> str:
        with plt.style.context(style, after_reset=True):
            plt.figure()
            draw()
            plt.savefig(tmp_path / "a.svg")
            plt.close()
            return pictures.look("a.svg", tmp_path / "a.svg").blank

    assert blank(lambda: None)
    assert blank(plt.axes)
    for draw in (
        lambda: plt.pie([1, 2]),
        lambda: plt.bar([1, 2], [3, 4]),
        lambda: plt.plot([1, 2]),
        lambda: plt.imshow(np.eye(4)),
        lambda: plt.figtext(0.1, 0.1, "accuracy 99 %"),
        lambda: plt.axes().table(cellText=[["accuracy", "99 %"]]),
    ):
        assert not blank(draw)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10_000),
    epochs=st.integers(5, 40),
    others=st.integers(5, 40),
    lines=st.sampled_from(sorted(LINES)),
    size=st.sampled_from([(6.4, 4.8), (12, 4), (8, 6), (5, 3)]),
    dpi=st.sampled_from([72, 80, 100, 150, 200]),
    both=st.booleans(),
    style=st.sampled_from(
        ["default", "classic", "ggplot", "bmh", "seaborn-v0_8-whitegrid", "dark_background", "seaborn-v0_8"]
    ),
    tight=st.booleans(),
    axes=st.sampled_from([{}, {"ylim": (0, 1.4)}, {"xlim": (0, 50)}]),
    form=st.sampled_from(["png", "svg"]),
)
def test_a_plot_is_never_another_training_s(
    graded: Graded, seed: int, epochs: int, others: int, axes: dict, form: str, **how: object
) -> None:
    """Whatever the style: read or not, a plot of the own history is not taken for another one's, nor for none's."""
    random = np.random.default_rng(seed)
    histories = {
        task: trained(seed + number, n, float(random.uniform(0.7, 0.99)))
        for number, (task, n) in enumerate(zip(STEM, (epochs, epochs, others), strict=True))
    }
    files = with_histories(histories)
    for task, stem in STEM.items():
        files[f"{TOP}plots/{stem}_accuracy.{form}"] = drawn(histories[task], form=form, **how, **axes)
    judged = graded(files)
    for task in STEM:
        outcome = result(judged, f"plots.own_training {task}")
        assert outcome.status in ("passed", "not applicable"), outcome.sentence


def with_histories(histories: dict[str, Curves]) -> Files:
    files = {name: data for name, data in builder.clean().items() if "/plots/" not in name}
    for task, curves in histories.items():
        columns: dict[str, object] = {"epoch": range(len(curves["loss"]))}
        files[f"{TOP}metrics/{STEM[task]}_history.csv"] = builder.table(columns | dict(curves))
        files[f"{TOP}plots/{STEM[task]}_loss.png"] = drawn(curves, what="loss")
    return files


@pytest.mark.parametrize(
    ("lines", "form"), [("book", "png"), ("two colours", "png"), ("default", "png"), ("book", "svg")]
)
def test_plots_of_another_training_are_pointed_out(graded: Graded, lines: str, form: str) -> None:
    histories = {task: trained(number, 8 + 2 * number, 0.7 + number / 10) for number, task in enumerate(STEM)}
    files = with_histories(histories)
    for task, stem in STEM.items():
        shown = {"6.1": "6.1", "6.2a": "6.2b", "6.2b": ""}[task]  # 6.2b's is of a training that was not handed in
        curves = histories[shown] if shown else overfitted(25)
        del files[f"{TOP}plots/{stem}_loss.png"]
        files[f"{TOP}plots/{stem}_accuracy.{form}"] = drawn(curves, lines, form=form)
        files[f"{TOP}plots/{stem}_loss.{form}"] = drawn(curves, lines, what="loss", dpi=80, form=form)
    judged = graded(files)
    assert required(judged) == set()
    assert result(judged, "plots.own_training 6.1").status == "passed"
    assert "shows the training of 6.2b" in result(judged, "plots.own_training 6.2a").sentence
    assert "no history of its task is of" in result(judged, "plots.own_training 6.2b").sentence
    assert {result(judged, f"plots.own_training {task}").status for task in ("6.2a", "6.2b")} == {"failed"}


def test_what_is_no_plot_of_curves_is_not_read() -> None:
    random = np.random.default_rng(0)
    figure, (left, right) = plt.subplots(1, 2)
    left.bar(range(10), random.random(10), color="blue")
    right.imshow(random.random((10, 10)))
    figure.savefig(file := io.BytesIO())
    plt.close(figure)
    for picture in (builder.photograph(1), builder.plot(0, "white"), builder.plot(0, "axes")):
        assert read(picture) == []
    assert not any(trace.whole for trace in read(file.getvalue()))
    assert traces.read(np.zeros((3000, 3000, 3), np.uint8)) == []  # more pixels than are looked at


@given(st.integers(0, 2**32 - 1), st.integers(1, 120), st.integers(1, 120))
def test_any_picture_can_be_looked_at(seed: int, height: int, width: int) -> None:
    """Noise, also of pure colours within a frame, gives curves or none, and no error."""
    random = np.random.default_rng(seed)
    pixels = random.choice(np.array([0, 255, 255], np.uint8), (height, width, 3))
    pixels[[0, -1]] = pixels[:, [0, -1]] = 0
    for trace in traces.read(pixels):
        assert not math.isnan(trace.misses(np.linspace(0, 1, 7) ** 2))


@pytest.mark.parametrize("style", ["default", "seaborn-v0_8"])
def test_the_number_of_epochs_is_counted(style: str, graded: Graded) -> None:
    """Curves that rise alike fit each other, and markers tell how many epochs there were."""
    epochs = np.arange(12)
    curves = {key: 1 - np.exp(-epochs / slow) for key, slow in (("accuracy", 3.0), ("val_accuracy", 4.0))}
    curves |= {"loss": 2 - curves["accuracy"], "val_loss": 2 - curves["val_accuracy"]}
    short = {key: values[:7] for key, values in curves.items()}
    files = with_histories({"6.2a": short})
    for kind in ("accuracy", "loss"):
        files[f"{TOP}plots/cifar10_plain_{kind}.png"] = drawn(curves, "markers", what=kind, style=style)
    outcome = result(graded(files), "plots.own_training 6.2a")
    assert outcome.status == "failed"
    assert "shows 12 epochs" in outcome.sentence


def test_a_line_that_fits_by_chance_does_not_hide_how_many_markers_there_are(graded: Graded) -> None:
    """As a loss that falls like the history's, beside an accuracy whose markers are counted."""
    epochs = np.arange(12)
    rising = {key: 1 - np.exp(-epochs / slow) for key, slow in (("accuracy", 3.0), ("val_accuracy", 4.0))}
    falling = {"loss": 2.0 - epochs / 11, "val_loss": 2.1 - epochs / 12}  # as straight as the history's
    files = with_histories(
        {"6.2a": {**{k: v[:7] for k, v in rising.items()}, "loss": 2 - epochs[:7] / 7, "val_loss": 2 - epochs[:7] / 8}}
    )
    for kind in ("accuracy", "loss"):
        files[f"{TOP}plots/cifar10_plain_{kind}.png"] = drawn(rising | falling, "markers", what=kind)
    assert "shows 12 epochs" in result(graded(files), "plots.own_training 6.2a").sentence
