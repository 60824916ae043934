"""How every plot of this project looks: colours, sizes, the stamp on anything that is not for submission."""

import os
from collections.abc import Iterable

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from assignment06.shared.files import atomic_path

# Okabe and Ito's colours, which colour-blind readers can tell apart
BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#666666"

plt.rcParams.update(
    {
        "font.size": 10,
        "axes.titlesize": 11,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": False,
        "figure.constrained_layout.use": True,
        "svg.hashsalt": "assignment06",
        "text.parse_math": False,  # a `$` in a title or in a photograph's name is a dollar sign
    }
)


def save(figure: Figure, path: str | os.PathLike, dpi: int, stamps: Iterable[str] = ()) -> None:
    """Write a figure as PNG, whole or not at all, stamped if its data are not the official ones."""
    if stamps := list(stamps):
        figure.text(
            0.5, 0.5, "NOT FOR SUBMISSION\n" + "\n".join(stamps), rotation=24, ha="center", va="center",
            fontsize=22, color=RED, alpha=0.28, weight="bold",
        )  # fmt: skip
    with atomic_path(path) as part:
        figure.savefig(part, dpi=dpi, metadata={"Software": None})
    plt.close(figure)


def show_pixels(axes: plt.Axes, image) -> None:
    """Show a uint8 image [h, w, 1 or 3] with its pixels sharp and without axes."""
    axes.imshow(image.squeeze(), cmap="gray" if image.shape[-1] == 1 else None, interpolation="nearest")
    axes.set_axis_off()
