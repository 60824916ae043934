"""All that this project takes from KerasCV: layers for augmentation, and resizing and cropping of photographs.

KerasCV has had its last release (0.9.0); whoever replaces it changes this module and no other. Its batch
layers take and give float32 pixels in 0..255, images [n, height, width, channels], labels one-hot [n, classes].
"""

from collections.abc import Callable

import keras_cv
import numpy as np
import tensorflow as tf

Batch = dict[str, tf.Tensor]  # "images" and "labels"


def flip(seed: int) -> keras_cv.layers.RandomFlip:
    """Mirror left and right, half of the images."""
    return keras_cv.layers.RandomFlip("horizontal", seed=seed)


def shift(seed: int, share: float, fill_mode: str = "reflect", interpolation: str = "nearest"):
    """Move by up to `share` of height and width."""
    return keras_cv.layers.RandomTranslation(share, share, fill_mode=fill_mode, interpolation=interpolation, seed=seed)


def rotate(seed: int, turn: float):
    """Turn by up to `turn` of a full circle either way."""
    return keras_cv.layers.RandomRotation(turn, fill_mode="nearest", seed=seed)


def shear(seed: int, share: float):
    """Shear along both axes by up to `share`."""
    return keras_cv.layers.RandomShear(share, share, fill_mode="nearest", seed=seed)


def zoom(seed: int, share: float):
    """Zoom height and width by up to `share` either way."""
    return keras_cv.layers.RandomZoom((-share, share), (-share, share), fill_mode="nearest", seed=seed)


def cutout(seed: int, share: float):
    """Grey out a rectangle of `share` of height and width (DeVries and Taylor, 2017)."""
    return keras_cv.layers.RandomCutout(share, share, fill_mode="constant", fill_value=128, seed=seed)


def augmenter(layers: list) -> Callable[[Batch], Batch]:
    """Return the function that passes a batch through `layers`; equal seeds of theirs give equal sequences.

    The layers keep a random state of their own, so make new ones for each epoch. Their seeds must be > 0.
    """

    def augment(batch: Batch) -> Batch:
        for layer in layers:
            batch = layer(batch, training=True)
        return batch

    return augment


def resizer(size: int) -> Callable[[np.ndarray], tf.Tensor]:
    """Return the function that makes uint8 [h, w, 3] into float32 [size, size, 3], 0..255, by a centre crop."""
    # It draws nothing; without a seed it asks for a generator that there is not where operations are deterministic
    layer = keras_cv.layers.Resizing(size, size, interpolation="bilinear", crop_to_aspect_ratio=True, seed=1)

    @tf.function(input_signature=[tf.TensorSpec((None, None, 3), tf.uint8)])
    def resize(image: tf.Tensor) -> tf.Tensor:
        return tf.ensure_shape(layer(tf.cast(image, tf.float32)), (size, size, 3))

    return resize
