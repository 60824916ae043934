"""A set of captioned photographs: what can be used of it, and which photographs are for what."""

import csv
import logging

from assignment06.captions.sources import LEAST_PHOTOGRAPHS, read_captions
from assignment06.captions.vocabulary import words_of
from assignment06.data.image_files import UnreadableImage, find_photographs, read_image
from assignment06.data.parts import Part, draw_parts
from assignment06.shared.documents import Document
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import atomic_path, sha256_file, sha256_json

LEFT_OUT = ["image", "caption", "reason"]
log = logging.getLogger(__name__)


class CaptionedPhotograph(Document):
    """One photograph and what people said of it."""

    image: str
    """Its name below the folder."""
    sha256: str
    part: Part
    captions: list[str]
    """As they were written."""


class CaptionSet(Document):
    """All photographs of a set that have captions, sorted by name (captions.json)."""

    name: str
    folder: str
    photographs: list[CaptionedPhotograph]
    left_out: int
    """Photographs and captions that could not be used; left_out.csv names them."""

    @property
    def digest(self) -> str:
        """What features of these photographs depend on: the photographs and their order."""
        return sha256_json([one.sha256 for one in self.photographs])

    @property
    def test_digest(self) -> str:
        """The SHA-256 of the test photographs and their captions."""
        return sha256_json([[one.sha256, one.captions] for one in self.photographs if one.part == "test"])

    def places(self, part: Part) -> list[int]:
        """Return the places of the photographs of one part."""
        return [place for place, one in enumerate(self.photographs) if one.part == part]

    def captions(self, part: Part) -> list[list[str]]:
        """Return the captions of each photograph of one part."""
        return [one.captions for one in self.photographs if one.part == part]


def prepare_captions(
    dataset: str, images: str, captions: str, validation_split: float, test_split: float, seed: int, prepared: str,
    left_out: str,
) -> None:  # fmt: skip
    """Write the `CaptionSet` of a folder of images and a file of captions, and the table of what cannot be used.

    Whole photographs are drawn with `seed` for each part, so that no photograph's captions are in two. Photographs with
    equal content stay together. Left out, and listed, are photographs without captions or that cannot be read, captions
    without photograph, and empty ones. Raises AssignmentError for a file of captions of another form, and for fewer
    than 50 photographs that can be used.
    """
    said: dict[str, list[str]] = {}
    refused: list[tuple[str, str, str]] = []
    for image, caption in read_captions(captions):
        if words_of(caption):
            said.setdefault(image, []).append(caption)
        else:
            refused.append((image, caption, "the caption has no words"))
    found = dict(find_photographs(images, f"`caption_datasets: {dataset}: images: {images}` in config.yaml"))
    used: list[tuple[str, str]] = []
    for image, path in found.items():
        if image not in said:
            refused.append((image, "", "no caption"))
            continue
        try:
            read_image(path, 32)
            used.append((image, sha256_file(path)))
        except UnreadableImage as error:
            refused.append((image, "", str(error)))
    refused += [
        (image, caption, "no such photograph") for image in said if image not in found for caption in said[image]
    ]
    if len(used) < LEAST_PHOTOGRAPHS:
        raise AssignmentError(
            f"`caption_datasets: {dataset}`: {len(used)} photographs of {images} can be read and have captions in "
            f"{captions}; at least {LEAST_PHOTOGRAPHS} are needed, and hundreds to learn anything: are the names in it "
            "those of the files?"
        )
    parts = draw_parts([sha256 for _, sha256 in used], validation_split, test_split, seed)
    rows = [
        CaptionedPhotograph(image=image, sha256=sha256, part=part, captions=said[image])
        for (image, sha256), part in zip(used, parts, strict=True)
    ]
    if refused:
        log.warning(f"{dataset}: {len(refused)} photographs or captions are left out, see {left_out}")
    with atomic_path(left_out) as part, open(part, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(LEFT_OUT)
        writer.writerows(refused)
    CaptionSet(name=dataset, folder=images, photographs=rows, left_out=len(refused)).write(prepared)
