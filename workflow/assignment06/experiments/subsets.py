"""Which images are trained with, which are held out for validation, and how much each class counts."""

import logging

import numpy as np
from sklearn.model_selection import train_test_split

from assignment06.shared.errors import AssignmentError

log = logging.getLogger(__name__)


def split(x: np.ndarray, y: np.ndarray, share: float, seed: int) -> tuple[tuple, tuple]:
    """Return ((x, y) for training, (x, y) for validation): stratified, disjoint, drawn with `seed`."""
    kept, held = split_places(y, share, seed)
    return (x[kept], y[kept]), (x[held], y[held])


def split_places(y: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the places in `y` (integer labels [n]) for training and for validation, each in ascending order."""
    try:
        kept, held = train_test_split(np.arange(len(y)), test_size=share, stratify=y, random_state=seed)
    except ValueError as error:
        raise AssignmentError(
            f"validation_split: {share} leaves no image of some class ({error}): change it in config.yaml."
        ) from None
    return np.sort(kept), np.sort(held)


def chosen_places(
    y: np.ndarray, share: float, seed: int, images_per_class: int | None, scarce: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Return places as `split_places` does, of training `images_per_class` of each class, of validation in proportion.

    The images for validation are so many that they are `share` of both together, and at least one of each class. Fewer
    images per class are some of more, for the same seed. Where a class has too few, AssignmentError; with `scarce`
    (sample data) all there are.
    """
    kept, held = split_places(y, share, seed)
    if images_per_class is None:
        return kept, held
    fewest = int(np.unique(y[kept], return_counts=True)[1].min())
    if fewest < images_per_class:
        if not scarce:
            raise AssignmentError(
                f"`images_per_class: {images_per_class}` is more than the {fewest} training images of the smallest "
                "class: lower it in config.yaml, or write null for all."
            )
        log.warning(f"the sample has only {fewest} training images of some class, not {images_per_class}")
    wanted = max(1, round(images_per_class * share / (1 - share)))
    return _first_of_each(kept, y, images_per_class, seed), _first_of_each(held, y, wanted, seed)


def _first_of_each(places: np.ndarray, y: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Return up to `count` places of each class, in an order drawn with `seed`, then sorted."""
    shuffled = np.random.default_rng([seed, 16]).permutation(places)
    return np.sort(np.concatenate([shuffled[y[shuffled] == label][:count] for label in np.unique(y)]))


def class_weights(y: np.ndarray) -> dict[int, float]:
    """Return the weight of each class in the loss: n / (classes * images of the class) (King and Zeng, 2001)."""
    labels, counts = np.unique(y, return_counts=True)
    return {int(label): float(len(y) / (len(labels) * count)) for label, count in zip(labels, counts, strict=True)}
