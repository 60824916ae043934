"""The part of a detector that is trained: its layers, what it is to say of boxes, and how wrong it is.

After X. Zhou, D. Wang, P. Krähenbühl (2019, Objects as Points) and H. Law, J. Deng (2018, CornerNet), with sizes as
logarithms.
"""

import keras
import numpy as np
from keras import layers, ops

from assignment06.detection.keras_net import CENTRES, GEOMETRY, UNIT

RARE = 0.01  # how sure an untrained head is everywhere: most cells have no object (T.-Y. Lin et al., 2017, Focal Loss)
SPREAD, LEAST_SPREAD = 0.15, 0.8  # deviation of a centre's hill: of the box's shorter side, and at least, in cells
FOCUS, RELIEF = 2, 4  # the exponents of CornerNet's loss


def detector_head(shapes: list[tuple[int, ...]], classes: int, width: int, seed: int) -> keras.Model:
    """Return a fresh head from two maps, fine and coarse ([n, rows, columns, k] of these shapes), to two outputs.

    `centres` [n, rows, columns, classes] as logits and `geometry` [n, rows, columns, 4], both on the fine map's cells
    (`keras_net.decode` wants the sigmoid of the first). `width` is the number of channels in between, `seed` draws the
    weights.
    """
    keras.utils.set_random_seed(seed)
    fine, coarse = (keras.Input(shape) for shape in shapes)
    side = max(1, 3 * width // 4)
    up = layers.UpSampling2D(shapes[0][0] // shapes[1][0], interpolation="bilinear")
    x = layers.Concatenate()([_block(fine, side, 1), up(_block(coarse, side, 1))])
    for _ in range(3):
        x = _block(x, width, 3)
    sure = keras.initializers.Constant(float(np.log(RARE / (1 - RARE))))
    centres = layers.Conv2D(classes, 1, bias_initializer=sure, name=CENTRES)(x)
    geometry = layers.Conv2D(4, 1, name=GEOMETRY)(x)
    return keras.Model([fine, coarse], {CENTRES: centres, GEOMETRY: geometry}, name="head")


def _block(x: keras.KerasTensor, width: int, size: int) -> keras.KerasTensor:
    x = layers.Conv2D(width, size, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))


def whole_detector(maps: keras.Model, head: keras.Model) -> keras.Model:
    """Return the net from letterboxed pixels [n, side, side, 3], 0..255, to [centres, geometry] (see `keras_net`)."""
    pixels = keras.Input(maps.input_shape[1:], name="pixels")
    said = head(maps(pixels, training=False), training=False)
    return keras.Model(pixels, [layers.Activation("sigmoid")(said[CENTRES]), said[GEOMETRY]], name="detector")


def targets(
    boxes: np.ndarray, labels: np.ndarray, rows: int, columns: int, classes: int, stride: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return what a head is to say of the boxes of one image, float32 [rows, columns, classes] and [rows, columns, 5].

    `boxes` [n, 4] (x, y, width, height in input pixels), `labels` [n]. The first is a hill of height 1 at each centre;
    the second, in the cells of centres, their place in the cell, the logarithms of the sizes in units of `UNIT` cells,
    and 1 for "here is one". Where two boxes have their centre in one cell, the smaller one's geometry stays.
    """
    centres = np.zeros((rows, columns, classes), np.float32)
    geometry = np.zeros((rows, columns, 5), np.float32)
    down, across = np.mgrid[:rows, :columns]
    for place in np.argsort(-np.prod(boxes[:, 2:], axis=1), kind="stable"):
        x, y, width, height = boxes[place] / stride
        middle = x + width / 2, y + height / 2
        column, row = min(int(middle[0]), columns - 1), min(int(middle[1]), rows - 1)
        spread = max(LEAST_SPREAD, SPREAD * min(width, height))
        hill = np.exp(-((across - column) ** 2 + (down - row) ** 2) / (2 * spread**2))
        own = centres[..., labels[place]]
        np.maximum(own, hill, out=own)
        sizes = np.log(np.maximum((width, height), 1 / stride) / UNIT)
        geometry[row, column] = (middle[0] - column, middle[1] - row, *sizes, 1)
    return centres, geometry


def centres_loss(wanted, said):
    """Return the penalty-reduced focal loss of hills and of logits, over the number of objects in the batch.

    Of logits, because bfloat16 has no number between 0.996 and 1, and the logarithm of 1 - 1 is no loss.
    """
    there = ops.cast(ops.equal(wanted, 1), said.dtype)
    hit = there * ops.sigmoid(-said) ** FOCUS * ops.softplus(-said)
    miss = (1 - there) * (1 - wanted) ** RELIEF * ops.sigmoid(said) ** FOCUS * ops.softplus(said)
    return ops.sum(hit + miss) / ops.maximum(ops.sum(there), 1.0)


def geometry_loss(wanted, said):
    """Return the mean absolute error of places and sizes, summed over the four, of the cells that have an object."""
    there = wanted[..., 4:]
    return ops.sum(there * ops.abs(wanted[..., :4] - said)) / ops.maximum(ops.sum(there), 1.0)
