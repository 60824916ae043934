"""All that this project takes from KerasCV: augmentation policies, and resizing and cropping of photographs.

KerasCV has had its last release (0.9.0); whoever replaces it changes this module and no other. Its batch
layers take and give float32 pixels in 0..255, images [n, height, width, channels], labels one-hot [n, classes].
"""

from collections.abc import Callable

import keras_cv
import numpy as np
import tensorflow as tf

Batch = dict[str, tf.Tensor]  # "images" and "labels"


def _flip(seed: int) -> keras_cv.layers.RandomFlip:
    return keras_cv.layers.RandomFlip("horizontal", seed=seed)


def _shift(seed: int, share: float = 0.1) -> keras_cv.layers.RandomTranslation:
    return keras_cv.layers.RandomTranslation(share, share, fill_mode="reflect", interpolation="nearest", seed=seed)


def _book(seed: int) -> list:
    # Chollet, Deep Learning with Python (1st ed.), listing 5.11: rotation 40 degrees, the rest 0.2
    return [
        keras_cv.layers.RandomRotation(40 / 360, fill_mode="nearest", seed=seed),
        keras_cv.layers.RandomTranslation(0.2, 0.2, fill_mode="nearest", seed=seed + 1),
        keras_cv.layers.RandomShear(0.2, 0.2, fill_mode="nearest", seed=seed + 2),
        keras_cv.layers.RandomZoom((-0.2, 0.2), (-0.2, 0.2), fill_mode="nearest", seed=seed + 3),
        _flip(seed + 4),
    ]


# policy name -> layers for one epoch, given a seed
POLICIES: dict[str, Callable[[int], list]] = {
    "none": lambda seed: [],
    "book": _book,
    "light": lambda seed: [_flip(seed), _shift(seed + 1)],
    "strong": lambda seed: [
        _flip(seed),
        _shift(seed + 1, 0.125),
        keras_cv.layers.RandomCutout(0.25, 0.25, fill_mode="constant", fill_value=128, seed=seed + 2),
    ],
}


def augmenter(policy: str, seed: int) -> Callable[[Batch], Batch]:
    """Return the function that augments a batch by a named policy; equal seeds give equal sequences.

    The layers keep a random state of their own, so make a new augmenter for each epoch. `seed` must be > 0.
    """
    layers = POLICIES[policy](seed)

    def augment(batch: Batch) -> Batch:
        for layer in layers:
            batch = layer(batch, training=True)
        return batch

    return augment


def resizer(size: int) -> Callable[[np.ndarray], tf.Tensor]:
    """Return the function that makes uint8 [h, w, 3] into float32 [size, size, 3], 0..255, by a centre crop."""
    layer = keras_cv.layers.Resizing(size, size, interpolation="bilinear", crop_to_aspect_ratio=True)

    @tf.function(input_signature=[tf.TensorSpec((None, None, 3), tf.uint8)])
    def resize(image: tf.Tensor) -> tf.Tensor:
        return tf.ensure_shape(layer(tf.cast(image, tf.float32)), (size, size, 3))

    return resize
