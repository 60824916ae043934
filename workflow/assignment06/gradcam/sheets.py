"""What plots of maps have in common."""

from collections.abc import Sequence

import matplotlib.pyplot as plt

from assignment06.plots.style import save


def without(reason: str, title: str, plot: str, dpi: int, stamps: Sequence[str]) -> None:
    """Write a plot (PNG) that says why there is nothing to see."""
    figure, axes = plt.subplots(figsize=(9.6, 1.6))
    axes.set_axis_off()
    axes.text(0.5, 0.5, reason, ha="center")
    figure.suptitle(title, weight="bold")
    save(figure, plot, dpi, stamps)
