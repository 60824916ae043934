"""Wholly right submissions that were once accused, each as a small one made up here; and what must still be found."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assignment06.grading import official, photographs, trial
from assignment06.grading.grade import Grade, grade_all
from assignment06.grading.sandbox.workers import Workers

from . import builder
from .builder import STEM, Files
from .conftest import failures
from .test_defects import R, name, stated
from .test_fairness import guesses, required, result


def packed(**arrays: object) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def answered(task: str, data: bytes, suffix: str = ".npz") -> Files:
    """A clean submission with the task's predictions in another form."""
    files = builder.clean()
    del files[name("predictions", task)]
    return files | {f"{R}predictions/{STEM[task]}{suffix}": data}


@pytest.mark.parametrize(
    "keys", [("y_true", "y_pred"), ("y_test", "arr"), ("labels", "predicted"), ("actual", "classes")]
)
def test_keys_of_arrays_say_which_are_the_predictions(keys: tuple[str, str], graded: Callable[[Files], Grade]) -> None:
    arrays = dict(zip(keys, (builder.labels("6.1"), guesses("6.1")), strict=True))
    judged = graded(answered("6.1", packed(**arrays)))
    assert failures(judged) == set()
    assert result(judged, "predictions.not_the_labels 6.1").status == "passed"


def test_nameless_arrays_are_told_by_the_labels(graded: Callable[[Files], Grade]) -> None:
    judged = graded(answered("6.1", packed(arr_0=builder.labels("6.1"), arr_1=guesses("6.1"))))
    assert failures(judged) == set()
    assert result(judged, "predictions.order 6.1").status == "passed"


def test_arrays_that_leave_a_choice_accuse_nobody(graded: Callable[[Files], Grade]) -> None:
    other = np.where(np.arange(10_000) % 5 == 0, 0, guesses("6.1"))
    assert required(graded(answered("6.1", packed(one=other, two=guesses("6.1"))))) == set()
    words = np.array(list("abcdefghij"))[guesses("6.1")]
    judged = graded(answered("6.1", packed(y_true=builder.labels("6.1"), classes=words)))
    assert required(judged) == set()


def test_the_answer_key_alone_is_still_found(graded: Callable[[Files], Grade]) -> None:
    assert "predictions.ten_classes 6.1" in required(graded(answered("6.1", packed(y_true=builder.labels("6.1")))))
    copied = graded(answered("6.1", packed(y_pred=builder.labels("6.1"))))
    assert "predictions.not_the_labels 6.1" in required(copied)


def test_one_archive_for_three_tasks(graded: Callable[[Files], Grade]) -> None:
    files = {n: data for n, data in builder.clean().items() if "/predictions/" not in n or "resnet50" in n}
    arrays = {"mnist": guesses("6.1"), "cifar10": guesses("6.2a"), "cifar10_dropout": guesses("6.2b")}
    judged = graded(files | {f"{R}predictions/predictions.npz": packed(**arrays)})
    assert failures(judged) == set()
    for task in STEM:
        assert f"{builder.accuracy(task):.2%}" in result(judged, f"predictions.above_chance {task}").sentence


def test_a_heading_of_true_labels_over_predictions(graded: Callable[[Files], Grade]) -> None:
    """Kaggle's example calls the column to be handed in `target`."""
    files = builder.clean()
    for task in STEM:
        files[name("predictions", task)] = builder.table({"id": range(10_000), "target": guesses(task)})
    judged = graded(files)
    assert failures(judged) == set()
    assert result(judged, "predictions.order 6.1").status == "not applicable"


def shared_metrics(data: bytes, suffix: str) -> Files:
    files = {n: content for n, content in builder.clean().items() if "/metrics/" not in n}
    return files | {f"{R}metrics/metrics{suffix}": data}


