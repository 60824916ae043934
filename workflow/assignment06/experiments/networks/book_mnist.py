"""The net of the book for MNIST."""

import keras
from keras import layers

from assignment06.experiments.networks._parts import drop


def build(image: keras.KerasTensor, dropout: float) -> keras.KerasTensor:
    """Chollet, Deep Learning with Python (1st ed.), listings 5.1-5.2: 93,322 parameters on 28 x 28 x 1."""
    x = layers.Rescaling(1 / 255)(image)
    x = layers.Conv2D(32, 3, activation="relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(64, 3, activation="relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(64, 3, activation="relu")(x)
    x = drop(layers.Flatten()(x), dropout)
    return layers.Dense(64, activation="relu")(x)
