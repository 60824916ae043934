"""Ways to lay out and name one's work that were met in submissions made up by one who did not know the other tests."""

from __future__ import annotations

import io
import json
import pickle
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assignment06.grading import metrics, names, pairs, predictions, tables
from assignment06.grading.grade import Grade
from assignment06.grading.registry import UNCONFIRMED

from . import builder
from .builder import STEM, Files
from .conftest import failures
from .test_alarms import answered
from .test_defects import R, name, stated
from .test_fairness import CIFAR10, guesses, required, result


def renamed(files: Files, change: Callable[[str], str]) -> Files:
    return {change(entry): data for entry, data in files.items()}


def called(files: Files, mnist: str, plain: str, augmented: str) -> Files:
    """A clean submission with other words for its three nets."""
    words = dict(zip(STEM.values(), (mnist, plain, augmented), strict=True))

    def change(entry: str) -> str:
        stem = next((stem for stem in (*STEM.values(),) if f"/{stem}" in entry), "")
        return entry.replace(f"/{stem}", f"/{words[stem]}") if stem else entry

    return renamed(files, change)


@pytest.mark.parametrize(
    "words",
    [
        ("1_mnist", "2a_cifar10", "2b_cifar10"),
        ("mnist", "cifar10_cnn", "cifar10_cnn_tuned"),  # `cifar10_cnn_accuracy.png` sorts before, `..._tuned` between
        ("mnist", "cifar", "cifar_big"),
        ("Assignment6Part1", "Assignment6Part2A", "Assignment6Part2B"),
    ],
)
def test_all_files_of_a_net_go_to_one_task(words: tuple[str, str, str], graded: Callable[[Files], Grade]) -> None:
    judged = graded(called(builder.clean(), *words))
    assert required(judged) == set()
    for task in STEM:
        for check in ("completeness.metrics", "completeness.plots", "figures.stated_accuracy"):
            assert result(judged, f"{check} {task}").status == "passed"


def test_two_nets_are_told_apart_by_what_their_files_are_called() -> None:
    plain = [
        "results/models/cifar_net.h5",
        "results/plots/cifarNetLoss_2021-01-17.png",
        "results/metrics/cifar_net.txt",
    ]
    tuned = ["results/models/cifar_net_tuned.h5", "results/plots/cifar_net_tuned_acc.png"]
    assert pairs.order([*tuned, *plain]) == dict.fromkeys(plain, "6.2a") | dict.fromkeys(tuned, "6.2b")
    assert pairs.order([*tuned, *plain, "results/models/cifar_net_big.h5"]) == {}  # three nets leave a choice
    assert pairs.order([*plain, "results/models/cifar_dropout.h5", *tuned]) == {}  # a name that says so comes first


def test_dropout_tells_which_of_two_numbered_nets_is_62b(
    tried: Callable[[Files], Grade], models: dict[str, bytes]
) -> None:
    """Who numbers the net with dropout first has all of its files taken for 6.2b's."""
    judged = tried(called(builder.clean(models), "mnist", "cifar10_2", "cifar10_1"))
    assert failures(judged) == set()
    assert result(judged, "models.dropout 6.2b").sentence.startswith("dropout of")


@pytest.mark.parametrize("saved_models", [False, True])
def test_a_results_folder_for_each_task(saved_models: bool, graded: Callable[[Files], Grade]) -> None:
    places = {"mnist": "6.1", "cifar10_plain": "6.2a", "cifar10_augmented": "6.2b", "resnet50": "6.3"}
    places |= {"images/": "6.3"}

    def change(entry: str) -> str:
        place = next(place for word, place in places.items() if word in entry)
        return entry.replace("assignment06/", f"assignment06/assignment_{place}/")

    files = renamed(builder.clean(), change)
    assert len({entry.split("/")[1] for entry in files}) == 4
    for model in [entry for entry in files if entry.endswith(".keras")] if saved_models else []:
        inside = ("saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001")
        files |= {f"{model.removesuffix('.keras')}/{part}": b"\x08\x01\x12" for part in inside}
        del files[model]
    judged = graded(files)
    assert required(judged) == set()
    formats = {f"models.format {task}" for task in STEM} if saved_models else set()
    assert failures(judged) == {"packaging.layout", *formats}
    assert "results/ of its own" in result(judged, "packaging.layout").sentence
    assert "6 photographs" in result(judged, "completeness.photographs").sentence


