"""Feed a net: batches of an epoch, shuffled and augmented, and batches in order.

tf.data's autotuning is off: its thread sleeps, for longer and longer, and does not always wake when an epoch
ends, which then waits for it (TensorFlow 2.21: an epoch of 7 s took 10). Arrays given to Keras are no better off.
"""

import numpy as np
import tensorflow as tf

from assignment06.config.experiment import Experiment

PREDICT_BATCH = 500
LOW_RESOLUTION = 0.75  # of height and width, in the first epochs of a row that asks for it


def in_order(arrays: np.ndarray | tuple[np.ndarray, ...], size: int = PREDICT_BATCH) -> tf.data.Dataset:
    """Return batches of `size` rows of one array, or of several in step, as they are."""
    return _fixed(tf.data.Dataset.from_tensor_slices(arrays).batch(size).prefetch(2))


def of_epoch(x: np.ndarray, y: np.ndarray, settings: Experiment, epoch: int) -> tf.data.Dataset:
    """Return the shuffled, augmented batches of one epoch (from 0), the same for equal seed and epoch.

    `x`: uint8 [n, h, w, c], or without augmentation any [n, ...]; `y`: float32 one-hot [n, classes].
    """
    rng = np.random.default_rng([settings.seed, epoch])
    order = rng.permutation(len(x))
    images = x[order]
    augmented = None
    if settings.augmentation != "none":
        from assignment06.experiments import policies  # KerasCV only where it is needed

        turned = policies.mirrored(settings.augmentation, len(x), settings.seed, epoch)[order]
        images[turned] = images[turned, :, ::-1]
        augment = policies.augmenter(settings.augmentation, int(rng.integers(1, 2**31 - 16)))

        def augmented(images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            batch = augment({"images": tf.cast(images, tf.float32), "labels": labels})
            return batch["images"], batch["labels"]

    data = tf.data.Dataset.from_tensor_slices((images, y[order])).batch(settings.batch_size)
    if augmented:
        data = data.map(augmented)  # one call at a time: the layers draw from a random state, in order
    if epoch < int(settings.low_resolution_share * settings.epochs):
        low = [round(LOW_RESOLUTION * side) for side in x.shape[1:3]]
        data = data.map(lambda images, labels: (tf.image.resize(images, low), labels))
    return _fixed(data.prefetch(4))


def _fixed(data: tf.data.Dataset) -> tf.data.Dataset:
    options = tf.data.Options()
    options.autotune.enabled = False
    return data.with_options(options)
