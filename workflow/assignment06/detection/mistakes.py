"""What a detector missed, and what it saw that is not there."""

import numpy as np

from assignment06.detection.boxes import overlap
from assignment06.detection.coco import Annotated
from assignment06.detection.found import Found

MISTAKE_IOU = 0.5  # from which a box counts as found
MISTAKE_COLUMNS = ["image", "kind", "label", "score", "x", "y", "width", "height"]


def find_mistakes(annotated: Annotated, found: dict[int, Found], score: float) -> tuple[int, list[list]]:
    """Return how many boxes were found, and a row of `MISTAKE_COLUMNS` for each that was missed or is not there.

    Only boxes from `score` on count. A crowd is not missed, and a box in one is no mistake.
    """
    truth: dict[tuple[int, int], list[dict]] = {}
    for row in annotated.boxes:
        truth.setdefault((row["image_id"], annotated.numbers[row["category_id"]]), []).append(row)
    names = {own: annotated.names[number] for number, own in annotated.numbers.items()}
    right, wrong = 0, []
    for image, one in found.items():
        file_name = annotated.images[image]["file_name"]
        for label, name in names.items():
            boxes = truth.get((image, label), [])
            mine = np.flatnonzero((one.classes == label) & (one.scores >= score))
            taken, false = match(one.boxes[mine], boxes)
            right += len(taken)
            wrong += [
                [file_name, "false", name, f"{one.scores[mine[k]]:.5f}", *(f"{v:.2f}" for v in one.boxes[mine[k]])]
                for k in false
            ]
            wrong += [
                [file_name, "missed", name, "", *(f"{v:.2f}" for v in row["bbox"])]
                for k, row in enumerate(boxes)
                if k not in taken and not row["iscrowd"]
            ]
    return right, wrong


def match(boxes: np.ndarray, annotations: list[dict]) -> tuple[set[int], list[int]]:
    """Return which annotations are found by boxes [n, 4] (best score first), and which boxes are not there.

    Each box takes the annotation that it overlaps most among those not taken, from an IoU of `MISTAKE_IOU` on.
    """
    taken: set[int] = set()
    if not annotations:
        return taken, list(range(len(boxes)))
    overlaps = overlap(boxes, np.array([row["bbox"] for row in annotations], float))
    crowd = np.array([bool(row["iscrowd"]) for row in annotations])
    false = []
    for number, row in enumerate(overlaps):
        free = np.where([index in taken for index in range(len(row))] | crowd, -1.0, row)
        best = int(free.argmax())
        if free[best] >= MISTAKE_IOU:
            taken.add(best)
        elif not _in_crowd(boxes[number], annotations, crowd):
            false.append(number)
    return taken, false


def _in_crowd(box: np.ndarray, annotations: list[dict], crowd: np.ndarray) -> bool:
    """Whether half of a box or more lies in a region that was annotated as a crowd."""
    for row in (annotations[index] for index in np.flatnonzero(crowd)):
        low = np.maximum(box[:2], row["bbox"][:2])
        high = np.minimum(box[:2] + box[2:], np.add(row["bbox"][:2], row["bbox"][2:]))
        if np.prod(np.maximum(high - low, 0)) >= MISTAKE_IOU * np.prod(box[2:]):
            return True
    return False