@pytest.mark.parametrize("index", [True, False])
def test_a_number_in_a_table_names_no_task(index: bool, graded: Callable[[Files], Grade]) -> None:
    columns = {
        "": range(3),
        "test_loss": [1.5423, 6.2, 0.0612],
        "test_accuracy": [round(builder.accuracy(task), 4) for task in STEM],
    }
    table = builder.table({key: column for key, column in columns.items() if key or index})
    judged = graded(shared_metrics(table, ".csv"))
    assert required(judged) == set()
    assert result(judged, "completeness.metrics 6.1").status == "not confirmed"


def test_cifar10_beside_cifar10_with_dropout(graded: Callable[[Files], Grade]) -> None:
    figures = {
        key: {"test_accuracy": round(builder.accuracy(task), 4), "test_loss": 0.4 + number / 10}
        for number, (key, task) in enumerate({"mnist": "6.1", "cifar10": "6.2a", "cifar10_dropout": "6.2b"}.items())
    }
    judged = graded(shared_metrics(json.dumps(figures).encode(), ".json"))
    assert failures(judged) == set()
    assert result(judged, "figures.stated_accuracy 6.2a").status == "passed"


def test_nameless_files_of_both_cifar10_nets(graded: Callable[[Files], Grade]) -> None:
    files = builder.clean()
    for task, new in (("6.2a", "first_net"), ("6.2b", "second_net")):
        files[f"{R}predictions/{new}.csv"] = files.pop(name("predictions", task))
    judged = graded(files)
    assert required(judged) == set()
    assert result(judged, "completeness.predictions 6.2b").status == "passed"
    files[f"{R}predictions/second_net.csv"] = files[f"{R}predictions/first_net.csv"]
    assert "completeness.predictions 6.2b" in required(graded(files))


class Fake:
    """Stands for a model: its class is the brightest third of an image's blue, which every way to scale moves."""

    def __init__(self) -> None:
        self.images = 0

    def predict_on_batch(self, x: np.ndarray) -> np.ndarray:
        self.images += len(x)
        return np.eye(10)[np.clip((3 * x[..., 2].mean(axis=(1, 2)) + 5).astype(int), 0, 9)]


def some(count: int = 3000) -> np.ndarray:
    random = np.random.default_rng(6)
    means = random.uniform(0, 200, (count, 1, 1, 1))
    return (means + random.uniform(0, 50, (count, 32, 32, 3))).astype(np.uint8)


def ready(pixels: np.ndarray, labels: np.ndarray) -> official.TestSet:
    test = official.TestSet("cifar10", labels, labels)
    test.__dict__["pixels"] = pixels
    return test


@pytest.mark.parametrize("scaling", ["standardised by channel", "0-1 less the mean image", "standardised"])
def test_further_ways_to_scale_are_tried_where_the_usual_ones_explain_nothing(scaling: str) -> None:
    pixels, fake = some(), Fake()
    x = trial.scaled(pixels, scaling, "cifar10", (pixels / 255).mean(axis=0).astype(np.float32))
    classes = fake.predict_on_batch(x).argmax(axis=1)
    test = ready(pixels, classes)
    facts = {"family": "cifar10", "inputs": [[32, 32, 3]], "outputs": [[10]]}
    file = trial.ModelFile("m", Path("m"), "hdf5", "cifar10", {"cifar10": [classes]}, 1.0)
    fake.images = 0
    learnt, outputs = trial.run(fake, file, facts, test)
    assert (outputs[scaling].argmax(axis=1) == classes).mean() > 0.999
    if scaling == "standardised":
        assert set(learnt["scalings"]) == set(trial.SCALINGS)
        looked = sum(entry["images"] for entry in learnt["scalings"].values())
        glanced = [entry["images"] for entry in learnt["scalings"].values()].count(trial.GLANCE)
        assert fake.images == looked and glanced >= 2, "another way explains all that was handed in"
    else:
        assert set(learnt["scalings"]) == {*trial.SCALINGS, *trial.FURTHER}


