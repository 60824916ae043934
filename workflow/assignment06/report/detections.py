"""What the report says of objects and faces: counts, sheets, and how good the detector is."""

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from assignment06.detection.evaluation import DetectionMetrics
from assignment06.detection.gathering import DetectionMetadata

SHEET_SIDE = 1400  # pixels
LABELS = 12  # the most frequent


def detections(
    metadata: Sequence[str], sheets: Sequence[str], evaluations: Sequence[str], plots: Sequence[str], images: bool,
    data_uri: Callable[[np.ndarray, int], dict],
) -> dict:  # fmt: skip
    """Return {"found", "measured"} for the report, with no picture unless `images`.

    `metadata` and `sheets` belong together; so do `evaluations` and `plots`, of which each has two (precision and
    recall, then mistakes), all of the first kind before all of the second. `data_uri` makes a picture part of a page.
    """

    def picture(path: str) -> dict | None:
        if not images:
            return None
        with Image.open(path) as image:
            return data_uri(np.asarray(image.convert("RGB")), SHEET_SIDE)

    found = []
    for path, sheet in zip(metadata, sheets, strict=True):
        facts = DetectionMetadata.read(path)
        faces = set(facts.boxes_by_label) <= {"face"} and facts.detector in ("mtcnn", "lbp")
        labels = list(facts.boxes_by_label.items())
        one = {"title": "Faces" if faces else "Objects", "faces": faces, "facts": facts, "sheet": picture(sheet)}
        found.append(one | {"labels": labels[:LABELS], "more": len(labels) - LABELS})
    half = len(evaluations)
    measured = [
        {"facts": DetectionMetrics.read(path), "plots": [picture(plots[place]), picture(plots[half + place])]}
        for place, path in enumerate(evaluations)
    ]
    return {"found": found, "measured": measured}
