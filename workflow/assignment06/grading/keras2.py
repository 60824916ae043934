"""Make a configuration that Keras 2 wrote one that Keras 3 reads: drop what prediction does not need.

Used only after Keras 3 has failed to read the file as it stands, and only on a copy.
"""

import inspect
import json
import zipfile
from pathlib import Path

import h5py
import keras

_ALWAYS = {"name", "trainable", "dtype"}


def simplify(node: object) -> object:
    """The configuration without initialisers, regularisers, constraints, and keys that its layers no longer take."""
    if isinstance(node, list):
        return [simplify(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: simplify(value) for key, value in node.items() if key not in ("compile_config", "build_config")}
    config = node.get("config")
    layer = getattr(keras.layers, str(node.get("class_name")), None)
    if isinstance(config, dict) and isinstance(layer, type) and issubclass(layer, keras.Layer):
        node["config"] = _accepted(layer, config)
    if "module" in node and isinstance(config, dict):
        model = node.get("class_name") in ("Functional", "Model")
        node |= {"module": "keras.src.models.functional" if model else str(node["module"]).removeprefix("tf_")}
        node |= {"registered_name": "Functional", "class_name": "Functional"} if model else {}
    return node


def _accepted(layer: type, config: dict) -> dict:
    config = {
        key: value for key, value in config.items() if not key.endswith(("_initializer", "_regularizer", "_constraint"))
    }
    if isinstance(config.get("dtype"), dict):
        config["dtype"] = config["dtype"].get("config", {}).get("name", "float32")
    if isinstance(config.get("axis"), list) and len(config["axis"]) == 1:
        config["axis"] = config["axis"][0]
    if layer is keras.layers.InputLayer:
        shape = config.get("batch_input_shape", config.get("batch_shape"))
        return {"batch_shape": shape, "name": config.get("name"), "dtype": config.get("dtype", "float32")}
    accepted = set(_ALWAYS)
    for base in layer.__mro__:
        if "__init__" in vars(base) and base is not object:
            accepted |= set(inspect.signature(base.__init__).parameters)
    return {key: value for key, value in config.items() if key in accepted}


def rewrite(path: Path, config: dict | list) -> None:
    """Replace the configuration in the model file `path` (HDF5 or `.keras`) by its simplified form."""
    text = json.dumps(simplify(config))
    if path.suffix == ".h5":
        with h5py.File(path, "r+") as file:
            file.attrs["model_config"] = text.encode()
        return
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist() if name.endswith((".json", ".h5"))}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, text.encode() if name == "config.json" else data)
