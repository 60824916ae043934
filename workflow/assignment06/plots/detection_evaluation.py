"""How good a detector is on annotated images: precision and recall, by size and class; a gallery of mistakes."""

from itertools import zip_longest
from pathlib import Path

import matplotlib.pyplot as plt

from assignment06.data.image_files import UnreadableImage, read_measured_image
from assignment06.detection.gathering import read_table
from assignment06.detection.results import DetectionMetrics
from assignment06.plots.detections import KEYS, draw_box
from assignment06.plots.style import BLUE, GREEN, GREY, ORANGE, save

CLASSES = 20  # bars
MISTAKES = 12  # of each kind
PIXELS = 300


def plot_average_precision(metrics: str, plot: str, dpi: int) -> None:
    """Plot precision against recall at three IoU thresholds, and average precision by size and by class."""
    facts = DetectionMetrics.read(metrics)
    figure, (curves, sizes, classes) = plt.subplots(1, 3, figsize=(14, 4.8), width_ratios=(1.2, 0.7, 1.2))
    looks = (("0.50", BLUE, "-"), ("0.75", ORANGE, "--"), ("0.50 to 0.95", GREEN, ":"))
    for (key, colour, style), figure_of in zip(looks, ("ap50", "ap75", "ap"), strict=True):
        words = f"IoU {key}: AP {facts.summary[figure_of] or 0:.3f}"
        curves.plot(facts.recall, facts.precision[key], color=colour, linestyle=style, label=words)
    curves.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="recall", ylabel="precision", title="Mean over the classes")
    curves.legend(frameon=False, loc="lower left")
    _by_size(sizes, facts)
    _by_class(classes, facts)
    figure.suptitle(
        f"{facts.title} on {facts.dataset}: {facts.images:,} images, {facts.boxes:,} annotated boxes", weight="bold"
    )
    save(figure, plot, dpi)


def plot_detection_mistakes(metrics: str, mistakes: str, images: str, plot: str, dpi: int) -> None:
    """Show the largest annotated boxes that were missed beside the surest ones that are wrong."""
    facts = DetectionMetrics.read(metrics)
    missed, false = [], []
    for row in read_table(mistakes):
        (missed if row["kind"] == "missed" else false).append(row)
    missed = sorted(missed, key=lambda row: -float(row["width"]) * float(row["height"]))[:MISTAKES]
    false = sorted(false, key=lambda row: -float(row["score"]))[:MISTAKES]
    rows = max(1, -(-max(len(missed), len(false)) // 3))
    figure, grid = plt.subplots(rows, 6, figsize=(15, 2.6 * rows + 1), squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for number, pair in enumerate(zip_longest(missed, false)):
        for side, row in enumerate(pair):
            if row:
                _crop(grid[number // 3, 3 * side + number % 3], row, images)
    head = f"left: missed ({facts.missed:,}, the largest)      right: wrong ({facts.false:,}, the surest)"
    figure.suptitle(f"{facts.title} on {facts.dataset}, score from {facts.score} on, IoU 0.5\n{head}", weight="bold")
    save(figure, plot, dpi)


def _crop(axes: plt.Axes, row: dict, images: str) -> None:
    try:
        pixels, (width, height) = read_measured_image(Path(images) / row["image"], PIXELS)
    except UnreadableImage:
        axes.text(0.5, 0.5, "gone", ha="center")
        return
    box = [float(row[key]) for key in KEYS]
    margin = 0.6 * max(box[2], box[3], 0.1 * min(width, height))
    axes.imshow(pixels, extent=(0, width, height, 0))
    draw_box(axes, box, look=0 if row["kind"] == "missed" else 3)
    axes.set_xlim(max(0, box[0] - margin), min(width, box[0] + box[2] + margin))
    axes.set_ylim(min(height, box[1] + box[3] + margin), max(0, box[1] - margin))
    words = f"{float(row['score']):.2f}, {row['reason']}" if row["score"] else "missed"
    axes.set_title(f"{row['label']}: {words}\n{row['image'][-28:]}", fontsize=7)


def _by_size(axes: plt.Axes, facts: DetectionMetrics) -> None:
    names = {"ap_small": "small\n(below 32²)", "ap_medium": "medium", "ap_large": "large\n(from 96²)"}
    values = [facts.summary[key] for key in names]
    axes.bar(list(names.values()), [value or 0 for value in values], color=BLUE, width=0.6)
    for place, value in enumerate(values):
        axes.text(place, (value or 0) + 0.01, "none" if value is None else f"{value:.3f}", ha="center", fontsize=9)
    axes.set(ylim=(0, 1), ylabel="AP", title="By size in pixels")


def _by_class(axes: plt.Axes, facts: DetectionMetrics) -> None:
    most = sorted(facts.classes.items(), key=lambda item: -item[1].boxes)[:CLASSES]
    places = range(len(most))[::-1]
    axes.barh(places, [one.ap for _, one in most], color=BLUE, height=0.7, label="AP")
    axes.plot([one.ap50 for _, one in most], places, "o", color=ORANGE, markersize=4, label="AP50")
    axes.set_yticks(list(places), [f"{name} ({one.boxes:,})" for name, one in most], fontsize=8)
    axes.set(xlim=(0, 1.02), xlabel="AP", title="By class (annotated boxes), the most frequent")
    axes.legend(frameon=False, loc="upper right", bbox_to_anchor=(1, -0.1), ncols=2)
    axes.tick_params(axis="y", colors=GREY)
