"""ConvNets by name. Every net takes raw pixels 0..255, scales them inside, and ends in a softmax.

Only plain Keras layers are used, so that a saved model loads anywhere with `safe_mode` on.
"""

from collections.abc import Callable

import keras
from keras import layers


def build(model: str, shape: tuple[int, int, int], classes: int, dropout: float, seed: int) -> keras.Model:
    """Return the net `model` for images of `shape` (height, width, channels), freshly initialised."""
    keras.utils.set_random_seed(seed)
    image = keras.Input(shape, name="image")
    scaled = layers.Rescaling(1 / 255, name="rescaling")(image)
    features = NETWORKS[model](scaled, dropout)
    return keras.Model(image, layers.Dense(classes, activation="softmax", name="probability")(features), name=model)


def _dropout(x: keras.KerasTensor, rate: float) -> keras.KerasTensor:
    """Add a dropout layer only where there is something to drop, so that a plain net has none."""
    return layers.Dropout(rate)(x) if rate else x


def book_mnist(x: keras.KerasTensor, dropout: float) -> keras.KerasTensor:
    """Chollet, Deep Learning with Python (1st ed.), listings 5.1-5.2: 93,322 parameters on 28 x 28 x 1."""
    x = layers.Conv2D(32, 3, activation="relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(64, 3, activation="relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(64, 3, activation="relu")(x)
    x = _dropout(layers.Flatten()(x), dropout)
    return layers.Dense(64, activation="relu")(x)


def book_cifar10(x: keras.KerasTensor, dropout: float) -> keras.KerasTensor:
    """The kind of net of listing 5.5 (stacked convolutions and pooling, one dense layer), for 32 x 32 images."""
    for filters in (32, 64, 128):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D(2)(x)
    x = _dropout(layers.Flatten()(x), dropout)
    return layers.Dense(128, activation="relu")(x)


NETWORKS: dict[str, Callable[[keras.KerasTensor, float], keras.KerasTensor]] = {
    "book_mnist": book_mnist,
    "book_cifar10": book_cifar10,
}
