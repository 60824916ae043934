"""A small net for few epochs, whose first layer whitens the images."""

import keras
import numpy as np
from keras import layers

from assignment06.experiments.networks._parts import drop

PATCH = 2  # pixels of a side
PATCHES = 1_000_000  # are enough for their covariance


def build(image: keras.KerasTensor, dropout: float) -> keras.KerasTensor:
    """K. Jordan's airbench94_muon (2024), narrower and with ReLU for GELU: 618,986 parameters on 32 x 32 x 3.

    It is `lean` with a first convolution that is not trained but takes its kernel from the images (`adapt`), and
    with normalisations that only shift.
    """
    return blocks(image, dropout, (32, 128, 160))


def blocks(image: keras.KerasTensor, dropout: float, widths: tuple[int, ...]) -> keras.KerasTensor:
    """The whitened image [n, height, width, channels] through two convolutions of each of `widths` filters, to
    features [n, the last of them].
    """
    x = layers.Rescaling(1 / 64, offset=-1.9)(image)  # about zero mean and unit variance on photographs
    whitened = 2 * image.shape[-1] * PATCH**2
    x = layers.ReLU()(layers.Conv2D(whitened, PATCH, use_bias=False, trainable=False)(x))
    for filters in widths:
        for pool in (True, False):
            x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
            x = layers.MaxPooling2D(2)(x) if pool else x
            x = layers.ReLU()(layers.BatchNormalization(momentum=0.9, epsilon=1e-5, scale=False)(x))
    return drop(layers.GlobalMaxPooling2D()(x), dropout)


def adapt(net: keras.Model, images: np.ndarray) -> None:
    """Set the kernels that are not drawn: the first whitens the patches of `images`, the others begin as identities.

    Of the first `images` (uint8 [n, height, width, channels]), as many as have a million patches of 2 x 2 pixels, the
    covariance of these is taken: its eigenvectors, each divided by the root of its eigenvalue, are the filters of the
    first layer, with both signs. In every other layer the first filters copy one channel each, as in airbench94_muon.
    """
    rescaling, first, *others = [layer for layer in net.layers if isinstance(layer, layers.Conv2D | layers.Rescaling)]
    enough = 1 + PATCHES // (images.shape[1] * images.shape[2])
    pixels = rescaling(images[:enough].astype(np.float32)).numpy().astype(np.float64)
    windows = np.lib.stride_tricks.sliding_window_view(pixels, (PATCH, PATCH), axis=(1, 2))
    patches = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, PATCH**2 * pixels.shape[-1])
    values, vectors = np.linalg.eigh(patches.T @ patches / len(patches))
    filters = vectors / np.sqrt(values + 5e-4)
    first.set_weights([np.concatenate([filters, -filters], axis=1).reshape(first.kernel.shape)])
    for layer in others:
        kernel = layer.kernel.numpy()
        copied = range(min(kernel.shape[2:]))
        kernel[..., copied] = 0
        kernel[1, 1, copied, copied] = 1
        layer.set_weights([kernel])
