"""What lies over the photographs of 6.3 on the page: objects and faces, and where the classifier looked."""

from collections.abc import Sequence
from itertools import groupby

from assignment06.detection.gathering import read_table
from assignment06.gradcam.results import PhotographMaps
from assignment06.plots.detections import KEYS, MAX_BOXES


def add_found(
    photographs: list[dict], sought: Sequence[str], tables: Sequence[str], images: Sequence[str], maps: str | None
) -> list[dict]:
    """Return `report.pictures.photographs` with a "map", and under "found" what was found, where there is any.

    `sought` names what was looked for ("objects", "faces"), `tables` and `images` are its boxes and the photographs
    that were looked at, in one order; "found" has by these names {"boxes", "more"}: the best boxes, each as {"label",
    "score", "place"}, "place" being x, y, width and height in shares of the photograph, and how many more there are.
    `maps` is a file of `PhotographMaps`; a "map" is one of it.
    """
    names = {one["name"] for one in photographs}
    seen = {what: _boxes(names, table, sizes) for what, table, sizes in zip(sought, tables, images, strict=True)}
    looked = PhotographMaps.read(maps).maps if maps else {}
    return [
        {
            **one,
            "found": {what: found[one["name"]] for what, found in seen.items() if one["name"] in found},
            "map": looked.get(one["name"]),
        }
        for one in photographs
    ]


def _boxes(names: set[str], table: str, images: str) -> dict[str, dict]:
    """Return {"boxes", "more"} by name for those of `names` that were looked at."""
    sizes: dict[str, tuple[float, float]] = {}
    for row in read_table(images):  # in the order of the list, of which the page shows the beginning
        sizes[row["image"]] = float(row["width"]), float(row["height"])
        if names <= sizes.keys():
            break
    found = {name: {"boxes": [], "more": 0} for name in names & sizes.keys()}
    for name, rows in groupby(read_table(table), key=lambda row: row["image"]):
        if name not in sizes:
            break
        if name in found:
            best = sorted(rows, key=lambda row: -float(row["score"]))
            boxes = [_box(row, *sizes[name]) for row in best[:MAX_BOXES]]
            found[name] = {"boxes": boxes, "more": len(best) - len(boxes)}
    return found


def _box(row: dict[str, str], width: float, height: float) -> dict:
    sides = (width, height, width, height)
    place = [round(float(row[key]) / side, 4) for key, side in zip(KEYS, sides, strict=True)]
    return {"label": row["label"], "score": round(float(row["score"]), 2), "place": place}
