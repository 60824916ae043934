"""The book's kind of net for CIFAR-10."""

import keras
from keras import layers

from assignment06.experiments.networks._parts import drop


def build(image: keras.KerasTensor, dropout: float) -> keras.KerasTensor:
    """The kind of net of the book's listing 5.5 (convolutions and pooling in turn, one dense layer), for 32 x 32."""
    x = layers.Rescaling(1 / 255)(image)
    for filters in (32, 64, 128):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D(2)(x)
    x = drop(layers.Flatten()(x), dropout)
    return layers.Dense(256, activation="relu")(x)
