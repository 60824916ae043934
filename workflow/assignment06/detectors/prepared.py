"""A set of images with boxes to train a detector on: what can be used of it, and which images are for what."""

import logging
from pathlib import Path

import numpy as np

from assignment06.data.image_files import UnreadableImage, read_measured_image
from assignment06.data.parts import Part, draw_parts
from assignment06.detection.coco import Annotated, read_annotations
from assignment06.detection.shards import in_order
from assignment06.shared.documents import Document
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import sha256_file, sha256_json

LEAST_IMAGES = 10  # with a box, to train on
log = logging.getLogger(__name__)


class AnnotatedImage(Document):
    """One image that can be read."""

    number: int
    """As the annotations have it."""
    image: str
    """Its name below the folder."""
    sha256: str
    width: int
    height: int
    """In pixels of the upright image."""
    part: Part


class Box(Document):
    """One annotated box, as COCO has it."""

    image_id: int
    category_id: int
    bbox: tuple[float, float, float, float]
    """x, y, width, height in pixels."""
    area: float
    iscrowd: int


class AnnotatedSet(Document):
    """The images of a set, in the order of its file, and their boxes (annotated.json)."""

    name: str
    folder: str
    classes: list[str]
    """Those with a box, in the order of a net's outputs."""
    numbers: dict[int, int]
    """Of a class in the annotations, its place in `classes`."""
    images: list[AnnotatedImage]
    boxes: list[Box]
    problems: list[str]
    """What was left out, a sentence for each kind."""

    @property
    def seen(self) -> list[AnnotatedImage]:
        """The images for training and validation: what features are computed of."""
        return [one for one in self.images if one.part != "test"]

    def seen_for(self, part: Part) -> tuple[np.ndarray, list[AnnotatedImage]]:
        """Return the places [n] among those that are seen of the images of one part, and these images."""
        chosen = [(place, one) for place, one in enumerate(self.seen) if one.part == part]
        return np.array([place for place, _ in chosen], int), [one for _, one in chosen]

    @property
    def digest(self) -> str:
        """What features depend on: the images that are seen and their order."""
        return sha256_json([one.sha256 for one in self.seen])

    def annotated(self, part: Part) -> Annotated:
        """Return the images of one part and their boxes."""
        images = {
            one.number: {"id": one.number, "file_name": one.image, "path": str(Path(self.folder) / one.image)}
            | {"width": one.width, "height": one.height}
            for one in self.images
            if one.part == part
        }
        rows = [row.model_dump() for row in self.boxes if row.image_id in images]
        boxes = [row | {"id": number, "bbox": list(row["bbox"])} for number, row in enumerate(rows, start=1)]
        names = {number: self.classes[place] for number, place in self.numbers.items()}
        return Annotated(images, boxes, names, dict(self.numbers), list(self.problems), self.name)


def prepare_annotations(
    dataset: str, images: str, annotations: str, validation_split: float, test_split: float, seed: int, threads: int,
    prepared: str,
) -> None:  # fmt: skip
    """Write the `AnnotatedSet` of a folder of images and a file of boxes in COCO's format.

    Whole images are drawn with `seed` for each part; with a `test_split` of 0 none are for the test. An image without a
    box is one on which nothing is to be found. See `read_annotations` for what is left out; images that cannot be read
    go too. Raises AssignmentError where too little is left to train, to validate or to test with.
    """
    annotated = read_annotations(annotations, images, None)
    read, lost = [], []
    for image, result in in_order(_looked_at, iter(annotated.images.values()), threads):
        if isinstance(result, str):
            lost.append(f"{image['file_name']}: {result}")
        else:
            read.append((image, *result))
    annotated.fit({image["id"]: size for image, _, size in read})
    read = [one for one in read if one[0]["id"] in annotated.images]
    problems, boxes = annotated.problems, annotated.boxes
    if lost:
        problems.append(f"{len(lost)} images cannot be read and were left out (first: {lost[0]})")
    parts = draw_parts([digest for _, digest, _ in read], validation_split, test_split, seed)
    known = {image["id"]: part for (image, _, _), part in zip(read, parts, strict=True)}
    single = [row for row in boxes if not row["iscrowd"]]  # a crowd teaches nothing
    with_boxes = {part: {row["image_id"] for row in single if known[row["image_id"]] == part} for part in set(parts)}
    where = f"`detection_datasets: {dataset}`: "
    if len(with_boxes.get("train", ())) < LEAST_IMAGES:
        raise AssignmentError(
            f"{where}{len(with_boxes.get('train', ()))} images of {images} are left to train on that can be read and "
            f"have a box in {annotations}; at least {LEAST_IMAGES} are needed, and hundreds to learn anything: "
            f"{'; '.join(problems) or 'annotate more'}."
        )
    for part, key in (("validation", "validation_split"), ("test", "test_split")):
        if part in set(parts) and not with_boxes[part]:
            raise AssignmentError(f"{where}no image for the {part} has a box: raise `{key}`, or set another `seed`.")
    taught = {row["category_id"] for row in single if known[row["image_id"]] == "train"}
    if strange := [annotated.names[number] for number in annotated.numbers if number not in taught]:
        problems.append(
            f"{len(strange)} classes have no box among the training images and are not learnt (first: {strange[0]})"
        )
    for problem in problems:
        log.warning(f"{dataset}: {problem}")
    AnnotatedSet(
        name=dataset,
        folder=images,
        classes=annotated.classes,
        numbers=annotated.numbers,
        images=[
            AnnotatedImage(
                number=image["id"], image=image["file_name"], sha256=digest, width=size[0], height=size[1], part=part
            )
            for (image, digest, size), part in zip(read, parts, strict=True)
        ],
        boxes=[Box(**{key: row[key] for key in Box.model_fields}) for row in boxes],
        problems=problems,
    ).write(prepared)


def _looked_at(image: dict) -> tuple[str, tuple[int, int]] | str:
    """Return an image's digest and its (width, height), or why it cannot be read."""
    try:
        return sha256_file(image["path"]), read_measured_image(image["path"], 32)[1]
    except UnreadableImage as error:
        return str(error)
