"""A gallery of what was found in a data set: pairs of near-duplicates, labels to doubt, outliers."""

import matplotlib.pyplot as plt
import pandas as pd

from assignment06.data.prepared import load_split
from assignment06.plots.style import save, show_pixels
from assignment06.transfer.inspection import KINDS, Inspection

COLUMNS = 6
TITLES = dict(zip(KINDS, ("Near-duplicates", "Labels to doubt", "Outliers"), strict=True))


def plot_inspection(table: str, figures: str, train: str, test: str, plot: str, dpi: int) -> None:
    """Plot up to two rows of each kind of finding, each image beside the one that it is compared with."""
    facts, rows = Inspection.read(figures), pd.read_csv(table)
    images = {"train": load_split(train)[0], "test": load_split(test)[0]}
    shown = {kind: rows[rows["finding"] == kind] for kind in KINDS}
    heights = [max(1, min(2, -(-len(found) // COLUMNS))) for found in shown.values()]
    figure = plt.figure(figsize=(2.1 * COLUMNS, 1.75 * sum(heights) + 1.8))
    rows_of_figure = figure.add_gridspec(len(KINDS), 1, height_ratios=[height + 0.3 for height in heights])
    for number, (kind, found) in enumerate(shown.items()):
        part, height = figure.add_subfigure(rows_of_figure[number, 0]), heights[number]
        grid = part.subplots(height, 2 * COLUMNS, squeeze=False)
        for axes in grid.flat:
            axes.set_axis_off()
        pairs = found.head(height * COLUMNS).to_dict("records")
        for place, row in enumerate(pairs):
            line, column = divmod(place, COLUMNS)
            for side, prefix in enumerate(("", "other_")):
                axes = grid[line, 2 * column + side]
                show_pixels(axes, images[row[f"{prefix}part"]][row[f"{prefix}index"]])
                axes.set_title(f"{row[f'{prefix}class']}\n{row[f'{prefix}part']} {row[f'{prefix}index']}", fontsize=7)
        more = f", the first {len(pairs)} shown" if len(pairs) < len(found) else ""
        part.suptitle(f"{TITLES[kind]}: {len(found):,}{more}" if pairs else f"{TITLES[kind]}: none", fontsize=10)
    figure.suptitle(f"{facts.dataset}, as {facts.net} sees it; nothing was removed", weight="bold")
    save(figure, plot, dpi, facts.stamps)
