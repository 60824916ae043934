"""Attacks on the reading of models: each known one is refused or comes to nothing, and so is what is made of them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from assignment06.grading.rebuild import containers, describing, reading
from assignment06.grading.rebuild.refusal import Refused, Unsupported

from .conftest import TESTS


def layer(kind: str, module: str | None = "keras.layers", **config: object) -> dict:
    return {"class_name": kind, "module": module, "config": {"name": kind.lower(), **config}, "registered_name": None}


def function(name: str, module: str) -> dict:
    return {"class_name": "function", "config": name, "module": module, "registered_name": "function"}


def sequential(*layers: dict, **more: object) -> dict:
    start = layer("InputLayer", batch_shape=[None, 28, 28, 1], dtype="float32")
    config = {"name": "s", "layers": [start, *layers, layer("Dense", units=10, activation="softmax")]}
    return {"class_name": "Sequential", "module": "keras", "config": config, "registered_name": None, **more}


TFSM = layer("TFSMLayer", filepath="gs://bucket/model", call_endpoint="serve")
HIDDEN = layer("Lambda", function=function("TFSMLayer", "keras.layers"), arguments={"filepath": "/x"})
BYTECODE = {"class_name": "__lambda__", "config": {"code": "4wAAAA==", "defaults": None, "closure": None}}

REFUSED = {
    "CVE-2024-3660": (sequential(layer("Lambda", function=BYTECODE)), "Lambda"),
    "CVE-2025-1550": (
        sequential(
            {"class_name": "Popen", "module": "subprocess", "config": {"args": "true"}, "registered_name": None}
        ),
        "module subprocess",
    ),
    "CVE-2025-1550 by a function": (
        sequential(layer("Dense", units=3, activation=function("system", "os"))),
        "activation",
    ),
    "CVE-2025-8747": (sequential(layer("Lambda", function=function("get_file", "keras.utils"))), "Lambda"),
    "CVE-2025-8747 by an activation": (
        sequential(layer("Activation", activation=function("get_file", "keras.utils"))),
        "activation",
    ),
    "CVE-2025-9906": (
        sequential(layer("Activation", activation=function("enable_unsafe_deserialization", "keras.config"))),
        "activation",
    ),
    "CVE-2025-12058": (sequential(layer("StringLookup", vocabulary="/etc/passwd")), "may read files"),
    "CVE-2025-12058 over a network": (
        sequential(layer("IntegerLookup", vocabulary="http://127.0.0.1/v")),
        "may read files",
    ),
    "CVE-2025-49655": (sequential(layer("TorchModuleWrapper", module="gASV")), "TorchModuleWrapper"),
    "CVE-2026-1462": (sequential(TFSM), "TFSMLayer"),
    "TFSMLayer by a constructor": (sequential(HIDDEN), "Lambda"),
    "TFSMLayer as a wrapped layer": (sequential(layer("TimeDistributed", layer=TFSM)), "TFSMLayer"),
    "TFSMLayer as an activation": (sequential(layer("Dense", units=3, activation=TFSM)), "TFSMLayer"),
    "a custom class": (
        sequential({**layer("Dense", units=3), "registered_name": "package>Dense"}),
        "custom class package>Dense",
    ),
    "an operation that is not listed": (sequential({**layer("GetItem", "keras.src.ops.numpy")}), "GetItem"),
    "an unknown argument": (sequential(layer("Dense", units=3, hook="x")), r"layer 2 \(Dense\)\.hook"),
    "a number without limits": (sequential(layer("Dense", units=10**12)), r"layer 2 \(Dense\)\.units"),
    "a shape without limits": (sequential(layer("Reshape", target_shape=[10**12])), "target_shape"),
    "not a number": (sequential(layer("Dropout", rate=float("nan"))), "rate"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_known_holes_are_refused_with_their_place(name: str) -> None:
    config, words = REFUSED[name]
    with pytest.raises(Refused, match=words):
        reading.read(json.loads(json.dumps(config)))


@pytest.mark.parametrize("key", ["compile_config", "build_config", "shared_object_id", "training_config"])
def test_what_is_hidden_in_other_configurations_is_never_read(key: str) -> None:
    """The proven attack: a functional model as a loss, in the compile configuration of an inner layer."""
    harm = {"loss": sequential(HIDDEN, shared_object_id=7), "optimizer": TFSM}
    inner = sequential(layer("Flatten"), **{key: harm})
    net = reading.read(sequential(inner, {**layer("Dropout", rate=0.5), key: harm}, **{key: harm}))
    assert describing.describe(net)["layers"] == ["Flatten", "Dense", "Dropout", "Dense"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"args": [], "kwargs": {"inputs": "/etc/x"}},
        {"args": [{"class_name": "TFSMLayer", "config": {}}], "kwargs": {}},
        {"args": ["gs://x"], "kwargs": {}},
        {"args": [], "kwargs": {"filepath": "x"}},
        [[["i", 0, 0, {"filepath": "x"}]]],
        [[["nowhere", 0, 0, {}]]],
        [[["i", 10**9, 0, {}]]],
    ],
)
def test_named_arguments_of_connections(arguments: object) -> None:
    start = {**layer("InputLayer", batch_shape=[None, 4]), "name": "i", "inbound_nodes": []}
    nodes = arguments if isinstance(arguments, list) else [arguments]
    last = {**layer("Dense", units=10), "name": "d", "inbound_nodes": nodes}
    config = {"layers": [start, last], "input_layers": [["i", 0, 0]], "output_layers": [["d", 0, 0]]}
    with pytest.raises(Refused):
        reading.read({"class_name": "Functional", "module": "keras", "config": config})


def test_hdf5_with_a_program_is_refused(tmp_path: Path) -> None:
    """CVE-2025-9905: safe mode does not count for HDF5; the same list does."""
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file.attrs["model_config"] = json.dumps(
            sequential(layer("Lambda", module=None, function=["4wAAAA==", None, None]))
        )
    config, _ = containers.hdf5_config(tmp_path / "m.h5")
    with pytest.raises(Refused, match="Lambda"):
        reading.read(config)


def archive(path: Path, weights: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("config.json", json.dumps(sequential()))
        file.write(weights, "model.weights.h5")
        for name, data in members.items():
            file.writestr(name, data)
    return path


def test_weights_of_a_huge_shape_are_refused_by_their_header(tmp_path: Path) -> None:
    """CVE-2026-0897: a dataset that declares terabytes and stores nothing."""
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.create_dataset("layers/dense/vars/0", shape=(1 << 40,), dtype="f4", chunks=(1 << 20,), compression="gzip")
    with pytest.raises(Refused, match="declares an array"):
        containers.keras_config(archive(tmp_path / "m.keras", tmp_path / "w.h5"), tmp_path)


@pytest.mark.parametrize("kind", ["external link", "soft link", "external storage", "virtual"])
def test_weights_that_lie_elsewhere(kind: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["x"] = np.ones(4, np.float32)
    with h5py.File(tmp_path / "w.h5", "w") as file:
        if kind == "external link":
            file["layers"] = h5py.ExternalLink(str(secret), "/x")
        elif kind == "soft link":
            file["layers"] = h5py.SoftLink("/elsewhere")
        elif kind == "external storage":
            file.create_dataset("layers", (4,), "f4", external=[(str(secret), 0, 16)])
        else:
            layout = h5py.VirtualLayout((4,), "f4")
            layout[:] = h5py.VirtualSource(str(secret), "x", (4,))
            file.create_virtual_dataset("layers", layout)
    with pytest.raises(Refused):
        containers.keras_config(archive(tmp_path / "m.keras", tmp_path / "w.h5"), tmp_path)


def test_archives_with_more_in_them(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "w.h5", "w"):
        pass
    with pytest.raises(Refused, match="assets/vocabulary"):
        containers.keras_config(
            archive(tmp_path / "m.keras", tmp_path / "w.h5", **{"assets/vocabulary": b""}), tmp_path
        )
    with pytest.warns(UserWarning), pytest.raises(Refused, match="two files of one name"):
        containers.keras_config(archive(tmp_path / "n.keras", tmp_path / "w.h5", **{"config.json": b"{}"}), tmp_path)
    with pytest.raises(Refused, match="larger than"):
        data = {"metadata.json": b" " * 200_000}
        containers.keras_config(archive(tmp_path / "o.keras", tmp_path / "w.h5", **data), tmp_path)


def test_deep_nesting_is_refused() -> None:
    config: dict = layer("Dense", units=3)
    for _ in range(50):
        config = sequential(config)
    with pytest.raises(Refused, match="nested too deeply"):
        reading.read(config)
    with pytest.raises((Refused, Unsupported)):
        containers.parse("[" * 200_000)


def test_sequential_of_keras_2_without_an_input_layer() -> None:
    """As Keras 2.2.4 and 2.3.1 save it: the first layer notes the shape, and there are no modules."""
    first = {"name": "a", "trainable": True, "batch_input_shape": [None, 28, 28, 1], "dtype": "float32", "filters": 4}
    first |= {"kernel_size": [3, 3], "strides": [1, 1], "padding": "valid", "data_format": "channels_last"}
    first |= {"dilation_rate": [1, 1], "activation": "relu", "use_bias": True, "bias_constraint": None}
    first |= {"kernel_initializer": {"class_name": "VarianceScaling", "config": {"scale": 1.0, "seed": None}}}
    second = {"name": "b", "trainable": True, "rate": 0.25, "noise_shape": None, "seed": None}
    layers = [{"class_name": "Conv2D", "config": first}, {"class_name": "Dropout", "config": second}]
    for config in ({"name": "s", "layers": layers}, layers):
        net = reading.read({"class_name": "Sequential", "config": config})
        assert net.shape == (None, 28, 28, 1)
        assert describing.describe(net)["dropout"] == [0.25]


def run(*arguments: object) -> dict:
    ended = subprocess.run(
        [sys.executable, str(TESTS / "grading/attacks.py"), *map(str, arguments)],
        capture_output=True,
        text=True,
        env=os.environ
        | {"PYTHONPATH": str(TESTS.parent / "workflow"), "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
        cwd=arguments[1],
    )
    assert ended.returncode == 0, ended.stderr[-4000:]
    return json.loads(ended.stdout.splitlines()[-1]) if ended.stdout.strip() else {}


def test_generated_nets_predict_what_keras_own_loader_predicts(tmp_path: Path) -> None:
    assert run("nets", tmp_path) == {"compared": 12}


def test_generated_attacks_come_to_nothing(tmp_path: Path) -> None:
    """Without any wall: no file appears and nobody asks the socket. The control shows that the harm is real."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        tried = run("attacks", tmp_path, server.getsockname()[1])
        with pytest.raises(BlockingIOError):
            server.accept()
    assert tried["loaded"] + tried["refused"] == 120
    assert tried["loaded"] >= 5 and tried["refused"] >= 50, tried
    assert not (tmp_path / "canary").exists()
    run("control", tmp_path)
    assert (tmp_path / "canary").exists()
