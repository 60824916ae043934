"""Habits of students that were once misread: counts in a sentence, decimal commas, names beside numbers, and others."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd
import pytest

from assignment06.grading import metrics, names, official, pairs, people, photographs, predictions, weights
from assignment06.grading.checks.figures import scaling as scaling_check
from assignment06.grading.checks.models import own_weights
from assignment06.grading.probe import ModelFacts
from assignment06.grading.recognised import Model, Recognised
from assignment06.grading.registry import FAILED, UNCONFIRMED, Evidence
from assignment06.grading.result import Grade
from assignment06.grading.unpack import Unpacked

from . import builder
from .builder import STEM, Files
from .conftest import failures
from .test_alarms import answered, shared_metrics
from .test_defects import R, drop, name
from .test_fairness import guesses, required, result

CIFAR10 = np.array(["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"])

SENTENCES = [
    "Test accuracy on 10,000 images: 94.90%",
    "Accuracy of the network on the 10000 test images: 94.9 %",
    "Test accuracy after 5 epochs: 0.949",
    "Final test accuracy at epoch 12 is 0.949",
    "Test accuracy with 2 conv layers: 0.949",
    "Test accuracy (batch size 128): 0.949",
    "Test accuracy for model with dropout = 0.3: 0.949",
    "Test accuracy with dropout: 0.949, without dropout: 0.671",
    "Test accuracy of model 2 = 0.949",
    "Test accuracy of the model: 0.949, loss: 0.18",
    "Test accuracy CIFAR-10: 0.949",
    "Test accuracy for Assignment 6.2.a is 94.9%",
    "Test accuracy, lr=0.001: 0.949",
    "test accuracy = 9490/10000 = 0.949",
    "Test accuracy: 0.949 epochs: 5",
    "Test accuracy: 0,9490",
    "Test loss: 0,1799\r\nTest accuracy: 94,9%",
    "Test loss / accuracy: 0.1799 / 0.949",
    "Test loss and accuracy: [0.1799, 0.949]",
    "Training and test accuracy: 0.99, 0.949",
    "Training accuracy/test accuracy: 0.99/0.949",
    "94.9% test accuracy",
    "test accuracy: tf.Tensor(0.949, shape=(), dtype=float32)",
    "test_acc: np.float64(0.949)",
    "Accuracy on the test set was 0.949",
    "Test accuracy [mean of 3 runs]: 0.949",
    "Test accuracy with 32 filters of 3x3: 0.949",
    "Test accuracy with 80/20 split: 0.949",
]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_figure_of_a_sentence(sentence: str, tmp_path: Path) -> None:
    """None of the other numbers in it is taken for the accuracy on the test images."""
    (tmp_path / "f.txt").write_text(sentence, newline="")
    told = [f.value for f in metrics.read("f.txt", tmp_path / "f.txt") if f.kind == "accuracy" and f.split == "test"]
    assert [round(value, 4) for value in told][:1] == [0.949]


@pytest.mark.parametrize(
    "content",
    [
        "{'loss': [2.0, 0.5], 'accuracy': [0.5, 0.8], 'val_loss': [3.1, np.float64(0.6)], 'val_accuracy': [0.3, 0.79]}",
        '{"history": {"loss": [2.0, 0.5], "val_loss": [3.1, 0.6]}, "evaluate": [0.6, 0.949]}',
    ],
)
def test_histories_and_pairs(content: str, tmp_path: Path) -> None:
    (tmp_path / "f.json").write_text(content)
    found = {(f.kind, f.split): f.value for f in metrics.read("f.json", tmp_path / "f.json")}
    assert found["loss", "validation"] == 0.6
    assert "evaluate" not in content or found["accuracy", ""] == 0.949


def test_an_accuracy_cut_off_by_hand(graded: Callable[[Files], Grade]) -> None:
    """67 % of 67.9 % is no lie; 69 % is."""
    files = builder.clean()
    cut = int(100 * builder.accuracy("6.1"))
    files[name("metrics")] = f'{{"test_accuracy": "{cut}%"}}'.encode()
    assert required(graded(files)) == set()
    files[name("metrics")] = f'{{"test_accuracy": "{cut + 2}%"}}'.encode()
    assert required(graded(files)) == {"figures.stated_accuracy 6.1"}


@pytest.mark.parametrize("sentence", ["Test accuracy is about {:.0f} percent", "Test accuracy: ~{:.0f}%"])
def test_an_accuracy_that_is_only_about_so(sentence: str, graded: Callable[[Files], Grade]) -> None:
    for off, expected in ((1.4, set()), (5, {"figures.stated_accuracy 6.1"})):
        files = {entry: data for entry, data in builder.clean().items() if "/metrics/mnist" not in entry}
        files[f"{R}metrics/mnist.txt"] = sentence.format(100 * builder.accuracy("6.1") - off).encode()
        assert required(graded(files)) == expected


@pytest.mark.parametrize("content", ["The accuracy\n\nof this net\n\nis 95", '{"scores": {"accuracy": "94,9"}}'])
def test_metrics_in_a_form_that_is_not_read(content: str, graded: Callable[[Files], Grade]) -> None:
    files = builder.clean()
    files[name("metrics")] = content.encode()
    judged = graded(files)
    assert required(judged) == set()
    assert result(judged, "completeness.metrics 6.1").status == "not confirmed"


def test_metrics_in_a_readme(graded: Callable[[Files], Grade]) -> None:
    files = shared_metrics(b"", ".csv")
    del files[f"{R}metrics/metrics.csv"]
    files |= {f"{R}README.md": b"| MNIST | test accuracy | 95 % |\n"}
    assert required(graded(files)) == set()
    files[f"{R}README.md"] = b"How to run the notebooks\n"
    assert required(graded(files)) == {f"completeness.metrics {task}" for task in STEM}


def test_the_summary_beside_histories(graded: Callable[[Files], Grade]) -> None:
    """Where the tasks' own files are histories, the summary's test accuracies are judged."""
    lines = b"epoch;accuracy;loss;val_accuracy;val_loss\n0;0.7;0.6;0.7;0.5\n1;0.8;0.5;0.79;0.41\n"
    told = {stem: {"test_acc": round(builder.accuracy(task), 4)} for task, stem in STEM.items()}
    files = shared_metrics(json.dumps(told).encode(), ".json")
    files |= {f"{R}metrics/{stem}_training.log": lines for stem in STEM.values()}
    judged = graded(files)
    assert {result(judged, f"figures.stated_accuracy {task}").status for task in STEM} == {"passed"}
    files[f"{R}metrics/metrics.json"] = json.dumps(told | {"mnist": {"test_acc": 0.999}}).encode()
    assert "figures.stated_accuracy 6.1" in required(graded(files))


ROWS: dict[str, Callable[[int, int], str]] = {
    "Image 3: cat": lambda i, label: f"Image {i}: {CIFAR10[label]}",
    "3 -> 7": lambda i, label: f"{i} -> {label}",
    "3 - cat": lambda i, label: f"{label} - {CIFAR10[label]}",
    "cat (3)": lambda i, label: f"{CIFAR10[label]} ({label})",
}


@pytest.mark.parametrize("form", ROWS)
def test_names_and_numbers_side_by_side(form: str, tmp_path: Path) -> None:
    labels = guesses("6.2a")
    (tmp_path / "f.txt").write_text("\n".join(ROWS[form](i, label) for i, label in enumerate(labels)))
    found = predictions.read("f.txt", tmp_path / "f.txt")
    assert found is not None and not found.problem and np.array_equal(found.labels, labels)


def test_printed_types_and_a_class_by_image(tmp_path: Path) -> None:
    labels = guesses("6.2a")
    (tmp_path / "f.txt").write_text("[" + ", ".join(f"np.int64({label})" for label in labels) + "]")
    (tmp_path / "f.json").write_text(json.dumps({str(i): int(label) for i, label in enumerate(labels)}))
    for entry in ("f.txt", "f.json"):
        found = predictions.read(entry, tmp_path / entry)
        assert found is not None and not found.problem and np.array_equal(found.labels, labels)


def test_true_classes_one_hot_before_the_probabilities(tmp_path: Path) -> None:
    columns = np.concatenate([np.eye(10)[builder.labels("6.2a")], builder.probabilities("6.2a")], axis=1)
    (tmp_path / "f.csv").write_text("\n".join(",".join(f"{v:.6f}" for v in row) for row in columns))
    found = predictions.read("f.csv", tmp_path / "f.csv")
    assert found is not None and np.array_equal(found.labels, guesses("6.2a"))


def test_sentences_are_read(graded: Callable[[Files], Grade]) -> None:
    told = [f"Predicted class {p} (true {t})" for p, t in zip(guesses("6.1"), builder.labels("6.1"), strict=True)]
    judged = graded(answered("6.1", "\n".join(told).encode(), ".txt"))
    assert required(judged) == set()
    assert result(judged, "completeness.predictions 6.1").status == "passed"


def top(count: int) -> list[list]:
    return [[f"n0210000{i}", "tabby", 0.5 / (i + 1) ** 2] for i in range(count)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (json.dumps([top(3)] * 6, indent=1), (6, True)),
        (json.dumps({word: top(3) for word in "abcdef"}), (6, True)),
        (json.dumps([{"of": "a", "predictions": [{"label": "tabby", "score": 0.4}] * 3}] * 6, indent=1), (6, True)),
        ("| Image | Prediction |\n|---|---|\n" + "".join(f"| {word} | tabby 0.5 |\n" for word in "abcdef"), (6, True)),
        ("".join(f"{word} -> tabby (41%)\n" for word in "abcdef"), (6, False)),
        ("Bild;Klasse;Wahrscheinlichkeit\n" + "".join(f"{word};tabby;0,41\n" for word in "abcdef"), (6, True)),
        ("\n".join(f"{row}" for _ in range(6) for row in top(3)), (18, False)),
        (json.dumps(top(5)), (1, True)),
        ("".join(f"Predicted ({word} picture): tabby, tiger_cat\n" for word in "abcdef"), (6, False)),
        ("".join(f"{word}: Egyptian_cat, tiger cat\n" for word in "abcdef"), (6, False)),
        ("I could not do this one.\nIt predicts, I think, nothing.\n", (0, True)),
        ("rank,class_id,name,score\n" + "".join(f"1,n0210000{i},tabby {i},0.9\n" for i in range(4)), (4, True)),
    ],
)  # fmt: skip
def test_photographs_without_names_of_files(text: str, expected: tuple[int, bool], tmp_path: Path) -> None:
    (tmp_path / "f").write_text(text)
    count, _, sure = photographs.count({"f.json" if text[0] in "[{" else "f.csv": tmp_path / "f"})
    assert (count, sure) == expected


def test_a_number_of_answers_that_may_be_of_fewer_photographs(graded: Callable[[Files], Grade]) -> None:
    files = builder.clean()
    drop("resnet50")(files)
    files[f"{R}predictions/resnet50/all.txt"] = "\n".join(f"{row}" for _ in range(6) for row in top(3)).encode()
    judged = graded(files)
    assert required(judged) == set()
    assert result(judged, "completeness.photographs").status == "not confirmed"


@pytest.mark.parametrize(("entry", "task"), [("cifar10_2a.h5", "6.2a"), ("cifar10_noDA.h5", "6.2a")])
def test_short_names(entry: str, task: str) -> None:
    assert names.task(f"results/{entry}") == (task, False)


@pytest.mark.parametrize("line", ["**Name:** Emily Johnson", "**Author**: Emily Johnson", "# Name: *Emily Johnson*"])
def test_the_author_in_markdown(line: str, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(line)
    assert people.author({"a.md": tmp_path / "a.md"}, None) == ("Emily", "Johnson", "a.md")


@pytest.mark.parametrize(
    ("heading", "status"),
    [
        ("# DSC 650\n**Author: Jordan Ellis**\n", "failed"),
        ("**Author: Jane Doe**", "passed"),
        ("# Author: Janie Doe", "not applicable"),
        ("Author: Francois Chollet", "not applicable"),
    ],
)
def test_somebody_elses_name(heading: str, status: str, graded: Callable[[Files], Grade]) -> None:
    book = json.dumps({"cells": [{"cell_type": "markdown", "source": heading}]})
    judged = graded(builder.clean() | {"assignment06/a.ipynb": book.encode()})
    assert required(judged) == set()
    assert result(judged, "packaging.name_order").status == status


@pytest.mark.parametrize("shards", [1, 2])
def test_checkpoints_are_models(shards: int, graded: Callable[[Files], Grade], tried: Callable[[Files], Grade]) -> None:
    files = {entry: data for entry, data in builder.clean().items() if "/models/" not in entry}
    for task in STEM:
        for part in (*(f"data-0000{number}-of-0000{shards}" for number in range(shards)), "index"):
            files[f"{R}checkpoints/a{task.replace('.', '_')}/cp.ckpt.{part}"] = b"\0" * 50
    for judged in (graded(files), tried(files)):
        assert required(judged) == set()
        assert "a TensorFlow checkpoint" in result(judged, "models.format 6.1").sentence


def test_a_printed_table_of_photographs(graded: Callable[[Files], Grade]) -> None:
    labels = ["trolleybus", "black-footed_ferret", "daisy"]
    rows = [(f"photo_{i // 3}.jpg", i % 3 + 1, f"n0{2100000 + i}", labels[i % 3], 0.5 / (i % 3 + 1)) for i in range(18)]
    table = pd.DataFrame(rows, columns=["image", "rank", "wnid", "label", "score"]).to_string()
    files = {entry: data for entry, data in builder.clean().items() if "resnet50" not in entry}
    judged = graded(files | {f"{R}predictions/resnet50/predictions.txt": table.encode()})
    assert failures(judged) == set()
    assert "6 photographs" in result(judged, "completeness.photographs").sentence


@pytest.mark.parametrize("what", ["/plots/mnist", "/metrics/mnist"])
def test_a_photograph_is_neither_plot_nor_metrics(what: str, graded: Callable[[Files], Grade]) -> None:
    files = {entry: data for entry, data in builder.clean().items() if what not in entry}
    judged = graded(files | {"assignment06/images/raccoon.jpg": builder.photograph(1)})
    assert required(judged) == {f"completeness.{what.split('/')[1]} 6.1"}


@pytest.mark.parametrize(
    "heading",
    [
        "perda,acuracia",
        "perda,acurácia",
        "pérdida,exactitud",
        "Verlust,Genauigkeit",
        "kayıp,doğruluk",
        "test_kaybi,test_dogrulugu",
        "损失,准确率",
    ],
)
def test_headings_in_other_languages(heading: str, graded: Callable[[Files], Grade]) -> None:
    files = builder.clean()
    files[f"{R}metrics/mnist.csv"] = f"{heading}\n0.4,{builder.accuracy('6.1'):.4f}\n".encode()
    del files[name("metrics", "6.1")]
    judged = graded(files)
    assert failures(judged) == set()
    assert result(judged, "figures.stated_accuracy 6.1").status == "passed"


def test_a_net_a_row_in_one_table(graded: Callable[[Files], Grade]) -> None:
    files = {entry: data for entry, data in builder.clean().items() if "/metrics/" not in entry}
    rows = {"mnist": "6.1", "cifar10": "6.2a", "cifar10_aug": "6.2b"}
    lines = [f"{net};0,4;{builder.accuracy(task):.4f}".replace(".", ",") for net, task in rows.items()]
    judged = graded(files | {f"{R}metrikler.csv": "\n".join(["model;loss;accuracy", *lines]).encode()})
    assert failures(judged) == set()
    for task in rows.values():
        assert result(judged, f"figures.stated_accuracy {task}").status == "passed"


def test_nets_that_are_counted(graded: Callable[[Files], Grade]) -> None:
    """The third is 6.2b's, as there are three nets; three tasks are another matter."""
    kinds = {"models": ".keras", "predictions": "_predictions.csv", "metrics": "_metrics.json", "plots": "_loss.png"}
    files = {entry: data for entry, data in builder.clean().items() if not entry.endswith("_accuracy.png")}
    for number, (task, stem) in enumerate(STEM.items(), 1):
        for role, suffix in kinds.items():
            old = f"{R}{role}/{stem}{'_loss.png' if role == 'plots' else PurePosixPath(name(role, task)).suffix}"
            files[f"{R}model{number}{suffix}"] = files.pop(old)
    judged = graded(files)
    assert required(judged) == set()
    for number, task in enumerate(STEM, 1):
        assert f"model{number}_metrics.json" in result(judged, f"completeness.metrics {task}").sentence
        assert f"model{number}_loss.png" in result(judged, f"completeness.plots {task}").sentence
        assert f"model{number}.keras" in result(judged, f"completeness.model {task}").sentence
    assert pairs.counted(["task1.h5", "task2.h5"], ["task1.csv"]) == {}
    assert pairs.counted(["cifar1.h5", "cifar2.h5", "cifar3.h5"], ["cifar1.h5"]) == {}