def test_models_numbered_from_one_to_three(tried: Callable[[Files], Grade], models: dict[str, bytes]) -> None:
    """The third is 6.2b's, not 6.3's."""
    files = builder.clean(models)
    for number, task in enumerate(STEM, 1):
        files[f"{R}models/model_{number}.keras"] = files.pop(name("models", task))
    judged = tried(files)
    assert required(judged) == set()
    assert result(judged, "figures.predictions_from_model 6.2b").status == "passed"


def test_true_and_predicted_classes_as_printed_vectors(graded: Callable[[Files], Grade], tmp_path: Path) -> None:
    one_hot = np.eye(10)
    rows = zip(builder.labels("6.2b"), guesses("6.2b"), strict=True)
    text = "\n".join(["actual,predicted", *(f"{one_hot[a]},{one_hot[b]}" for a, b in rows)])
    judged = graded(answered("6.2b", text.encode(), ".csv"))
    assert failures(judged) == set()
    assert result(judged, "predictions.order 6.2b").status == "passed"
    path = tmp_path / "p.csv"
    path.write_text(text.replace("actual,predicted", "one,two"), encoding="utf-8")
    read = predictions.read("p.csv", path)
    assert read is not None and read.doubt and len(read.others) == 1
    path.write_text(text.replace("predicted", "other").replace("actual", "y_true"), encoding="utf-8")
    read = predictions.read("p.csv", path)
    assert read is not None and np.array_equal(read.labels, guesses("6.2b"))


def test_a_net_that_was_saved_before_it_was_trained(tried: Callable[[Files], Grade], models: dict[str, bytes]) -> None:
    """Good predictions beside it do not mean that it wants its images otherwise: its biases are all 0."""
    files = builder.clean(models) | {name("models", "6.1"): models["never trained"]}
    judged = tried(files)
    assert "models.accuracy 6.1" in required(judged)
    assert "is not trained" in result(judged, "models.accuracy 6.1").sentence
    others = {
        f"{R}models/mnist-05-0.99.keras": models["mnist"],
        f"{R}models/mnist-01-0.11.keras": files.pop(name("models")),
    }
    assert required(tried(files | others)) == set()  # the checkpoint that gives the predictions answers


@pytest.mark.parametrize("suffix", [".csv.gz", ".rds", ".h5", ".xlsx", ".html"])
def test_forms_that_are_not_read_accuse_nobody(suffix: str, graded: Callable[[Files], Grade]) -> None:
    files = builder.clean()
    for kind in ("predictions", "metrics"):
        del files[name(kind)]
    files |= {f"{R}predictions/mnist{suffix}": b"\1\2\3", f"{R}metrics/mnist{suffix}": b"\1\2\3"}
    judged = graded(files)
    for kind in ("predictions", "metrics"):
        assert result(judged, f"completeness.{kind} 6.1").status == UNCONFIRMED
    missing = {entry: data for entry, data in files.items() if "/metrics/mnist" not in entry}
    assert "completeness.metrics 6.1" in required(graded(missing))


def test_a_probability_above_one_in_json(graded: Callable[[Files], Grade]) -> None:
    def answer(share: object) -> Files:
        shown = {f"photo_{i}.jpg": [{"label": "tabby", "probability": share}] for i in range(6)}
        files = {entry: data for entry, data in builder.clean().items() if "resnet50" not in entry}
        return files | {f"{R}predictions/resnet50/predictions.json": json.dumps(shown).encode()}

    assert "completeness.resnet50_probabilities" in required(graded(answer(1.31)))
    for share in (0.93, "0.93", "93.1%", 93.1):
        judged = graded(answer(share))
        assert required(judged) == set()
        assert result(judged, "completeness.resnet50_probabilities").status == "passed"


