"""Read annotations in COCO's format (T.-Y. Lin et al., 2014), leave out what is wrong in them, and say what."""

import json
import math
from dataclasses import dataclass, field
from pathlib import Path

from assignment06.shared.errors import AssignmentError

NONE = type(None)
# What an entry must have, and of which kinds
WANTED: dict[str, dict[str, tuple[type, ...]]] = {
    "images": {"id": (int,), "file_name": (str,)},
    "categories": {"id": (int,), "name": (str,)},
    "annotations": {"image_id": (float, int, str, NONE), "category_id": (float, int, str, NONE), "bbox": (object,)},
}


@dataclass
class Annotated:
    """Sound annotations: `images` by number, with their file's `path`; `boxes` are COCO's annotations.

    `numbers` maps the annotations' class numbers to the net's (from 0), one for each; `problems` are sentences, one a
    kind of defect; `source` is what they call the annotations.
    """

    images: dict[int, dict]
    boxes: list[dict]
    names: dict[int, str]
    numbers: dict[int, int]
    problems: list[str] = field(default_factory=list)
    source: str = ""

    @property
    def classes(self) -> list[str]:
        """The names of the net's classes of which there can be boxes, in the net's order."""
        return [self.names[number] for number in sorted(self.numbers, key=self.numbers.__getitem__)]

    def fit(self, sizes: dict[int, tuple[int, int]]) -> None:
        """Keep what fits the images as they are: `sizes` has (width, height) of each upright one that can be read.

        Images of another size than the annotations say go with their boxes, which are in pixels of another picture:
        one that was scaled since, or annotated on its side. Boxes are cut to the picture; those outside go.
        """
        problems = _Problems(self.source)
        for number, image in list(self.images.items()):
            size, listed = sizes.get(number), (image.get("width"), image.get("height"))
            if size is None:
                del self.images[number]
            elif None not in listed and listed != size:
                said = f"{image['file_name']}: listed {listed[0]} x {listed[1]}, upright {size[0]} x {size[1]} pixels"
                problems.add("images of another size than it lists, which were left out", said)
                del self.images[number]
        kept = []
        for row in self.boxes:
            if row["image_id"] in self.images:
                said = f"image {row['image_id']}, {self.names[row['category_id']]}, {row['bbox']}"
                if (box := _cut(row["bbox"], *sizes[row["image_id"]], said, problems)) is not None:
                    area = row["area"] if box == row["bbox"] else min(row["area"], box[2] * box[3])
                    kept.append(row | {"bbox": box, "area": area})
        self.boxes[:] = kept
        self.problems += problems.sentences()


def read_annotations(annotations: str, folder: str, classes: list[str] | None) -> Annotated:
    """Read a COCO file of boxes whose images lie below `folder`, for a net with these class names, in order.

    Without names they are those of the file that have a box (which is not a crowd's), in the order of their numbers
    there. Classes of one name are one, under its first number; so is a file that is listed as several images.

    Left out, each with a sentence: images whose file is missing, boxes outside their picture or of no size (boxes
    that reach over an edge are cut), of images or classes that nobody lists, and classes that are not the net's.
    Raises AssignmentError where the file is no COCO file, or nothing sound is left of it.
    """
    content = load_annotations(annotations)
    problems = _Problems(annotations)
    images = _images(content["images"], Path(folder), problems)
    same = _same_images(images, problems)
    names = {row["id"]: row["name"] for row in content["categories"]}
    firsts: dict[str, int] = {}
    for number in sorted(names):
        firsts.setdefault(names[number], number)
    first = {number: firsts[name] for number, name in names.items()}
    used = {first.get(row["category_id"]) for row in content["annotations"] if not row.get("iscrowd")}
    if classes is None:
        classes = [names[number] for number in sorted(firsts.values()) if number in used]
    numbers = {number: classes.index(name) for name, number in firsts.items() if name in classes}
    for number in [n for n in sorted(firsts.values()) if n in used and n not in numbers]:
        problems.add("classes that are not the net's, which were left out", names[number])
    boxes = []
    for row in content["annotations"]:
        image, number = row["image_id"], row["category_id"]
        row = row | {"image_id": same.get(image, image), "category_id": first.get(number, number)}
        if sound := _sound(row, images, names, numbers, problems):
            boxes.append(sound | {"id": len(boxes) + 1})
    if not images or not boxes:
        raise AssignmentError(
            f"{annotations} leaves nothing to work with "
            f"({'; '.join(problems.sentences()) or 'it lists no boxes of single objects'}): correct "
            "`detection_datasets:` in config.yaml or the file."
        )
    return Annotated(
        images, boxes, {n: names[n] for n in numbers}, numbers, problems.sentences(), Path(annotations).name
    )


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
        content = json.loads(Path(annotations).read_text(encoding="utf-8-sig"))  # Windows begins files with a mark
    except OSError as error:
        raise AssignmentError(f"The annotations {annotations} cannot be read ({error.strerror}).") from None
    except ValueError as error:
        raise AssignmentError(f"{annotations} is no JSON ({error}): name a file in COCO's format.") from None
    for key, wanted in WANTED.items():
        rows = content.get(key) if isinstance(content, dict) else None
        wrong = _what_is_wrong(key, rows, wanted) if isinstance(rows, list) else f"`{key}` is missing"
        if wrong:
            raise AssignmentError(
                f"{annotations} is not in COCO's format ({wrong}): see docs/detection.md for what must be in it."
            )
    return content