def test_a_net_a_line_in_one_text(graded: Callable[[Files], Grade]) -> None:
    files = {entry: data for entry, data in builder.clean().items() if "/metrics/" not in entry}
    rows = {"mnist": "6.1", "cifar10": "6.2a", "cifar10_aug": "6.2b"}
    lines = [f"{net:14} loss 0.0954   accuracy {builder.accuracy(task):.4f}" for net, task in rows.items()]
    judged = graded(files | {f"{R}report.txt": "\n".join(lines).encode()})
    assert failures(judged) == set()
    for task in rows.values():
        assert result(judged, f"figures.stated_accuracy {task}").status == "passed"


def test_plots_inside_the_html_of_a_notebook(graded: Callable[[Files], Grade]) -> None:
    files = {entry: data for entry, data in builder.clean().items() if "/plots/mnist" not in entry}
    files["assignment06/Assignment6.1.html"] = b'<img src="data:image/png;base64,iVBORw0KGgo=">'
    judged = graded(files)
    assert failures(judged) == set()
    assert "Assignment6.1.html" in result(judged, "completeness.plots 6.1").sentence


def test_a_weak_net_says_nothing_of_its_scaling() -> None:
    """The best of four guesses, 16 %, is no scaling that was learnt; 95 % is."""
    guessed, test = np.arange(10_000) % 10, official.TestSet("mnist", builder.LABELS["mnist_test"], np.zeros(0))
    model = Model("m.h5", Path("m.h5"), "hdf5")
    found = Recognised(models={"6.1": model}, predictions={"6.1": predictions.Predictions("p.csv", guessed)})
    for best, status in ((0.163, UNCONFIRMED), (0.95, FAILED)):
        accuracies = {"0-1": 0.105, "-1 to 1": best}
        scalings = {scaling: {"images": 10_000, "accuracy": value} for scaling, value in accuracies.items()}
        known = ModelFacts("m.h5", "ok", "", {"scalings": scalings}, {"0-1": np.eye(10)[guessed]})
        evidence = Evidence(Path("x"), Unpacked(True, Path()), found, {"mnist": test}, models={"m.h5": known})
        assert scaling_check(evidence, "6.1").status == status


