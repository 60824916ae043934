"""What the report says of objects and faces: counts, sheets, and how good the detector is."""

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from assignment06.detection.results import DetectionMetadata, DetectionMetrics

SHEET_SIDE = 1400  # pixels
LABELS = 12  # the most frequent


def detections(
    metadata: Sequence[str], sheets: Sequence[str], evaluations: Sequence[str], plots: Sequence[str], images: bool,
    data_uri: Callable[[np.ndarray, int], dict],
) -> dict:  # fmt: skip
    """Return {"found", "measured", "groups"} for the report, with no picture unless `images`.

    `groups` are detectors that were trained here and differ by their seed alone; what an `own` one found is told so.

    `metadata` and `sheets` belong together; so do `evaluations` and `plots`, of which each has two (precision and
    recall, then mistakes), all of the first kind before all of the second. `data_uri` makes a picture part of a page.
    """

    def picture(path: str) -> dict | None:
        if not images:
            return None
        with Image.open(path) as image:
            return data_uri(np.asarray(image.convert("RGB")), SHEET_SIDE)

    figures = [DetectionMetrics.read(path) for path in evaluations]
    own = {one.detector for one in figures if one.training}
    found = []
    for path, sheet in zip(metadata, sheets, strict=True):
        facts = DetectionMetadata.read(path)
        faces = set(facts.boxes_by_label) <= {"face"} and facts.detector in ("mtcnn", "lbp")
        labels = list(facts.boxes_by_label.items())
        one = {"title": "Faces" if faces else "Objects", "faces": faces, "facts": facts, "sheet": picture(sheet)}
        one["own"] = facts.detector in own
        found.append(one | {"labels": labels[:LABELS], "more": len(labels) - LABELS})
    half = len(evaluations)
    measured = [
        {"facts": facts, "plots": [picture(plots[place]), picture(plots[half + place])]}
        for place, facts in enumerate(figures)
    ]
    return {"found": found, "measured": measured, "groups": _groups(figures)}


def _groups(measured: list[DetectionMetrics]) -> list[dict]:
    """Return the AP50 and AP of trained detectors of one group on one test set, where it has several seeds."""
    groups: dict[tuple[str, str], list[DetectionMetrics]] = {}
    for one in measured:
        if one.training:
            groups.setdefault((one.training.settings.group, one.dataset), []).append(one)
    return [
        {"group": group, "dataset": dataset}
        | {key: [one.summary[key] or 0.0 for one in runs] for key in ("ap50", "ap")}
        for (group, dataset), runs in groups.items()
        if len(runs) > 1
    ]
