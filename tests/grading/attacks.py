"""Run in a process of its own, without walls, so that nothing but the reading of models stands against an attack.

`python attacks.py nets FOLDER` compares generated nets with Keras' own loader; `python attacks.py attacks FOLDER PORT`
loads valid models with harm put into their configuration; `python attacks.py control FOLDER` shows that the harm is
real.
"""

from __future__ import annotations

import copy
import io
import json
import sys
import tempfile
import zipfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

_QUIET = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True)


def saved_model(folder: Path) -> Path:
    """A SavedModel whose start-up graph writes FOLDER/canary."""
    import tensorflow as tf

    class Harm(tf.Module):
        @tf.function(input_signature=[])
        def serve(self):
            tf.io.write_file(str(folder / "canary"), "harm")
            return tf.constant(0)

    place = folder / "saved"
    if not place.exists():
        harm = Harm()
        tf.saved_model.save(harm, str(place), signatures={"serve": harm.serve.get_concrete_function()})
    return place


def function_layer(folder: Path) -> dict:
    """A Lambda layer whose marshalled function writes FOLDER/canary."""
    import keras

    canary = str(folder / "canary")
    layer = keras.layers.Lambda(lambda x: (open(canary, "w").close(), x)[1])
    return json.loads(json.dumps(keras.saving.serialize_keras_object(layer)))


def payloads(folder: Path, port: int) -> list[object]:
    place, url = str(saved_model(folder)), f"http://127.0.0.1:{port}/vocabulary.txt"

    def layer(name: str, module: str = "keras.layers", **config: object) -> dict:
        return {"class_name": name, "module": module, "config": {"name": "x", **config}, "registered_name": None}

    def function(name: str, module: str) -> dict:
        return {"class_name": "function", "config": name, "module": module, "registered_name": "function"}

    tfsm = layer("TFSMLayer", filepath=place, call_endpoint="serve")
    hidden = layer("Lambda", function=function("TFSMLayer", "keras.layers"), arguments={"filepath": place})
    net = {
        "class_name": "Functional",
        "module": "keras.src.models.functional",
        "config": {
            "name": "f",
            "layers": [
                {**layer("InputLayer", batch_shape=[None, 1]), "name": "i", "inbound_nodes": []},
                {**hidden, "name": "x", "inbound_nodes": [{"args": [], "kwargs": {"inputs": place}}]},
            ],
            "input_layers": [["i", 0, 0]],
            "output_layers": [["x", 0, 0]],
        },
        "shared_object_id": 7,
    }
    return [
        function_layer(folder),
        tfsm,
        hidden,
        net,
        layer("StringLookup", vocabulary=url),
        layer("TextVectorization", vocabulary="/etc/passwd"),
        layer("TorchModuleWrapper", module="AAAA"),
        layer("JaxLayer", call_fn=function("system", "os")),
        function("system", "os"),
        function("get_file", "keras.utils"),
        function("enable_unsafe_deserialization", "keras.config"),
        function("load_model", "keras.models"),
        {"class_name": "Popen", "module": "subprocess", "config": {"args": ["touch", str(folder / "canary")]}},
        {"class_name": "__lambda__", "config": function_layer(folder)["config"]["function"]["config"]},
        {"class_name": "Custom", "registered_name": "package>Custom", "config": {}},
        {"shared_object_id": 7},
        {"loss": net, "optimizer": tfsm},
        place,
        url,
        10**30,
        -1,
        None,
        [],
        "relu",
    ]


def base(folder: Path) -> dict[str, bytes]:
    """The members of a valid `.keras` archive with several kinds of layers, connected in the functional style."""
    import keras

    layers = keras.layers
    start = keras.Input((8, 8, 3))
    x = layers.Conv2D(2, 3, activation="relu", name="c")(start)
    x = layers.Add()([layers.BatchNormalization()(x), x])
    x = keras.Sequential([layers.Flatten(), layers.Dense(10, name="d")])(x, training=False)
    model = keras.Model(start, layers.Softmax()(x))
    model.compile(loss="categorical_crossentropy", optimizer="adam")
    path = folder / "base.keras"
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def places(node: object, found: list | None = None) -> list[tuple[object, object]]:
    """Every (container, key) of a configuration."""
    found = [] if found is None else found
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in list(items):
        found.append((node, key))
        places(value, found)
    return found


KEYS = (
    "compile_config build_config activation kernel_initializer loss layer function config module class_name kwargs name"
)