def test_files_beside_the_predictions_are_not_them(graded: Callable[[Files], Grade]) -> None:
    """Shorter names than that of the predictions: a confusion matrix, the true labels, mistakes, other images."""
    files = builder.clean()
    files[f"{R}predictions/mnist_test_predictions.csv"] = files.pop(name("predictions"))
    true, wrong = builder.labels("6.1"), np.flatnonzero(guesses("6.1") != builder.labels("6.1"))
    seen = builder.LABELS["mnist_train"][:10_000]
    files |= {
        f"{R}predictions/mnist_cm.csv": builder.table({str(i): np.eye(10, dtype=int)[i] for i in range(10)}),
        f"{R}predictions/mnist_actual.csv": builder.table({"0": true}),
        f"{R}predictions/mnist_wrong.csv": builder.table({"true": true[wrong], "predicted": guesses("6.1")[wrong]}),
        f"{R}predictions/mnist_val_preds.csv": builder.table({"prediction": seen}),
    }
    judged = graded(files)
    assert failures(judged) == set()
    assert "mnist_test_predictions" in result(judged, "completeness.predictions 6.1").sentence
    del files[f"{R}predictions/mnist_test_predictions.csv"]
    assert required(graded(files)) != set()  # without the predictions, none of them will do


def test_one_picture_for_both_nets_of_cifar10(graded: Callable[[Files], Grade]) -> None:
    files = {entry: data for entry, data in builder.clean().items() if "/plots/cifar10" not in entry}
    judged = graded(files | {f"{R}plots/cifar10_comparison_accuracy.png": builder.plot(9)})
    assert required(judged) == set()
    assert result(judged, "completeness.plots 6.2b").status == UNCONFIRMED
    plain = {f"{R}plots/cifar10_plain_accuracy.png": builder.plot(9)}
    assert "completeness.plots 6.2b" in required(graded(files | plain))


def test_a_stated_accuracy_as_bad_as_the_predictions(tried: Callable[[Files], Grade], models: dict[str, bytes]) -> None:
    """One class for every image is the defect; that 10 % is stated for it is right."""
    files = builder.clean(models)
    files[name("predictions", "6.2a")] = builder.table({"prediction": np.full(10_000, 3)})
    files[name("metrics", "6.2a")] = builder.metrics("6.2a", test_accuracy=0.1)
    judged = tried(files)
    assert "predictions.not_constant 6.2a" in required(judged)
    assert result(judged, "figures.stated_accuracy 6.2a").status == "passed"


def test_a_list_of_pairs_as_python_prints_it(graded: Callable[[Files], Grade]) -> None:
    both = list(zip(builder.labels("6.2b").tolist(), guesses("6.2b").tolist(), strict=True))
    judged = graded(answered("6.2b", str(both).encode(), ".txt"))
    assert failures(judged) == set()
    assert result(judged, "predictions.rows 6.2b").status == "passed"


@pytest.mark.parametrize("folder", ["Assignment 6", "assignment-06", "assignment06"])
def test_the_right_folder_within_those_of_the_course(folder: str, graded: Callable[[Files], Grade]) -> None:
    judged = graded(builder.clean(top=f"dsc650-main/assignments/{folder}/"))
    assert failures(judged) == {"packaging.layout"}
    assert required(judged) == set()


NOTEBOOK = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}}
SHOWN = "313/313 - 1s - 3ms/step - accuracy: 0.9917 - loss: 0.0251\nTest accuracy: 0.9917"


def notebook(text: str) -> bytes:
    output = {"output_type": "stream", "name": "stdout", "text": text.splitlines(keepends=True)}
    cell = {"cell_type": "code", "source": "accuracy = 1", "metadata": {}, "execution_count": 1, "outputs": [output]}
    return json.dumps(NOTEBOOK | {"cells": [cell]}).encode()


