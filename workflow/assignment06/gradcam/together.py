"""Where several nets looked in the same test images."""

from collections.abc import Sequence
from typing import NamedTuple

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from assignment06.data.prepared import coloured
from assignment06.experiments.mistakes import mistakes
from assignment06.experiments.results import Metrics
from assignment06.gradcam.maps import grad_cam, last_convolution, overlay
from assignment06.gradcam.sheets import without
from assignment06.plots.style import GREEN, RED, save, show_pixels
from assignment06.shared.errors import AssignmentError

IMAGES = 8


class Looked(NamedTuple):
    """A net, its predictions of the test images (one row each, in their order), and its metrics."""

    net: keras.Model
    said: pd.DataFrame
    facts: Metrics


def plot_together(looked: Sequence[Looked], images: np.ndarray, plot: str, dpi: int) -> None:
    """Plot in which places of the same test `images` (uint8 [n, h, w, 1 or 3]) nets saw what each of them said.

    The images are `telling`. Of two nets one may have looked at the same place and said another thing, or elsewhere.
    """
    stamps = sorted({stamp for one in looked for stamp in one.facts.stamps})
    title = "Where they looked in the same images"
    shown = telling([one.said for one in looked])
    if not shown:
        return without("no image that one net gets wrong and another right", title, plot, dpi, stamps)
    try:
        places = [last_convolution(one.net).output.shape[1:3] for one in looked]
        maps = [grad_cam(net, images[shown], said["predicted_label"].to_numpy()[shown]) for net, said, _ in looked]
    except AssignmentError as error:
        return without(str(error), title, plot, dpi, stamps)
    columns = 1 + len(looked)
    blocks = 2 if columns == 3 else 1
    rows = -(-len(shown) // blocks)
    size = (1.6 * blocks * columns, 1.85 * rows + 1.3)
    figure, grid = plt.subplots(rows, blocks * columns, figsize=size, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for number, image in enumerate(shown):
        first = columns * (number // rows)
        cells = grid[number % rows, first : first + columns]
        pixels = coloured(images[image])
        show_pixels(cells[0], pixels)
        cells[0].set_title(f"test image {image}\nis {looked[0].said['true_class'].iloc[image]}", fontsize=8)
        for axes, (_, said, _), found in zip(cells[1:], looked, maps, strict=True):
            row = said.iloc[image]
            show_pixels(axes, overlay(pixels, found[number]))
            right = row["predicted_label"] == row["true_label"]
            told = f"{row['predicted_class']} ({row['probability']:.0%})\n{'right' if right else 'wrong'}"
            axes.set_title(told, fontsize=8, color=GREEN if right else RED)
        if number % rows == 0:
            for axes, (_, _, facts), (high, wide) in zip(cells[1:], looked, places, strict=True):
                name = f"{facts.short_title}\n{high} x {wide} places"
                axes.text(0.5, 1.35, name, transform=axes.transAxes, ha="center", fontsize=8, weight="bold")
    figure.suptitle(f"{title}\nGrad-CAM; yellow speaks for what the net said", weight="bold", fontsize=11)
    save(figure, plot, dpi, stamps)


def telling(tables: Sequence[pd.DataFrame]) -> list[int]:
    """Return the places of up to `IMAGES` images that tell nets apart: each net's most confident mistakes, in
    turn, that another of them gets right. `tables` are the nets' predictions of the same images, in their order.
    """
    right = np.any([table["predicted_label"] == table["true_label"] for table in tables], axis=0)
    wrong = [[index for index in mistakes(table)["index"].tolist() if right[index]] for table in tables]
    in_turn = [of[rank] for rank in range(max(map(len, wrong), default=0)) for of in wrong if rank < len(of)]
    return list(dict.fromkeys(in_turn))[:IMAGES]
