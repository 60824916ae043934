"""Read how the layers of a functional net are connected, in the forms of Keras 2 and Keras 3."""

from __future__ import annotations

import dataclasses
from typing import Any

from . import values
from .layers import OPERATIONS
from .net import Call, Layer, Net, Source
from .refusal import Refused, Unsupported

MAX_CALLS = 5000
_NAMED = {
    "training": values.boolean,
    "use_causal_mask": values.boolean,
    "return_attention_scores": values.choice(),  # only its absence: it would add an output
}
_TENSORS = frozenset({"inputs", "query", "value", "key"})
_constant = values.number()
_index = values.whole(0, 10_000)


def read(config: dict, layers: list[Layer | Net], place: str, trainable: bool) -> Net:
    """The graph of a functional net: `config` is its configuration, `layers` what its list of layers was read as."""
    nodes = config["layers"]
    positions: dict[str, int] = {}
    for number, node in enumerate(nodes):
        inner = node.get("config") if isinstance(node.get("config"), dict) else {}
        name = node.get("name", inner.get("name"))
        if not isinstance(name, str) or name in positions:
            raise Refused(f"{place}, layer {number + 1} has no name of its own")
        positions[name] = number
    operations = {number for number, layer in enumerate(layers) if isinstance(layer, Layer) and layer.operation}
    reader = _Graph(positions, place, operations)
    calls = [reader.calls(node.get("inbound_nodes"), number) for number, node in enumerate(nodes)]
    if sum(map(len, calls)) > MAX_CALLS:
        raise Refused(f"{place} connects its layers more than {MAX_CALLS:,} times")
    counts = [max(len(found), 1) for found in calls]
    inputs, outputs = (reader.ends(config.get(key), key) for key in ("input_layers", "output_layers"))
    models = {number for number, layer in enumerate(layers) if isinstance(layer, Net)}
    calls = _from_zero(calls, counts, models)
    outputs = _from_zero(outputs, counts, models)
    for source in sources((calls, inputs, outputs)):
        if source.call >= counts[source.layer]:
            raise Refused(f"{place} uses a tensor that its layer {source.layer + 1} does not give")
    joined = tuple(_joined(layer, tuple(found)) for layer, found in zip(layers, calls, strict=True))
    for number, layer in enumerate(joined, 1):
        is_input = isinstance(layer, Layer) and layer.kind == "InputLayer"
        if is_input and layer.calls:
            raise Refused(f"{place}, layer {number} is an input that is given something")
    return Net(False, joined, inputs=inputs, outputs=outputs, trainable=trainable)


def _joined(layer: Layer | Net, calls: tuple[Call, ...]) -> Layer | Net:
    """The layer with its calls. In HDF5, Keras 3 saves `a + b` under the name of the layer that adds up a list."""
    if isinstance(layer, Layer) and layer.kind in OPERATIONS and any(len(call.arguments) > 1 for call in calls):
        return Layer(OPERATIONS[layer.kind], calls=calls, operation=True)
    return dataclasses.replace(layer, calls=calls)


def sources(structure: object) -> list[Source]:
    """All tensors in nested tuples, lists and calls."""
    if isinstance(structure, Source):
        return [structure]
    if isinstance(structure, Call):
        return sources((structure.arguments, tuple(structure.named.values())))
    if isinstance(structure, tuple | list):
        return [source for item in structure for source in sources(item)]
    return []


def _from_zero(structure: Any, counts: list[int], models: set[int]) -> Any:
    """Keras counts the calls of a model within a model from one in some places, from zero in others: make it zero."""
    highest: dict[int, int] = {}
    for source in sources(structure):
        highest[source.layer] = max(highest.get(source.layer, 0), source.call)
    shifted = {number for number in models if highest.get(number, 0) >= counts[number]}

    def move(item: Any) -> Any:
        if isinstance(item, Source):
            down = item.layer in shifted and item.call > 0
            return dataclasses.replace(item, call=item.call - 1) if down else item
        if isinstance(item, Call):
            return Call(move(item.arguments), {name: move(value) for name, value in item.named.items()})
        if isinstance(item, tuple | list):
            return type(item)(move(part) for part in item)
        return item

    return move(structure)


