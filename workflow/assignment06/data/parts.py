"""Draw which images of a set are for training, for validation and for the test."""

from typing import Literal

import numpy as np

Part = Literal["train", "validation", "test"]


def draw_parts(digests: list[str], validation_split: float, test_split: float, seed: int) -> list[Part]:
    """Return the part of each image by its content's digest; those with equal content have the same.

    Of the different ones, each share but 0 has one at least; `seed` draws.
    """
    different = sorted(set(digests))
    order = np.random.default_rng(seed).permutation(len(different))
    tests = max(1, round(test_split * len(different))) if test_split else 0
    validations = max(1, round(validation_split * len(different)))
    part: dict[str, Part] = {}
    for place, number in enumerate(order):
        chosen: Part = "test" if place < tests else "validation" if place < tests + validations else "train"
        part[different[number]] = chosen
    return [part[one] for one in digests]
