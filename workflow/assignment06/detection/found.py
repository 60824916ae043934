"""What a detector found in one picture."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Found:
    """Boxes float [n, 4] (x, y, width, height in pixels), their scores [n] and class numbers [n], best score first."""

    boxes: np.ndarray
    scores: np.ndarray
    classes: np.ndarray

    def __len__(self) -> int:
        return len(self.boxes)

    def scaled(self, across: float, down: float) -> "Found":
        """Return the same in a picture that is `across` times as wide and `down` times as high."""
        return Found(self.boxes * (across, down, across, down), self.scores, self.classes)


NOTHING = Found(np.zeros((0, 4)), np.zeros(0), np.zeros(0, int))
