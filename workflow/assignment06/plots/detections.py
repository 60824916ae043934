"""Photographs with the boxes of what was found in them, on one sheet."""

from itertools import groupby, islice

import matplotlib.patheffects as effects
import matplotlib.pyplot as plt
from matplotlib.patches import Rectangle

from assignment06.data.image_files import UnreadableImage, read_measured_image
from assignment06.detection.gathering import read_table
from assignment06.detection.results import DetectionMetadata
from assignment06.plots.contact_sheet import manifest_paths
from assignment06.plots.style import save

MAX_PHOTOGRAPHS = 24
MAX_BOXES = 12  # a photograph; the best, so that a crowd can still be read
PIXELS = 360
# Okabe and Ito's colours, which colour-blind readers can tell apart; the styles tell apart what shares a colour
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9")
STYLES = ("-", "--", ":")
KEYS = ("x", "y", "width", "height")


def plot_detections(manifest: str, predictions: str, metadata: str, plot: str, dpi: int, title: str = "") -> None:
    """Plot the first photographs in which something was found, with a box, a label and a score for each find.

    Labels carry the words: colours and line styles only help to tell boxes apart.
    """
    facts = DetectionMetadata.read(metadata)
    table = groupby(read_table(predictions), key=lambda row: row["image"])
    shown = [(name, list(rows)) for name, rows in islice(table, MAX_PHOTOGRAPHS)]
    paths = manifest_paths(manifest, {name for name, _ in shown})
    columns = min(3, max(1, len(shown)))
    rows = max(1, -(-len(shown) // columns))
    figure, grid = plt.subplots(rows, columns, figsize=(4.4 * columns, 3.6 * rows + 0.6), squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for axes, (name, found) in zip(grid.flat, shown, strict=False):
        _draw(axes, name, found, paths.get(name, ""))
    if not shown:
        grid[0, 0].text(0, 0.5, "Nothing was found in any photograph.")
    more = facts.images_with - len(shown)
    tail = f" ({more:,} more in the table)" if more > 0 else ""
    head = f"{facts.found:,} found in {facts.images_with:,} of {facts.images:,} photographs{tail}"
    figure.suptitle(f"{title or facts.detector}: {head}", weight="bold")
    save(figure, plot, dpi, facts.stamps)


def _draw(axes: plt.Axes, name: str, found: list[dict], path: str) -> None:
    axes.set_title(name if len(name) <= 45 else f"…{name[-44:]}", fontsize=8)
    try:
        pixels, (width, height) = read_measured_image(path, PIXELS)
    except UnreadableImage:
        axes.text(0.5, 0.5, "gone", ha="center")
        return
    axes.imshow(pixels, extent=(0, width, height, 0))
    best = sorted(found, key=lambda row: -float(row["score"]))[:MAX_BOXES]
    looks = {label: number for number, label in enumerate(dict.fromkeys(row["label"] for row in best))}
    unit = max(width / 4.2, height / 3.3)  # pixels of the photograph an inch of paper, about
    written: list[tuple[float, float, float, float]] = []
    # the largest first, so that a small box lies over a large one
    for row in sorted(best, key=lambda row: -float(row["width"]) * float(row["height"])):
        box, words = [float(row[key]) for key in KEYS], f"{row['label']} {float(row['score']):.2f}"
        written.append(_free_place(box, 0.068 * unit * len(words), 0.16 * unit, width, height, written))
        draw_box(axes, box, looks[row["label"]], words, written[-1][:2])
    if len(found) > len(best):
        axes.set_title(f"{axes.get_title()} (best {MAX_BOXES} of {len(found)})", fontsize=8)


def _free_place(
    box: list[float], wide: float, high: float, width: float, height: float, written: list[tuple]
) -> tuple[float, float, float, float]:
    """Return a place (x, top, width, height) for words at a box: above it, in it, or below others, in the picture."""
    x = min(max(0, box[0]), max(0, width - wide))
    tops = [box[1] - high, *(box[1] + step * high for step in range(6)), box[1] + box[3]]
    for top in tops:
        free = all(
            x >= one[0] + one[2] or one[0] >= x + wide or top >= one[1] + one[3] or one[1] >= top + high
            for one in written
        )
        if free and 0 <= top <= height - high:
            return x, top, wide, high
    return x, max(0, box[1]), wide, high


def draw_box(
    axes: plt.Axes, box: list[float], look: int, words: str = "", at: tuple[float, float] | None = None
) -> None:
    """Draw a box (x, y, width, height) in one of the looks, edged in white, and words whose top left is `at`."""
    x, y, width, height = box
    left, top = at or (x, y)
    colour, style = COLOURS[look % len(COLOURS)], STYLES[look // len(COLOURS) % len(STYLES)]
    outline = [effects.Stroke(linewidth=3.4, foreground="white"), effects.Normal()]
    axes.add_patch(
        Rectangle(
            (x, y), width, height, fill=False, edgecolor=colour, linewidth=1.8, linestyle=style, path_effects=outline
        )
    )
    if words:
        axes.text(
            left, top, words, fontsize=7, color="black", va="top", clip_on=True,
            bbox={"facecolor": "white", "edgecolor": colour, "linewidth": 1.2, "pad": 1.2, "alpha": 0.9},
        )  # fmt: skip
