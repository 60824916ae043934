"""Batch normalisation in one operation: what it computes is what Keras's own layer computes."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from assignment06.experiments import networks
from assignment06.experiments.normalisation import FusedBatchNormalization, fuse


def one_layer(**options) -> keras.Model:
    image = keras.Input((None, None, 5))
    return keras.Model(image, keras.layers.BatchNormalization(**options)(image))


def trained_once(net: keras.Model, x: np.ndarray, weight: np.ndarray) -> list[np.ndarray]:
    """Return output, gradients and weights of one step in training."""
    pixels = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        y = net(pixels, training=True)
        loss = tf.reduce_sum(y * weight)
    gradients = tape.gradient(loss, [pixels, *[one.value for one in net.trainable_variables]])
    return [np.asarray(one) for one in (y, *gradients, *net.get_weights())]


@given(
    n=st.integers(2, 6), side=st.integers(1, 5), scale=st.booleans(), center=st.booleans(),
    momentum=st.sampled_from([0.0, 0.9, 0.99]), shift=st.floats(-3, 3), seed=st.integers(0, 99),
)  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_a_step_is_that_of_keras(n, side, scale, center, momentum, shift, seed) -> None:
    rng = np.random.default_rng(seed)
    x = (rng.normal(size=(n, side, side, 5)) * rng.uniform(0.5, 2, 5) + shift).astype(np.float32)
    weight = rng.normal(size=x.shape).astype(np.float32)
    plain, fused = (one_layer(scale=scale, center=center, momentum=momentum, epsilon=1e-2) for _ in range(2))
    drawn = [rng.uniform(0.5, 1.5, kept.shape) for kept in plain.get_weights()]
    plain.set_weights(drawn)
    fused.set_weights(drawn)
    fuse(fused)
    assert isinstance(fused.layers[-1], FusedBatchNormalization)
    for own, theirs in zip(trained_once(fused, x, weight), trained_once(plain, x, weight), strict=True):
        np.testing.assert_allclose(own, theirs, rtol=2e-4, atol=2e-4)


def test_in_inference_and_frozen_it_is_keras_s_own(monkeypatch) -> None:
    net = one_layer()
    fuse(net)
    monkeypatch.setattr(tf.raw_ops, "FusedBatchNormV3", lambda **_: pytest.fail("one operation, outside of training"))
    x = np.ones((2, 3, 3, 5), np.float32)
    net(x, training=False)
    net.layers[-1].trainable = False
    net(x, training=True)


def test_only_what_follows_a_convolution_in_the_usual_order_is_changed() -> None:
    image = keras.Input((4, 4, 3))
    y = keras.layers.BatchNormalization(axis=1, name="rows")(image)
    y = keras.layers.BatchNormalization(name="channels")(y)
    y = keras.layers.BatchNormalization(name="features")(keras.layers.Flatten()(y))
    net = keras.Model(image, y)
    fuse(net)
    assert [one.name for one in net.layers if isinstance(one, FusedBatchNormalization)] == ["channels"]


def test_weights_and_answers_stay_as_they_are() -> None:
    net = networks.build("lean", (32, 32, 3), 10, 0.1, seed=0)
    paths, images = [one.path for one in net.weights], np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3))
    said = net(images, training=False)
    fuse(net)
    assert sum(isinstance(one, FusedBatchNormalization) for one in net.layers) > 3
    assert [one.path for one in net.weights] == paths
    np.testing.assert_array_equal(net(images, training=False), said)
