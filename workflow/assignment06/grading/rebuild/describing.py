"""What a net is made of, for the checks: its layers, dropout, augmentation and last activation."""

from __future__ import annotations

from .augmentation import AUGMENTATION
from .net import Layer, Net

_SILENT = frozenset({"InputLayer", "Dropout", "Flatten", "Reshape"})


def describe(net: Net) -> dict:
    """`layers` (class names, models within the model included), `dropout` (rates above 0), `augmentation` (class
    names), `last_activation` ("linear" where there is none) and `widths` (class name and filters or units, "Dense 10").
    """
    found: dict = {"layers": [], "dropout": [], "augmentation": [], "last_activation": "", "widths": []}
    _walk(net, found)
    found["layers"] = found["layers"][:200]
    return found


def _walk(item: Net | Layer, found: dict) -> None:
    if isinstance(item, Net):
        for layer in item.layers:
            _walk(layer, found)
        return
    for inner in item.inner:
        _walk(inner, found)
    if item.inner:
        found["layers"].append(item.kind)
        return
    arguments = item.arguments
    found["layers"].append(item.kind)
    found["widths"] += [f"{item.kind} {width}" for key in ("filters", "units") if (width := arguments.get(key))]
    if "Dropout" in item.kind or item.kind == "GaussianNoise":
        found["dropout"] += [rate for rate in (arguments.get("rate"), arguments.get("stddev")) if rate]
    found["dropout"] += [rate for key in ("dropout", "recurrent_dropout") if (rate := arguments.get(key))]
    if item.kind in AUGMENTATION:
        found["augmentation"].append(item.kind)
    activation = arguments.get("activation")
    if isinstance(activation, Layer):
        activation = activation.kind.lower()
    if item.kind.lower() == "softmax":
        activation = "softmax"
    if item.kind not in _SILENT:
        found["last_activation"] = activation or "linear"
