"""A trained net as an ONNX file, for programs without Keras, and the proof that it answers as the net does."""

import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from assignment06.backend import compute
from assignment06.data.prepared import load_split
from assignment06.experiments.results import Export
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import atomic_path, sha256_file

TOLERANCE = 1e-4  # of a probability; float32 sums in another order differ by some 1e-6
BATCH = 100  # images


def export_onnx(
    experiment: str, model: str, predictions: str, test: str, onnx: str, figures: str, threads: int
) -> None:  # fmt: skip
    """Write a saved Keras model as ONNX (by Keras's own exporter, which needs tf2onnx), and an `Export` about it.

    The file takes what the model takes, float32 pixels [n, height, width, channels] from 0 to 255, and gives
    probabilities [n, classes]. It is there only if onnxruntime, which runs it on the test images, gives each the label
    that `predictions` (the Keras model's, as `predict_test_set` writes them) have, and no probability differs by more
    than `TOLERANCE`; AssignmentError where it does not, and where a layer cannot be exported. No figure comes of it, so
    it is no look at the test images.
    """
    compute.configure(threads, seed=0)
    net = keras.saving.load_model(model, safe_mode=True, compile=False)
    net(np.zeros((1, *net.input_shape[1:]), np.float32))  # Keras exports no net that was never called
    table = pd.read_csv(predictions)
    wanted = table[[name for name in table.columns if name.startswith("p_")]].to_numpy(np.float32)
    with atomic_path(onnx) as part:
        try:
            net.export(str(part), format="onnx", verbose=False)
        except Exception as error:  # noqa: BLE001  (exporters raise many kinds)
            raise AssignmentError(
                f"Experiment {experiment}: its net cannot be exported to ONNX ({' '.join(str(error).split())[:120]}): "
                "set `export: none` in config.yaml."
            ) from None
        began = time.monotonic()
        difference = check_onnx(experiment, part, load_split(test)[0], wanted, threads)
        seconds = time.monotonic() - began
    Export(
        experiment=experiment,
        file=Path(onnx).name,
        bytes=Path(onnx).stat().st_size,
        sha256=sha256_file(onnx),
        model_sha256=sha256_file(model),
        images=len(wanted),
        largest_difference=difference,
        tolerance=TOLERANCE,
        seconds=seconds,
    ).write(figures)


def check_onnx(experiment: str, path: Path, images: np.ndarray, wanted: np.ndarray, threads: int) -> float:
    """Return the largest difference of the probabilities that an ONNX file gives to those `wanted` [n, classes].

    `images` are uint8 [n, height, width, channels]. Raises AssignmentError where a label differs, or a probability by
    more than `TOLERANCE`.
    """
    session = _session(path, threads)
    name = session.get_inputs()[0].name
    found = np.concatenate(
        [
            session.run(None, {name: images[start : start + BATCH].astype(np.float32)})[0]
            for start in range(0, len(images), BATCH)
        ]
    )
    difference, other = float(np.abs(found - wanted).max()), int((found.argmax(axis=1) != wanted.argmax(axis=1)).sum())
    if other or not difference <= TOLERANCE:
        raise AssignmentError(
            f"Experiment {experiment}: the ONNX file gives {other:,} of {len(images):,} test images another label than "
            f"the Keras model, and probabilities that differ by up to {difference:.1e} ({TOLERANCE:.0e} is allowed): "
            "it was thrown away; set `export: none` in config.yaml."
        )
    return difference


def _session(path: Path, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
