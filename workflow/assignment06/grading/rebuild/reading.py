"""Read a model's configuration, Keras 2's or Keras 3's, as data: JSON in, a `Net` of plain values out.

Nothing is looked up, imported or called by a name that the file chose; whatever is not on the closed lists is refused
with its place.
"""

from __future__ import annotations

from typing import Any

from . import graph, values
from .layers import (
    AS_ACTIVATION,
    IGNORED,
    IGNORED_ENDINGS,
    LAYERS,
    MODELS,
    OFF,
    OPERATIONS,
    PROGRAMS,
    READERS_OF_FILES,
    TF_OPERATIONS,
    WRAPPERS,
)
from .net import Layer, Net
from .refusal import Refused, Unsupported

MAX_LAYERS = 2000
MAX_DEPTH = 8  # of models within models
_batch_shape = values.shape(1, 6)


def read(config: object) -> Net:
    """The net that a configuration, as parsed from JSON, describes.

    Raises Refused, with the place, for anything that is not on the closed lists, and Unsupported for what is no model.
    """
    if isinstance(config, list):
        config = {"class_name": "Sequential", "config": {"layers": config}}
    if not isinstance(config, dict) or not isinstance(config.get("class_name"), str):
        raise Unsupported("its configuration describes no model")
    found = _Reader().node(config, "the model", 0)
    if not isinstance(found, Net):
        raise Unsupported(f"it is a {found.kind} layer and no model")
    return found


def _short(value: object) -> str:
    return str(value)[:60]


class _Reader:
    """Counts layers over a whole configuration."""

    def __init__(self) -> None:
        self.layers = 0

    def node(self, node: object, place: str, depth: int) -> Layer | Net:
        """A layer or a model, by its class."""
        if not isinstance(node, dict) or not isinstance(node.get("class_name"), str):
            raise Refused(f"{place} is no layer")
        kind, config = node["class_name"], node.get("config")
        self.layers += 1
        if self.layers > MAX_LAYERS:
            raise Refused(f"it has more than {MAX_LAYERS:,} layers")
        if kind == "TFOpLambda":
            return _tensorflow_operation(config, place)
        operation = _judge(node, kind, place)
        place = f"{place} ({_short(kind)})"
        if kind in MODELS:
            return self.model(kind, node, place, depth)
        if not isinstance(config, dict):
            raise Refused(f"{place} has no arguments")
        if operation:
            extra = sorted(set(config) - {"name", "axis"})
            if extra or config.get("axis", -1) != -1:
                raise Refused(f"{place} has the argument {_short((extra or ['axis'])[0])}")
            return Layer(OPERATIONS[kind], operation=True)
        if kind == "InputLayer":
            return self.input_layer(config, place)
        if kind in WRAPPERS:
            return self.wrapper(kind, config, place, depth)
        return self.layer(kind, config, place)

    def layer(self, kind: str, config: dict, place: str) -> Layer:
        arguments = self.arguments(kind, LAYERS[kind], config, place)
        if kind == "LeakyReLU" and "alpha" in arguments:  # Keras 2's name of it
            arguments = {"negative_slope": arguments["alpha"]} | {k: v for k, v in arguments.items() if k != "alpha"}
        if "Conv" in kind and arguments.get("groups") == 1:  # as without; Keras 3 takes it of Conv2D alone
            del arguments["groups"]
        axis = arguments.get("axis")
        if kind in ("BatchNormalization", "GroupNormalization") and isinstance(axis, tuple) and len(axis) == 1:
            arguments["axis"] = axis[0]
        return Layer(kind, arguments, _read(values.dtype, config.get("dtype"), f"{place}.dtype"), _trainable(config))

    def arguments(self, kind: str, readers: dict[str, values.Reader], config: dict, place: str) -> dict:
        found = {}
        for key, value in config.items():
            where = f"{place}.{_short(key)}"
            if key in readers:
                if readers[key] is values.activation_name and _is_layer(value):
                    found[key] = self.as_activation(value, where)
                else:
                    found[key] = _read(readers[key], value, where)
            elif key in OFF or key.startswith("gptq_"):
                if value not in (None, False, [], {}):
                    raise Refused(f"{where} is switched on, which is not supported")
            elif key not in IGNORED and not key.endswith(IGNORED_ENDINGS):
                raise Refused(f"{where} is no argument that is known")
        return found

    def as_activation(self, node: dict, place: str) -> Layer:
        found = self.node(node, place, 0)
        if not isinstance(found, Layer) or found.kind not in AS_ACTIVATION:
            raise Refused(f"{place} is no activation")
        return found

    def input_layer(self, config: dict, place: str) -> Layer:
        self.arguments(
            "InputLayer", {k: lambda v: v for k in ("batch_shape", "shape", "batch_input_shape")}, config, place
        )
        given = config.get("batch_shape") or config.get("batch_input_shape")
        if given is None and isinstance(config.get("shape"), list):
            given = [None, *config["shape"]]
        shape = _read(_batch_shape, given, f"{place}.batch_shape")
        dtype = _input_dtype(config, place)
        return Layer("InputLayer", {"batch_shape": (None, *shape[1:]), "dtype": dtype})

    def wrapper(self, kind: str, config: dict, place: str, depth: int) -> Layer:
        plain = {k: v for k, v in config.items() if k not in ("layer", "backward_layer")}
        arguments = self.arguments(kind, WRAPPERS[kind], plain, place)
        inner = [self.node(config.get("layer"), f"{place}.layer", depth + 1)]
        if kind == "Bidirectional":
            if config.get("backward_layer") is not None:
                inner.append(self.node(config["backward_layer"], f"{place}.backward_layer", depth + 1))
            if not all(isinstance(i, Layer) and i.kind in ("LSTM", "GRU", "SimpleRNN") for i in inner):
                raise Refused(f"{place} wraps something that is no recurrent layer")
        if any(isinstance(i, Layer) and i.kind in ("InputLayer", *OPERATIONS.values()) for i in inner):
            raise Refused(f"{place} wraps something that is no layer")
        return Layer(kind, arguments, None, _trainable(config), tuple(inner))

    def model(self, kind: str, node: dict, place: str, depth: int) -> Net:
        config = node.get("config")
        if depth >= MAX_DEPTH:
            raise Refused(f"{place} is nested too deeply")
        if isinstance(config, list):  # Keras before 2.2.3 saved a Sequential as the list of its layers
            config = {"layers": config}
        if not isinstance(config, dict) or not isinstance(config.get("layers"), list):
            raise Unsupported(f"{place} has no list of layers: it is a class of its author's own")
        inner = self._numbered(config["layers"], place, depth)
        if kind == "Sequential":
            return self._sequential(node, config, inner, place)
        return graph.read(config, inner, place, _trainable(config))

    def _numbered(self, nodes: list, place: str, depth: int) -> list[Layer | Net]:
        if len(nodes) > MAX_LAYERS:
            raise Refused(f"it has more than {MAX_LAYERS:,} layers")
        prefix = "" if place.startswith("the model") else f"{place}, "
        return [self.node(node, f"{prefix}layer {number}", depth + 1) for number, node in enumerate(nodes, 1)]

    def _sequential(self, node: dict, config: dict, layers: list[Layer | Net], place: str) -> Net:
        shape, dtype = None, None
        first = layers[0] if layers else None
        if isinstance(first, Layer) and first.kind == "InputLayer":
            del layers[0]
            shape, dtype = first.arguments["batch_shape"], first.arguments["dtype"]
        if any(isinstance(layer, Layer) and (layer.kind == "InputLayer" or layer.operation) for layer in layers):
            raise Refused(f"{place} has an input, or an operation, in its midst")
        if not layers:
            raise Unsupported(f"{place} has no layers")
        if shape is None:
            shape = _first_shape(node, config, place)
        if shape is None and isinstance(layers[0], Net) and layers[0].sequential:
            shape, dtype = layers[0].shape, layers[0].input_dtype
        return Net(True, tuple(layers), shape, dtype)


