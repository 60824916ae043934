"""Wholly right submissions that were once accused, each as a small one made up here; and what must still be found."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import numpy as np
import pytest

from assignment06.grading.grade import Grade

from . import builder
from .builder import STEM, Files
from .conftest import failures
from .test_defects import R, name
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
