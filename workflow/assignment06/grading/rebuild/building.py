"""Build a `Net` by calling the constructors of Keras' layers. Imports Keras; runs only behind the walls."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import keras

from .layers import LAYERS, OPERATIONS, PROGRAMS, READERS_OF_FILES, WRAPPERS
from .net import Call, Layer, Net, Source
from .refusal import Refused, Unsupported

_ALLOWED = {
    name: getattr(keras.layers, name) for name in (*LAYERS, *WRAPPERS, "InputLayer") if hasattr(keras.layers, name)
}
_MODELS = (keras.Sequential, type(keras.Model([(i := keras.Input((1,)))], [i])))
_HOMES = ("keras.src.layers.", "keras.src.models.functional", "keras.src.models.sequential", "keras.src.ops.")


def build(net: Net) -> keras.Model:
    """The net as a Keras model with weights yet to be loaded; every layer's type has been checked."""
    model = _model(net, (f"part_{number}" for number in itertools.count()))
    if not model.built:
        raise Unsupported("it says nowhere what shape its input has")
    _check_types(model)
    return model


def _check_types(model: keras.Model) -> None:
    """Raise Refused if anything was built that is not on the list; there is no way known to get here."""
    for layer in model.layers:
        if isinstance(layer, _MODELS):
            _check_types(layer)
        elif type(layer) not in _ALLOWED.values():
            raise Refused(f"a {type(layer).__name__} was built")
    for layer in model._flatten_layers():
        kind = type(layer)
        if not kind.__module__.startswith(_HOMES) or kind.__name__ in PROGRAMS | READERS_OF_FILES:
            raise Refused(f"a {kind.__name__} was built")


def _model(net: Net, names: Iterator[str]) -> keras.Model:
    if not net.sequential:
        return _graph(net, names)
    model = keras.Sequential(name=next(names))
    if net.shape is not None:
        model.add(keras.layers.InputLayer(batch_shape=net.shape, dtype=net.input_dtype, name=next(names)))
    for layer in net.layers:
        model.add(_layer(layer, names))
    return model


def _layer(layer: Layer | Net, names: Iterator[str]) -> keras.Layer:
    if isinstance(layer, Net):
        return _model(layer, names)
    kind = _ALLOWED.get(layer.kind)
    if kind is None:
        raise Unsupported(f"this Keras has no {layer.kind}")
    arguments = {k: _layer(v, names) if isinstance(v, Layer) else v for k, v in layer.arguments.items()}
    if layer.kind == "InputLayer":
        return kind(**arguments, name=next(names))
    if layer.dtype is not None:
        arguments["dtype"] = layer.dtype
    inner = [_layer(item, names) for item in layer.inner]
    if len(inner) > 1:
        arguments["backward_layer"] = inner[1]
    built = kind(*inner[:1], **arguments, name=next(names))
    if type(built) is not kind:
        raise Refused(f"a {type(built).__name__} was built for a {layer.kind}")
    if not layer.trainable:  # it decides the order of weights in HDF5 files
        built.trainable = False
    return built


def _graph(net: Net, names: Iterator[str]) -> keras.Model:
    """Layers in the order of the file, then calls in rounds, as Keras' own reader does: the order of layers follows."""
    built = [_called(item, names) for item in net.layers]
    given: list[list[list]] = [[] for _ in net.layers]
    for number, item in enumerate(net.layers):
        if isinstance(item, Layer) and item.kind == "InputLayer":
            given[number].append([built[number].output])
    waiting = {number: list(item.calls) for number, item in enumerate(net.layers) if item.calls}
    while waiting:
        before = sum(map(len, waiting.values()))
        for number in list(waiting):
            while waiting[number] and _ready(waiting[number][0], given):
                call = waiting[number].pop(0)
                arguments = [_filled(value, given) for value in call.arguments]
                named = {key: _filled(value, given) for key, value in call.named.items()}
                given[number].append(keras.tree.flatten(built[number](*arguments, **named)))
            if not waiting[number]:
                del waiting[number]
        if sum(map(len, waiting.values())) == before:
            raise Refused("the connections of its layers go in a circle")
    model = keras.Model(_filled(net.inputs, given), _filled(net.outputs, given), name=next(names))
    if not net.trainable:
        model.trainable = False
    return model


def _called(item: Layer | Net, names: Iterator[str]) -> Any:
    """A layer, or the function of an operation: what is called with tensors."""
    if not (isinstance(item, Layer) and item.operation):
        return _layer(item, names)
    if item.kind not in OPERATIONS.values():
        raise Refused(f"{item.kind} is no operation")
    return getattr(keras.ops, item.kind)


def _ready(call: Call, given: list[list[list]]) -> bool:
    from .graph import sources

    return all(source.call < len(given[source.layer]) for source in sources(call))


def _filled(value: object, given: list[list[list]]) -> object:
    if isinstance(value, Source):
        outputs = given[value.layer]
        if value.call >= len(outputs) or value.tensor >= len(outputs[value.call]):
            raise Refused(f"its layer {value.layer + 1} does not give all the tensors that are asked of it")
        return outputs[value.call][value.tensor]
    return [_filled(item, given) for item in value] if isinstance(value, tuple) else value
