"""Made-up images with boxes: coloured shapes on a noisy wall, annotated in COCO's format."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assignment06.backend import compute

COLOURS = {"red": (230, 20, 20), "blue": (30, 40, 230)}


@pytest.fixture
def one_set_up(monkeypatch) -> None:
    """TensorFlow takes its threads once a process; these tests share one process."""
    monkeypatch.setattr(compute, "configure", lambda threads, seed=None: None)


@pytest.fixture
def pycocotools():
    return pytest.importorskip("pycocotools", reason="EXTRAS=detection is not installed")


def draw(folder: Path, count: int, seed: int = 0, empty: int = 0) -> Path:
    """Draw so many images, the last `empty` of them without a shape; return the file of their boxes."""
    (folder / "images").mkdir(parents=True)
    rng, images, boxes = np.random.default_rng(seed), [], []
    for number in range(count):
        pixels = rng.integers(90, 160, (60, 80, 3)).astype(np.uint8)
        if number < count - empty:
            width, height = (int(value) for value in rng.integers(14, 30, 2))
            x, y, kind = int(rng.integers(0, 80 - width)), int(rng.integers(0, 60 - height)), number % 2
            pixels[y : y + height, x : x + width] = list(COLOURS.values())[kind]
            boxes.append({"id": len(boxes) + 1, "image_id": number, "category_id": 3 + 4 * kind})
            boxes[-1] |= {"bbox": [x, y, width, height], "area": width * height, "iscrowd": 0}
        Image.fromarray(pixels).save(folder / "images" / f"{number:03d}.png")
        images.append({"id": number, "file_name": f"{number:03d}.png", "width": 80, "height": 60})
    categories = [{"id": 3 + 4 * kind, "name": name} for kind, name in enumerate(COLOURS)]
    content = {"images": images, "annotations": boxes, "categories": [*categories, {"id": 9, "name": "green"}]}
    (folder / "boxes.json").write_text(json.dumps(content), encoding="utf-8")
    return folder / "boxes.json"
