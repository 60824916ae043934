"""Where the classifier of 6.3 looked at the photographs."""

from itertools import islice
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from assignment06.backend import compute
from assignment06.data.receipts import Receipt
from assignment06.gradcam.maps import grad_cam, overlay
from assignment06.gradcam.results import PhotographMaps
from assignment06.gradcam.sheets import without
from assignment06.photographs.classification import decoded_batches, load_classifier
from assignment06.photographs.manifest import read_shard
from assignment06.photographs.results import ClassifierMetadata
from assignment06.plots.contact_sheet import labels_by_image
from assignment06.plots.style import save, show_pixels

PLOTTED = 12
MAPPED = 24  # as many as the page to explore shows
AT_ONCE = 3  # what a net computes between stays in memory for that many


def map_photographs(
    manifest: str, receipt: str, predictions: str, metadata: str, raw: str, plot: str, maps: str, dpi: int,
    threads: int,
) -> None:  # fmt: skip
    """Plot the first photographs of 6.3, and where the classifier saw its first label; write more maps as numbers.

    `manifest` lists the photographs, `receipt` says which of the files in `raw` are the classifier's, `predictions`
    what it said, and `metadata` what it is and whether the plot is to be stamped. `maps` becomes `PhotographMaps`.
    Raises AssignmentError where a file has changed since.
    """
    compute.configure(threads)
    got, facts = Receipt.read(receipt), ClassifierMetadata.read(metadata)
    architecture = facts.architecture
    got.verify(Path(raw))
    model, preprocess = load_classifier(architecture, Path(raw) / got.roles["weights"] if got.roles else None)
    said = {name: labels[0] for name, labels in islice(labels_by_image(predictions), MAPPED)}
    rows = read_shard(manifest, 0, MAPPED)
    title = f"6.3 {architecture}: where it looked"
    batch = next(decoded_batches(rows, model.input_shape[1], MAPPED, threads), None)
    if batch is None or not batch[0]:
        PhotographMaps(maps={}).write(maps)
        return without("No photograph could be read; see skipped.csv.", title, plot, dpi, facts.stamps)
    names, pixels, _ = batch
    prepared = np.asarray(preprocess(pixels.copy()))
    parts = range(0, len(prepared), AT_ONCE)
    found = np.concatenate([grad_cam(model, prepared[start : start + AT_ONCE]) for start in parts])
    PhotographMaps(maps=dict(zip(names, found.astype(float).round(3).tolist(), strict=True))).write(maps)
    images = names[:PLOTTED]
    across = min(3, len(images))
    down = -(-len(images) // across)
    figure, grid = plt.subplots(down, 2 * across, figsize=(4 * across, 2.2 * down + 0.7), squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for number, name in enumerate(images):
        row, column = divmod(number, across)
        seen = pixels[number].round().astype(np.uint8)
        show_pixels(grid[row, 2 * column], seen)
        show_pixels(grid[row, 2 * column + 1], overlay(seen, found[number]))
        first = (
            f"{said[name]['label'].replace('_', ' ')} {float(said[name]['probability']):.0%}" if name in said else ""
        )
        grid[row, 2 * column].set_title(name if len(name) <= 24 else f"…{name[-23:]}", fontsize=8)
        grid[row, 2 * column + 1].set_title(first, fontsize=8)
    what = f"Grad-CAM of the first label; yellow speaks for it; {found.shape[1]} x {found.shape[2]} places"
    figure.suptitle(f"{title}\n{what}", weight="bold", fontsize=11)
    save(figure, plot, dpi, facts.stamps)
