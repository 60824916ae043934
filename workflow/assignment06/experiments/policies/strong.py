"""Mirror, shift by up to an eighth, and grey out a rectangle."""

from assignment06.backend import kerascv


def layers(seed: int) -> list:
    """Return the layers of one epoch."""
    return [kerascv.flip(seed), kerascv.shift(seed + 1, 0.125), kerascv.cutout(seed + 2, 0.25)]
