"""Chollet, Deep Learning with Python (1st ed.), listing 5.11: rotation of 40 degrees, the rest 0.2."""

from assignment06.backend import kerascv


def layers(seed: int) -> list:
    """Return the layers of one epoch."""
    return [
        kerascv.rotate(seed, 40 / 360),
        kerascv.shift(seed + 1, 0.2, fill_mode="nearest", interpolation="bilinear"),
        kerascv.shear(seed + 2, 0.2),
        kerascv.zoom(seed + 3, 0.2),
        kerascv.flip(seed + 4),
    ]
