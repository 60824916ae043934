"""The plots of an experiment, and of the experiments side by side."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import PowerNorm
from matplotlib.ticker import MaxNLocator, PercentFormatter

from assignment06.data.prepared import load_split
from assignment06.experiments.mistakes import mistakes
from assignment06.experiments.results import Comparison, Metrics
from assignment06.plots.style import BLUE, GREEN, GREY, ORANGE, RED, save, show_pixels
from assignment06.shared.wording import p_value, signed


def plot_history(history: str, metrics: str, plot: str, dpi: int) -> None:
    """Plot loss and accuracy of training and validation against the epoch, the chosen epoch marked."""
    rows, facts = pd.read_csv(history), Metrics.read(metrics)
    chosen = facts.training.chosen_epoch
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
    for axes, name in ((left, "loss"), (right, "accuracy")):
        axes.plot(rows["epoch"], rows[name], "o-", color=BLUE, ms=4, label="training")
        axes.plot(rows["epoch"], rows[f"val_{name}"], "s-", color=ORANGE, ms=4, label="validation")
        value = rows.loc[rows["epoch"] == chosen, f"val_{name}"].iloc[0]
        axes.axvline(chosen, color=GREY, lw=1, ls=":")
        axes.plot([chosen], [value], "o", mfc="none", mec=GREY, ms=12, label=f"chosen epoch ({chosen})")
        axes.set(xlabel="epoch", ylabel=name, title=name.capitalize(), xlim=(0.5, len(rows) + 0.5))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    right.yaxis.set_major_formatter(PercentFormatter(1))
    left.legend(frameon=False)
    figure.suptitle(f"{facts.title}: test accuracy {facts.test.accuracy:.2%}", weight="bold")
    save(figure, plot, dpi, facts.stamps)


def plot_confusion_matrix(metrics: str, plot: str, dpi: int) -> None:
    """Plot the confusion matrix of the test set: counts, coloured by the share of each true class."""
    facts = Metrics.read(metrics)
    matrix = np.array(facts.confusion_matrix)
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    names = [row.name for row in facts.per_class]
    figure, axes = plt.subplots(figsize=(7.5, 6.5))
    scale = PowerNorm(0.4, vmin=0, vmax=1)  # a hundredth is to be seen beside the diagonal
    picture = axes.imshow(shares, cmap="Blues", norm=scale)
    if len(names) <= 30:
        for (row, column), count in np.ndenumerate(matrix):
            if count:
                colour = "white" if scale(shares[row, column]) > 0.55 else "black"
                axes.text(column, row, str(count), ha="center", va="center", fontsize=8, color=colour)
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="predicted class", ylabel="true class")
    axes.set_title(f"{facts.title}: confusion matrix of {matrix.sum():,} test images", weight="bold")
    ticks = [0, 0.01, 0.05, 0.1, 0.25, 0.5, 1]
    figure.colorbar(picture, label="share of the true class", format=PercentFormatter(1), shrink=0.8, ticks=ticks)
    save(figure, plot, dpi, facts.stamps)


def plot_mistakes(predictions: str, metrics: str, test: str, plot: str, dpi: int, gallery: int) -> None:
    """Show the wrongly predicted test images of which the net was most certain."""
    table, facts = pd.read_csv(predictions), Metrics.read(metrics)
    wrong = mistakes(table).head(gallery)
    images, _ = load_split(test)
    columns = min(5, max(1, len(wrong)))
    rows = max(1, -(-len(wrong) // columns))
    figure, grid = plt.subplots(rows, columns, figsize=(1.9 * columns, 2.15 * rows + 0.5), squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for axes, row in zip(grid.flat, wrong.to_dict("records"), strict=False):
        show_pixels(axes, images[row["index"]])
        title = f"said {row['predicted_class']} ({row['probability']:.0%})\nis {row['true_class']}"
        axes.set_title(title, fontsize=9, color=RED)
    if wrong.empty:
        grid[0, 0].text(0.5, 0.5, "no mistakes", ha="center")
    figure.suptitle(f"{facts.title}: most confident mistakes", weight="bold")
    save(figure, plot, dpi, facts.stamps)


def plot_comparison(metrics: list[str], histories: list[str], comparison: str, plot: str, dpi: int) -> None:
    """Plot the experiments side by side: test accuracy with its interval, the gap to training, learning curves."""
    facts = [Metrics.read(path) for path in metrics]
    tests = Comparison.read(comparison).mcnemar
    names = [one.short_title for one in facts]
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.6), width_ratios=(1, 1.2))
    place = np.arange(len(facts))
    for offset, kind, colour in ((-0.2, "training", BLUE), (0.2, "test", GREEN)):
        values = [getattr(one, kind).accuracy for one in facts]
        errors = None
        if kind == "test":
            ends = np.array([one.test.accuracy_interval_95 for one in facts])
            errors = np.abs(ends.T - values)
        bars = left.bar(place + offset, values, 0.38, yerr=errors, capsize=3, color=colour, label=kind)
        left.bar_label(bars, [f"{value:.1%}" for value in values], fontsize=8, padding=3)
    left.set_xticks(place, names, rotation=15 if len(names) > 2 else 0)
    left.set_ylim(0, 1.25)
    left.set_yticks(np.arange(0, 1.01, 0.2))
    left.yaxis.set_major_formatter(PercentFormatter(1))
    left.set_title("Accuracy of the saved model (95 % interval)")
    left.legend(frameon=False, loc="upper center", ncols=2)
    colours = [BLUE, ORANGE, GREEN, RED, GREY, "#CC79A7", "#56B4E9", "#F0E442"]
    for number, (name, path) in enumerate(zip(names, histories, strict=True)):
        rows = pd.read_csv(path)
        colour = colours[number % len(colours)]
        right.plot(rows["epoch"], rows["val_accuracy"], "-", color=colour, label=f"{name}, validation")
        right.plot(rows["epoch"], rows["accuracy"], "--", color=colour, alpha=0.7, label=f"{name}, training")
    right.set(xlabel="epoch", title="Accuracy by epoch")
    right.xaxis.set_major_locator(MaxNLocator(integer=True))
    right.yaxis.set_major_formatter(PercentFormatter(1))
    right.legend(frameon=False, fontsize=8, loc="lower right")
    short = {one.experiment: one.short_title for one in facts}
    sentences = [
        f"{short[test.second]} against {short[test.first]}: {signed(test.accuracy_difference)} points, "
        f"McNemar {p_value(test.p_value_corrected)}{', Holm' if test.pairs > 1 else ''}"
        for test in tests
    ]
    figure.suptitle("\n".join(["Experiments side by side", *sentences[:3]]), weight="bold", fontsize=11)
    save(figure, plot, dpi, sorted({stamp for one in facts for stamp in one.stamps}))
