"""ConvNets by name: each is a file of this package, with a function `build`.

`build(image, dropout)` takes the symbolic images, raw pixels 0..255, and the dropout rate of the config's row, and
returns the features under the softmax. It scales the pixels itself, and uses plain Keras layers only, so that a saved
model loads anywhere with `safe_mode` on. A function of one's own (`model: my_nets.py:build`) is the same.
"""

import traceback
from collections.abc import Callable

import keras
import numpy as np
from keras import layers

from assignment06.config.own_networks import is_own, load_own, own_file
from assignment06.shared import registry
from assignment06.shared.errors import AssignmentError


def build(
    model: str, shape: tuple[int | None, int | None, int], classes: int, dropout: float, seed: int
) -> keras.Model:  # fmt: skip
    """Return the net `model` for images of `shape` (height, width, channels), freshly initialised from `seed`.

    Height and width may be None, for images of any size; the initial weights are the same.

    It maps raw pixels [n, height, width, channels] to probabilities [n, classes]. Raises AssignmentError where the
    images are too small for it, or where a function of one's own returns anything but features [n, k].

    Example:
        >>> build("book_mnist", (28, 28, 1), classes=10, dropout=0, seed=0).count_params()
        93322
    """
    keras.utils.set_random_seed(seed)
    image = keras.Input(shape, name="image")
    name = model.rpartition(":")[2] if is_own(model) else model
    try:
        features = _function(model)(image, dropout)
    except AssignmentError:
        raise
    except Exception as error:
        if not is_own(model) and not isinstance(error, ValueError):
            raise
        own = _own_fault(model, error) if is_own(model) else ""
        if shape[0] is None:
            raise AssignmentError(
                f"`model: {model}` takes images of one size only: leave out `low_resolution_share` in config.yaml, or "
                "end the net with global pooling."
            ) from None
        raise AssignmentError(
            f"`model: {model}` cannot take images of {shape[0]} x {shape[1]} pixels{own}: enlarge the data set's "
            "image_size in config.yaml, or choose another model."
        ) from None
    if not isinstance(features, keras.KerasTensor) or len(features.shape) != 2:
        got = getattr(features, "shape", type(features).__name__)
        raise AssignmentError(
            f"`model: {model}` must return the features under the softmax, one row an image, and returns {got}: end it "
            "with Flatten or global pooling."
        )
    return keras.Model(image, layers.Dense(classes, activation="softmax", name="probability")(features), name=name)


def _own_fault(model: str, error: Exception) -> str:
    """Return what a function of one's own ended with, for a sentence about the size of the images.

    Raises AssignmentError, which names the line, where the size is not to blame.
    """
    calls = traceback.extract_tb(error.__traceback__)
    lines = [call.lineno for call in calls if call.filename == str(own_file(model))]
    said = f" ({type(error).__name__}: {(str(error).splitlines() or [''])[0][:150]})"
    if lines and (calls[-1].filename == str(own_file(model)) or not isinstance(error, ValueError)):
        raise AssignmentError(f"`model: {model}` fails in {own_file(model)}, line {lines[-1]}{said}: mend it there.")
    return said


def adapt(model: str, net: keras.Model, images: np.ndarray) -> None:
    """Set what the net `model` takes from its training images (uint8 [n, h, w, c]) before it is trained, if anything.

    That is what a file of this package says by a function `adapt(net, images)`, which may change nothing but weights.
    """
    if not is_own(model) and hasattr(found := registry.find(registry.NETWORKS, model), "adapt"):
        found.adapt(net, images)


def _function(model: str) -> Callable[[keras.KerasTensor, float], keras.KerasTensor]:
    return load_own(model) if is_own(model) else registry.find(registry.NETWORKS, model).build
