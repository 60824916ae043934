"""A detector small enough to read: one red cell of 8 x 8 pixels is one object. Written as ONNX, byte by byte.

Its input is float32 [1, 3, 64, 64], its output [1, 84, 5 + k] as YOLOX's: objectness is how red (channel `red`, less
the mean of the other two) a cell of stride 8 is, 0 for the cells of strides 16 and 32; each box is `width` x `height`
pixels around the cell's centre, and the class is always `best`.
"""

from pathlib import Path

import numpy as np
from PIL import Image

MISSING = "{} is not installed: pip install --require-hashes --no-deps -r envs/detection.lock"
SIDE, CELLS = 64, 64 + 16 + 4


def tiny_net(
    red: int = 2, width: float = 8, height: float = 8, classes: int = 80, best: int = 0, full: float = 255
) -> bytes:
    """Return the ONNX file; `full` is what a pure red pixel has in the red channel."""
    kernel = np.full((1, 3, 8, 8), -0.5 / (64 * full), np.float32)
    kernel[0, red] = 1 / (64 * full)
    place = np.zeros((1, CELLS, 4), np.float32) + np.float32([0.5, 0.5, np.log(width / 8), np.log(height / 8)])
    kinds = np.zeros((1, CELLS, classes), np.float32)
    kinds[..., best] = 1
    tensors = {
        "kernel": kernel,
        "low": np.float32(0),
        "high": np.float32(1),
        "column": np.int64([1, 64, 1]),
        "coarse": np.zeros((1, 20, 1), np.float32),
        "place": place,
        "kinds": kinds,
    }
    nodes = [
        node("Conv", ["images", "kernel"], "cells", strides=[8, 8]),
        node("Clip", ["cells", "low", "high"], "red"),
        node("Reshape", ["red", "column"], "fine"),
        node("Concat", ["fine", "coarse"], "objectness", axis=1),
        node("Concat", ["place", "objectness", "kinds"], "output", axis=2),
    ]
    return model(nodes, tensors, [1, 3, SIDE, SIDE], [1, CELLS, 5 + classes])


def model(nodes: list[bytes], tensors: dict[str, np.ndarray], inputs: list[int], outputs: list[int]) -> bytes:
    graph = b"".join(field(1, one) for one in nodes) + field(2, b"tiny")
    graph += b"".join(field(5, tensor(name, value)) for name, value in tensors.items())
    graph += field(11, value_info("images", inputs)) + field(12, value_info("output", outputs))
    return field(1, 8) + field(8, field(2, 13)) + field(7, graph)  # version of the format, of the operators, the graph


def node(kind: str, inputs: list[str], output: str, **attributes: int | list[int]) -> bytes:
    body = b"".join(field(1, name.encode()) for name in inputs) + field(2, output.encode()) + field(4, kind.encode())
    for name, value in attributes.items():
        many = isinstance(value, list)
        numbers = b"".join(field(8, one) for one in value) if many else field(3, value)
        body += field(5, field(1, name.encode()) + numbers + field(20, 7 if many else 2))
    return body


def tensor(name: str, value: np.ndarray) -> bytes:
    kind = {"float32": 1, "int64": 7}[value.dtype.name]
    sides = b"".join(field(1, side) for side in value.shape)
    return sides + field(2, kind) + field(8, name.encode()) + field(9, value.tobytes())


def value_info(name: str, shape: list[int]) -> bytes:
    sides = b"".join(field(1, field(1, side)) for side in shape)
    return field(1, name.encode()) + field(2, field(1, field(1, 1) + field(2, sides)))


def field(number: int, value: int | bytes) -> bytes:
    """One field of a protocol buffer: a varint, or bytes with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def picture(width: int, height: int, box: tuple[int, int, int, int] | None, path: Path, **save) -> None:
    """Write a black picture with one red rectangle (x, y, width, height)."""
    pixels = np.zeros((height, width, 3), np.uint8)
    if box:
        x, y, w, h = box
        pixels[y : y + h, x : x + w, 0] = 255
    Image.fromarray(pixels).save(path, **save)
