"""What a detector found in one picture, and what stays of it."""

from dataclasses import dataclass

import numpy as np

from assignment06.detection import boxes as geometry

MOST = 100  # boxes a picture, as COCO's evaluation counts


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


def settled(
    boxes: np.ndarray, scores: np.ndarray, classes: np.ndarray, size: tuple[int, int], score: float, iou: float
) -> Found:
    """Return what stays of a net's boxes [n, 4] (x, y, width, height in pixels of the picture): the `MOST` best.

    Boxes are cut to the picture, whose (width, height) is `size`; those below `score` and those that a better one of
    their class overlaps by more than `iou` go.
    """
    boxes = geometry.clip(boxes, *size)
    good = (scores >= score) & (boxes[:, 2:].min(axis=1, initial=np.inf) > 0)
    boxes, scores, classes = boxes[good], scores[good], classes[good]
    kept = geometry.suppress(boxes, scores, classes, iou)[:MOST]
    return Found(boxes[kept].astype(float), scores[kept].astype(float), classes[kept])
