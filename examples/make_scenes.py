"""Make annotated images to try a detector of one's own with: digits in any colour on pieces of photographs.

    python examples/make_scenes.py --digits data/prepared/mnist/train.npz --photographs FOLDER --count 4000 \
        --output data/raw/scenes/train

writes images/*.jpg and annotations.json (COCO's format). Take other digits (test.npz) and photographs for the test.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image

from assignment06.data.datasets import squared
from assignment06.data.image_files import find_photographs, read_image
from assignment06.data.prepared import load_split
from assignment06.shared.files import atomic_path

SIDE = 224  # pixels of a scene
SMALLEST, LARGEST = 32, 96  # pixels of a digit's square
MOST = 4  # digits on a scene
INK = 0.3  # from which share of its strongest ink on a pixel counts to a digit's box
TRIES = 20  # to find a place that overlaps none
CONTRAST = 50  # of 255, between a digit's colour and what is behind it


def scene(rng: np.random.Generator, ground: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, list]:
    """Return uint8 [side, side, 3] with one to `MOST` of the digits `x` [n, 28, 28, 1], and (box, digit) of each."""
    canvas = ground.astype(np.float32)
    if rng.random() < 0.5:
        canvas = canvas[:, ::-1].copy()
    found: list[tuple[list[int], int]] = []
    for _ in range(rng.integers(1, MOST + 1)):
        for _ in range(TRIES):
            number, size = int(rng.integers(len(x))), int(rng.integers(SMALLEST, LARGEST + 1))
            left, top = (int(value) for value in rng.integers(0, SIDE - size, 2))
            drawn = Image.fromarray(x[number, :, :, 0]).resize((size, size), Image.Resampling.BILINEAR)
            ink = np.asarray(drawn, np.float32) / 255
            rows, columns = np.nonzero(ink > INK)
            box = [left + int(columns.min()), top + int(rows.min()), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1]
            if all(_apart(box, other) for other, _ in found):
                break
        else:
            continue
        behind = canvas[top : top + size, left : left + size]
        colour = rng.integers(0, 256, 3).astype(np.float32)
        if abs(colour.mean() - behind.mean()) < CONTRAST:
            colour = (colour + 128) % 256
        canvas[top : top + size, left : left + size] = behind * (1 - ink[..., None]) + colour * ink[..., None]
        found.append((box, int(y[number])))
    return canvas.astype(np.uint8), found


def _apart(one: list[int], other: list[int]) -> bool:
    return any(one[k] + one[k + 2] <= other[k] or other[k] + other[k + 2] <= one[k] for k in (0, 1))


def make_scenes(digits: str, photographs: str, count: int, seed: int, output: Path) -> None:
    """Write so many scenes and their annotations; raises AssignmentError where there are no photographs."""
    rng = np.random.default_rng(seed)
    x, y = load_split(digits)
    paths = [path for _, path in find_photographs(photographs)]
    grounds = [squared(read_image(path, SIDE), SIDE) for path in paths]
    (output / "images").mkdir(parents=True, exist_ok=True)
    images, boxes = [], []
    for number in range(count):
        pixels, found = scene(rng, grounds[rng.integers(len(grounds))], x, y)
        name = f"{number:05d}.jpg"
        Image.fromarray(pixels).save(output / "images" / name, quality=95)
        images.append({"id": number, "file_name": name, "width": SIDE, "height": SIDE})
        for box, digit in found:
            row = {"id": len(boxes) + 1, "image_id": number, "category_id": digit + 1, "bbox": box, "iscrowd": 0}
            boxes.append(row | {"area": box[2] * box[3]})
    categories = [{"id": digit + 1, "name": str(digit)} for digit in range(10)]
    with atomic_path(output / "annotations.json") as part:
        part.write_text(json.dumps({"images": images, "annotations": boxes, "categories": categories}))


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--digits", required=True, help="a prepared .npz of MNIST")
    asked.add_argument("--photographs", required=True, help="a folder of photographs for the background")
    asked.add_argument("--count", type=int, default=4000, help="how many scenes")
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--output", type=Path, required=True, help="a folder, which is made")
    given = asked.parse_args()
    make_scenes(given.digits, given.photographs, given.count, given.seed, given.output)
