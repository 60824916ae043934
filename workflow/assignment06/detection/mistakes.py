"""What a detector missed, and what it saw that is not there."""

import numpy as np

from assignment06.detection.boxes import overlap
from assignment06.detection.coco import Annotated
from assignment06.detection.found import Found

MISTAKE_IOU = 0.5  # from which a box counts as found
PLACED_IOU = 0.1  # from which a box of the right class is one that is ill placed
MISTAKE_COLUMNS = ["image", "kind", "label", "reason", "score", "x", "y", "width", "height"]


def find_mistakes(annotated: Annotated, found: dict[int, Found], score: float) -> tuple[int, list[list]]:
    """Return how many boxes were found, and a row of `MISTAKE_COLUMNS` for each that was missed or is not there.

    Only boxes from `score` on count. A crowd is not missed, and a box in one is no mistake.
    """
    by_image: dict[int, list[dict]] = {}
    for row in annotated.boxes:
        by_image.setdefault(row["image_id"], []).append(row)
    names = {own: annotated.names[number] for number, own in annotated.numbers.items()}
    right, wrong = 0, []
    for image, one in found.items():
        name, everything = annotated.images[image]["file_name"], by_image.get(image, [])
        for label, word in names.items():
            boxes = [row for row in everything if annotated.numbers[row["category_id"]] == label]
            mine = np.flatnonzero((one.classes == label) & (one.scores >= score))
            taken, false = match(one.boxes[mine], boxes)
            right += len(taken)
            for box, sure in ((one.boxes[mine[k]], one.scores[mine[k]]) for k in false):
                why = reason(box, word, everything, annotated.names)
                wrong.append([name, "false", word, why, f"{sure:.5f}", *(f"{v:.2f}" for v in box)])
            for k, row in enumerate(boxes):
                if k not in taken and not row["iscrowd"]:
                    wrong.append([name, "missed", word, "", "", *(f"{v:.2f}" for v in row["bbox"])])
    return right, wrong


def reason(box: np.ndarray, label: str, annotations: list[dict], names: dict[int, str]) -> str:
    """Say what is wrong with a false box (the kinds of D. Bolya et al., 2020, TIDE)."""
    if not annotations:
        return "nothing annotated there"
    overlaps = overlap(box[None], np.array([row["bbox"] for row in annotations], float))[0]
    words = [names[row["category_id"]] for row in annotations]
    same = max((value for value, word in zip(overlaps, words, strict=True) if word == label), default=0.0)
    if same >= MISTAKE_IOU:
        return "found twice"
    if overlaps.max() >= MISTAKE_IOU:
        return f"annotated as {words[int(overlaps.argmax())]}"
    return "ill placed" if same >= PLACED_IOU else "nothing annotated there"


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
