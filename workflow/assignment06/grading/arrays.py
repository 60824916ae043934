"""Read a stranger's `.npy` or `.npz`: headers first, and the numbers only where they declare few enough of them."""

import math
import zipfile
from pathlib import Path
from typing import IO

import numpy as np

NUMBERS = "biuf"  # kinds of data types
_MOST_ARRAYS = 64  # of an archive; further ones are left


def load(path: Path, most: int) -> tuple[dict[str, np.ndarray], list[str]]:
    """The arrays in an `.npy` ("") or an `.npz` (by key) that can be labels [n] or scores [n, 10], and the other keys.

    Raises ValueError where there is none: where a header declares more than `most` values, or anything but numbers;
    pickles are not read.
    """
    if path.suffix.lower() != ".npz":
        with open(path, "rb") as file:
            _judge(file, most)
            file.seek(0)
            return {"": _read(file)}, []
    found: dict[str, np.ndarray] = {}
    left: list[str] = []
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist()[:_MOST_ARRAYS]:
            key = info.filename.removesuffix(".npy")
            try:
                with archive.open(info) as file:
                    shape = _judge(file, most - sum(array.size for array in found.values()))
                if not can_predict(shape):
                    continue
                with archive.open(info) as file:
                    found[key] = _read(file)
            except ValueError:
                left.append(key)
    if not found:
        raise ValueError("not an array of predictions in it")
    return found, left


def can_predict(shape: tuple[int, ...]) -> bool:
    """Whether an array of this shape can hold a class, or ten scores, for each of several images."""
    sides = [side for side in shape if side != 1]
    return len(sides) == 1 or (len(sides) == 2 and sides[1] == 10)


def _read(file: IO[bytes]) -> np.ndarray:
    return np.lib.format.read_array(file, allow_pickle=False)


def _judge(file: IO[bytes], most: int) -> tuple[int, ...]:
    version = np.lib.format.read_magic(file)
    reader = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}.get(version)
    if reader is None:
        raise ValueError("a version of the format that holds no plain numbers")
    shape, _, dtype = reader(file)
    if dtype.kind not in NUMBERS or math.prod(shape) > most or len(shape) > 8:
        raise ValueError("not an array of predictions")
    return shape
