"""Read annotations in COCO's format (T.-Y. Lin et al., 2014), leave out what is wrong in them, and say what."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from assignment06.shared.errors import AssignmentError


@dataclass
class Annotated:
    """Sound annotations: `images` by number, with their file's `path`; `boxes` are COCO's annotations.

    `numbers` maps the annotations' class numbers to the net's (from 0), `problems` are sentences, one a kind of defect.
    """

    images: dict[int, dict]
    boxes: list[dict]
    names: dict[int, str]
    numbers: dict[int, int]
    problems: list[str] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        """The names of the net's classes of which there can be boxes, in the net's order."""
        return [self.names[number] for number in sorted(self.numbers, key=self.numbers.__getitem__)]


def read_annotations(annotations: str, folder: str, classes: list[str] | None) -> Annotated:
    """Read a COCO file of boxes whose images lie below `folder`, for a net with these class names, in order.

    Without names they are those of the file that have a box, in the order of their numbers there.

    Left out, each with a sentence: images whose file is missing, boxes outside their picture or of no size (boxes
    that reach over an edge are cut), of images or classes that nobody lists, and classes that are not the net's.
    Raises AssignmentError where the file is no COCO file, or nothing sound is left of it.
    """
    content = load_annotations(annotations)
    problems = _Problems(annotations)
    images = _images(content["images"], Path(folder), problems)
    names = {row["id"]: str(row["name"]) for row in content["categories"]}
    if classes is None:
        used = {row["category_id"] for row in content["annotations"] if isinstance(row["category_id"], int)}
        classes = list(dict.fromkeys(names[number] for number in sorted(names) if number in used))
    numbers = {number: classes.index(name) for number, name in names.items() if name in classes}
    for number in sorted(names.keys() - numbers.keys()):
        problems.add("classes that are not the net's, which were left out", names[number])
    boxes = []
    for row in content["annotations"]:
        if sound := _sound(row, images, names, numbers, problems):
            boxes.append(sound | {"id": len(boxes) + 1})
    if not images or not boxes:
        raise AssignmentError(
            f"{annotations} leaves nothing to work with ({'; '.join(problems.sentences()) or 'it lists no boxes'}): "
            "correct `detection_datasets:` in config.yaml or the file."
        )
    return Annotated(images, boxes, {n: names[n] for n in numbers}, numbers, problems.sentences())


class _Problems:
    """Counts defects of each kind and remembers the first."""

    def __init__(self, annotations: str) -> None:
        self._where, self._kinds = Path(annotations).name, {}
        self.listed: set[int] = set()  # the images, whether or not their file is there

    def add(self, kind: str, example: str) -> None:
        count, first = self._kinds.get(kind, (0, example))
        self._kinds[kind] = (count + 1, first)

    def sentences(self) -> list[str]:
        return [f"{self._where} has {n} {kind} (first: {first})" for kind, (n, first) in self._kinds.items()]


def load_annotations(annotations: str) -> dict:
    """Return what is in a COCO file. Raises AssignmentError where it is none."""
    try:
        content = json.loads(Path(annotations).read_text(encoding="utf-8"))
    except OSError as error:
        raise AssignmentError(f"The annotations {annotations} cannot be read ({error.strerror}).") from None
    except ValueError as error:
        raise AssignmentError(f"{annotations} is no JSON ({error}): name a file in COCO's format.") from None
    keys: dict[str, Callable[[dict], bool]] = {
        "images": lambda row: isinstance(row["id"], int) and isinstance(row["file_name"], str),
        "categories": lambda row: isinstance(row["id"], int) and isinstance(row["name"], str),
        "annotations": lambda row: "image_id" in row and "category_id" in row and "bbox" in row,
    }
    for key, sound in keys.items():
        rows = content.get(key) if isinstance(content, dict) else None
        try:
            fits = isinstance(rows, list) and all(sound(row) for row in rows)
        except (KeyError, TypeError):
            fits = False
        if not fits:
            raise AssignmentError(
                f"{annotations} is not in COCO's format (`{key}` is missing, or has entries without what COCO wants): "
                "see docs/detection.md for what must be in it."
            )
    return content


def _images(rows: list[dict], folder: Path, problems: _Problems) -> dict[int, dict]:
    """Return the images whose file is there, by number."""
    images = {}
    for row in rows:
        path = folder / row["file_name"]
        if path.is_file():
            images[row["id"]] = {"id": row["id"], "file_name": row["file_name"], "path": str(path)} | {
                key: row[key] for key in ("width", "height") if isinstance(row.get(key), int)
            }
        else:
            problems.add(f"images that are not in {folder}, which were left out", row["file_name"])
    problems.listed = {row["id"] for row in rows}
    return images


def _sound(row: dict, images: dict, names: dict, numbers: dict, problems: _Problems) -> dict | None:
    """Return an annotation as pycocotools wants it, or None for one that cannot be used."""
    image, number, box = row["image_id"], row["category_id"], row["bbox"]
    said = f"image {image}, {names.get(number, number)}, {box}"
    if image not in images:
        if image not in problems.listed:
            problems.add("boxes of images that it does not list, which were left out", said)
        return None
    if number not in numbers:
        if number not in names:
            problems.add("boxes of classes that it does not list, which were left out", said)
        return None
    if not (isinstance(box, list) and len(box) == 4 and all(isinstance(value, int | float) for value in box)):
        problems.add("boxes that are not four numbers, which were left out", said)
        return None
    x, y, width, height = box
    if not (width > 0 and height > 0):
        problems.add("boxes of no size, which were left out", said)
        return None
    across, down = images[image].get("width", float("inf")), images[image].get("height", float("inf"))
    left, top, right, low = max(x, 0), max(y, 0), min(x + width, across), min(y + height, down)
    if not (right > left and low > top):
        problems.add("boxes outside their picture, which were left out", said)
        return None
    if left - x > 1 or top - y > 1 or x + width - right > 1 or y + height - low > 1:
        problems.add("boxes that reach over an edge, which were cut", said)
    else:
        left, top, right, low = x, y, x + width, y + height  # a pixel too much is rounding
    area = row.get("area")
    return {
        "image_id": image,
        "category_id": number,
        "bbox": [left, top, right - left, low - top],
        "area": area if isinstance(area, int | float) and area > 0 else (right - left) * (low - top),
        "iscrowd": int(bool(row.get("iscrowd", 0))),
    }
