"""Batch normalisation in one operation while a net trains on a processor: what is saved knows nothing of it."""

import keras
import tensorflow as tf
from keras import layers

from assignment06.backend import compute


def fuse(net: keras.Model) -> None:
    """Let the batch normalisations of images or features, in a net about to train, compute in one operation.

    Keras makes each of some ten, which read and write the features as often: an epoch of 6.2b took 1.2 times as long
    (docs/speed.md). Weights, their names and the way in inference stay as they are. The net is changed in place, and
    should not be saved but for its weights. Where a GPU is used nothing is changed: XLA compiles it there.
    """
    if compute.uses_gpu():
        return
    for layer in net.layers:
        if type(layer) is layers.BatchNormalization and layer.input_spec.ndim == 4 and layer.axis in (-1, 3):
            layer.__class__ = FusedBatchNormalization


class FusedBatchNormalization(layers.BatchNormalization):
    """Keras's own layer (S. Ioffe and C. Szegedy, 2015), whose training step is TensorFlow's FusedBatchNormV3.

    Inputs and outputs are float32 or bfloat16 [n, height, width, channels]; mean and variance are summed in float32.
    """

    def call(self, inputs, training=None, mask=None):  # as Keras's own
        if not training or not self.trainable or self.renorm or self.synchronized or mask is not None:
            return super().call(inputs, training=training, mask=mask)
        channels = inputs.shape[-1]
        fused = tf.raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=self.gamma if self.scale else tf.ones(channels),
            offset=self.beta if self.center else tf.zeros(channels),
            mean=tf.zeros(0),
            variance=tf.zeros(0),
            epsilon=self.epsilon,
            is_training=True,
        )
        averaged = tf.cast(tf.size(inputs) // channels, "float32")
        variance = fused.batch_variance * (averaged - 1) / averaged  # Keras keeps the one that is not corrected
        for kept, now in ((self.moving_mean, fused.batch_mean), (self.moving_variance, variance)):
            kept.assign(kept * self.momentum + now * (1 - self.momentum))
        return fused.y