@pytest.mark.parametrize(
    ("file", "shows", "silent"),
    [
        (
            "notebooks/mnist.html",
            f"<html><style>p {{ accuracy: 1 }}</style><pre>{SHOWN}</pre></html>".encode(),
            b"<html><script>accuracy = 1</script><p>My work</p></html>",
        ),
        ("mnist.ipynb", notebook(SHOWN), notebook("Downloading ...")),
        ("assignment06.ipynb", notebook(SHOWN), b"{"),
    ],
)
def test_metrics_that_only_a_notebook_shows(
    file: str, shows: bytes, silent: bytes, graded: Callable[[Files], Grade]
) -> None:
    files = builder.clean()
    del files[name("metrics")]
    judged = graded(files | {f"assignment06/{file}": shows})
    found = result(judged, "completeness.metrics 6.1")
    assert (found.status, found.sentence.startswith("only below")) in {(UNCONFIRMED, False), ("failed", True)}
    assert file in found.sentence
    assert "completeness.metrics 6.1" not in required(judged)
    assert "completeness.metrics 6.1" in required(graded(files | {f"assignment06/{file}": silent}))


def test_metrics_on_a_picture_that_looks_like_a_curve(graded: Callable[[Files], Grade]) -> None:
    files = builder.clean()
    del files[name("metrics")]
    files[f"{R}metrics/mnist_metrics.png"] = builder.plot(3)
    judged = graded(files)
    assert result(judged, "completeness.metrics 6.1").status == UNCONFIRMED
    assert "mnist_metrics.png may show them" in result(judged, "completeness.metrics 6.1").sentence


@pytest.mark.parametrize(
    "line",
    ["Image {i}: predicted {p}, actual {a}", "{i}. Predicted class {p} True class {a}", "expected {a} predicted {p}"],
)
def test_predictions_in_a_sentence_a_line(line: str, graded: Callable[[Files], Grade]) -> None:
    pairs = zip(guesses("6.2a"), builder.labels("6.2a"), strict=True)
    lines = [line.format(i=i, p=CIFAR10[p], a=CIFAR10[a]) for i, (p, a) in enumerate(pairs)]
    files = builder.clean()
    del files[name("predictions", "6.2a")]
    judged = graded(files | {f"{R}predictions/cifar10_plain_predictions.txt": "\n".join(lines).encode()})
    assert required(judged) == set()
    assert result(judged, "completeness.predictions 6.2a").status == "passed"


@pytest.mark.parametrize("line", ["index: {i} label: {p}", "Image: {i}, Class = {p}, expected: {p}"])
def test_lines_with_other_headings_are_tables_as_before(line: str) -> None:
    table = tables.parse_table("\n".join(line.format(i=i, p=i % 10) for i in range(30)))
    assert table is not None and table.header is not None
    assert table.header[0].lower() in ("index", "image") and len(table.rows) == 30
    assert [row[1] for row in table.rows[:12]] == [str(i % 10) for i in range(12)]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("metriken/mnist_metriken.txt", "Testverlust: 0,0262\nTestgenauigkeit: 99,22 %"),
        ("metricas/mnist_prueba.json", '{"perdida_prueba": 0.0262, "exactitud_prueba": 0.9922}'),
    ],
)
def test_metrics_in_other_languages_accuse_nobody(file: str, text: str, graded: Callable[[Files], Grade]) -> None:
    files = builder.clean()
    del files[name("metrics")]
    judged = graded(files | {f"{R}{file}": text.encode()})
    assert "completeness.metrics 6.1" not in required(judged)
    assert result(judged, "completeness.metrics 6.1").status in (UNCONFIRMED, "passed")


@pytest.mark.parametrize("plain", ["cifar10_ohne_dropout", "cifar10_sin_aumento_sin_dropout"])
def test_without_in_other_languages(plain: str, graded: Callable[[Files], Grade]) -> None:
    assert required(graded(called(builder.clean(), "mnist", plain, "cifar10_dropout"))) == set()


def test_a_curve_that_is_called_after_the_augmentation(graded: Callable[[Files], Grade]) -> None:
    """The picture tells it from one of augmented images; only `augmentation.png` itself is surely none."""
    files = {entry: data for entry, data in builder.clean().items() if "/plots/cifar10" not in entry}
    files |= {f"{R}plots/cifar10_no_dropout.png": builder.plot(8)}
    own, copied = f"{R}plots/cifar10_dropout_augmentation.png", files[f"{R}plots/cifar10_no_dropout.png"]
    assert failures(graded(files | {own: builder.plot(9)})) == set()
    assert "plots.different" in required(graded(files | {own: copied}))
    images = graded(files | {f"{R}plots/6_2b/augmentation.png": builder.plot(9)})
    assert "its name says otherwise" in result(images, "completeness.plots 6.2b").sentence


