"""What identifies a trained net."""

import hashlib

import keras
import numpy as np


def weights_digest(model: keras.Model) -> str:
    """Return the SHA-256 of a model's weights, shapes and order; a saved file also holds dates, this does not."""
    digest = hashlib.sha256()
    for array in model.get_weights():
        digest.update(f"{array.shape}{array.dtype}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