def test_a_column_for_each_task(graded: Callable[[Files], Grade]) -> None:
    files = {
        entry: data for entry, data in builder.clean().items() if "/predictions/" not in entry or "resnet" in entry
    }
    columns = {"mnist": guesses("6.1"), "cifar_no_aug": guesses("6.2a"), "cifar_aug": guesses("6.2b")}
    judged = graded(files | {f"{R}predictions/all.csv": builder.table({"": range(10_000)} | columns)})
    assert failures(judged) == set()
    for task in STEM:
        assert f"{builder.accuracy(task):.2%}" in result(judged, f"predictions.above_chance {task}").sentence


def test_arrays_printed_in_short(graded: Callable[[Files], Grade]) -> None:
    """Three rows, dots and three rows are no ten thousand predictions."""
    for values in (guesses("6.1"), builder.probabilities("6.1")):
        judged = graded(answered("6.1", str(values).encode(), ".txt"))
        assert {"predictions.ten_classes 6.1", "predictions.rows 6.1"} <= required(judged)


def test_an_answer_of_63_as_a_page(graded: Callable[[Files], Grade]) -> None:
    files = builder.clean()
    drop("resnet50")(files)
    files[f"{R}predictions/resnet50/predictions.html"] = b"<td>cat.jpg</td><td>tabby</td>" * 6
    judged = graded(files)
    assert required(judged) == set()
    assert result(judged, "completeness.photographs").status == "not confirmed"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (",0,1\nloss,3.1,0.5\naccuracy,0.5,0.8\nval_loss,3.2,0.6\nval_accuracy,0.4,0.79\n", ("validation", 0.79)),
        ("metric,train,test\nloss,0.1,0.2\naccuracy,0.99,0.949\n", ("test", 0.949)),
        (
            "313/313 [===] - 9s - loss: 0.6 - accuracy: 0.8 - val_loss: 0.6 - val_accuracy: 0.79\n"
            "313/313 [===] - 1s - loss: 0.2 - accuracy: 0.9490\n",
            ("", 0.949),
        ),
    ],
)
def test_a_row_a_figure_and_the_line_of_evaluate(content: str, expected: tuple[str, float], tmp_path: Path) -> None:
    (tmp_path / "f.txt").write_text(content)
    assert expected in [(f.split, f.value) for f in metrics.read("f", tmp_path / "f.txt") if f.kind == "accuracy"]


