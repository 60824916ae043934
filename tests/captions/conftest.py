"""Made-up photographs with captions: one coloured shape each, so that a small net can learn to say what it is."""

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from assignment06.backend import compute

COLOURS = {"red": (220, 30, 30), "green": (30, 180, 30), "blue": (40, 40, 230), "yellow": (230, 220, 30)}
SHAPES = ("ball", "box")


@pytest.fixture
def one_set_up(monkeypatch) -> None:
    """TensorFlow takes its threads once a process; these tests share one process."""
    monkeypatch.setattr(compute, "configure", lambda threads, seed=None: None)


def draw(folder: Path, count: int) -> list[tuple[str, str]]:
    """Draw so many photographs into a folder; return (image, caption), three of each."""
    folder.mkdir(parents=True, exist_ok=True)
    rng, rows = np.random.default_rng(0), []
    for number in range(count):
        colour, shape = list(COLOURS)[number % 4], SHAPES[number // 4 % 2]
        image = Image.new("RGB", (48, 40), (rng.integers(200, 255),) * 3)
        x, y = rng.integers(2, 16, 2)
        pen = ImageDraw.Draw(image)
        (pen.ellipse if shape == "ball" else pen.rectangle)((x, y, x + 22, y + 20), fill=COLOURS[colour])
        name = f"{number:03d}.png"
        image.save(folder / name)
        rows += [(name, f"A {colour} {shape} on a wall ."), (name, f"The {shape} is {colour} .")]
        rows.append((name, f"There is a {colour} {shape} ."))
    return rows


def write_csv(path: Path, rows: list[tuple[str, str]], header: tuple[str, ...] = ("image", "caption")) -> str:
    """Write a file of captions as Flickr8k has it."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows([header, *rows])
    return str(path)
