"""Show what an augmentation policy does to some training images."""

import matplotlib.pyplot as plt
import numpy as np

from assignment06.backend import compute
from assignment06.config.experiment import Experiment
from assignment06.data.prepared import DatasetDescription, load_split
from assignment06.experiments import batches
from assignment06.experiments.subsets import split
from assignment06.plots.style import save, show_pixels

IMAGES, EPOCHS = 6, 7


def preview_augmentation(settings: Experiment, train: str, description: str, plot: str, dpi: int, threads: int) -> None:
    """Plot training images, one a row: as they are, then as the net sees them in its first epochs."""
    compute.configure(threads)
    facts = DatasetDescription.read(description)
    (x, y), _ = split(*load_split(train), settings.validation_split, settings.seed)
    classes = facts.classes
    shown = [int(np.flatnonzero(y == label)[0]) for label in range(min(IMAGES, len(classes)))]
    x, one_hot = x[shown], np.eye(len(classes), dtype=np.float32)[y[shown]]
    figure, grid = plt.subplots(len(shown), EPOCHS + 1, figsize=(1.2 * (EPOCHS + 1), 1.25 * len(shown) + 0.6))
    for row, label in enumerate(shown):
        show_pixels(grid[row, 0], x[row])
        grid[row, 0].set_title(f"{classes[int(y[label])]}" + (" (original)" if row == 0 else ""), fontsize=8)
    for epoch in range(EPOCHS):
        # `of_epoch` shuffles by this same draw; the images are put back into their rows
        order = np.random.default_rng([settings.seed, epoch]).permutation(len(shown))
        images, _ = next(iter(batches.of_epoch(x, one_hot, settings, epoch)))
        for place, row in enumerate(order):
            show_pixels(grid[row, epoch + 1], np.clip(images[place], 0, 255).astype(np.uint8))
    title = f"{settings.title}: policy `{settings.augmentation}` on training images"
    figure.suptitle(f"{title} (validation images stay as they are)", weight="bold", fontsize=9)
    save(figure, plot, dpi, facts.stamps)