def test_a_folder_of_checkpoints_comes_after_the_net(tried: Callable[[Files], Grade], models: dict[str, bytes]) -> None:
    files = builder.clean(models)
    for task in ("6.2a", "6.2b"):
        files[f"{R}models/{task}/cifar10_final.keras"] = files.pop(name("models", task))
        files[f"{R}models/{task}/checkpoints/cifar10_epoch02.keras"] = models["never trained"]
    files = renamed(files, lambda entry: entry.replace("models/6.2a/", "models/first/cifar_").replace("/6.2b/", "/z/"))
    judged = tried(files)
    assert "final" in result(judged, "completeness.model 6.2a").sentence
    assert result(judged, "figures.predictions_from_model 6.2a").status == "passed"
    assert result(judged, "figures.predictions_from_model 6.2b").status == "passed"


def test_logits_where_probabilities_are_expected(graded: Callable[[Files], Grade]) -> None:
    def answer(heading: str, share: str) -> Grade:
        rows = "".join(f"photo_{i}.jpg,tabby,{share}\n" for i in range(6))
        files = {entry: data for entry, data in builder.clean().items() if "resnet50" not in entry}
        return graded(files | {f"{R}predictions/resnet50/top1.csv": f"image,label,{heading}\n{rows}".encode()})

    logits = answer("probability", "13.21")
    assert required(logits) == set()
    assert "may be logits" in result(logits, "completeness.resnet50_probabilities").sentence
    for heading, share in (("probability (%)", "13.21"), ("probability", "13.21%"), ("probability", "93.21")):
        assert result(answer(heading, share), "completeness.resnet50_probabilities").status == "passed"


@pytest.mark.parametrize("exactly", [True, False])
def test_predictions_of_another_data_set(exactly: bool, graded: Callable[[Files], Grade]) -> None:
    digits = guesses("6.1").copy()
    digits[: 0 if exactly else 50] = 3
    judged = graded(answered("6.2a", builder.table({"prediction": digits}), ".csv"))
    expected = "those of 6.1" if exactly else "the labels of 6.1's test images"
    assert expected in result(judged, "predictions.above_chance 6.2a").sentence


def amid(task: str, stated: float) -> bytes:
    """Figures and predictions in one text, as `print(..., file=out)` writes them one after the other."""
    with np.printoptions(threshold=20_000, linewidth=100):
        answers = str(guesses(task))
    return f"Assignment {task}\n\nTest loss: 0.9\nTest accuracy: {stated}\n\nPredicted classes:\n{answers}\n".encode()


def test_predictions_and_metrics_in_one_text(graded: Callable[[Files], Grade]) -> None:
    files = {
        entry: data for entry, data in builder.clean().items() if not re.search("predictions/(mnist|cifar)", entry)
    }
    files = {entry: data for entry, data in files.items() if "/metrics/" not in entry}
    texts = {f"{R}part_{task.replace('.', '_')}_predictions_and_metrics.txt": task for task in STEM}
    files |= {entry: amid(task, builder.accuracy(task)) for entry, task in texts.items()}
    judged = graded(files)
    assert required(judged) == set()
    assert {result(judged, f"figures.stated_accuracy {task}").status for task in STEM} == {"passed"}
    judged = graded(files | {next(iter(texts)): amid("6.1", 0.9999)})
    assert required(judged) == {"figures.stated_accuracy 6.1"}


def first(count: int, task: str = "6.1") -> bytes:
    return builder.table({"actual": builder.labels(task)[:count], "predicted": guesses(task)[:count]})


def test_predictions_of_the_first_images_are_compared(
    tried: Callable[[Files], Grade], models: dict[str, bytes]
) -> None:
    files = builder.clean(models) | {name("predictions"): first(2500)}
    judged = tried(files)
    assert required(judged) == set()
    assert "first 2,500" in result(judged, "predictions.rows 6.1").sentence
    assert result(judged, "figures.predictions_from_model 6.1").status == "passed"
    own = float(np.mean(builder.labels("6.1")[:2500] == guesses("6.1")[:2500]))
    for share in (own, builder.accuracy("6.1")):  # of these images, and of all of them
        changed = dict(files)
        stated("6.1", test_accuracy=share)(changed)
        assert required(tried(changed)) == set()
    stated("6.1", test_accuracy=0.9999)(changed)
    assert required(tried(changed)) == {"figures.stated_accuracy 6.1"}


