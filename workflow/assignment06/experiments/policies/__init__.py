"""Augmentation policies by name: each is a file of this package, with a function `layers`.

`layers(seed)` returns the layers of one epoch, drawn from `seed`, in the order in which a batch of training images
passes through them. A policy may also say by `mirrored(images, seed, epoch)` which of all training images an epoch
shows as in a mirror, where the layers cannot know it. Validation and test images are never augmented.
"""

from collections.abc import Callable

import numpy as np

from assignment06.backend import kerascv
from assignment06.shared import registry


def augmenter(policy: str, seed: int) -> Callable[[kerascv.Batch], kerascv.Batch]:
    """Return the function that augments one epoch's batches by a named policy. `seed` must be > 0.

    Example:
        >>> augmenter("light", seed=1)({"images": pixels, "labels": one_hot})["images"].shape
        TensorShape([128, 32, 32, 3])
    """
    return kerascv.augmenter(registry.find(registry.POLICIES, policy).layers(seed))


def mirrored(policy: str, images: int, seed: int, epoch: int) -> np.ndarray:
    """Return which of `images` training images a named policy shows as in a mirror before its layers, bool [images]."""
    found = registry.find(registry.POLICIES, policy)
    return found.mirrored(images, seed, epoch) if hasattr(found, "mirrored") else np.zeros(images, bool)
