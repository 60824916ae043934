"""Test accuracy against the images a class, pretrained nets beside nets trained from nothing."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import PercentFormatter

from assignment06.plots.style import BLUE, GREEN, GREY, ORANGE, RED, save
from assignment06.transfer.curve import Curve

COLOURS = [BLUE, GREEN, ORANGE, "#CC79A7", "#56B4E9", RED]
MARKERS = "osD^vP"


def plot_transfer(curve: str, plot: str, dpi: int) -> None:
    """Plot one panel a data set; solid lines are pretrained nets, dashed ones trained from nothing."""
    found = Curve.read(curve)
    datasets = list(dict.fromkeys(line.dataset for line in found.lines))
    figure, panels = plt.subplots(1, len(datasets), figsize=(7.5 * len(datasets), 5), squeeze=False)
    for axes, dataset in zip(panels[0], datasets, strict=True):
        lines = [line for line in found.lines if line.dataset == dataset]
        for number, line in enumerate(lines):
            x = np.array([point.images_per_class for point in line.points])
            y = np.array([point.accuracy for point in line.points])
            ends = [point.interval_95 or (np.nan, np.nan) for point in line.points]  # few seeds have no interval
            errors = np.abs(np.array(ends).T - y)
            colour = COLOURS[number % len(COLOURS)] if line.pretrained else GREY
            axes.errorbar(
                x, y, yerr=errors, color=colour, marker=MARKERS[number % len(MARKERS)], ms=5, capsize=3,
                ls="-" if line.pretrained else "--", label=line.name,
            )  # fmt: skip
        ticks = sorted({round(point.images_per_class) for line in lines for point in line.points})
        axes.set_xscale("log")
        axes.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
        axes.minorticks_off()
        axes.set(xlabel="training images of each class", ylabel="test accuracy (95 % interval)", title=dataset)
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        axes.legend(frameon=False, fontsize=8)
    figure.suptitle("What pretraining is worth", weight="bold")
    save(figure, plot, dpi, found.stamps)
