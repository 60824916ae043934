"""Whole submissions without a defect, laid out and named as anybody may: none of them is accused."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assignment06.grading.grade import Grade, grade
from assignment06.grading.names import NETS
from assignment06.grading.sandbox.workers import Workers

from . import builder
from .builder import Files
from .conftest import failures
from .test_fairness import guesses, required, result

# What students call the nets of 6.1, 6.2a and 6.2b
STEMS = [
    ("mnist", "cifar10_no_aug", "cifar10_aug"),
    ("6.1", "6.2a", "6.2b"),
    ("6_1", "6_2_a", "6_2_b"),
    ("6-1", "6-2a", "6-2b"),
    ("61", "62a", "62b"),
    ("assignment06_1", "assignment06_2a", "assignment06_2b"),
    ("Assignment 6.1", "Assignment 6.2.a", "Assignment 6.2.b"),
    ("hw6_1", "hw6_2a", "hw6_2b"),
    ("week6_1", "week6_2a", "week6_2b"),
    ("1", "2a", "2b"),
    ("q1", "q2a", "q2b"),
    ("part1", "part2a", "part2b"),
    ("problem_1", "problem_2_a", "problem_2_b"),
    ("task1", "task2A", "task2B"),
    ("mnist_cnn", "cifar_cnn", "cifar_cnn_dropout"),
    ("mnist", "cnn_baseline", "cnn_regularized"),
    ("mnist", "cifar10_v1", "cifar10_v2"),
    ("digits", "cifar_without_dropout", "cifar_with_dropout"),
    ("mnist", "cifar", "cifar_improved"),
    ("MNIST", "CIFAR10", "CIFAR10_augmented"),
    ("mnistNet", "cifarNetPlain", "cifarNetDropout"),
    ("cnn_mnist", "cnn_cifar_base", "cnn_cifar_full"),
    ("mnist", "cifar_a", "cifar_b"),
    ("convnet_mnist", "convnet_cifar10_simple", "convnet_cifar10_dropout_aug"),
    ("mnist", "cifar10_model_1", "cifar10_model_2"),
    ("mnist", "cifar10_no_dropout_no_augmentation", "cifar10_dropout_augmentation"),
    ("handwritten_digits", "cifar10_basic", "cifar10_data_aug"),
    ("MnistConvNet", "Cifar10ConvNet", "Cifar10ConvNetAug"),
    ("6-1", "6-2A", "6-2B"),
    ("model_6_1", "model_6_a", "model_6_b"),
    ("model-6-1", "model-6-2-a", "model-6-2-b"),
    ("mnist_model", "cifar10_model", "cifar10_model_augmented"),
    ("assignment_6.1_mnist", "assignment_6.2a_cifar10", "assignment_6.2b_cifar10"),
]
RESULTS = "assignment06/results/"
PLACES = {
    "a folder a kind": "results/{kind}/{stem}{suffix}",
    "a folder a kind, the kind in the name": "results/{kind}/{stem}_{word}{suffix}",
    "a folder a task": "results/{stem}/{word}{suffix}",
    "a folder a task, then a kind": "results/{stem}/{kind}/{word}{suffix}",
    "a folder a kind, then a task": "results/{kind}/{stem}/{word}{suffix}",
    "all in results": "results/{stem}_{word}{suffix}",
    "all in results, the kind first": "results/{word}_{stem}{suffix}",
    "no results": "{stem}_{word}{suffix}",
    "a results a task": "{stem}/results/{word}{suffix}",
}
TOPS = ("", "assignment06/", "dsc650/assignments/assignment06/", "DoeJane/", "my homework/")
Form = Callable[[str], tuple[str, bytes]]
CLASSES = np.array(["Airplane", "Automobile", "Bird", "Cat", "Deer", "Dog", "Frog", "Horse", "Ship", "Truck"])


def _named(task: str, labels: np.ndarray) -> np.ndarray:
    return labels if task == "6.1" else CLASSES[labels]


def _array(values: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, values)
    return stream.getvalue()


def _lines(rows: object) -> bytes:
    return "\n".join(map(str, rows)).encode() + b"\n"


def _scores(task: str) -> np.ndarray:
    return builder.probabilities(task).round(6)


PREDICTIONS: dict[str, Form] = {
    "true and predicted": lambda t: (".csv", builder.predictions(t)),
    "a column": lambda t: (".csv", builder.table({"prediction": guesses(t)})),
    "with an index": lambda t: (".csv", builder.table({"": range(10_000), "0": guesses(t)})),
    "lines": lambda t: (".txt", _lines(guesses(t))),
    "Kaggle": lambda t: (".csv", builder.table({"ImageId": range(1, 10_001), "Label": guesses(t)})),
    "scores": lambda t: (".csv", builder.table({str(i): _scores(t)[:, i] for i in range(10)})),
    "savetxt": lambda t: (".txt", _lines(" ".join(f"{v:.18e}" for v in row) for row in _scores(t))),
    "JSON": lambda t: (".json", json.dumps({"predictions": guesses(t).tolist()}).encode()),
    "class names": lambda t: (
        ".csv",
        builder.table(
            {
                "": range(10_000),
                "Actual": _named(t, builder.labels(t)),
                "Predicted": _named(t, guesses(t)),
            }
        ),
    ),
    "array of scores": lambda t: (".npy", _array(_scores(t).astype("float32"))),
    "array of labels": lambda t: (".npy", _array(guesses(t))),
    "label and score": lambda t: (
        ".csv",
        builder.table({"predicted_class": guesses(t), "confidence": _scores(t).max(axis=1)}),
    ),
}
HISTORY = "epoch,loss,accuracy,val_loss,val_accuracy\n0,1.1,0.5,0.9,0.6\n1,0.6,0.7,0.5,0.71\n"
METRICS: dict[str, tuple[str, Callable[[float, float], str]]] = {
    "JSON": (
        ".json",
        lambda loss, accuracy: json.dumps({"test_loss": loss, "test_accuracy": accuracy, "val_loss": 0.5}),
    ),
    "lists and lines": (
        ".txt",
        lambda loss, accuracy: f"Training Accuracy: [0.52, 0.7, 0.8]\nTest Loss: {loss}\nTest Accuracy: {accuracy}",
    ),
    "lines": (".txt", lambda loss, accuracy: f"Test loss: {loss}\nTest accuracy: {accuracy}\n"),
    "evaluate": (".json", lambda loss, accuracy: json.dumps([loss, accuracy])),
    "a row": (".csv", lambda loss, accuracy: f"test_loss,test_acc\n{loss},{accuracy}\n"),
    "pairs": (".csv", lambda loss, accuracy: f"metric,value\nloss,{loss}\naccuracy,{accuracy}\n"),
    "YAML": (".yaml", lambda loss, accuracy: f"test:\n  loss: {loss}\n  accuracy: {accuracy}\n"),
    "a history and a line": (".csv", lambda loss, accuracy: f"{HISTORY}test,{loss},{accuracy}\n"),
    "a sentence": (".md", lambda loss, accuracy: f"The test accuracy is {accuracy:.2%}.\n"),
}
_TOP = [(f"photo_{i}", [("n02123045", "tabby", 0.5), ("n02124075", "Egyptian_cat", 0.25 - i / 90)]) for i in range(6)]
ANSWERS_63 = {
    "results/predictions/resnet50/predictions.csv": builder.resnet(),
    "resnet50/results.csv": builder.resnet(),
    "results/resnet50_predictions.csv": builder.resnet(),
    "results/predictions/resnet50/predictions-6-3.txt": "".join(
        f"images\\{photo}-unsplash.jpg\nPredicted: {top}\n" for photo, top in _TOP
    ),
    "results/predictions/resnet50/predictions.txt": "\n".join(f"Predicted:  {top}" for _, top in _TOP),
    "results/Resnet50/results.txt": "".join(f"{photo}.png {top[0][1]} ({top[0][2]:.2%})\n" for photo, top in _TOP),
    # a file where a directory is asked for
    "results/predictions/resnet50": "\n\n".join(
        f"Album: {photo}\n" + "".join(f"Item: {label} \tMatch:  {score}\n" for _, label, score in top)
        for photo, top in _TOP
    ),
}


@st.composite
def submissions(draw: st.DrawFn, lies: str = "", by: float = 0.0) -> Files:
    """The files of a submission in one of many forms, in which the metrics of the task `lies` are too high `by`."""
    top, place = draw(st.sampled_from(TOPS)), PLACES[draw(st.sampled_from(list(PLACES)))]
    predicted, stated = draw(st.sampled_from(list(PREDICTIONS))), draw(st.sampled_from(list(METRICS)))
    one_plot, model = draw(st.booleans()), draw(st.sampled_from([".keras", ".h5"]))
    words = draw(
        st.sampled_from(
            [
                ("model", "predictions", "metrics"),
                ("cnn", "preds", "eval"),
                ("net", "pred", "scores"),
                ("model", "predicitons", "metrics"),  # codespell:ignore predicitons
            ]
        )
    )
    answer = draw(st.sampled_from(list(ANSWERS_63)))
    text = ANSWERS_63[answer]
    files: Files = {top + answer: text if isinstance(text, bytes) else text.encode()}
    for number, (task, stem) in enumerate(zip(NETS, draw(st.sampled_from(STEMS)), strict=True)):

        def put(kind: str, word: str, suffix: str, data: bytes, stem: str = stem) -> None:
            files[top + place.format(kind=kind, word=word, stem=stem, suffix=suffix)] = data

        put("models", words[0], model, b"")
        put("predictions", words[1], *PREDICTIONS[predicted](task))
        suffix, form = METRICS[stated]
        accuracy = round(builder.accuracy(task) + (by if task == lies else 0), 4)
        put("metrics", words[2], suffix, form(0.4213, accuracy).encode())
        if "{word}" not in place:
            put("plots", "", ".png", builder.plot(number))
        else:
            for i, word in enumerate(["history"] if one_plot else ["accuracy", "loss"]):
                put("plots", word, ".png", builder.plot(2 * number + i))
    return files


def _judged(files: Files, reader: Workers) -> Grade:
    with tempfile.TemporaryDirectory() as folder:
        return grade(builder.zipped(Path(folder, "assignment06_DoeJane.zip"), files), [], reader)


@given(submissions())
@settings(deadline=None, max_examples=40)
def test_nobody_is_accused(reader: Workers, files: Files) -> None:
    judged = _judged(files, reader)
    assert {r.label: r.sentence for r in judged.results if r.label in required(judged)} == {}, sorted(files)
    answered = [r for r in judged.results if r.check.id.startswith("completeness.") and r.task in NETS]
    assert len(answered) == 12 and {r.status for r in answered} == {"passed"}, sorted(files)


@given(st.sampled_from(NETS).flatmap(lambda task: st.tuples(st.just(task), submissions(lies=task, by=0.04))))
@settings(deadline=None, max_examples=25)
def test_an_accuracy_that_is_not_so_is_found(reader: Workers, case: tuple[str, Files]) -> None:
    task, files = case
    judged = _judged(files, reader)
    assert f"figures.stated_accuracy {task}" in failures(judged), sorted(files)
    assert required(judged) <= {f"figures.stated_accuracy {task}"}


@pytest.mark.parametrize("top", ["", "results/", "work/results/"])
def test_a_zip_in_the_zip_is_opened(top: str, tmp_path: Path, graded: Callable[[Files], Grade]) -> None:
    """With or without the folder that it is called after; only that it is a zip is held against it."""
    files = {entry: data for entry, data in builder.clean().items() if entry.startswith(RESULTS)}
    inner = builder.zipped(tmp_path / "i.zip", {top + entry.removeprefix(RESULTS): files[entry] for entry in files})
    rest = {entry: data for entry, data in builder.clean().items() if entry not in files}
    judged = graded(rest | {"assignment06/results.zip": inner.read_bytes()})
    assert required(judged) == set()
    assert "packaging.no_archives" in failures(judged)
    assert all(result(judged, f"completeness.predictions {task}").status == "passed" for task in NETS)