class _Graph:
    def __init__(self, positions: dict[str, int], place: str, operations: set[int]) -> None:
        self.positions, self.place, self.operations = positions, place, operations

    def source(self, value: object, place: str) -> Source:
        """`[name, call, tensor]`."""
        if not isinstance(value, list) or len(value) < 3 or not isinstance(value[0], str):
            raise Refused(f"{place} is no tensor")
        if value[0] not in self.positions:
            raise Refused(f"{place} uses a layer that there is not")
        try:
            return Source(self.positions[value[0]], _index(value[1]), _index(value[2]))
        except ValueError as error:
            raise Refused(f"{place} has to be {error}") from None

    def ends(self, value: object, key: str) -> object:
        """The inputs or outputs of the net: one tensor, or nested lists of them."""
        place = f"{self.place}.{key}"
        if isinstance(value, dict):
            raise Unsupported(f"{place} is a dictionary, which is not supported")
        if not isinstance(value, list) or not value:
            raise Refused(f"{place} names no tensors")
        if isinstance(value[0], str):
            return self.source(value, place)
        found = tuple(self.source(item, place) for item in value[:1000])
        return found[0] if len(found) == 1 else found

    def calls(self, nodes: object, number: int) -> list[Call]:
        place = f"{self.place}, layer {number + 1}.inbound_nodes"
        if nodes in (None, []):
            return []
        if not isinstance(nodes, list) or len(nodes) > MAX_CALLS:
            raise Refused(f"{place} is no list of calls")
        second = number in self.operations
        return [self.new_call(n, place) if isinstance(n, dict) else self.old_call(n, place, second) for n in nodes]

    def old_call(self, node: object, place: str, second: bool) -> Call:
        """Keras 2: a list of `[name, call, tensor, named arguments]`; an operation's `second` is the argument y."""
        if not isinstance(node, list) or not node:
            raise Refused(f"{place} is no list of tensors")
        items = [node] if isinstance(node[0], str) else node
        tensors = tuple(self.source(item, place) for item in items[:1000])
        named = {}
        for item in items:
            given = item[3] if len(item) > 3 else {}
            if second and isinstance(given, dict) and given.get("y") is not None:
                y = given["y"]
                other = self.source(y, place) if isinstance(y, list) else self.value(y, place, 0)
                return Call((*tensors, other), self.named({**given, "y": None}, place, old=True))
            named |= self.named(given, place, old=True)
        return Call((tensors[0] if len(tensors) == 1 else tensors,), named)

    def new_call(self, node: dict, place: str) -> Call:
        """Keras 3: `{"args": [...], "kwargs": {...}}` with tensors in it."""
        given = node.get("args", [])
        if set(node) - {"args", "kwargs"} or not isinstance(given, list) or len(given) > 1000:
            raise Refused(f"{place} is no call")
        return Call(tuple(self.value(item, place, 0) for item in given), self.named(node.get("kwargs", {}), place))

    def named(self, given: object, place: str, old: bool = False) -> dict[str, object]:
        if not isinstance(given, dict):
            raise Refused(f"{place} has named arguments that are none")
        found = {}
        for key, value in given.items():
            where = f"{place}.{str(key)[:40]}"
            if value is None or (key == "return_attention_scores" and value is False):
                continue
            if key in _NAMED:
                try:
                    found[key] = _NAMED[key](value)
                except ValueError as error:
                    raise Refused(f"{where} is {str(value)[:60]} and has to be {error or 'left out'}") from None
            elif key in _TENSORS:
                found[key] = self.source(value, where) if old else self.value(value, where, 0)
            else:
                raise Refused(f"{where} is no argument that is known")
        return found

    def value(self, value: object, place: str, depth: int) -> object:
        """A tensor, a number, null, or a list of these."""
        if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
            config = value.get("config")
            return self.source(config.get("keras_history") if isinstance(config, dict) else None, place)
        if isinstance(value, dict) and value.get("class_name") == "__tuple__":
            value = value.get("items", value.get("config"))
        if isinstance(value, list) and depth < 3 and len(value) <= 1000:
            return tuple(self.value(item, place, depth + 1) for item in value)
        if value is None:
            return None
        try:
            return _constant(value)
        except ValueError:
            raise Refused(f"{place} holds {str(value)[:60]}, and only tensors and numbers may stand there") from None
