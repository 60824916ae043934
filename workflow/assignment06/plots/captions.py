"""Photographs with what a captioner said of them: good and bad ones, where it looked, and those of 6.3."""

import csv
import textwrap
from itertools import islice
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from assignment06.captions.results import Attention, CaptionMetrics, PhotographCaptions, examples
from assignment06.data.datasets import squared
from assignment06.data.image_files import UnreadableImage, find_photographs, read_image
from assignment06.plots.contact_sheet import manifest_paths
from assignment06.plots.style import BLUE, GREEN, ORANGE, RED, save

OF_EACH = 3  # of the best, of the middle, of the worst
PIXELS = 224
MAX_PHOTOGRAPHS = 24
COLUMNS = 7  # words in a row
KINDS = (("best", GREEN), ("middle", ORANGE), ("worst", RED))


def plot_captions(table: str, metrics: str, images: str, plot: str, dpi: int) -> None:
    """Plot the best, the middle and the worst captions of the test photographs with the references, a row of each."""
    facts = CaptionMetrics.read(metrics)
    with open(table, newline="", encoding="utf-8") as file:
        every = list(csv.DictReader(file))
    chosen = [every[number] for number in examples(len(every), OF_EACH)]
    paths = dict(find_photographs(images))
    figure, grid = plt.subplots(-(-len(chosen) // OF_EACH), OF_EACH, figsize=(13.5, 14.5), squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for number, (axes, row) in enumerate(zip(grid.flat, chosen, strict=False)):
        kind, colour = KINDS[min(number // OF_EACH, 2)]
        _show(axes, paths.get(row["image"]))
        axes.set_title(_wrapped(f"{kind}: {row['caption']}"), fontsize=10, color=colour, weight="bold")
        said = [_wrapped(f"– {caption}", 62) for caption in row["references"].split("\n")[:5]]
        axes.text(0, -0.03, "\n".join(said), transform=axes.transAxes, va="top", fontsize=7.5)
    score, (low, high) = facts.captioner_scores.bleu[-1], facts.captioner_scores.intervals_95[-1]
    figure.suptitle(
        f"{facts.title}: BLEU-4 {score:.3f} ({low:.3f} to {high:.3f}) on {facts.photographs} test photographs\nthe "
        f"nearest photograph's caption {facts.nearest.bleu[-1]:.3f}, one for all {facts.one_for_all.bleu[-1]:.3f}",
        weight="bold",
    )
    save(figure, plot, dpi, facts.stamps)


def plot_attention(attention: str, images: str, plot: str, dpi: int) -> None:
    """Plot photographs once for each word of their captions, dark where the captioner did not look."""
    facts, paths = Attention.read(attention), dict(find_photographs(images))
    lines = [range(start, min(start + COLUMNS, len(one.words) + 1)) for one in facts.photographs
             for start in range(0, len(one.words) + 1, COLUMNS)]  # fmt: skip
    whose = [one for one in facts.photographs for _ in range(0, len(one.words) + 1, COLUMNS)]
    figure, grid = plt.subplots(len(lines), COLUMNS, figsize=(2 * COLUMNS, 2.25 * len(lines) + 0.5), squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for row, one, places in zip(grid, whose, lines, strict=True):
        for axes, place in zip(row, places, strict=False):
            shares = one.attention[place - 1] if place else None
            _show(axes, paths.get(one.image), shares)
            axes.set_title(one.words[place - 1] if place else one.image[:22], fontsize=9 if place else 7)
    figure.suptitle(f"{facts.captioner}: where it looked while it wrote each word", weight="bold")
    save(figure, plot, dpi, facts.stamps)


def plot_photograph_captions(manifest: str, table: str, metadata: str, plot: str, dpi: int) -> None:
    """Plot the first photographs of 6.3 with their captions, and say what these are."""
    facts = PhotographCaptions.read(metadata)
    with open(table, newline="", encoding="utf-8") as file:
        shown = list(islice(csv.DictReader(file), MAX_PHOTOGRAPHS))
    paths = manifest_paths(manifest, {row["image"] for row in shown})
    columns = min(3, max(1, len(shown)))
    rows = max(1, -(-len(shown) // columns))
    figure, grid = plt.subplots(rows, columns, figsize=(4.4 * columns, 4.2 * rows + 0.8), squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for axes, row in zip(grid.flat, shown, strict=False):
        _show(axes, paths.get(row["image"]))
        axes.set_title(_wrapped(row["caption"]), fontsize=10, color=BLUE, weight="bold")
        axes.text(0, -0.02, row["image"][-45:], transform=axes.transAxes, va="top", fontsize=7.5)
    if not shown:
        grid[0, 0].text(0, 0.5, "No photograph could be read.")
    figure.suptitle(f"{facts.captioner}\n{_wrapped(facts.note, 34 * columns)}", fontsize=10)
    save(figure, plot, dpi, facts.stamps)


def _show(axes: plt.Axes, path: Path | str | None, shares: list[float] | None = None) -> None:
    """Show the square that the net saw of a photograph; with the shares of its places darkened by these."""
    try:
        pixels = squared(read_image(path, PIXELS), PIXELS) if path else None
    except UnreadableImage:
        pixels = None
    if pixels is None:
        axes.text(0.5, 0.5, "gone", ha="center")
        return
    if shares is not None:
        side = round(len(shares) ** 0.5)
        scaled = np.array(shares, np.float32).reshape(side, side) / max(shares)
        mask = np.asarray(Image.fromarray(scaled).resize((PIXELS, PIXELS), Image.Resampling.BICUBIC))
        pixels = (pixels * (0.15 + 0.85 * np.clip(mask, 0, 1)[..., None])).astype(np.uint8)
    axes.imshow(pixels)


def _wrapped(text: str, width: int = 44) -> str:
    return "\n".join(textwrap.wrap(text, width))
