"""Test-time augmentation inside a saved net: what it says of an image and of its mirror image, averaged."""

import keras
import numpy as np
from keras import layers

ONCE = "once"  # the name of the net that looks at one image, within the one that looks twice


def with_mirror_image(net: keras.Model) -> keras.Model:
    """Return a net that gives the mean of what `net` says of raw pixels [n, h, w, channels] and of their mirror image.

    It is made of plain layers, of which none always mirrors: columns change places by a matrix that is not trained, and
    is exact for pixels in any number format. As in K. Jordan's airbench (2024), without its further shifts.
    """
    image = keras.Input(net.input_shape[1:], name="image")
    columns = net.input_shape[2]
    swapped = layers.Dense(columns, use_bias=False, trainable=False, name="columns_reversed")
    mirrored = layers.Permute((1, 3, 2), name="columns_first")(swapped(layers.Permute((1, 3, 2))(image)))
    swapped.set_weights([np.eye(columns, dtype=np.float32)[::-1]])
    net.name = ONCE
    both = layers.Average(name="probability")([net(image), net(mirrored)])
    return keras.Model(image, both, name="looks_twice")


def looking_once(net: keras.Model) -> keras.Model:
    """Return the net that `with_mirror_image` was given, of one that it made; any other as it is."""
    return next((layer for layer in net.layers if layer.name == ONCE and isinstance(layer, keras.Model)), net)