@pytest.mark.parametrize("count", [1, 200, 250, 251])
def test_few_test_images(count: int) -> None:
    pixels, fake = some(count), Fake()
    labels = fake.predict_on_batch(trial.scaled(pixels, "0-1", "cifar10")).argmax(axis=1)
    facts = {"family": "cifar10", "inputs": [[32, 32, 3]], "outputs": [[10]]}
    file = trial.ModelFile("m", Path("m"), "hdf5", "cifar10", {"cifar10": [labels]}, 1.0)
    learnt, outputs = trial.run(fake, file, facts, ready(pixels, labels))
    assert learnt["scalings"]["0-1"] == {"images": count, "accuracy": 1.0} and len(outputs["0-1"]) == count


def test_every_way_near_the_stated_accuracy_is_measured_on_all_images() -> None:
    pixels, fake = some(), Fake()
    labels = fake.predict_on_batch(trial.scaled(pixels, "-1 to 1", "cifar10")).argmax(axis=1)
    test = ready(pixels, labels)
    facts = {"family": "cifar10", "inputs": [[32, 32, 3]], "outputs": [[10]]}
    rough, _ = trial.run(fake, trial.ModelFile("m", Path("m"), "hdf5", "cifar10"), facts, test)
    accuracy = rough["scalings"]["0-1"]["accuracy"]
    file = trial.ModelFile("m", Path("m"), "hdf5", "cifar10", {}, accuracy + 0.03)
    learnt, _ = trial.run(fake, file, facts, test)
    near = [v for v in rough["scalings"].items() if abs(v[1]["accuracy"] - file.stated) <= trial.NEAR]
    assert near and all(learnt["scalings"][scaling]["images"] == 3000 for scaling, _ in near)


def test_a_model_that_wants_images_in_a_way_that_is_not_tried(
    tried: Callable[[Files], Grade], models: dict[str, bytes]
) -> None:
    judged = tried(builder.clean(models | {"plain": models["negative"]}))
    assert required(judged) == set()
    sentence = result(judged, "figures.predictions_from_model 6.2a").sentence
    assert "tried: 0-255, 0-1" in sentence and "not tried" in sentence
    swapped = builder.clean(models | {"plain": models["augmented"], "augmented": models["plain"]})
    judged = tried(swapped)
    assert {"figures.predictions_from_model 6.2a", "figures.predictions_from_model 6.2b"} <= required(judged)


def test_predictions_of_the_best_checkpoint(tried: Callable[[Files], Grade], models: dict[str, bytes]) -> None:
    files = builder.clean(models | {"mnist": models["another training"]})
    assert required(tried(files)) == {"figures.predictions_from_model 6.1"}
    judged = tried(files | {f"{R}models/mnist_best_checkpoint.keras": models["mnist"]})
    assert failures(judged) == set()
    assert "best_checkpoint" in result(judged, "figures.predictions_from_model 6.1").sentence


def prose(own: float, *, told: str) -> bytes:
    return f"MNIST\n\nThe test accuracy is {own:.4f}, the test loss 0.41.\n{told}\n".encode()


@pytest.mark.parametrize(
    "told", ["The book reports a test accuracy of 0.9930.", "A run with more layers had a test accuracy of 0.51."]
)
def test_another_accuracy_after_ones_own(told: str, graded: Callable[[Files], Grade]) -> None:
    files = builder.clean()
    del files[name("metrics")]
    entry = f"{R}metrics/mnist.txt"
    assert failures(graded(files | {entry: prose(builder.accuracy("6.1"), told=told)})) == set()
    judged = graded(files | {entry: prose(0.8877, told=told)})
    assert required(judged) == set() and "figures.stated_accuracy 6.1" in failures(judged)
    judged = graded(files | {entry: prose(0.9977, told="")})
    assert required(judged) == {"figures.stated_accuracy 6.1"}


