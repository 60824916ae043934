"""Each photograph of 6.3 beside its most probable labels."""

import csv
import json
from itertools import groupby, islice

import matplotlib.pyplot as plt
import numpy as np

from assignment06.data.image_files import UnreadableImage, read_image
from assignment06.photographs.manifest import printable
from assignment06.photographs.results import ClassifierMetadata
from assignment06.plots.style import BLUE, save

MAX_PHOTOGRAPHS = 24
THUMBNAIL = 160


def plot_contact_sheet(
    manifest: str, predictions: str, metadata: str, plot: str, dpi: int, heading: str = "6.3 "
) -> None:
    """Plot the first photographs, each with a bar for the probability of each of its labels.

    `heading` is what its title begins with.
    """
    facts = ClassifierMetadata.read(metadata)
    shown = list(islice(labels_by_image(predictions), MAX_PHOTOGRAPHS))
    paths = manifest_paths(manifest, {name for name, _ in shown})
    columns = 2 if len(shown) > 1 else 1
    rows = max(1, -(-len(shown) // columns))
    figure, grid = plt.subplots(
        rows, 2 * columns, figsize=(5.4 * columns, 1.9 * rows + 0.6), squeeze=False, width_ratios=(1, 1.5) * columns
    )
    for axes in grid.flat:
        axes.set_axis_off()
    for number, (name, labels) in enumerate(shown):
        row, column = divmod(number, columns)
        picture, bars = grid[row, 2 * column], grid[row, 2 * column + 1]
        try:
            picture.imshow(read_image(paths[name], THUMBNAIL))
        except UnreadableImage:
            picture.text(0.5, 0.5, "gone", ha="center")
        picture.set_title(name if len(name) <= 40 else f"…{name[-39:]}", fontsize=8)
        _bars(bars, labels)
    if not shown:
        grid[0, 0].text(0, 0.5, "No photograph could be read; see skipped.csv.")
    more = facts.images - len(shown)
    tail = f" (and {more:,} more in the table)" if more > 0 else ""
    figure.suptitle(f"{heading}{facts.architecture}: {facts.images:,} photographs{tail}", weight="bold")
    save(figure, plot, dpi, facts.stamps)


def _bars(axes: plt.Axes, labels: list[dict]) -> None:
    labels = labels[:5]
    place = np.arange(len(labels))[::-1]
    values = [float(row["probability"]) for row in labels]
    axes.set_axis_on()
    axes.barh(place, values, color=BLUE, height=0.6)
    for y, row, value in zip(place, labels, values, strict=True):
        inside = value > 0.55
        axes.text(
            0.02 if inside else value + 0.02, y, f"{row['label'].replace('_', ' ')} {value:.1%}", va="center",
            fontsize=8, color="white" if inside else "black",
        )  # fmt: skip
    axes.set(xlim=(0, 1), yticks=[], xticks=[])
    axes.spines[["bottom", "left"]].set_visible(False)


def labels_by_image(predictions: str):
    """Yield (image, its rows) of a CSV or Parquet table, without reading it whole."""
    if predictions.endswith(".parquet"):
        import pyarrow.parquet as pa_parquet

        batch = next(pa_parquet.ParquetFile(predictions).iter_batches(batch_size=100 * MAX_PHOTOGRAPHS))
        rows = iter(batch.to_pylist())
        yield from ((name, list(group)) for name, group in groupby(rows, key=lambda row: row["image"]))
        return
    with open(predictions, newline="", encoding="utf-8") as file:
        for name, group in groupby(csv.DictReader(file), key=lambda row: row["image"]):
            yield name, list(group)


def manifest_paths(manifest: str, wanted: set[str]) -> dict[str, str]:
    with open(manifest, encoding="ascii") as file:
        rows = map(json.loads, file)
        return {printable(row["name"]): row["path"] for row in rows if printable(row["name"]) in wanted}
