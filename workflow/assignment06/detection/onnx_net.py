"""A YOLOX-type detector from an ONNX file, by onnxruntime; the one module that knows it."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from assignment06.detection import boxes
from assignment06.detection.found import NOTHING, Found, settled
from assignment06.shared.errors import AssignmentError


class OnnxDetector:
    """Finds objects in uint8 RGB [h, w, 3]; may be called from several threads at once.

    `size` is (width, height) of the net's input, `classes` the number of its classes.
    """

    def __init__(self, session: Any, preprocessing: str, score: float, iou: float) -> None:
        self._session, self._preprocessing, self._score, self._iou = session, preprocessing, score, iou
        self._input = session.get_inputs()[0].name
        self.size = (session.get_inputs()[0].shape[3], session.get_inputs()[0].shape[2])
        self.classes = session.get_outputs()[0].shape[2] - 5
        self._corners, self._strides = boxes.grid(*self.size)

    def __call__(self, image: np.ndarray) -> Found:
        canvas, scale = boxes.letterbox(image, *self.size)
        output = self._session.run(None, {self._input: boxes.prepare(canvas, self._preprocessing)})[0][0]
        good = output[:, 4] >= self._score  # objectness bounds the score; no other row is worth decoding
        if not good.any():
            return NOTHING
        found, scores, classes = boxes.decode(output[good], self._corners[good], self._strides[good])
        return settled(found / scale, scores, classes, image.shape[1::-1], self._score, self._iou)


def open_detector(
    path: str | Path, sha256: str, preprocessing: str, classes: int, score: float, iou: float
) -> OnnxDetector:
    """Open an ONNX file whose digest is `sha256`; one with another is refused before onnxruntime sees it.

    Each call computes in the thread that makes it. Raises AssignmentError for a file that is missing, changed, no
    ONNX, or no detector of that many classes, and where onnxruntime is not installed.
    """
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError:
        raise AssignmentError(f"{path} has gone: run snakemake --forcerun acquire_detector.") from None
    actual = hashlib.sha256(content).hexdigest()
    if actual != sha256:
        raise AssignmentError(
            f"{path} has the SHA-256 {actual[:12]}... and not {sha256[:12]}...: put the right file there, and run "
            "snakemake --forcerun acquire_detector."
        )
    session = _session(content, path)
    _check(session, path, classes)
    return OnnxDetector(session, preprocessing, score, iou)


def _session(content: bytes, path: str | Path) -> Any:
    try:
        import onnxruntime
    except ImportError:
        raise AssignmentError(
            "Finding objects needs onnxruntime, which is not installed: run `make submission EXTRAS=detection`, or set "
            "`detector: weights: none` in config.yaml."
        ) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # photographs are what runs at the same time
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001  (onnxruntime's errors have no common class)
        first = (str(error).strip().splitlines() or [""])[0][:120]
        raise AssignmentError(f"{path} cannot be opened as an ONNX net ({first}): put the right file there.") from None


def _check(session: Any, path: str | Path, classes: int) -> None:
    inputs = [(one.type, one.shape) for one in session.get_inputs()]
    outputs = [one.shape for one in session.get_outputs()]
    wanted = "one float32 input [1, 3, height, width], both multiples of 32, and one output [1, cells, 5 + classes]"
    sides = inputs[0][1][2:] if len(inputs) == 1 and len(inputs[0][1]) == 4 else []
    fits = (
        len(outputs) == 1
        and bool(sides)
        and inputs[0][0] == "tensor(float)"
        and inputs[0][1][:2] == [1, 3]
        and all(isinstance(side, int) and 0 < side <= 4096 and side % 32 == 0 for side in sides)
    )
    if not fits or outputs[0][:2] != [1, len(boxes.grid(sides[1], sides[0])[0])] or len(outputs[0]) != 3:
        shapes = f"inputs {[shape for _, shape in inputs]}, outputs {outputs}"
        raise AssignmentError(f"{path} is no YOLOX-type detector ({shapes[:160]}): it must have {wanted}.")
    if outputs[0][2] != 5 + classes:
        raise AssignmentError(
            f"{path} has {outputs[0][2] - 5} classes, and {classes} are named: correct `detector: classes:` in "
            "config.yaml (without it, they are COCO's 80)."
        )
