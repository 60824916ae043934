"""What the families of keras.applications do to raw pixels, as plain layers that a saved model carries with it.

Each function takes raw RGB pixels 0..255, float32 [n, height, width, 3], and returns what `preprocess_input` of the
family would. The names are those of keras.applications. No Lambda: a saved model loads with `safe_mode` on.
"""

from collections.abc import Callable

import keras
import numpy as np
from keras import layers

BGR_MEANS = (103.939, 116.779, 123.68)  # of ImageNet, 0..255; as in K. Simonyan and A. Zisserman's VGG
RGB_MEANS, RGB_DEVIATIONS = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, 0..1


def _caffe(pixels: keras.KerasTensor) -> keras.KerasTensor:
    """RGB to BGR, less the means: a fixed 1 x 1 convolution."""
    swap = layers.Conv2D(3, 1, trainable=False, name="rgb_to_bgr")
    swapped = swap(pixels)
    swap.set_weights([np.eye(3, dtype=np.float32)[::-1].reshape(1, 1, 3, 3), -np.array(BGR_MEANS, np.float32)])
    return swapped


def _tf(pixels: keras.KerasTensor) -> keras.KerasTensor:
    """To -1..1."""
    return layers.Rescaling(1 / 127.5, offset=-1.0, name="to_minus_one_to_one")(pixels)


def _torch(pixels: keras.KerasTensor) -> keras.KerasTensor:
    """To zero mean and unit variance of each channel on ImageNet."""
    scale = [1 / (255 * deviation) for deviation in RGB_DEVIATIONS]
    offset = [-mean / deviation for mean, deviation in zip(RGB_MEANS, RGB_DEVIATIONS, strict=True)]
    return layers.Rescaling(scale, offset=offset, name="standardised")(pixels)


def _none(pixels: keras.KerasTensor) -> keras.KerasTensor:
    """Nothing: the net has its own layers for it."""
    return pixels


PREPROCESSING: dict[str, Callable[[keras.KerasTensor], keras.KerasTensor]] = {
    "caffe": _caffe,
    "tf": _tf,
    "torch": _torch,
    "none": _none,
}
