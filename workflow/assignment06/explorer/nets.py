"""Read a saved net that is a chain of plain layers, for a page that computes it without TensorFlow."""

import base64
import io
import json
import os
import zipfile
from collections.abc import Iterator, Mapping

import h5py
import numpy as np

LAYERS = {
    "InputLayer", "Rescaling", "Conv2D", "MaxPooling2D", "AveragePooling2D", "GlobalAveragePooling2D",
    "GlobalMaxPooling2D", "Flatten", "Dense", "Dropout", "Activation", "ReLU", "Softmax", "BatchNormalization",
}  # fmt: skip
ACTIVATIONS = {"linear", "relu", "softmax", "sigmoid", "tanh"}
MAX_WEIGHTS = 600_000  # more would make the page too large, and its answers slow


class NotPlain(Exception):
    """The net has something that the page cannot compute; the text says what."""


def read_plain_net(path: str | os.PathLike) -> dict:
    """Return a net saved by Keras 3 as {"input", "layers", "weights"}, which JSON can hold.

    "input" is [height, width, channels] of an image of 0 to 255; each of "layers" has its "kind", what that needs, and
    "shapes" of its weights; "weights" are all of them one after another in that order, float32, little-endian, base64.
    A batch normalisation has become a scale and a shift for each channel, and a dropout is left out, as neither learns
    any more. Raises NotPlain for a net that is no chain, has other layers, or has more than `MAX_WEIGHTS` weights.
    """
    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("config.json"))
        saved = io.BytesIO(archive.read("model.weights.h5"))
    layers = config["config"]["layers"]
    _check_chain(layers)
    shape = next((_input_shape(layer["config"]) for layer in layers), None)
    if shape is None or len(shape) != 3 or None in shape:
        raise NotPlain("an input that is no image of one size")
    with h5py.File(saved) as file:
        weights = _weights_by_layer(file)
        read = [one for layer in layers for one in _layer(layer["class_name"], layer["config"], weights)]
    arrays = [array for _, own in read for array in own]
    if sum(array.size for array in arrays) > MAX_WEIGHTS:
        raise NotPlain(f"more than {MAX_WEIGHTS:,} weights")
    flat = np.concatenate([array.ravel() for array in arrays]) if arrays else np.zeros(0)
    return {
        "input": list(shape),
        "layers": [{**layer, "shapes": [list(array.shape) for array in own]} for layer, own in read],
        "weights": base64.b64encode(flat.astype("<f4").tobytes()).decode(),
    }


def _input_shape(config: dict) -> list[int | None] | None:
    shape = config.get("batch_shape") or config.get("batch_input_shape")
    return shape[1:] if shape else None


def _check_chain(layers: list[dict]) -> None:
    """Raise NotPlain unless each layer takes what the one before it gives, and nothing else."""
    for before, layer in zip([None, *layers], layers, strict=False):
        taken = list(_sources(layer.get("inbound_nodes", [])))
        if before and taken and taken != [before["config"]["name"]]:
            raise NotPlain("branches")


def _sources(value: object) -> Iterator[str]:
    """Yield the names of the layers whose output a layer's calls take."""
    if isinstance(value, Mapping):
        if "keras_history" in value:
            yield value["keras_history"][0]
        else:
            for one in value.values():
                yield from _sources(one)
    elif isinstance(value, list):
        for one in value:
            yield from _sources(one)


def _weights_by_layer(file: h5py.File) -> dict[str, list[np.ndarray]]:
    """Return the weights of each layer by its name, which its group has as an attribute."""
    found = {}
    for group in file["layers"].values():
        own = group.get("vars", {})
        if "name" in getattr(own, "attrs", {}):
            found[str(own.attrs["name"])] = [own[str(number)][()] for number in range(len(own))]
    return found


def _layer(kind: str, config: dict, weights: dict) -> Iterator[tuple[dict, list[np.ndarray]]]:
    """Yield (layer, its weights) for one of Keras's layers: none, or one, and its activation."""
    if kind not in LAYERS:
        raise NotPlain(f"a layer of the kind {kind}")
    own = weights.get(config["name"], [])
    if config.get("data_format", "channels_last") != "channels_last":
        raise NotPlain("channels that come first")
    if kind == "Rescaling":
        if not all(isinstance(config[key], int | float) for key in ("scale", "offset")):
            raise NotPlain("a scale for each channel")
        yield {"kind": kind, "scale": config["scale"], "offset": config["offset"]}, []
    elif kind in ("Conv2D", "Dense"):
        if kind == "Conv2D" and (config.get("groups", 1) != 1 or set(config["dilation_rate"]) != {1}):
            raise NotPlain("a convolution with groups or holes")
        places = {key: config[key] for key in ("strides", "padding") if kind == "Conv2D"}
        bias = own[1] if config["use_bias"] else np.zeros(own[0].shape[-1])
        yield {"kind": kind, **places}, [own[0], bias]
    elif kind in ("MaxPooling2D", "AveragePooling2D"):
        yield {"kind": kind, "size": config["pool_size"], **{key: config[key] for key in ("strides", "padding")}}, []
    elif kind == "BatchNormalization":
        yield {"kind": "Affine"}, _affine(config, own)
    elif kind in ("Flatten", "GlobalAveragePooling2D", "GlobalMaxPooling2D"):
        yield {"kind": kind}, []
    activation = {"ReLU": "relu", "Softmax": "softmax"}.get(kind) or config.get("activation", "linear")
    if activation not in ACTIVATIONS or any(config.get(key) for key in ("max_value", "negative_slope", "threshold")):
        raise NotPlain(f"the activation {activation}")
    if activation != "linear":
        yield {"kind": "Activation", "activation": activation}, []


def _affine(config: dict, own: list[np.ndarray]) -> list[np.ndarray]:
    """Return scale and shift [channels] that a trained batch normalisation comes down to."""
    own = [array.astype(np.float64) for array in own]
    mean, variance = own[-2:]
    gamma = own[0] if config["scale"] else np.ones_like(mean)
    beta = own[int(config["scale"])] if config["center"] else np.zeros_like(mean)
    scale = gamma / np.sqrt(variance + config["epsilon"])
    return [scale, beta - mean * scale]