def annotated_classes(content: dict) -> set[str]:
    """Return the names of the classes of which a COCO file, as `load_annotations` gives it, has boxes."""
    used = {row["category_id"] for row in content["annotations"]}
    return {row["name"] for row in content["categories"] if row["id"] in used}


def _what_is_wrong(key: str, rows: list, wanted: dict[str, tuple[type, ...]]) -> str:
    """Return what an entry of a COCO file has not, or has as another one has it; nothing where all are sound."""
    known = set()
    for place, row in enumerate(rows, start=1):
        for name, kinds in wanted.items():
            if not isinstance(row, dict) or name not in row:
                return f"`{key}`, entry {place}, has no `{name}`"
            if not isinstance(row[name], kinds):
                kind = {int: "whole number", str: "text"}.get(kinds[0], "number")
                return f"`{key}`, entry {place}: `{name}` is {json.dumps(row[name])[:40]}, and no {kind}"
        if "id" in wanted:
            if row["id"] in known:
                return f"two of `{key}` have the `id` {row['id']}"
            known.add(row["id"])
    return ""


def _images(rows: list[dict], folder: Path, problems: _Problems) -> dict[int, dict]:
    """Return the images whose file is there, by number."""
    images = {}
    for row in rows:
        if name := image_name(row["file_name"], folder):
            images[row["id"]] = {"id": row["id"], "file_name": name, "path": str(folder / name)} | {
                key: row[key] for key in ("width", "height") if isinstance(row.get(key), int) and row[key] > 0
            }
        else:
            problems.add(f"images that are not in {folder}, which were left out", row["file_name"])
    problems.listed = {row["id"] for row in rows}
    return images


def image_name(name: str, folder: Path) -> str | None:
    """Return the name below `folder` of an image that annotations list, None where there is no such file.

    Programs on Windows write folders of a name with backslashes.
    """
    return next((one for one in (name, name.replace("\\", "/")) if (folder / one).is_file()), None)


def _same_images(images: dict[int, dict], problems: _Problems) -> dict[int, int]:
    """Take each file out of `images` but once; return the number under which it stays by that of every image."""
    firsts: dict[str, int] = {}
    same = {}
    for number, image in list(images.items()):
        same[number] = firsts.setdefault(image["file_name"], number)
        if same[number] != number:
            problems.add("images that it lists again, whose boxes were put together", image["file_name"])
            del images[number]
    return same


def _sound(row: dict, images: dict, names: dict, numbers: dict, problems: _Problems) -> dict | None:
    """Return an annotation as pycocotools wants it, or None for one that cannot be used."""
    image, number, box = row["image_id"], row["category_id"], row["bbox"]
    said = f"image {image!r}, {names.get(number, repr(number))}, {box}"
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
    _, _, width, height = box
    if not (width > 0 and height > 0):
        problems.add("boxes of no size, which were left out", said)
        return None
    across, down = (images[image].get(key, math.inf) for key in ("width", "height"))
    if (cut := _cut(box, across, down, said, problems)) is None:
        return None
    area = row.get("area")
    return {
        "image_id": images[image]["id"],
        "category_id": number,
        "bbox": cut,
        "area": area if isinstance(area, int | float) and area > 0 else cut[2] * cut[3],
        "iscrowd": int(bool(row.get("iscrowd", 0))),
    }


def _cut(box: list, across: float, down: float, said: str, problems: _Problems) -> list | None:
    """Return a box cut to a picture of this width and height, None where it lies outside; `said` names it."""
    x, y, width, height = box
    left, top, right, low = max(x, 0), max(y, 0), min(x + width, across), min(y + height, down)
    if not (right > left and low > top):
        problems.add("boxes outside their picture, which were left out", said)
        return None
    if left - x > 1 or top - y > 1 or x + width - right > 1 or y + height - low > 1:
        problems.add("boxes that reach over an edge, which were cut", said)
        return [left, top, right - left, low - top]
    return box  # a pixel too much is rounding