def _tensorflow_operation(config: object, place: str) -> Layer:
    """What Keras 2 makes of `a + b` or `x / 255` in the functional style; its function is on the list or is refused."""
    function = _table(config).get("function")
    if not isinstance(function, str) or function not in TF_OPERATIONS:
        raise Refused(f"{place} is an operation of TensorFlow, {_short(function)}, which is not on the list")
    return Layer(TF_OPERATIONS[function], operation=True)


def _judge(node: dict, kind: str, place: str) -> bool:
    """Refuse a class that is not on the lists; return whether it is an operation on tensors."""
    module, registered = node.get("module"), node.get("registered_name")
    if kind in PROGRAMS:
        raise Refused(f"{place} is a {kind} layer, which runs code of the file's author")
    if kind in READERS_OF_FILES:
        raise Refused(f"{place} is a {kind} layer, which may read files of the grader's machine")
    if not values.module_of_keras(module) or (isinstance(module, str) and module.startswith("tensorflow")):
        raise Refused(f"{place} asks for {_short(kind)} from the module {_short(module)}, which is not Keras'")
    if registered not in (None, kind, f"Keras>{kind}", f"keras>{kind}"):
        raise Refused(f"{place} needs the custom class {_short(registered)}")
    operation = isinstance(module, str) and module.startswith(("keras.src.ops", "keras.ops"))
    if operation and kind in OPERATIONS:
        return True
    if operation or kind not in MODELS | {"InputLayer"} | set(LAYERS) | set(WRAPPERS):
        raise Refused(
            f"{place} is of the class {_short(kind)}, which is not on the list of Keras' layers that are loaded"
        )
    return False


def _read(reader: values.Reader, value: object, place: str) -> Any:
    try:
        return reader(value)
    except (ValueError, OverflowError) as error:
        raise Refused(f"{place} is {_short(value)} and has to be {error}") from None


def _table(value: object) -> dict:
    return value if isinstance(value, dict) else {}


def _is_layer(value: object) -> bool:
    return isinstance(value, dict) and value.get("class_name") != "function"


def _trainable(config: dict) -> bool:
    return config.get("trainable") is not False


def _input_dtype(config: dict, place: str) -> str | None:
    given = config.get("dtype")
    if isinstance(given, dict):
        given = _read(values.dtype, given, f"{place}.dtype")
    return _read(values.either(values.nothing, values.choice(*sorted(values.INPUT_DTYPES))), given, f"{place}.dtype")


def _first_shape(node: dict, config: dict, place: str) -> tuple | None:
    """The shape that a Sequential net without an InputLayer takes: Keras 2 notes it at its first layer."""
    first = _table((config["layers"] or [None])[0])
    for given in (
        _table(first.get("config")).get("batch_input_shape"),
        config.get("build_input_shape"),
        _table(node.get("build_config")).get("input_shape"),
        _table(first.get("build_config")).get("input_shape"),
    ):
        if given is not None:
            shape = _read(_batch_shape, given, f"{place}.batch_input_shape")
            return (None, *shape[1:])
    return None