def test_a_lambda_layer_is_not_run_and_accuses_nobody(
    tried: Callable[[Files], Grade], models: dict[str, bytes]
) -> None:
    judged = tried(builder.clean(models | {"mnist": models["lambda"]}))
    assert failures(judged) == {"models.safe 6.1"} and required(judged) == set()


@pytest.mark.parametrize("told", ["Test accuracy went from 0.51 to {}", "Test accuracy without noise 0.51, with it {}"])
def test_several_numbers_after_words(told: str, graded: Callable[[Files], Grade]) -> None:
    files = {entry: data for entry, data in builder.clean().items() if "/metrics/mnist" not in entry}
    judged = graded(files | {f"{R}metrics/mnist.txt": told.format(round(builder.accuracy("6.1"), 4)).encode()})
    assert result(judged, "figures.stated_accuracy 6.1").status == "passed"
    judged = graded(files | {f"{R}metrics/mnist.txt": told.format(0.9977).encode()})
    assert required(judged) == set() and "figures.stated_accuracy 6.1" in failures(judged)


def test_a_loss_that_is_no_number(graded: Callable[[Files], Grade]) -> None:
    files = builder.clean()
    files[name("metrics")] = b'{"loss": NaN, "accuracy": 0.1}'
    assert "nan" in result(graded(files), "figures.loss 6.1").sentence


def test_biases_of_units_that_never_fire_may_be_equal(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    bias = random.random(128)
    found = Recognised()
    for task in ("6.2a", "6.2b"):
        arrays = [("kernel", random.random(100_000)), ("bias", bias)]
        (path := tmp_path / f"{task}.h5").write_text(task)
        found.models[task] = Model(path.name, path, "hdf5")
        found.models[task].weights = weights.of_arrays(arrays)
    assert own_weights(Evidence(Path("x"), Unpacked(True, Path()), found), "").status == "passed"
    found.models["6.2b"].weights = found.models["6.2a"].weights
    assert own_weights(Evidence(Path("x"), Unpacked(True, Path()), found), "").status == FAILED
