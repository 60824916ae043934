"""Submissions without a defect, laid out as students lay them out, pass every check."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assignment06.grading.examine import examine
from assignment06.grading.result import Grade

from . import builder
from .builder import Files
from .conftest import failures

CIFAR10 = np.array(["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"])
KERAS2 = Path(__file__).parent / "data"


def guesses(task: str) -> np.ndarray:
    return builder.probabilities(task).argmax(axis=1)


def history(task: str) -> bytes:
    return b",loss,accuracy,val_loss,val_accuracy\n0,1.9,0.3,1.8,0.35\n1,0.5,0.8,0.52,0.79\n"


def saved_text(values: np.ndarray, **options: object) -> bytes:
    buffer = io.BytesIO()
    np.savetxt(buffer, values, **options)
    return buffer.getvalue()


def notebook(*lines: str) -> bytes:
    return json.dumps({"cells": [{"cell_type": "code", "source": list(lines), "outputs": []}], "nbformat": 4}).encode()


def as_packed_by_the_course(m: dict[str, bytes]) -> Files:
    """Flat: results/ and notebooks at the top."""
    return builder.clean(m, top="") | {"assignment06_1.ipynb": notebook("# Author: Jane Doe"), "README.md": b"# hi\n"}


def folder_for_each_task(m: dict[str, bytes]) -> Files:
    """One folder a net with plain names in it, a history and a line of text as metrics, a text file a photograph."""
    files: Files = {"assignment06/Assignment 6.1.ipynb": notebook("x = 1")}
    for task, (folder, model) in {
        "6.1": ("mnist", m["mnist"]),
        "6.2a": ("cifar10/no_augmentation", m["plain"]),
        "6.2b": ("cifar10/dropout_and_augmentation", m["augmented"]),
    }.items():
        top = f"assignment06/results/{folder}/"
        files[f"{top}model.keras"] = model
        lines = [",0", *(f"{i},{label}" for i, label in enumerate(guesses(task)))]
        files[f"{top}predictions.csv"] = "\n".join(lines).encode()
        files[f"{top}history.csv"] = history(task)
        files[f"{top}evaluation.txt"] = f"Test loss: 0.4\nTest accuracy: {builder.accuracy(task):.2%}\n".encode()
        files[f"{top}accuracy.png"] = builder.plot(len(files))
        files[f"{top}loss.png"] = builder.plot(len(files) + 20)
    for i in range(5):
        files[f"assignment06/results/predictions/resnet50/photo{i}.txt"] = (
            b"[('n02504458', 'African_elephant', 0.82%d), ('n01871265', 'tusker', 0.114)]" % i
        )
        files[f"assignment06/images/photo{i}.jpg"] = builder.photograph(i)
    return files


def numbers_of_the_assignment(m: dict[str, bytes]) -> Files:
    """6.1_..., 6.2.a_..., 6.2.b_... side by side; one-hot and class names; HDF5; a JSON pair as evaluate() gives it."""
    top = "assignment06/results/"
    files: Files = {
        f"{top}6.1_model.h5": m["mnist.h5"],
        f"{top}6.2.a_model.keras": m["plain"],
        f"{top}6.2.b_model.keras": m["augmented"],
        f"{top}6.1_predictions.csv": saved_text(np.eye(10)[guesses("6.1")], fmt="%d", delimiter=","),
        f"{top}6.2.a_predictions.csv": "\n".join(["class", *CIFAR10[guesses("6.2a")]]).encode(),
        f"{top}6.2.b_predictions.csv": builder.table(
            {"actual": CIFAR10[builder.labels("6.2b")], "predicted": CIFAR10[guesses("6.2b")]}
        ),
    }
    for task, number in {"6.1": "6.1", "6.2a": "6.2.a", "6.2b": "6.2.b"}.items():
        files[f"{top}{number}_metrics.json"] = json.dumps([0.4, builder.accuracy(task)]).encode()
        files[f"{top}{number}_training_plot.png"] = builder.plot(len(files))
    files[f"{top}predictions/resnet50/results.csv"] = b"file,prediction,probability\n" + b"".join(
        b"img_%d.JPG,tabby,0.91%d\n" % (i, i) for i in range(10)
    )
    return files | {f"assignment06/images/img_{i}.JPG": builder.photograph(i) for i in range(10)}


def by_kind_with_numbers(m: dict[str, bytes]) -> Files:
    """cifar10_model1 and cifar10_model2; probabilities by savetxt; a scikit-learn report; the photographs too."""
    top = "assignment06/results/"
    files: Files = {
        f"{top}models/mnist_cnn.keras": m["logits"],
        f"{top}models/cifar10_model1.keras": m["plain"],
        f"{top}models/cifar10_model2.keras": m["augmented inside"],
    }
    for task, stem in {"6.1": "mnist", "6.2a": "cifar10_model1", "6.2b": "cifar10_model2"}.items():
        files[f"{top}predictions/{stem}_preds.txt"] = saved_text(builder.probabilities(task), fmt="%.6e")
        files[f"{top}metrics/{stem}_report.txt"] = (
            "              precision    recall  f1-score   support\n\n"
            "           0       0.50      0.50      0.50       980\n"
            f"\n    accuracy                           {builder.accuracy(task):.4f}     10000\n"
        ).encode()
        files[f"{top}plots/{ {'6.1': 'mnist', '6.2a': 'cifar10_no_aug', '6.2b': 'cifar10_aug'}[task] }_curves.png"] = (
            builder.plot(len(files))
        )
    for i in range(7):
        files[f"{top}predictions/resnet50/images/{i}.png"] = builder.plot(50 + i)
    files[f"{top}predictions/resnet50/predictions.json"] = json.dumps(
        {f"{i}.png": [["n02123045", "tabby", 0.5]] for i in range(7)}
    ).encode()
    return files


def with_models_of_keras_2(m: dict[str, bytes]) -> Files:
    return builder.clean(m | {"mnist": (KERAS2 / "keras2_mnist.keras").read_bytes()})


def with_hdf5_of_keras_2(m: dict[str, bytes]) -> Files:
    files = builder.clean(m)
    del files["assignment06/results/models/mnist.keras"]
    return files | {"assignment06/results/models/mnist_model.h5": (KERAS2 / "keras2_mnist.h5").read_bytes()}


def with_names_that_say_nothing(m: dict[str, bytes]) -> Files:
    """Models and predictions that only their content tells apart."""
    files = builder.clean(m)
    for old, new in {
        "models/mnist": "models/first",
        "models/cifar10_plain": "models/second",
        "models/cifar10_augmented": "models/third",
    }.items():
        files[f"assignment06/results/{new}.keras"] = files.pop(f"assignment06/results/{old}.keras")
    files["assignment06/results/predictions/first.csv"] = files.pop("assignment06/results/predictions/mnist.csv")
    return files


LAYOUTS = [
    builder.clean,
    as_packed_by_the_course,
    folder_for_each_task,
    numbers_of_the_assignment,
    by_kind_with_numbers,
    with_models_of_keras_2,
    with_hdf5_of_keras_2,
    with_names_that_say_nothing,
]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_clean_zip(layout: Callable, tried: Callable[[Files], Grade], models: dict[str, bytes]) -> None:
    result = tried(layout(models))
    assert failures(result) == set()
    assert result.verdict == "passed"
    proven = {r.label for r in result.results if r.status == "passed"}
    for task in ("6.1", "6.2a", "6.2b"):
        assert {
            f"figures.predictions_from_model {task}",
            f"figures.stated_accuracy {task}",
            f"predictions.above_chance {task}",
            f"models.accuracy {task}",
        } <= proven


def test_saved_models_with_answers_in_their_folders(graded: Callable[[Files], Grade]) -> None:
    """A SavedModel's folder may hold the task's other files too; the model is recognised and not opened."""
    files: Files = {"results/predictions/resnet50/all.txt": b"Predicted: [('n02123045', 'tabby', 0.9)]\n" * 6}
    files |= {f"images/{number}.jpg": builder.photograph(number) for number in range(6)}
    for number, (task, folder) in enumerate({"6.1": "model-6-1", "6.2a": "model-6-2-a", "6.2b": "model-6-2-b"}.items()):
        top = f"results/{folder}/"
        files |= {
            f"{top}saved_model.pb": b"\x08\x01",
            f"{top}keras_metadata.pb": b"",
            f"{top}variables/variables.index": b"",
        }
        files[f"{top}predictions.csv"] = builder.predictions(task)
        files[f"{top}metrics.txt"] = f"Test Accuracy:  {builder.accuracy(task)}\nTest Loss:  0.033".encode()
        files[f"{top}loss.png"] = builder.plot(number)
    assert failures(graded(files)) == {f"models.format {task}" for task in builder.STEM}


def test_clean_folders(tmp_path: Path) -> None:
    for number, top in enumerate(("", "assignment06/")):
        folder = builder.unzipped(tmp_path / str(number), builder.clean(top=top))
        assert failures(examine(folder, [], None)) == set()


def test_clone_of_the_course_repository(tmp_path: Path) -> None:
    """Other assignments beside this one do not confuse the grader."""
    files = builder.clean(top="dsc650/assignments/assignment06/")
    files["dsc650/assignments/assignment05/results/models/mnist.keras"] = b"another"
    files[".git/config"] = b"[core]\n"
    folder = builder.unzipped(tmp_path / "clone", files)
    result = examine(folder, [], None)
    assert failures(result) == {"packaging.layout", "packaging.no_droppings"}
    assert all("assignment05" not in name for name in result.used.values())


def test_this_workflows_own_zip(tried: Callable[[Files], Grade], models: dict[str, bytes]) -> None:
    raw = {kind: models[f"raw {kind}"] for kind in ("mnist", "plain", "augmented")}
    assert failures(tried(builder.with_manifest(builder.clean(raw)))) == set()


def test_several_seeds(graded: Callable[[Files], Grade]) -> None:
    """Of several seeds the first is judged, and its own model, predictions and metrics are taken."""
    files = builder.with_manifest(builder.clean())
    several: Files = {}
    for name, data in files.items():
        stem = next((s for s in ("cifar10_plain", "cifar10_augmented", "mnist") if f"/{s}" in name), None)
        if stem is None:
            several[name] = data
            continue
        for seed in (0, 1):
            changed = data.replace(f'"{stem}"'.encode(), f'"{stem}_seed{seed}"'.encode())
            if seed and name.endswith(".png"):
                changed = builder.plot(100 + len(several))
            several[name.replace(stem, f"{stem}_seed{seed}")] = changed
    result = graded(builder.sealed(several, stems=[f"{s}_seed{n}" for s in builder.STEM.values() for n in (0, 1)]))
    assert failures(result) == set()
    for kind in ("model", "predictions", "metrics"):
        assert result.used[f"6.2b {kind}"].split("/")[-1].startswith("cifar10_augmented_seed0")


def test_scaling_is_named(tried: Callable[[Files], Grade], models: dict[str, bytes]) -> None:
    result = tried(builder.clean(models))
    sentence = next(r.sentence for r in result.results if r.label == "models.accuracy 6.1")
    assert f"0-1 gives the stated {builder.accuracy('6.1'):.2%}" in sentence