def attack(folder: Path, port: int) -> None:
    """Load mutated models by the grader's reader; whatever happens, nothing may come of it outside."""
    from assignment06.grading.rebuild import loading
    from assignment06.grading.trial import ModelFile

    members, harm, loaded = base(folder), payloads(folder, port), [0, 0]

    @settings(_QUIET, max_examples=120)
    @given(st.data())
    def tried(data: st.DataObject) -> None:
        config = json.loads(members["config.json"])
        for _ in range(data.draw(st.integers(1, 2))):
            container, key = data.draw(st.sampled_from(places(config)))
            payload = copy.deepcopy(data.draw(st.sampled_from(harm)))
            how = data.draw(st.sampled_from(["replace", "add", "wrap"]))
            if how == "replace" or (how == "add" and isinstance(container, list)):
                container[key] = payload
            elif how == "add":
                container[data.draw(st.sampled_from(KEYS.split()))] = payload
            else:
                container[key] = [payload, container[key]]
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, json.dumps(config).encode() if name == "config.json" else content)
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            path = Path(scratch, "m.keras")
            path.write_bytes(buffer.getvalue())
            try:
                model = loading.load(ModelFile(path.name, path, "keras"), Path(scratch), {})
                model.predict_on_batch(__import__("numpy").zeros((1, *[s or 8 for s in model.inputs[0].shape[1:]])))
                loaded[0] += 1
            except Exception:  # noqa: BLE001  a refusal, or Keras' own word for what cannot be built
                loaded[1] += 1

    tried()
    print(json.dumps({"loaded": loaded[0], "refused": loaded[1]}))


def control(folder: Path) -> None:
    """What the attacks hold does do harm where Keras loads it without safe mode."""
    import keras

    layer = keras.saving.deserialize_keras_object(function_layer(folder), safe_mode=False)
    layer(keras.ops.zeros((1, 2)))


@st.composite
def nets(draw: st.DrawFn) -> object:
    """A net of random layers, Sequential or functional, with nested and shared layers."""
    import keras

    layers = keras.layers
    keras.utils.clear_session()
    image = st.sampled_from(
        [
            lambda: layers.Conv2D(3, 3, padding="same", activation="relu"),
            lambda: layers.SeparableConv2D(3, 2, padding="same", use_bias=False),
            lambda: layers.DepthwiseConv2D(3, padding="same", activation="tanh"),
            lambda: layers.Conv2DTranspose(2, 2, strides=2, padding="same"),
            lambda: layers.BatchNormalization(),
            lambda: layers.LayerNormalization(),
            lambda: layers.MaxPooling2D(2, padding="same"),
            lambda: layers.AveragePooling2D(2, padding="same"),
            lambda: layers.ZeroPadding2D(((1, 0), (0, 2))),
            lambda: layers.UpSampling2D(2),
            lambda: layers.SpatialDropout2D(0.2),
            lambda: layers.LeakyReLU(),
            lambda: layers.PReLU(),
            lambda: layers.RandomFlip(),
            lambda: layers.Rescaling(0.5, offset=0.1),
            lambda: layers.Activation("swish"),
            lambda: keras.Sequential([layers.Conv2D(2, 1), layers.BatchNormalization()]),
        ]
    )
    chosen = [make() for make in draw(st.lists(image, min_size=1, max_size=5))]
    ending = draw(st.sampled_from([layers.Flatten, layers.GlobalAveragePooling2D, layers.GlobalMaxPooling2D]))()
    frozen = draw(st.booleans())
    chosen[0].trainable = not frozen
    if draw(st.booleans()):
        return keras.Sequential([keras.Input((8, 8, 3)), *chosen, ending, layers.Dropout(0.5), layers.Dense(10)])
    start = keras.Input((8, 8, 3))
    x = start
    for layer in chosen:
        x = layer(x)
    if draw(st.booleans()):
        x = layers.Concatenate()([x, layers.Conv2D(2, 1)(x), x * 0.5])
    shared = layers.Conv2D(int(x.shape[-1]), 1)
    x = layers.Add()([shared(x), shared(shared(x))])
    inner = keras.Model(start, ending(x))
    if draw(st.booleans()):
        again = keras.Input((8, 8, 3))
        return keras.Model(again, layers.Dense(10)(layers.Multiply()([inner(again), inner(again)])))
    return keras.Model(inner.input, layers.Dense(10)(inner.output))


def compare(folder: Path) -> None:
    """The rebuilt net gives, bit for bit, what the net gives that Keras' own loader makes of the same file."""
    import keras
    import numpy as np

    from assignment06.grading.rebuild import loading
    from assignment06.grading.trial import ModelFile

    count = [0]

    @settings(_QUIET, max_examples=12)
    @given(model=nets(), form=st.sampled_from(["keras", "hdf5"]))
    def same(model: object, form: str) -> None:
        random = np.random.default_rng(5)
        for weight in model.weights:
            weight.assign(random.uniform(0.1, 0.9, weight.shape))
        images = random.uniform(0, 1, (2, 8, 8, 3)).astype(np.float32)
        path = folder / ("net.keras" if form == "keras" else "net.h5")
        model.save(path)
        try:
            wanted = keras.saving.load_model(path, compile=False).predict_on_batch(images)
        except Exception:  # noqa: BLE001  Keras cannot read its own HDF5 of every net; the net itself is the measure
            assert form == "hdf5"
            wanted = model.predict_on_batch(images)
        try:
            given_back = loading.load(ModelFile(path.name, path, form), folder, {}).predict_on_batch(images)
        except Exception:
            print(path, form, json.dumps(model.get_config(), default=str)[:3000], file=sys.stderr)
            raise
        np.testing.assert_array_equal(given_back, wanted)
        count[0] += 1

    same()
    print(json.dumps({"compared": count[0]}))


if __name__ == "__main__":
    {"nets": compare, "control": control, "attacks": attack}[sys.argv[1]](
        Path(sys.argv[2]), *(int(word) for word in sys.argv[3:])
    )