def test_errors_that_were_planted(graded: Callable[[Files], Grade]) -> None:
    random = np.random.default_rng(3)
    wrong = random.random(10_000) < 0.3
    planted = np.where(wrong, (builder.labels("6.2b") + random.integers(1, 10, 10_000)) % 10, builder.labels("6.2b"))
    files = builder.clean()
    files[name("predictions", "6.2b")] = builder.table({"predicted_label": planted})
    stated("6.2b", test_accuracy=round(float((planted == builder.labels("6.2b")).mean()), 4))(files)
    assert "spread evenly" in result(graded(files), "predictions.like_a_net 6.2b").sentence


def apart(weights: bytes, architecture: bytes, *names_of: str) -> Files:
    files = builder.clean()
    del files[name("models")]
    return files | {f"{R}models/{n}": data for n, data in zip(names_of, (weights, architecture), strict=True)}


@pytest.mark.parametrize(
    ("weights", "names_of"),
    [
        ("weights only", ("mnist.weights.h5", "mnist.json")),
        ("weights in order", ("mnist_weights.h5", "mnist_model.json")),
        ("weights in order", ("6.1/model.h5", "6.1/architecture.json")),
    ],
)
def test_a_model_in_two_files(
    weights: str, names_of: tuple[str, str], tried: Callable[[Files], Grade], models: dict[str, bytes]
) -> None:
    others = {entry: data for entry, data in builder.clean(models).items() if "/models/cifar10" in entry}
    files = apart(models[weights], models["architecture"], *names_of) | others
    judged = tried(files)
    assert failures(judged) == set()
    assert result(judged, "figures.predictions_from_model 6.1").status == "passed"


def test_a_program_in_the_architecture_is_refused(tried: Callable[[Files], Grade], models: dict[str, bytes]) -> None:
    config = json.loads(models["architecture"])
    config["config"]["layers"][1].update(module="os", class_name="system", registered_name=None)
    files = apart(models["weights only"], json.dumps(config).encode(), "mnist.weights.h5", "mnist.json")
    assert "models.safe 6.1" in required(tried(files))
    huge = json.loads(models["architecture"])
    huge["config"]["layers"][-1]["config"]["units"] = 10**9
    files = apart(models["weights only"], json.dumps(huge).encode(), "mnist.weights.h5", "mnist.json")
    assert result(tried(files), "models.loads 6.1").status != "passed"


def test_plots_inside_notebooks(graded: Callable[[Files], Grade]) -> None:
    files = {entry: data for entry, data in builder.clean().items() if "/plots/" not in entry}
    for title in ("assignment06_1", "assignment06_2a"):
        shown = {"output_type": "display_data", "data": {"image/png": "iVBORw0KGgo="}}
        cell = {"cell_type": "code", "source": ["plt.show()"], "outputs": [shown]}
        files[f"assignment06/{title}.ipynb"] = json.dumps({"cells": [cell]}).encode()
    judged = graded(files)
    assert required(judged) == {"completeness.plots 6.2b"}
    for task, title in (("6.1", "assignment06_1"), ("6.2a", "assignment06_2a")):
        assert f"{title}.ipynb" in result(judged, f"completeness.plots {task}").sentence


def test_a_key_of_json_is_no_label(tmp_path: Path) -> None:
    row = {"rank": 1, "wnid": "n02859443", "label": "boathouse", "score": 0.8}
    path = tmp_path / "photo.json"
    path.write_text(json.dumps([row, row | {"label": "tench"}]), encoding="utf-8")
    assert photographs.labels({"photo.json": path}) == {"boathouse", "tench"}


def test_two_that_are_read_at_once_are_both_read(models: dict[str, bytes], data: Path, tmp_path: Path) -> None:
    """Both find out that TensorFlow has to be loaded: the second to say so was taken for one that broke its process."""
    files = builder.clean(models)
    zips = [builder.zipped(tmp_path / f"assignment06_Doe{name}.zip", files) for name in ("Ann", "Bob")]
    with Workers() as fresh:
        grades = [grade for _, grade in grade_all(zips, [data], fresh, jobs=2)]
    assert len(grades) == 2 and all(grade.results for grade in grades)
    assert not any("packaging.intact" in failures(grade) for grade in grades)