def scored(labels: np.ndarray, order: list[int]) -> bytes:
    """Classes beside the ten scores, whose columns stand in an order of their own."""
    scores = builder.probabilities("6.1")[:, order]
    return builder.table({"predicted": labels} | {f"p_{column}": scores[:, n] for n, column in enumerate(order)})


@pytest.mark.parametrize("order", [list(range(10)), [3, 1, 4, 0, 5, 9, 2, 6, 8, 7]])
def test_classes_that_their_own_scores_contradict(order: list[int], graded: Callable[[Files], Grade]) -> None:
    judged = graded(builder.clean() | {name("predictions"): scored(guesses("6.1"), order)})
    assert required(judged) == set()
    assert result(judged, "predictions.own_scores 6.1").status == "passed"
    better = np.where(np.arange(10_000) % 3 == 0, builder.labels("6.1"), guesses("6.1"))
    edited = builder.clean() | {name("predictions"): scored(better, order)}
    stated("6.1", test_accuracy=float(np.mean(better == builder.labels("6.1"))))(edited)
    assert result(graded(edited), "predictions.own_scores 6.1").status == "failed"


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("Le réseau atteint une exactitude de 97.70 % sur les 12000 images d'entraînement (perte 0.0722).", "training"),
        ("Le réseau atteint une exactitude de 97.70 % sur les 10000 images de test (perte 0.0722).", "test"),
        ("strata (test): 0.0722\ndokładność (test, 10000 obrazów): 0.977\nepoki: 5", "test"),
        ("Die Genauigkeit beträgt 97,7 % auf den Testbildern, der Verlust 0,0722.", "test"),
        ("The net has an accuracy of 97.7 % on the validation images (loss 0.0722).", "validation"),
    ],
)
def test_sentences_of_other_languages(text: str, figures: str, tmp_path: Path) -> None:
    path = tmp_path / "mnist.txt"
    path.write_text(text, encoding="utf-8")
    found = {figure.kind: figure for figure in metrics.read("mnist.txt", path)}
    assert found["accuracy"].split == figures
    assert (found["accuracy"].value, found["loss"].value) == (pytest.approx(0.977), 0.0722)


TABLE = r"""
\documentclass{article}\begin{document}
\begin{table}[h]\centering
\begin{tabular}{@{}l|rr@{}} \toprule
\textbf{Model} & Loss & \multicolumn{1}{c}{Test accuracy} \\ \cmidrule(lr){2-3} % best ones
mnist & 0.05 & 0.9000 \\[2pt]
cifar10\_plain & 0.05 & 0.9100 \\
cifar10\_augmented & 0.05 & $92.00$\,\% \\ \bottomrule
\end{tabular}\end{table}\end{document}
"""


def test_metrics_in_a_table_of_latex(graded: Callable[[Files], Grade]) -> None:
    files = {entry: data for entry, data in builder.clean().items() if "metric" not in entry and "history" not in entry}
    judged = graded(files | {"assignment06/results/metrics.tex": TABLE.encode()})
    for task, said in zip(STEM, (90, 91, 92), strict=True):
        assert result(judged, f"completeness.metrics {task}").status == "passed"
        assert f"states {said:.2f}%" in result(judged, f"figures.stated_accuracy {task}").sentence


@pytest.mark.parametrize("script", ['Plotly.newPlot("a", [])', 'vegaEmbed("#a", {})'])
def test_pages_that_draw_are_plots(script: str, graded: Callable[[Files], Grade]) -> None:
    page = f"<!doctype html><html><body><div></div><script>{script}</script></body></html>".encode()
    files = {
        entry.replace(".png", ".html"): page if entry.endswith(".png") else data
        for entry, data in builder.clean().items()
    }
    judged = graded(files)
    for task in STEM:
        assert result(judged, f"completeness.plots {task}").status == "passed"
    exported = {
        e: d.replace(b"<div>", b"<div class='jp-Notebook'>") if e.endswith("html") else d for e, d in files.items()
    }
    assert "completeness.plots 6.1" in required(graded(exported))


