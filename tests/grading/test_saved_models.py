"""SavedModels of Keras 2: rebuilt from what Keras wrote beside the program, which never runs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assignment06.grading import weights
from assignment06.grading.grade import Grade
from assignment06.grading.probe import ModelFacts, try_models
from assignment06.grading.rebuild import loading
from assignment06.grading.registry import UNCONFIRMED
from assignment06.grading.trial import ModelFile

from .builder import STEM, Files, clean
from .conftest import failures

MADE = Path(__file__).with_name("data") / "keras2_saved_models.zip"  # by tf_keras 2.21: plain; nested, with x / 255


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    with zipfile.ZipFile(MADE) as archive:
        archive.extractall(tmp_path / "made")
    return tmp_path / "made"


def parts(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def probed(folder: Path, scratch: Path) -> ModelFacts:
    scratch.mkdir(exist_ok=True)
    file = ModelFile("m", folder / "saved_model.pb", "savedmodel", parts=parts(folder))
    found = try_models([file], {}, scratch)["m"]
    assert not list(scratch.iterdir())
    return found


def before_2_5(folder: Path) -> None:
    """Put the description where TensorFlow before 2.5 had it."""
    from tensorflow.core.protobuf import saved_model_pb2

    from assignment06.grading.rebuild import saved_models

    own = folder / "keras_metadata.pb"
    told = saved_models._metadata_message().FromString(own.read_bytes()).nodes[0].metadata
    graph = saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes())
    graph.meta_graphs[0].object_graph_def.nodes[0].user_object.metadata = told
    (folder / "saved_model.pb").write_bytes(graph.SerializeToString())
    own.unlink()


@pytest.mark.parametrize("name", ["sequential", "functional"])
@pytest.mark.parametrize("old", [False, True], ids=["keras_metadata.pb", "before TensorFlow 2.5"])
def test_a_rebuilt_net_answers_as_keras_2_did(unpacked: Path, tmp_path: Path, name: str, old: bool) -> None:
    if old:
        before_2_5(unpacked / name)
    with np.load(unpacked / "reference.npz") as reference:
        images, answers = reference[f"{name} images"], reference[f"{name} answers"]
    files, facts = parts(unpacked / name), {}
    net = loading.load(ModelFile("net", files["saved_model.pb"], "savedmodel", parts=files), tmp_path, facts)
    np.testing.assert_allclose(net.predict_on_batch(images.astype(np.float32)), answers, atol=1e-6)
    assert facts["keras_version"] == "2.21.0" and "Conv2D" in facts["layers"]


def shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def swap(folder: Path) -> None:
    """The variables of the other net."""
    shutil.rmtree(folder / "variables")
    shutil.copytree(folder.parent / "functional/variables", folder / "variables")


def describe(folder: Path, change: Callable[[dict], None]) -> None:
    from assignment06.grading.rebuild import saved_models

    found = saved_models._metadata_message().FromString((folder / "keras_metadata.pb").read_bytes())
    told = json.loads(found.nodes[0].metadata)
    change(told)
    found.nodes[0].metadata = json.dumps(told)
    (folder / "keras_metadata.pb").write_bytes(found.SerializeToString())


def code(told: dict) -> None:
    function = ["4wEAAAA=", None, None]
    told["config"]["layers"][-1] = {"class_name": "Lambda", "config": {"name": "x", "function": function}}


@pytest.mark.parametrize(
    ("harm", "status", "words"),
    [
        (lambda f: (f / "keras_metadata.pb").write_bytes(b"\xff" * 40), "unsupported", "it is damaged"),
        (lambda f: (f / "keras_metadata.pb").write_bytes(b""), "unsupported", "without a description of its net"),
        (lambda f: (f / "keras_metadata.pb").unlink(), "unsupported", "without a description of its net"),
        (lambda f: (f / "variables/variables.index").unlink(), "failed", ""),
        (lambda f: shorten(f / "variables/variables.index"), "failed", ""),
        (lambda f: shorten(f / "variables/variables.data-00000-of-00001"), "failed", ""),
        (swap, "unsupported", "arrays, and its net takes 8"),
        (lambda f: describe(f, lambda told: told.update(class_name="MyNet", config=None)), "unsupported", "without a"),
        (lambda f: describe(f, lambda told: told.update(class_name="MyNet")), "refused", "MyNet, which is not on the"),
        (lambda f: describe(f, code), "refused", "Lambda layer, which runs code of the file's author"),
    ],
)  # fmt: skip
def test_what_is_damaged_or_a_program_is_said_and_nothing_is_left(unpacked, tmp_path, harm, status, words) -> None:
    harm(unpacked / "sequential")
    found = probed(unpacked / "sequential", tmp_path / "scratch")
    assert (found.status, words in found.reason) == (status, True), found


def as_saved_model(top: str, model: bytes, scratch: Path) -> Files:
    """A SavedModel's files as Keras 2 would have written them of a net of these tests."""
    code = """
import json, sys
from pathlib import Path
import keras, tensorflow as tf
from assignment06.grading.rebuild import saved_models
folder = Path(sys.argv[1])
model = keras.saving.load_model(folder / "net.keras")
described = {"class_name": "Sequential", "config": json.loads(model.to_json())["config"], "keras_version": "2.9.0"}
table = saved_models._metadata_message()()
table.nodes.add(node_id=0, metadata=json.dumps(described))
(folder / "saved/variables").mkdir(parents=True)
(folder / "saved/keras_metadata.pb").write_bytes(table.SerializeToString())
(folder / "saved/saved_model.pb").write_bytes(b"")
own = [tf.Variable(one) for one in model.get_weights()]
tf.train.Checkpoint(variables=own).write(str(folder / "saved/variables/variables"))
"""
    scratch.mkdir()
    (scratch / "net.keras").write_bytes(model)
    root = Path(__file__).resolve().parents[2]
    subprocess.run(
        [sys.executable, "-c", code, str(scratch)], check=True, capture_output=True,
        env=os.environ | {"PYTHONPATH": str(root / "workflow"), "TF_CPP_MIN_LOG_LEVEL": "3"},
    )  # fmt: skip
    return {f"{top}/{name}": path.read_bytes() for name, path in parts(scratch / "saved").items()}


