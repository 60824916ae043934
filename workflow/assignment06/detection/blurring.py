"""Copies of photographs in which the faces that were found cannot be recognised."""

import shutil
from itertools import groupby
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from assignment06.data.image_files import UnreadableImage, read_image
from assignment06.detection.gathering import read_table
from assignment06.photographs.archives import at_hand, unpacked
from assignment06.photographs.manifest import printable, read_shard
from assignment06.shared.files import atomic_path

MARGIN = 0.25  # of a face's box, added on each side: hair, chin and ears tell a person too
MOSAIC = 6  # cells across a face are all that is left of it, and those are smoothed
WHOLE = 1 << 20  # pixels: no photograph is shrunk


def blur_faces(
    manifest: str, shard: int, shard_size: int, faces: str, folder: str, photographs_archive: str = ""
) -> None:
    """Write a blurred JPEG of each photograph of one shard (numbered from 0) with a face in the table `faces`.

    The copies keep the photographs' size and names (below `folder`, with `.jpg` added) and none of their metadata:
    EXIF may hold the place. A face that was not found is not blurred: look before you publish.
    """
    boxes = {
        name: [[float(row[key]) for key in ("x", "y", "width", "height")] for row in rows]
        for name, rows in groupby(read_table(faces), key=lambda row: row["image"])
    }
    shutil.rmtree(folder, ignore_errors=True)  # of an earlier run: a folder does not replace a full one
    with atomic_path(folder) as part:
        part.mkdir()
        if photographs_archive:
            with unpacked(photographs_archive) as at:
                _write(at_hand(read_shard(manifest, shard * shard_size, shard_size), at), boxes, part)
        else:
            _write(read_shard(manifest, shard * shard_size, shard_size), boxes, part)


def _write(rows, boxes: dict[str, list], folder: Path) -> None:
    for row in rows:
        name = printable(row["name"])
        if name not in boxes:
            continue
        try:
            blurred = Image.fromarray(blur(read_image(row["path"], WHOLE), boxes[name]))
        except UnreadableImage:
            continue  # it was readable when its faces were looked for, and `skipped` lists what was not
        target = folder / inside(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        blurred.save(target, quality=92)


def inside(name: str) -> str:
    """Return a photograph's name as that of a JPEG below a folder: lists may name files above it, or by full paths."""
    return "/".join(part for part in name.split("/") if part not in ("", ".", "..")) + ".jpg"


def blur(image: np.ndarray, boxes: list[list[float]]) -> np.ndarray:
    """Return uint8 [h, w, 3] with an ellipse over each box (x, y, width, height) reduced to a smoothed mosaic."""
    picture = Image.fromarray(image)
    for x, y, width, height in boxes:
        left, top = max(0, int(x - MARGIN * width)), max(0, int(y - MARGIN * height))
        right = min(picture.width, int(x + (1 + MARGIN) * width) + 1)
        low = min(picture.height, int(y + (1 + MARGIN) * height) + 1)
        if right <= left or low <= top:
            continue
        face = picture.crop((left, top, right, low))
        cells = face.resize((min(MOSAIC, face.width), min(MOSAIC, face.height)), Image.Resampling.BOX)
        smooth = cells.resize(face.size, Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(face.width / 12))
        mask = Image.new("L", face.size, 0)
        ImageDraw.Draw(mask).ellipse((0, 0, face.width - 1, face.height - 1), fill=255)
        picture.paste(smooth, (left, top), mask)
    return np.asarray(picture)
