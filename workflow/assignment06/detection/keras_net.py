"""A detector that was trained here: centres and sizes from two maps of a frozen net (rules/detectors.smk).

The arithmetic is that of CenterNet (X. Zhou, D. Wang, P. Krähenbühl, 2019, Objects as Points): an object is a peak in
the map of its class, with its offset and its size beside it.
"""

from pathlib import Path
from typing import Any

import numpy as np
from scipy.ndimage import maximum_filter

from assignment06.detection import boxes
from assignment06.detection.found import MOST, Found, settled
from assignment06.detection.results import DetectorFacts
from assignment06.shared.errors import AssignmentError

CENTRES, GEOMETRY = "centres", "geometry"  # the two outputs
UNIT = 4  # cells: what sizes are told in, so that their logarithms are small numbers
LARGEST = 10.0  # of a size's logarithm: whatever an untrained net says stays a number


class KerasDetector:
    """Finds objects in uint8 RGB [h, w, 3]; may be called from several threads at once.

    `size` is (width, height) of the net's input, `classes` the number of its classes.
    """

    def __init__(self, net: Any, score: float, iou: float) -> None:
        import tensorflow as tf

        self._score, self._iou = score, iou
        self.size = (net.input_shape[2], net.input_shape[1])
        self.classes = net.output_shape[0][-1]
        shape = tf.TensorSpec((1, *net.input_shape[1:]), tf.float32)
        self._run = tf.function(lambda pixels: net(pixels, training=False), input_signature=[shape])

    def __call__(self, image: np.ndarray) -> Found:
        canvas, scale = boxes.letterbox(image, *self.size)
        centres, geometry = (np.asarray(one)[0] for one in self._run(canvas[None].astype(np.float32)))
        found, scores, classes = decode(centres, geometry, self.size[0] / centres.shape[1], self._score)
        return settled(found / scale, scores, classes, image.shape[1::-1], self._score, self._iou)


def decode(
    centres: np.ndarray, geometry: np.ndarray, stride: float, score: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return boxes [n, 4] (x, y, width, height in input pixels), scores [n] and classes [n], the best `MOST`.

    `centres` [rows, columns, k] has how sure it is that an object of each class has its centre in a cell; only a cell
    that none of its eight neighbours surpasses counts, and from `score` on. `geometry` [rows, columns, 4] has the
    centre's place within the cell, in cells, and the logarithms of width and height in units of `UNIT` cells.
    """
    peaks = (centres == maximum_filter(centres, size=(3, 3, 1))) & (centres >= score)
    rows, columns, classes = np.nonzero(peaks)
    scores = centres[rows, columns, classes]
    best = np.argsort(-scores, kind="stable")[:MOST]
    rows, columns, classes, scores = rows[best], columns[best], classes[best], scores[best]
    middle = (np.stack([columns, rows], axis=1) + geometry[rows, columns, :2]) * stride
    sizes = UNIT * stride * np.exp(np.clip(geometry[rows, columns, 2:], -LARGEST, LARGEST))
    return np.concatenate([middle - sizes / 2, sizes], axis=1), scores, classes


def open_trained(model: str | Path, facts: DetectorFacts, score: float, iou: float) -> KerasDetector:
    """Open a detector that was trained here. Raises AssignmentError where the file is not the one of these facts."""
    import keras  # here, so that ONNX files are opened without TensorFlow

    from assignment06.experiments.weights import weights_digest

    try:
        net = keras.saving.load_model(model, safe_mode=True, compile=False)
    except (OSError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())[:120]
        raise AssignmentError(f"{model} is no model that can be read ({reason}): delete it and run again.") from None
    if weights_digest(net) != facts.weights_sha256:
        raise AssignmentError(f"{model} has other weights than its training.json says: delete it and run again.")
    return KerasDetector(net, score, iou)
