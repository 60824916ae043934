"""A small net for a processor."""

import keras
from keras import layers

from assignment06.experiments.networks._parts import drop, normalised


def build(image: keras.KerasTensor, dropout: float) -> keras.KerasTensor:
    """A small net for a processor: after K. Jordan's airbench (2024), 617,242 parameters on 32 x 32 x 3.

    Each block pools right after its first convolution and normalises only then, so that at full resolution,
    where memory traffic costs more than arithmetic, there is little to do. Narrower than the original, with
    ReLU for GELU.
    """
    x = layers.Rescaling(1 / 64, offset=-1.9)(image)  # about zero mean and unit variance on photographs
    x = layers.Conv2D(16, 2, activation="relu")(x)
    for filters in (32, 128, 160):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.ReLU()(normalised(layers.MaxPooling2D(2)(x)))
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.ReLU()(normalised(x))
    return drop(layers.GlobalMaxPooling2D()(x), dropout)