@pytest.mark.parametrize(
    ("inside", "status"), [("word/media/image1.png", "not confirmed"), ("word/styles.xml", "failed")]
)
def test_plots_in_a_document(inside: str, status: str, graded: Callable[[Files], Grade]) -> None:
    files = {entry: data for entry, data in builder.clean().items() if "/plots/" not in entry}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as document:
        document.writestr(inside, b"x")
    judged = graded(files | {"assignment06/results/report.docx": file.getvalue()})
    assert result(judged, "completeness.plots 6.1").status == status


@pytest.mark.parametrize("suffix", [".safetensors", ".msgpack", ".rds", ".onnx"])
def test_models_of_other_libraries(suffix: str, graded: Callable[[Files], Grade]) -> None:
    files = {e: d for e, d in builder.clean().items() if "/models/" not in e}
    nets = {f"assignment06/results/models/{stem}{suffix}": bytes([n]) * 5000 for n, stem in enumerate(STEM.values())}
    judged = graded(files | nets)
    assert required(judged) == set()
    assert result(judged, "completeness.model 6.2b").status == "passed"
    copied = nets | {f"assignment06/results/models/{STEM['6.2b']}{suffix}": bytes([1]) * 5000}
    judged = graded(files | copied)
    assert required(judged) == {"models.own_weights 6.2b"}
    assert "is a copy of results/models/cifar10_plain" in result(judged, "models.own_weights 6.2b").sentence


def test_what_any_data_is_saved_in_is_a_model_where_its_name_says_so(graded: Callable[[Files], Grade]) -> None:
    files = {e: d for e, d in builder.clean().items() if "predictions/mnist" not in e}
    judged = graded(files | {"assignment06/results/predictions/mnist.rds": b"\x1f\x8b\0" * 5000})
    assert required(judged) == set()
    assert result(judged, "completeness.predictions 6.1").status == UNCONFIRMED
    assert result(judged, "completeness.model 6.1").sentence.endswith("mnist.keras")


def test_predictions_of_the_first_hundred_images(tried: Callable[[Files], Grade]) -> None:
    rows = builder.table({"prediction": guesses("6.2a")[:100]})
    judged = tried(answered("6.2a", rows, ".csv"))
    assert "predictions.rows 6.2a" not in required(judged)
    assert "the first 100 test images" in result(judged, "predictions.rows 6.2a").sentence
    rows = builder.table({"prediction": np.random.default_rng(0).permutation(guesses("6.2a")[:100])})
    assert "predictions.rows 6.2a" in required(tried(answered("6.2a", rows, ".csv")))


def test_one_plot_in_two_nets_folders(graded: Callable[[Files], Grade]) -> None:
    """The plot of 6.2a that was copied to 6.2b's folder has the same name there."""

    def moved(entry: str) -> str:
        stem = next((stem for stem in STEM.values() if f"/{stem}" in entry), "")
        folder = {"mnist": "mnist", "cifar10_plain": "cifar10", "cifar10_augmented": "cifar10_augmented"}.get(stem, "")
        return re.sub(rf"results/\w+/{stem}_?", f"results/{folder}/net_", entry) if stem else entry

    files = renamed(builder.clean(), moved)
    assert required(graded(files)) == set()
    plots = [entry for entry in files if entry.startswith("assignment06/results/cifar10/") and entry.endswith(".png")]
    copies = {entry.replace("/cifar10/", "/cifar10_augmented/"): files[entry] for entry in plots}
    assert "plots.different" in required(graded(files | copies))


def test_paths_of_a_disk_in_code_beside_the_answers(graded: Callable[[Files], Grade]) -> None:
    code = rb'dir = raw"C:\Users\mv\Desktop\images"'
    judged = graded(builder.clean() | {"assignment06/src/common.jl": code})
    assert failures(judged) == {"packaging.no_own_paths"}


