"""What computes the net of 6.3: Keras, or from the same weights OpenVINO, which is optional."""

import sys
from collections.abc import Callable

import keras
import numpy as np

from assignment06.shared.errors import AssignmentError

Predict = Callable[[np.ndarray], np.ndarray]  # preprocessed images, float32 [n, h, w, 3], to float32 [n, classes]


def predictor(model: keras.Model, engine: str, dtype: str, threads: int) -> Predict:
    """Return the function that predicts a batch with a net, which `engine`, keras or openvino, computes.

    It multiplies in `dtype`, float32 or bfloat16; for Keras that of the `compute.computing_in` around the calls. Raises
    AssignmentError where a net cannot be converted.
    """
    if engine == "openvino":
        return _openvino(model, dtype, threads)
    return folded(model) if dtype == "bfloat16" else model.predict_on_batch


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


def _openvino(model: keras.Model, dtype: str, threads: int) -> Predict:
    sys.modules["openvino_telemetry"] = None  # ty: ignore[invalid-assignment]  it would call home
    import openvino

    shape = openvino.PartialShape([-1, *model.input_shape[1:]])
    try:
        converted = openvino.convert_model(_traced(model), input=[shape])
    except Exception as error:  # noqa: BLE001  (converters raise many kinds)
        raise AssignmentError(
            f"{model.name} cannot be given to OpenVINO ({' '.join(str(error).split())[:120]}): set `classifier: "
            "engine: keras` in config.yaml."
        ) from None
    hints = {
        "INFERENCE_PRECISION_HINT": {"float32": "f32", "bfloat16": "bf16"}[dtype],
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
    }
    compiled = openvino.Core().compile_model(converted, "CPU", hints)
    return lambda batch: np.array(compiled(batch)[0])  # a copy: the next call writes over its own
