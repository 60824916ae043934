"""Plain Keras scripts as a student writes them, against which this workflow's training is timed.

Each takes uint8 images [n, h, w, c] and labels [n] for training and test, and returns the compiled model, the
keyword arguments of its `fit`, and the test images and labels as its `evaluate` takes them.
"""

import keras
import numpy as np
from keras import layers

Split = tuple[np.ndarray, np.ndarray]
Script = tuple[keras.Model, dict, Split]


def listing_5_3(train: Split, test: Split) -> Script:
    """F. Chollet, Deep Learning with Python (1st ed.), listings 5.1 to 5.3, with the book's settings."""
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(64, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(64, (3, 3), activation="relu"),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])
    (x, y), checked = _scaled(train), _scaled(test)
    return model, {"x": x, "y": y, "batch_size": 64}, checked


def keras_cifar10(train: Split, test: Split) -> Script:
    """Keras's example `cifar10_cnn.py`, with dropout, and shifts and flips in a Python generator of four threads."""
    from tensorflow.keras.preprocessing.image import ImageDataGenerator

    (x, y), checked = _scaled(train), _scaled(test)
    generator = ImageDataGenerator(
        width_shift_range=0.1, height_shift_range=0.1, fill_mode="nearest", horizontal_flip=True
    )
    flow = generator.flow(x, y, batch_size=32)
    flow.workers = 4
    return _keras_cifar10(dropout=True), {"x": flow}, checked


def keras_cifar10_plain(train: Split, test: Split) -> Script:
    """The same example without its dropout, and with its own switch for augmentation off."""
    (x, y), checked = _scaled(train), _scaled(test)
    return _keras_cifar10(dropout=False), {"x": x, "y": y, "batch_size": 32, "shuffle": True}, checked


def _keras_cifar10(dropout: bool) -> keras.Model:
    def dropped(rate: float) -> list[layers.Layer]:
        return [layers.Dropout(rate)] if dropout else []

    model = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Conv2D(32, (3, 3), padding="same", activation="relu"),
            layers.Conv2D(32, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            *dropped(0.25),
            layers.Conv2D(64, (3, 3), padding="same", activation="relu"),
            layers.Conv2D(64, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            *dropped(0.25),
            layers.Flatten(),
            layers.Dense(512, activation="relu"),
            *dropped(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )
    # the example's `decay=1e-6`, as Keras 3 says it
    rate = keras.optimizers.schedules.InverseTimeDecay(1e-4, decay_steps=1, decay_rate=1e-6)
    optimizer = keras.optimizers.RMSprop(learning_rate=rate)
    model.compile(loss="categorical_crossentropy", optimizer=optimizer, metrics=["accuracy"])
    return model


def _scaled(split: Split) -> Split:
    x, y = split
    return x.astype("float32") / 255, keras.utils.to_categorical(y, 10)