def test_plots_in_workbooks(graded: Callable[[Files], Grade]) -> None:
    """Excel's own charts, which nothing here draws, in the workbook that has a task's predictions."""
    from openpyxl import Workbook
    from openpyxl.chart import LineChart, Reference

    files = {entry: data for entry, data in builder.clean().items() if "/plots/" not in entry}
    book = Workbook()
    for row in (["epoch", "loss"], [1, 0.5], [2, 0.3]):
        book.active.append(row)
    plain, charted = io.BytesIO(), io.BytesIO()
    book.save(plain)
    chart = LineChart()
    chart.add_data(Reference(book.active, min_col=2, min_row=1, max_row=3), titles_from_data=True)
    book.active.add_chart(chart, "D2")
    book.save(charted)
    name = "assignment06/results/mnist_history.xlsx"
    assert "completeness.plots 6.1" in required(graded(files | {name: plain.getvalue()}))
    judged = graded(files | {name: charted.getvalue()})
    assert result(judged, "completeness.plots 6.1").status == UNCONFIRMED
    assert "completeness.plots 6.2a" in required(judged)


@pytest.mark.parametrize(
    ("first", "line", "stem", "without_one"),
    [
        (0, "{}", "class_{}", "predictions.rows 6.1"),
        (1, "{}", "class_{}", "predictions.rows 6.1"),
        (0, "{}\t0.9689\t真实=7", "{0}_{0}号", "completeness.predictions 6.1"),
    ],
)
def test_a_file_for_each_class_with_the_numbers_of_its_images(
    first: int, line: str, stem: str, without_one: str, graded: Callable[[Files], Grade]
) -> None:
    given = guesses("6.1")
    files = {e: d for e, d in builder.clean().items() if "predictions/mnist" not in e}
    for digit in range(10):
        lines = "\n".join(map(line.format, np.flatnonzero(given == digit) + first))
        files[f"assignment06/results/predictions/mnist/{stem.format(digit)}.txt"] = lines.encode()
    judged = graded(files)
    assert failures(judged) == set()
    assert result(judged, "predictions.rows 6.1").status == "passed"
    del files[f"assignment06/results/predictions/mnist/{stem.format(7)}.txt"]
    assert without_one in required(graded(files))


@pytest.mark.parametrize("words", ["samolot auto ptak kot jeleń pies żaba koń statek ciężarówka", " ".join(CIFAR10)])
def test_probabilities_in_the_order_of_another_alphabet(words: str, graded: Callable[[Files], Grade]) -> None:
    names_of = words.split()
    order = np.argsort(names_of)[::-1]
    rows = np.full((len(guesses("6.2a")), 10), 0.01)
    rows[np.arange(len(rows)), guesses("6.2a")] = 0.91
    table = builder.table({names_of[n]: rows[:, n] for n in order})
    judged = graded(answered("6.2a", table, ".csv"))
    assert failures(judged) == set()
    assert result(judged, "predictions.above_chance 6.2a").status == "passed"


def test_nets_as_pickles_of_arrays(graded: Callable[[Files], Grade]) -> None:
    files = {e: d for e, d in builder.clean().items() if "/models/" not in e}
    for number, stem in enumerate(STEM.values()):
        weights = [np.full((3, 3, 1, 32), number, np.float32), np.zeros(32), np.zeros((32, 10)), np.zeros(10)]
        files[f"assignment06/results/models/{stem}_acc_0.98.pkl"] = pickle.dumps({"net": "{}", "weights": weights})
    judged = graded(files)
    assert required(judged) == set()
    assert "a pickle of arrays" in result(judged, "models.format 6.1").sentence


@pytest.mark.parametrize(
    ("path", "task"),
    [
        ("hafta2_cifar10_sade/rapor.html", "6.2a"),
        ("week2_cifar10/model.keras", "6.2"),
        ("hafta3_cifar10_seyreltme_artirma/rapor.html", "6.2b"),
        ("cifar10_2/model.keras", "6.2b"),
        ("semana 3/cifar_aumento.h5", "6.2b"),
    ],
)
def test_numbers_of_weeks_and_words_of_other_languages(path: str, task: str) -> None:
    assert names.task(path)[0] == task
