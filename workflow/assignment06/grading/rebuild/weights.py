"""Fill a rebuilt net with the arrays of a stranger's file: plain numbers, read by name, of exactly the shapes it has.

Which array belongs where is Keras' own rule. In a `.keras` file the path tells: the rebuilt net is saved once by Keras
itself, and the arrays that stand in that file are replaced by those under the same paths of the stranger's. In HDF5
files of Keras 2 (and 3's legacy format) layers with weights are matched in order.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

from .containers import attribute, look_through
from .refusal import Refused, Unsupported

_KINDS = "fiub"


def load_by_path(model: keras.Model, weights: Path, scratch: Path, alone: bool = False) -> None:
    """Load the weights of a `.keras` file, already unpacked, into `model`; or those of a file that has nothing else,
    all of which have to be the model's.
    """
    own = scratch / "own.weights.h5"
    model.save_weights(own)
    try:
        with h5py.File(own, "r+") as target, h5py.File(weights, "r") as source:
            look_through(source)
            paths = _arrays(target)
            if alone and len(given := _arrays(source)) > len(paths):
                raise Unsupported(f"it has {len(given)} arrays, and its net takes {len(paths)}")
            for path in paths:
                target[path][...] = _array(source, path, target[path].shape)
        model.load_weights(own)
    finally:
        own.unlink(missing_ok=True)


def _arrays(file: h5py.File) -> list[str]:
    """The paths of a net's arrays, without an optimizer's and random layers' state, which prediction does not need."""
    paths: list[str] = []
    file.visititems(lambda name, item: paths.append(name) if isinstance(item, h5py.Dataset) else None)
    return [path for path in paths if "seed_generator" not in path and not path.startswith(("optimizer", "metrics"))]


def load_in_order(model: keras.Model, path: Path) -> None:
    """Load the weights of an HDF5 model file into `model`, layer by layer in the file's order."""
    with h5py.File(path, "r") as file:
        look_through(file)
        group = _item(file, "model_weights") if "model_weights" in file else file
        layers = [layer for layer in model.layers if layer.trainable_weights or layer.non_trainable_weights]
        named = [(name, _item(group, name)) for name in _names(group, "layer_names")]
        filled = [(item, names) for _, item in named if (names := _names(item, "weight_names"))]
        if len(layers) != len(filled):
            raise Unsupported(f"it has weights for {len(filled)} layers, and {len(layers)} layers take some")
        for layer, (item, names) in zip(layers, filled, strict=True):
            variables = layer.trainable_weights + layer.non_trainable_weights
            if len(names) != len(variables):
                raise Unsupported(f"it has {len(names)} arrays for a layer that takes {len(variables)}")
            for variable, name in zip(variables, names, strict=True):
                variable.assign(_array(item, name, tuple(variable.shape)))


def _names(item: h5py.HLObject, name: str) -> list[str]:
    """A list of names in attributes; long ones are split over several (`layer_names0`, `layer_names1`)."""
    found = attribute(item, name)
    parts: list[Any] = [found] if found is not None else []
    while not parts or found is None:
        more = attribute(item, f"{name}{len(parts)}")
        if more is None or len(parts) > 1000:
            break
        parts.append(more)
    return [n.decode("utf-8", "replace") if isinstance(n, bytes) else str(n) for part in parts for n in np.ravel(part)]


def _item(group: h5py.HLObject, path: str) -> h5py.HLObject:
    """What stands at a relative path, each step of which is an ordinary (hard) link."""
    item: h5py.HLObject = group
    for step in path.strip("/").split("/"):
        plain = isinstance(item, h5py.Group) and step not in ("", ".", "..")
        if not plain or not isinstance(item.get(step, getlink=True), h5py.HardLink):
            raise Unsupported(f"its weights lack {path[:80]}")
        item = item[step]
    return item


def _array(group: h5py.HLObject, path: str, shape: tuple[int, ...]) -> np.ndarray:
    """The array at `path`, read only if its header declares numbers of exactly this shape."""
    item = _item(group, path)
    if not isinstance(item, h5py.Dataset) or item.external or item.is_virtual:
        raise Refused(f"its weights {path[:80]} are no plain array")
    if tuple(item.shape or ()) != tuple(shape) or item.dtype.kind not in _KINDS:
        raise Unsupported(f"its weights {path[:80]} are {item.dtype} {item.shape}, and {tuple(shape)} is needed")
    return item[()]
