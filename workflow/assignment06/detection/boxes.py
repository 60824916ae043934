"""Boxes: letterbox, grids, suppression, overlap. NumPy alone; no net is opened here.

The arithmetic is that of YOLOX (Z. Ge et al., 2021): an anchor-free head on grids of strides 8, 16 and 32.
"""

import numpy as np
from PIL import Image

STRIDES = (8, 16, 32)
FILL = 114  # the grey around a photograph, as in training
IMAGENET_MEAN = np.array((0.485, 0.456, 0.406), np.float32)
IMAGENET_DEVIATION = np.array((0.229, 0.224, 0.225), np.float32)
PREPARATIONS = {
    "yolox": "BGR, 0 to 255, as the published files of release 0.1.1rc0 want it",
    "legacy": "RGB, 0 to 1, less ImageNet's mean, over its deviation, as the files of the first release want it",
}


def letterbox_scale(size: tuple[int, int], into: tuple[int, int]) -> float:
    """Return by what a picture of (width, height) `size` is multiplied to fit whole into `into`."""
    return min(into[0] / size[0], into[1] / size[1])


def letterbox(image: np.ndarray, width: int, height: int) -> tuple[np.ndarray, float]:
    """Shrink or enlarge uint8 [h, w, 3] into the top left of a grey uint8 [height, width, 3]; return it and the scale.

    A point of the image times the scale is the point of the result.
    """
    scale = letterbox_scale(image.shape[1::-1], (width, height))
    inner = (max(1, int(image.shape[1] * scale)), max(1, int(image.shape[0] * scale)))
    canvas = np.full((height, width, 3), FILL, np.uint8)
    canvas[: inner[1], : inner[0]] = np.asarray(Image.fromarray(image).resize(inner, Image.Resampling.BILINEAR))
    return canvas, scale


def prepare(canvas: np.ndarray, preprocessing: str) -> np.ndarray:
    """Return a letterboxed uint8 RGB [h, w, 3] as a net's float32 [1, 3, h, w] (see `PREPARATIONS`)."""
    if preprocessing == "legacy":
        pixels = (canvas.astype(np.float32) / 255 - IMAGENET_MEAN) / IMAGENET_DEVIATION
    else:
        pixels = canvas[..., ::-1].astype(np.float32)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])


def grid(width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the cells' corners float32 [n, 2] (x, y, in cells) and strides float32 [n, 1], row by row, 8 first."""
    corners, strides = [], []
    for stride in STRIDES:
        x, y = np.meshgrid(np.arange(width // stride), np.arange(height // stride))
        corners.append(np.stack([x.ravel(), y.ravel()], axis=1))
        strides.append(np.full((x.size, 1), stride))
    return np.concatenate(corners).astype(np.float32), np.concatenate(strides).astype(np.float32)


def decode(output: np.ndarray, corners: np.ndarray, strides: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return boxes [n, 4] (x, y, width, height in input pixels), scores [n] and classes [n] of an output [n, 5 + k].

    Columns are the centre's offset in cells, the logarithm of the size in cells, objectness, and k probabilities; the
    score is objectness times the best class's probability.
    """
    centres = (output[:, :2] + corners) * strides
    sizes = np.exp(np.minimum(output[:, 2:4], 20)) * strides
    classes = output[:, 5:].argmax(axis=1)
    scores = output[:, 4] * output[np.arange(len(output)), 5 + classes]
    return np.concatenate([centres - sizes / 2, sizes], axis=1), scores, classes


def clip(boxes: np.ndarray, width: float, height: float) -> np.ndarray:
    """Return boxes [n, 4] (x, y, width, height) cut to a picture; one that lies outside gets no size."""
    low = np.clip(boxes[:, :2], 0, (width, height))
    high = np.clip(boxes[:, :2] + boxes[:, 2:], 0, (width, height))
    return np.concatenate([low, np.maximum(high - low, 0)], axis=1)


def overlap(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the intersection over union [n, m] of boxes [n, 4] and [m, 4] (x, y, width, height)."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum((first[:, :2] + first[:, 2:])[:, None], (second[:, :2] + second[:, 2:])[None])
    shared = np.prod(np.maximum(high - low, 0), axis=2)
    union = np.prod(first[:, 2:], axis=1)[:, None] + np.prod(second[:, 2:], axis=1)[None] - shared
    return shared / np.maximum(union, 1e-9)


def suppress(boxes: np.ndarray, scores: np.ndarray, classes: np.ndarray, iou: float) -> np.ndarray:
    """Return the indices that greedy non-maximum suppression keeps within each class, best score first.

    A box goes where one of its class with a higher score overlaps it by more than `iou`; equal scores keep their order.
    """
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while order.size:
        best, order = order[0], order[1:]
        kept.append(int(best))
        rivals = (classes[order] == classes[best]) & (overlap(boxes[best][None], boxes[order])[0] > iou)
        order = order[~rivals]
    return np.array(kept, int)
