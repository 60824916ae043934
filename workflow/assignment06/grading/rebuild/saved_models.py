"""Read a SavedModel as data: its net from the description that Keras 2 left in it, its weights by their order; also the
weights of a checkpoint alone.

A SavedModel is a program. It is not loaded, and no function of its graph is run or looked at: Keras wrote beside it
what `to_json` gives (TensorFlow 2.5 and later into keras_metadata.pb, before into the table of objects of
saved_model.pb), and the arrays are those of an ordinary checkpoint (variables/). Protocol buffers and checkpoint are
read by TensorFlow's own readers; the format of keras_metadata.pb is that of keras/protobuf/saved_metadata.proto.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
from google.protobuf.message import DecodeError

from .. import messages
from . import containers
from .refusal import Refused, Unsupported

PREFIX = "variables/variables"  # of the checkpoint's files
_LAYERS = re.compile(r"layer_with_weights-\d+/(?!.*\.OPTIMIZER_SLOT)")
TABLE = "_CHECKPOINTABLE_OBJECT_GRAPH"
_MAX_GRAPH_BYTES = 256 << 20
_SEQUENCES = ("__tuple__", "TensorShape")  # how Keras 2 writes what JSON has no word for


def config(parts: dict[str, Path]) -> tuple[object, str]:
    """The configuration of the net in a SavedModel, and the Keras version that wrote it.

    `parts` are its files by their name within its folder. The configuration is None where Keras left none in it, as in
    what Keras 3 exports and in nets that are a class of their author's own.
    """
    if "keras_metadata.pb" in parts:
        found = _message(parts["keras_metadata.pb"], _metadata_message())
        texts = {node.node_id: node.metadata for node in found.nodes}
    else:
        kind = messages.made("tensorflow.core.protobuf.saved_model_pb2").SavedModel
        graphs = _message(parts["saved_model.pb"], kind).meta_graphs
        nodes = graphs[0].object_graph_def.nodes if graphs else []
        texts = {number: node.user_object.metadata for number, node in enumerate(nodes[:1])}
    text = texts.get(0, "")
    if len(text) > containers.MAX_CONFIG_BYTES:
        raise Refused("its configuration is larger than 20 MiB")
    told = containers.parse(text) if text else None
    if not isinstance(told, dict) or not isinstance(told.get("config"), dict):
        return None, ""
    node = {"class_name": told.get("class_name"), "config": _plain(told["config"])}
    return node, str(told.get("keras_version", ""))


def load(model: keras.Model, parts: dict[str, Path], scratch: Path) -> None:
    """Load the weights of a SavedModel, or of a checkpoint whose files are named as in one, into the rebuilt net.

    Raises Unsupported where their number or a shape is not that of the net.
    """
    import tensorflow as tf

    copies = {path: scratch / name.rpartition("/")[2] for name, path in parts.items() if name.startswith(f"{PREFIX}.")}
    try:
        for path, copy in copies.items():
            shutil.copyfile(path, copy)
        reader = tf.train.load_checkpoint(str(scratch / "variables"))
        shapes, types = reader.get_variable_to_shape_map(), reader.get_variable_to_dtype_map()
        seeds = {key for key, kind in types.items() if kind.is_integer and shapes[key] == [2]}  # of Keras 3's layers
        listed = _keys(reader)
        keys = [key for key in listed or [] if key not in seeds]
        pairs = list(_by_layer(model) if listed is None else _in_order(model, keys))
        stored = [key for key in shapes if _LAYERS.match(key)]
        if listed is None and len(stored) > len(pairs):
            raise Unsupported(f"it has {len(stored)} arrays, and its net takes {len(pairs)}")
        for key, variable in pairs:
            shape = tuple(variable.shape)
            number = key in types and (types[key].is_floating or types[key].is_integer)
            if not number or tuple(shapes[key]) != shape:
                raise Unsupported(f"its array {key[:80]} is {shapes.get(key)}, and {list(shape)} is needed")
            variable.assign(reader.get_tensor(key))
    finally:
        for copy in copies.values():
            copy.unlink(missing_ok=True)


def _by_layer(model: keras.Model, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The names of a net's arrays in a checkpoint that `save_weights` of Keras 2 wrote, each with its variable."""
    filled = [layer for layer in model.layers if any(True for _ in _variables(layer))]
    for number, layer in enumerate(filled):
        place = f"{prefix}layer_with_weights-{number}/"
        if isinstance(layer, keras.Model):
            yield from _by_layer(layer, place)
            continue
        yield from ((f"{place}{one.name}/.ATTRIBUTES/VARIABLE_VALUE", one) for one in _variables(layer))


def _in_order(model: keras.Model, keys: list[str]) -> Iterator[tuple[str, Any]]:
    variables = list(_variables(model))
    if len(keys) != len(variables):
        raise Unsupported(f"it has {len(keys)} arrays, and its net takes {len(variables)}")
    return zip(keys, variables, strict=True)


def _keys(reader) -> list[str] | None:
    """The checkpoint's names of the net's arrays, in the order of Keras 2's `model.variables`; None where it keeps no
    such list.
    """
    if not reader.has_tensor(TABLE):
        raise Unsupported("its variables have no table of objects")
    table = messages.made("tensorflow.core.protobuf.trackable_object_graph_pb2").TrackableObjectGraph
    nodes = table.FromString(reader.get_tensor(TABLE)).nodes
    children = {child.local_name: child.node_id for child in nodes[0].children}
    if "variables" not in children:
        return None
    listed = {child.local_name: child.node_id for child in nodes[children["variables"]].children}
    ordered = [nodes[listed[str(number)]] for number in range(len(listed)) if str(number) in listed]
    return [one.checkpoint_key for node in ordered for one in node.attributes if one.name == "VARIABLE_VALUE"]


def _variables(layer: keras.Layer) -> Iterator:
    """The variables of a net in that order: layer by layer, also of nets within, those that are trained first."""
    if isinstance(layer, keras.Model):
        for inner in layer.layers:
            yield from _variables(inner)
        return
    kept = [one for one in layer.non_trainable_variables if "seed_generator" not in one.path]
    yield from [*layer.trainable_variables, *kept]


def _message(path: Path, kind: Any) -> Any:
    if path.stat().st_size > _MAX_GRAPH_BYTES:
        raise Refused("it is larger than 256 MiB, more than a model's description needs")
    try:
        return kind.FromString(path.read_bytes())
    except DecodeError:
        raise Unsupported("it is damaged: no protocol buffer of a SavedModel") from None


def _metadata_message() -> Any:
    """The class of keras_metadata.pb's content; of each object only what is read here."""
    made = messages.classes(
        "saved_metadata",
        SavedObject={"node_id": (2, "int32"), "metadata": (5, "string")},
        SavedMetadata={"nodes": (1, "repeated SavedObject")},
    )
    return made["SavedMetadata"]


def _plain(value: object) -> object:
    """A configuration with lists in the place of Keras 2's words for tuples and shapes."""
    if isinstance(value, dict):
        if value.get("class_name") in _SEQUENCES and isinstance(value.get("items"), list):
            return _plain(value["items"])
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value
