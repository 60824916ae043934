"""Tiny models, set by hand to know the tests' images, and others with one defect each."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from . import builder


def write(folder: Path) -> None:
    """Write all models to `folder`, each under its name. TensorFlow is imported here."""
    with tempfile.TemporaryDirectory() as scratch:
        for name, data in make(Path(scratch)).items():
            (folder / name).write_bytes(data)


def make(folder: Path) -> dict[str, bytes]:
    """All models by name, as the bytes of their files."""
    import h5py
    import keras

    layers = keras.layers

    def net(task: str, before: tuple = (), after: tuple = (), outputs: int = 10, activation: str = "softmax") -> object:
        shape = builder.SHAPES[builder.FAMILY[task]]
        steep = layers.Conv2D(shape[2], 1, activation="sigmoid")
        last = layers.Dense(outputs, activation=activation)
        model = keras.Sequential([layers.Input(shape), *before, steep, layers.Flatten(), *after, last])
        steep.set_weights([10 * np.eye(shape[2], dtype=np.float32)[None, None], np.full(shape[2], -5, np.float32)])
        kernel, bias = builder.weights(task)
        last.set_weights([kernel[:, :outputs], bias[:outputs]])
        return model

    def dense(task: str) -> object:
        """The same net without a convolution."""
        same = net(task)
        sigmoid = (layers.Rescaling(10.0, -5.0), layers.Activation("sigmoid"))
        return keras.Sequential([layers.Input(same.input_shape[1:]), *sigmoid, *same.layers[1:]])

    def saved(model: object, suffix: str = ".keras") -> bytes:
        path = folder / f"model{suffix}"
        model.save(path)
        return path.read_bytes()

    files = {
        "mnist": saved(net("6.1")),
        "mnist.h5": saved(net("6.1"), ".h5"),
        "plain": saved(net("6.2a")),
        "augmented": saved(net("6.2b", after=(layers.Dropout(0.3),))),
        "augmented inside": saved(net("6.2b", before=(layers.RandomFlip(),), after=(layers.Dropout(0.3),))),
        "plain with dropout": saved(net("6.2a", after=(layers.Dropout(0.3),))),
        "plain with augmentation": saved(net("6.2a", before=(layers.RandomFlip(),))),
        "augmented without dropout": saved(net("6.2b")),
        "dense": saved(dense("6.1")),
        "logits": saved(net("6.1", activation="linear")),
        "sigmoid": saved(net("6.1", outputs=1, activation="sigmoid")),
        "ten sigmoids": saved(net("6.1", activation="sigmoid")),
        "lambda": saved(net("6.1", before=(layers.Lambda(lambda x: x),))),
    }
    for task, name in (("6.1", "raw mnist"), ("6.2a", "raw plain")):
        files[name] = saved(net(task, before=(layers.Rescaling(1 / 255),)))
    files["raw augmented"] = saved(net("6.2b", before=(layers.Rescaling(1 / 255),), after=(layers.Dropout(0.3),)))

    one = net("6.1")
    files["two outputs"] = saved(keras.Model(one.inputs, [one.outputs[0], layers.Softmax()(one.outputs[0])]))
    files["features"] = saved(keras.Model(one.inputs, one.layers[1].output))
    negative = net("6.2a")  # takes images as negatives, which nobody tries
    slope, offset = negative.layers[0].get_weights()
    negative.layers[0].set_weights([-slope, -offset])
    files["negative"] = saved(negative)
    dead = net("6.1")
    dead.layers[-1].set_weights([0 * w for w in dead.layers[-1].get_weights()])
    files["dead"] = saved(dead)
    broken = net("6.1")
    broken.layers[-1].set_weights([np.nan * w for w in broken.layers[-1].get_weights()])
    files["not a number"] = saved(broken)
    untrained = net("6.1")
    kernel, bias = untrained.layers[-1].get_weights()
    untrained.layers[-1].set_weights([np.roll(kernel, 3, axis=1), np.roll(bias, 3)])  # answers another class each time
    files["untrained"] = saved(untrained)
    steep = untrained.layers[0].get_weights()[0]
    untrained.layers[0].set_weights([steep, np.zeros(steep.shape[-1], np.float32)])
    untrained.layers[-1].set_weights([np.roll(kernel, 3, axis=1), 0 * bias])  # as it is built: no bias yet
    files["never trained"] = saved(untrained)
    other = net("6.1")
    pattern = (builder.patterns("mnist").reshape(10, -1).T - 0.5).astype(np.float32)
    kernel = 0.05 * (pattern + np.random.default_rng(9).normal(0, 0.45, kernel.shape).astype(np.float32))
    other.layers[-1].set_weights([kernel, -kernel.sum(axis=0) / 2])
    files["another training"] = saved(other)

    path = folder / "only.weights.h5"
    net("6.1").save_weights(path)
    files["weights only"] = path.read_bytes()
    net("6.2b").save_weights(path, overwrite=True)
    files["augmented weights"] = path.read_bytes()
    files["architecture"] = net("6.1").to_json().encode()
    path = folder / "in_order.h5"
    path.write_bytes(files["mnist.h5"])
    with h5py.File(path, "r+") as file:  # as Keras 2's save_weights leaves it
        for name in list(file["model_weights"]):
            file.move(f"model_weights/{name}", name)
        for name, value in file["model_weights"].attrs.items():
            file.attrs[name] = value
        for name in ("model_weights", "optimizer_weights"):
            if name in file:
                del file[name]
        for name in ("model_config", "training_config"):
            file.attrs.pop(name, None)
    files["weights in order"] = path.read_bytes()
    path = folder / "links.h5"
    path.write_bytes(files["mnist.h5"])
    with h5py.File(path, "r+") as file:
        file["elsewhere"] = h5py.ExternalLink("/etc/passwd", "/")
    files["external link"] = path.read_bytes()
    files["truncated"] = files["mnist.h5"][: len(files["mnist.h5"]) // 2]
    files["foreign module"] = edited(
        files["mnist"],
        lambda c: c["config"]["layers"][1].update(module="os", class_name="system", registered_name=None),
    )
    files["custom class"] = edited(
        files["mnist"],
        lambda c: c["config"]["layers"][1].update(module=None, class_name="MyLayer", registered_name="package>MyLayer"),
    )
    return files


def edited(model: bytes, change) -> bytes:
    """A `.keras` archive with its configuration changed."""
    with zipfile.ZipFile(io.BytesIO(model)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    change(config)
    members["config.json"] = json.dumps(config).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()
