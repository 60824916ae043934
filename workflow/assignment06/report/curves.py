"""Learning curves as SVG for the report: all experiments on one scale, each with its own epochs, in colours that the
page sets."""

import io
import re

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.ticker import MaxNLocator, PercentFormatter

import assignment06.plots.style  # noqa: F401  (how plots look)
from assignment06.experiments.results import Metrics

# Stand-ins that the page's style replaces, so that light, dark and paper each have their own
INK, TRAINING, VALIDATION = "#010203", "#040506", "#070809"
PAGE = {INK: "currentColor", TRAINING: "var(--training)", VALIDATION: "var(--validation)"}
SIZE = (3.7, 2.5)  # inches of 72 dots: a panel is shown at about the size it is drawn
PLACE = (0.14, 0.19, 0.84, 0.74)  # of the axes in it, the same for all, so that equal figures stand equally high


def accuracy_and_loss(metrics: list[Metrics], names: list[str], histories: list[pd.DataFrame]) -> list[dict]:
    """Return {"name", "panels": [{"svg", "text"}]} for accuracy and loss, one panel an experiment.

    All panels of one quantity have the same scale and ticks of it; the epochs are each experiment's own. `histories`
    have the columns epoch, accuracy, loss, val_accuracy and val_loss; `text` says in words what a panel shows.
    """
    saved = [one.training.chosen_epoch for one in metrics]
    found = []
    for quantity in ("accuracy", "loss"):
        low = min(rows[[quantity, f"val_{quantity}"]].min().min() for rows in histories)
        high = max(rows[[quantity, f"val_{quantity}"]].max().max() for rows in histories)
        margin = max(0.06 * (high - low), 0.005)
        limits = (low - margin, min(high + margin, 1.005) if quantity == "accuracy" else high + margin)
        panels = [
            {
                "svg": _unique(_panel(rows, quantity, chosen, limits), f"{quantity}{number}"),
                "title": name,
                "text": _in_words(rows, quantity, name, chosen),
            }
            for number, (chosen, name, rows) in enumerate(zip(saved, names, histories, strict=True))
        ]
        found.append({"name": quantity, "panels": panels})
    return found


def _panel(rows: pd.DataFrame, quantity: str, chosen: int, limits: tuple[float, float]) -> str:
    settings = {
        "svg.fonttype": "none", "font.size": 10, "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": INK,
        "xtick.color": INK, "ytick.color": INK, "svg.hashsalt": "assignment06",
    }  # fmt: skip
    with plt.rc_context(settings):  # ty: ignore[invalid-argument-type]  (a literal type of 336 names)
        figure = plt.figure(figsize=SIZE, dpi=72, layout="none")
        axes = figure.add_axes(PLACE)
        validation = rows[f"val_{quantity}"]
        axes.plot(rows["epoch"], rows[quantity], "o-", ms=4, color=TRAINING, clip_on=False)
        axes.plot(rows["epoch"], validation, "s--", ms=4, color=VALIDATION, clip_on=False)
        axes.plot([chosen], [validation.iloc[chosen - 1]], "o", ms=12, mfc="none", mec=INK, clip_on=False)
        axes.set(xlim=(0.5, len(rows) + 0.5), ylim=limits, xlabel="epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=7, min_n_ticks=1, steps=[1, 2, 5, 10]))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
        if quantity == "accuracy":
            axes.yaxis.set_major_formatter(PercentFormatter(1))
        text = io.StringIO()
        empty = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(text, format="svg", transparent=True, metadata=empty)
        plt.close(figure)
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :]
    for stand_in, colour in PAGE.items():
        svg = svg.replace(stand_in, colour)
    return svg


def _unique(svg: str, prefix: str) -> str:
    """Give the ids of a drawing a prefix, since a page may use an id only once."""
    return re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{prefix}-", svg)


def _in_words(rows: pd.DataFrame, quantity: str, name: str, chosen: int) -> str:
    form = "{:.1%}" if quantity == "accuracy" else "{:.3f}"
    training, validation = rows[quantity].map(form.format), rows[f"val_{quantity}"].map(form.format)
    return (
        f"{name}, {quantity} from epoch 1 to {len(rows)}: training from {training.iloc[0]} to {training.iloc[-1]}, "
        f"validation from {validation.iloc[0]} to {validation.iloc[-1]}; saved epoch {chosen}, "
        f"validation {validation.iloc[chosen - 1]}."
    )
