"""Where trained nets looked at the test images they got wrong."""

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from assignment06.data.prepared import coloured
from assignment06.experiments.mistakes import mistakes
from assignment06.experiments.results import Metrics
from assignment06.gradcam.maps import grad_cam, last_convolution, overlay
from assignment06.gradcam.sheets import without
from assignment06.plots.style import RED, save, show_pixels
from assignment06.shared.errors import AssignmentError

MISTAKES = 10


def plot_mistakes(
    net: keras.Model, table: pd.DataFrame, facts: Metrics, images: np.ndarray, plot: str, dpi: int
) -> None:
    """Plot a net's most confident mistakes, and where it saw the predicted class and the true one.

    `table` are its predictions for the test `images` (uint8 [n, h, w, 1 or 3]), and `facts` its metrics.
    """
    wrong = mistakes(table).head(MISTAKES)
    shown = images[wrong["index"].to_numpy()]
    title = f"{facts.title}: where it looked"
    if wrong.empty:
        return without("no mistakes", title, plot, dpi, facts.stamps)
    try:
        places = last_convolution(net).output.shape[1:3]
        maps = [grad_cam(net, shown, wrong[kind].to_numpy()) for kind in ("predicted_label", "true_label")]
    except AssignmentError as error:
        return without(str(error), title, plot, dpi, facts.stamps)
    rows = -(-len(wrong) // 2)
    figure, grid = plt.subplots(rows, 6, figsize=(9.6, 1.85 * rows + 0.7), squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for number, row in enumerate(wrong.to_dict("records")):
        cells = grid[number % rows, 3 * (number // rows) : 3 * (number // rows) + 3]
        pixels = coloured(shown[number])
        show_pixels(cells[0], pixels)
        show_pixels(cells[1], overlay(pixels, maps[0][number]))
        show_pixels(cells[2], overlay(pixels, maps[1][number]))
        cells[0].set_title(f"test image {row['index']}", fontsize=8)
        cells[1].set_title(f"said {row['predicted_class']} ({row['probability']:.0%})", fontsize=8, color=RED)
        cells[2].set_title(f"is {row['true_class']}", fontsize=8)
    what = f"Grad-CAM; yellow speaks for the class; {places[0]} x {places[1]} places"
    figure.suptitle(f"{title}\n{what}", weight="bold", fontsize=11)
    save(figure, plot, dpi, facts.stamps)
