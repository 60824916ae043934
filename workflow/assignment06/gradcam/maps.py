"""Grad-CAM: which places of an image speak for a class."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

from assignment06.shared.errors import AssignmentError


def grad_cam(model: keras.Model, images: np.ndarray, classes: Sequence[int] | None = None) -> np.ndarray:
    """Return maps, float32 [n, rows, columns] in 0 to 1, of what in images [n, h, w, channels] spoke for classes.

    `images` are as the model takes them, and `classes` has one of its outputs for each; without, it is that of the
    highest score. A map has the places of the last
    convolution; it is 1 at its largest, or 0 everywhere where nothing spoke for the class.
    R. R. Selvaraju et al., Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization, ICCV 2017:
    the activations of the last convolution, weighted by the mean gradient of the class's score before the softmax, of
    which the positive part is kept. Raises AssignmentError for a model without convolution, or with a way around it.
    """
    layer, last = last_convolution(model), model.layers[-1]
    features = keras.Model(model.inputs, layer.output)(tf.constant(images, tf.float32), training=False)
    try:
        following = keras.Model(layer.output, model.output)
    except ValueError:
        raise AssignmentError(
            f"{model.name} has a way around its last convolution, of which there is no map."
        ) from None
    softmax = getattr(last, "activation", None)
    if softmax is not None:
        last.activation = keras.activations.linear
    try:
        with tf.GradientTape() as tape:
            tape.watch(features)
            scores = following(features, training=False)
            wanted = tf.argmax(scores, axis=1) if classes is None else tf.constant(classes, tf.int64)
            chosen = tf.reduce_sum(tf.gather(scores, wanted, axis=1, batch_dims=1))
        gradients = tape.gradient(chosen, features)
    finally:
        if softmax is not None:
            last.activation = softmax
    weights = tf.reduce_mean(gradients, axis=(1, 2), keepdims=True)
    maps = tf.nn.relu(tf.reduce_sum(weights * features, axis=-1)).numpy()
    return maps / np.maximum(maps.max(axis=(1, 2), keepdims=True), np.finfo(np.float32).tiny)


def last_convolution(model: keras.Model) -> keras.Layer:
    """Return the layer whose output [n, height, width, filters] is that of the last convolution, once it is activated.

    Raises AssignmentError where there is none.
    """
    following = convolutions(model)[-1]
    places = following[0].output.shape
    return [layer for layer in following if layer.output.shape[1:3] == places[1:3]][-1]


def convolutions(model: keras.Model) -> list[list[keras.Layer]]:
    """Return each convolution with the layers up to the next one whose output is [n, height, width, channels].

    Raises AssignmentError where there is none.
    """
    shaped = [layer for layer in model.layers if len(getattr(layer.output, "shape", ())) == 4]
    first = [place for place, layer in enumerate(shaped) if isinstance(layer, keras.layers.Conv2D)]
    if not first:
        raise AssignmentError(f"{model.name} has no convolution, so that there is nothing to show.")
    return [shaped[start:end] for start, end in zip(first, [*first[1:], len(shaped)], strict=True)]


def overlay(image: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return an image (uint8 [h, w, 3]) in grey under a map (float [rows, columns], 0 to 1) in colours, uint8 too.

    Viridis goes from dark blue to yellow evenly, for colour-blind readers too.
    """
    from matplotlib import colormaps

    height, width = image.shape[:2]
    fine = np.asarray(Image.fromarray(places.astype(np.float32)).resize((width, height), Image.Resampling.BILINEAR))
    grey = np.asarray(Image.fromarray(image).convert("L"), np.float32)[..., None]
    return (0.45 * grey + 0.55 * 255 * colormaps["viridis"](fine)[..., :3]).round().astype(np.uint8)
