"""ConvNets by name. Every net takes raw pixels 0..255, scales them inside, and ends in a softmax.

Only plain Keras layers are used, so that a saved model loads anywhere with `safe_mode` on.
"""

from collections.abc import Callable

import keras
from keras import layers

from assignment06.shared.errors import AssignmentError


def build(model: str, shape: tuple[int, int, int], classes: int, dropout: float, seed: int) -> keras.Model:
    """Return the net `model` for images of `shape` (height, width, channels), freshly initialised.

    Raises AssignmentError where the images are too small for it.
    """
    keras.utils.set_random_seed(seed)
    image = keras.Input(shape, name="image")
    try:
        features = NETWORKS[model](image, dropout)
    except ValueError:
        raise AssignmentError(
            f"`model: {model}` cannot take images of {shape[0]} x {shape[1]} pixels: enlarge the data set's image_size "
            "in config.yaml, or choose another model."
        ) from None
    return keras.Model(image, layers.Dense(classes, activation="softmax", name="probability")(features), name=model)


def _dropout(x: keras.KerasTensor, rate: float) -> keras.KerasTensor:
    """Add a dropout layer only where there is something to drop, so that a plain net has none."""
    return layers.Dropout(rate)(x) if rate else x


def book_mnist(x: keras.KerasTensor, dropout: float) -> keras.KerasTensor:
    """Chollet, Deep Learning with Python (1st ed.), listings 5.1-5.2: 93,322 parameters on 28 x 28 x 1."""
    x = layers.Rescaling(1 / 255)(x)
    x = layers.Conv2D(32, 3, activation="relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(64, 3, activation="relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(64, 3, activation="relu")(x)
    x = _dropout(layers.Flatten()(x), dropout)
    return layers.Dense(64, activation="relu")(x)


def book_cifar10(x: keras.KerasTensor, dropout: float) -> keras.KerasTensor:
    """The kind of net of the book's listing 5.5 (convolutions and pooling in turn, one dense layer), for 32 x 32."""
    x = layers.Rescaling(1 / 255)(x)
    for filters in (32, 64, 128):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D(2)(x)
    x = _dropout(layers.Flatten()(x), dropout)
    return layers.Dense(256, activation="relu")(x)


def lean(x: keras.KerasTensor, dropout: float) -> keras.KerasTensor:
    """A small net for a processor: after K. Jordan's airbench (2024), 617,242 parameters on 32 x 32 x 3.

    Each block pools right after its first convolution and normalises only then, so that at full resolution,
    where memory traffic costs more than arithmetic, there is little to do. Narrower than the original, with
    ReLU for GELU.
    """
    x = layers.Rescaling(1 / 64, offset=-1.9)(x)  # about zero mean and unit variance on photographs
    x = layers.Conv2D(16, 2, activation="relu")(x)
    for filters in (32, 128, 160):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.ReLU()(_normalised(layers.MaxPooling2D(2)(x)))
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.ReLU()(_normalised(x))
    return _dropout(layers.GlobalMaxPooling2D()(x), dropout)


def _normalised(x: keras.KerasTensor) -> keras.KerasTensor:
    # Keras's own momentum of 0.99 is too slow for a training of few epochs
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)


# name in the config -> function of (pixels 0..255, dropout rate) that gives the features under the softmax
NETWORKS: dict[str, Callable[[keras.KerasTensor, float], keras.KerasTensor]] = {
    "book_mnist": book_mnist,
    "book_cifar10": book_cifar10,
    "lean": lean,
}