@pytest.mark.slow
def test_a_submission_of_saved_models_is_judged_as_any_other(
    tried: Callable[[Files], Grade], models: dict[str, bytes], tmp_path: Path
) -> None:
    kinds = dict(zip(STEM, ("mnist", "plain", "augmented"), strict=True))
    files = {name: data for name, data in clean(models).items() if not name.endswith(".keras")}
    for task, kind in kinds.items():
        top = f"assignment06/results/models/{STEM[task]}"
        files |= as_saved_model(top, models[kind], tmp_path / kind)
    found = tried(files)
    assert failures(found) == set(), [r.sentence for r in found.results if r.status != "passed"]
    passed = {result.label for result in found.results if result.status == "passed"}
    assert {f"figures.predictions_from_model {task}" for task in STEM} <= passed
    assert {f"models.loads {task}" for task in STEM} <= passed

    own = tried(clean(models)).fingerprint["weights"]
    for task in STEM:
        copy = found.fingerprint["weights"][task][1]
        assert copy and weights.shared(copy, own[task][1])[0] == 1, "the same weights, whatever they are saved as"
    assert weights.shared(found.fingerprint["weights"]["6.1"][1], own["6.2a"][1])[0] == 0

    rows = files["assignment06/results/predictions/mnist.csv"].decode().splitlines()
    true = [line.split(",")[0] for line in rows[1:]]
    given = [label if place % 33 else str((int(label) + 1) % 10) for place, label in enumerate(true)]
    copied = [rows[0], *map(",".join, zip(true, given, strict=True))]
    files["assignment06/results/predictions/mnist.csv"] = "\n".join(copied).encode()
    judged = tried(files)
    assert "figures.stated_accuracy 6.1" in failures(judged)
    assert "figures.predictions_from_model 6.1" not in {one.label for one in judged.results if one.status == "passed"}


def test_one_whose_net_cannot_be_rebuilt_is_not_accused(tried: Callable[[Files], Grade], models) -> None:
    files = {name: data for name, data in clean(models).items() if not name.endswith("mnist.keras")}
    top = "assignment06/results/models/mnist"
    parts = {"saved_model.pb": b"\x08\x01", "variables/variables.index": b"", "fingerprint.pb": b""}
    files |= {f"{top}/{name}": data for name, data in parts.items()}
    found = tried(files)
    assert failures(found) == {"models.format 6.1"}
    judged = {result.label: result.status for result in found.results}
    assert judged["models.loads 6.1"] == judged["figures.predictions_from_model 6.1"] == UNCONFIRMED
