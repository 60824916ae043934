"""What each change of a recipe made, as a row of dots for each recipe."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import PercentFormatter

from assignment06.experiments.ablation import Ablation
from assignment06.plots.style import BLUE, GREY, ORANGE, save
from assignment06.shared.wording import signed

SHORT = 34  # letters of a title


def plot_ablation(ablation: str, plot: str, dpi: int) -> None:
    """Plot one panel a data set: a dot each seed, a bar the mean, a line its interval, and what the change made."""
    found = Ablation.read(ablation)
    datasets = list(dict.fromkeys(step.dataset for step in found.steps))
    rows = max(sum(step.dataset == dataset for step in found.steps) for dataset in datasets)
    size = (9 * len(datasets), 1.6 + 0.5 * rows)
    figure, panels = plt.subplots(1, len(datasets), figsize=size, squeeze=False)
    for axes, dataset in zip(panels[0], datasets, strict=True):
        steps = [step for step in found.steps if step.dataset == dataset]
        places = {step.group: place for place, step in enumerate(steps)}
        for place, step in enumerate(steps):
            mean = float(np.mean(step.accuracies))
            if step.change_of:
                axes.plot([np.mean(steps[places[step.change_of]].accuracies), mean], [place, place], color=GREY, lw=1)
            if step.interval_95:
                axes.plot(step.interval_95, [place, place], color=BLUE, lw=3, alpha=0.5, solid_capstyle="butt")
            axes.plot(step.accuracies, [place] * len(step.seeds), "o", color=BLUE, ms=5, mfc="none")
            axes.plot(mean, place, "|", color=ORANGE, ms=20, mew=3)
            text = f"{mean:.1%}"
            if step.differences:
                text += f"  ({signed(float(np.mean(step.differences)))} on row {places[step.change_of] + 1})"
            axes.text(1.02, place, text, transform=axes.get_yaxis_transform(), va="center", fontsize=9)
        names = [f"{place + 1}  {_short(step.title)}" for place, step in enumerate(steps)]
        axes.set_yticks(range(len(steps)), names, ha="left")
        axes.tick_params(axis="y", length=0, pad=8 + 6 * max(map(len, names)))
        axes.set_ylim(len(steps) - 0.5, -0.5)
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.margins(x=0.06)
        axes.set(xlabel="test accuracy (circles: seeds, bar: their mean, grey: from the row that was changed)")
        axes.set_title(dataset)
    figure.suptitle("What each change made", weight="bold")
    save(figure, plot, dpi, found.stamps)


def _short(title: str) -> str:
    return title if len(title) <= SHORT else f"{title[: SHORT - 1]}…"
