"""What several nets are made of."""

import keras
from keras import layers


def drop(x: keras.KerasTensor, rate: float) -> keras.KerasTensor:
    """Add a dropout layer only where there is something to drop, so that a plain net has none."""
    return layers.Dropout(rate)(x) if rate else x


def normalised(x: keras.KerasTensor) -> keras.KerasTensor:
    """Add batch normalisation whose statistics keep up with a training of few epochs."""
    # Keras's own momentum of 0.99 is too slow for a training of few epochs
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)
