"""Test-time augmentation inside a saved net: the mean of what it says of an image, mirrored or moved as well."""

import keras
import numpy as np
from keras import layers

ONCE = "once"  # the name of the net that looks at one image, within the one that looks more often


def looking_again(net: keras.Model, shifts: bool = False) -> keras.Model:
    """Return a net that gives the mean of what `net` says of raw pixels [n, h, w, channels] and of their mirror image.

    With `shifts`, half of the answer is the mean of four more looks: at both, moved by one pixel up and to the left,
    and down and to the right, the edges filled by reflection (all after K. Jordan's airbench, 2024). It is made of
    plain layers, of which none always mirrors or moves: rows and columns change places by matrices that are not
    trained, and that is exact for pixels in any number format.
    """
    image = keras.Input(net.input_shape[1:], name="image")
    rows, columns = (np.eye(side, dtype=np.float32) for side in net.input_shape[1:3])
    reverse = _Exchange("columns", columns[::-1], "reversed")
    net.name = ONCE
    looks = [net(image), net(reverse(image))]
    if shifts:
        moved = [
            _Exchange("rows", _moved(rows, step), way)(_Exchange("columns", _moved(columns, step), way)(image))
            for step, way in ((1, "up_left"), (-1, "down_right"))
        ]
        further = layers.Average(name="moved")([net(view) for one in moved for view in (one, reverse(one))])
        looks = [layers.Average(name="in_place")(looks), further]
    return keras.Model(image, layers.Average(name="probability")(looks), name="looks_again")


def looking_once(net: keras.Model) -> keras.Model:
    """Return the net that `looking_again` was given, of one that it made; any other as it is."""
    return next((layer for layer in net.layers if layer.name == ONCE and isinstance(layer, keras.Model)), net)


class _Exchange:
    """Layers that let the rows or the columns of images [n, h, w, channels] change places, by a matrix [from, to]."""

    def __init__(self, axis: str, matrix: np.ndarray, way: str):
        order = {"rows": (3, 2, 1), "columns": (1, 3, 2)}[axis]
        self.matrix, name = matrix, f"{axis}_{way}"
        self.last = layers.Permute(order, name=f"{name}_last")
        self.swapped = layers.Dense(len(matrix), use_bias=False, trainable=False, name=name)
        self.back = layers.Permute(order, name=f"{name}_back")

    def __call__(self, image: keras.KerasTensor) -> keras.KerasTensor:
        exchanged = self.back(self.swapped(self.last(image)))
        self.swapped.set_weights([self.matrix])
        return exchanged


def _moved(places: np.ndarray, step: int) -> np.ndarray:
    """Return the columns of an identity moved by one place; the last one is then what the edge reflects."""
    side = len(places)
    taken = np.arange(side) + step
    return places[:, np.where(taken < 0, 1, np.where(taken == side, side - 2, taken))]
