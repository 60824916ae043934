"""What computes the net of 6.3: Keras, or from the same weights OpenVINO, which is optional."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np

from assignment06.shared.errors import AssignmentError

Predict = Callable[[np.ndarray], np.ndarray]  # preprocessed images, float32 [n, h, w, 3], to float32 [n, classes]
QUANTISED = "classifier.xml"  # OpenVINO's description of the net; its weights are in the .bin beside it


def predictor(model: keras.Model, engine: str, dtype: str, threads: int, quantised: Path | None = None) -> Predict:
    """Return the function that predicts a batch with a net, which `engine`, keras or openvino, computes.

    It multiplies in `dtype`, float32 or bfloat16; for Keras that of the `compute.computing_in` around the calls. In
    int8 it does with the net that `quantise` wrote into the folder `quantised`, for OpenVINO alone; the folder has to
    stay. Raises AssignmentError where a net cannot be converted.
    """
    if engine == "openvino":
        net = _openvino().Core().read_model(quantised / QUANTISED) if quantised else _converted(model)
        return _compiled(net, dtype, threads)
    return folded(model) if dtype == "bfloat16" else model.predict_on_batch


def quantise(model: keras.Model, images: Sequence[np.ndarray], folder: Path) -> None:
    """Write a net for OpenVINO into a folder, with its convolutions and matrix products in int8.

    Post-training quantisation (B. Jacob et al., 2018, "Quantization and training of neural networks for efficient
    integer-arithmetic-only inference") as NNCF does it: weights have a scale a channel, activations the range that they
    have for `images`, preprocessed float32 [1, h, w, 3] each; biases are corrected for what rounding shifts on average.
    """
    openvino = _openvino()
    import nncf

    net = nncf.quantize(_converted(model), nncf.Dataset(images), subset_size=len(images))
    openvino.save_model(net, folder / QUANTISED, compress_to_fp16=False)


def folded(model: keras.Model) -> Predict:
    """Return the function of a batch that `model.predict_on_batch` is, for a processor, with constant weights.

    TensorFlow then folds batch normalisation into the convolutions before it, which pays in bfloat16.
    """
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    constant = convert_variables_to_constants_v2(_traced(model).get_concrete_function())
    return lambda batch: constant(tf.constant(batch))[0].numpy()


def _traced(model: keras.Model):
    """Return the TensorFlow function of a net in inference, for batches of any length."""
    import tensorflow as tf

    signature = [tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)]
    return tf.function(lambda batch: model(batch, training=False), input_signature=signature)


def _openvino():
    sys.modules["openvino_telemetry"] = None  # ty: ignore[invalid-assignment]  it would call home
    import openvino

    return openvino


def _converted(model: keras.Model):
    openvino = _openvino()
    shape = openvino.PartialShape([-1, *model.input_shape[1:]])
    try:
        return openvino.convert_model(_traced(model), input=[shape])
    except Exception as error:  # noqa: BLE001  (converters raise many kinds)
        raise AssignmentError(
            f"{model.name} cannot be given to OpenVINO ({' '.join(str(error).split())[:120]}): set `classifier: "
            "engine: keras` in config.yaml."
        ) from None


def _compiled(net, dtype: str, threads: int) -> Predict:
    hints = {
        "INFERENCE_PRECISION_HINT": "bf16" if dtype == "bfloat16" else "f32",  # of what is not in int8
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
    }
    compiled = _openvino().Core().compile_model(net, "CPU", hints)
    return lambda batch: np.array(compiled(batch)[0])  # a copy: the next call writes over its own
