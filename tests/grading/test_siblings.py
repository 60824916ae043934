"""Names that tell no task: what is called as a net, or lies alone with it, is of the net's task."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assignment06.grading import legend, metrics, names, several
from assignment06.grading.grade import Grade

from . import builder
from .builder import STEM, Files
from .conftest import failures
from .test_defects import R
from .test_fairness import guesses, required, result
from .test_strangers import called

RUNS = ("2022-01-15_1012", "2022-01-16_0905", "2022-01-15_1340")  # 6.2b before 6.2a, in the order of the alphabet


def by_run(files: Files) -> Files:
    """A folder for each run, with names that are the same in all of them."""
    plain = {"models": "model.keras", "predictions": "pred.csv", "metrics": "eval.json", "plots": "Figure_{}.png"}
    moved: Files = {}
    for entry, data in files.items():
        match = re.fullmatch(rf"{R}(\w+)/([\d_-]+)(\w*)\.\w+", entry)
        kind = plain[match[1]].format(1 if "acc" in match[3] else 2) if match else ""
        moved[f"assignment06/results/runs/{match[2].strip('_')}/{kind}" if match else entry] = data
    return moved


@pytest.mark.parametrize("arrange", [lambda files: files, by_run], ids=["by name", "by folder"])
def test_metrics_and_curves_go_with_their_net(
    arrange: Callable[[Files], Files], tried: Callable[[Files], Grade], models: dict[str, bytes]
) -> None:
    files = arrange(called(builder.clean(models), *RUNS))
    judged = tried(files)
    assert required(judged) == set()
    for task, run in zip(STEM, RUNS, strict=True):
        assert result(judged, f"figures.stated_accuracy {task}").status == "passed"
        assert all(run in judged.used[f"{task} {kind}"] for kind in ("model", "predictions", "metrics", "plots"))
    wrong = next(entry for entry in files if RUNS[1] in entry and entry.endswith(".json"))
    files[wrong] = builder.metrics("6.2a", test_accuracy=0.99)
    assert "figures.stated_accuracy 6.2a" in failures(tried(files))


def test_one_file_for_all_nets_by_the_names_of_their_models(
    tried: Callable[[Files], Grade], models: dict[str, bytes]
) -> None:
    files = {name: data for name, data in called(builder.clean(models), *RUNS).items() if "/metrics/" not in name}
    stated = {task: round(builder.accuracy(task), 4) for task in STEM}
    told = {run: {"test_accuracy": stated[task]} for task, run in zip(STEM, RUNS, strict=True)}
    sections = [f"## {run}\n\ntest accuracy: {figures['test_accuracy']}\n\n" for run, figures in told.items()]
    rows = [f"{run},{figures['test_accuracy']}\n" for run, figures in told.items()]
    for form, text in (
        ("summary.json", json.dumps(told)),
        ("notes.md", "".join(sections)),
        ("table.csv", "".join(["run,test_accuracy\n", *rows])),
    ):
        judged = tried(files | {f"{R}{form}": text.encode()})
        assert required(judged) == set()
        for task in STEM:
            assert result(judged, f"figures.stated_accuracy {task}").status == "passed", form


def test_a_report_on_all_nets_is_not_one_net_s(tried: Callable[[Files], Grade], models: dict[str, bytes]) -> None:
    """`final_report.txt` is called as the net `final.keras`, and speaks of three."""
    files = called(builder.clean(models), "one", "final", "two")
    files = {name: data for name, data in files.items() if "/metrics/" not in name}
    said = "".join(f"the net has test accuracy {builder.accuracy(task):.4f}\n" for task in STEM)
    assert required(tried(files | {f"{R}final_report.txt": said.encode()})) == set()


def test_several_columns_a_net(tmp_path: Path) -> None:
    kinds = ("train_acc", "val_acc", "test_acc", "test_loss")
    header = ",".join(f"{net}_{kind}" for net in ("mnist", "cifar", "cifar_reg") for kind in kinds)
    path = tmp_path / "summary.csv"
    path.write_text(f"{header}\n0.99,0.98,0.97,0.1,0.65,0.62,0.61,1.1,0.6,0.59,0.58,1.2\n")
    found = metrics.by_task("summary.csv", path)
    said = {(task, f.kind, f.split): f.value for task, figures in found.items() for f in figures}
    assert said == {
        (task, kind, split): value
        for task, values in {
            "6.1": (0.99, 0.98, 0.97, 0.1), "6.2a": (0.65, 0.62, 0.61, 1.1), "6.2b": (0.6, 0.59, 0.58, 1.2)
        }.items()
        for value, (kind, split) in zip(
            values, [("accuracy", "training"), ("accuracy", "validation"), ("accuracy", "test"), ("loss", "test")],
            strict=True,
        )
    }  # fmt: skip


def test_predictions_in_another_language_and_without_a_task(
    tried: Callable[[Files], Grade], models: dict[str, bytes]
) -> None:
    """`b.txt` beside `b.keras`, with ten words of no language that is known here."""
    things = ["barco", "perro", "rana", "gato", "ciervo", "caballo", "camion", "pajaro", "avion", "auto"]
    numbers = ["sero", "isa", "dalawa", "tatlo", "apat", "lima", "anim", "pito", "walo", "siyam"]
    files = called(builder.clean(models), "one", "two", "three")
    for task, name, words in (("6.1", "one", numbers), ("6.2a", "two", things), ("6.2b", "three", things)):
        rows = [f"{number}: {words[guess]}" for number, guess in enumerate(guesses(task))]
        del files[f"{R}predictions/{name}.csv"]
        files[f"{R}predictions/{name}.txt"] = "\n".join(rows).encode()
    judged = tried(files)
    assert required(judged) == set()
    assert judged.used["6.2a predictions"].endswith("two.txt") and judged.used["6.2b predictions"].endswith("three.txt")


def test_predictions_that_agree_with_nothing_are_judged_as_those_of_their_net(
    tried: Callable[[Files], Grade], models: dict[str, bytes]
) -> None:
    files = called(builder.clean(models), "one", "two", "three")
    shifted = np.roll(guesses("6.1"), 1)
    judged = tried(files | {f"{R}predictions/one.csv": builder.table({"p": shifted})})
    assert required(judged) == {"predictions.above_chance 6.1"}
    del files[f"{R}predictions/one.csv"]
    judged = tried(files | {f"{R}predictions/mine.csv": builder.table({"p": shifted})})
    assert result(judged, "completeness.predictions 6.1").status == "not confirmed"


def test_a_summary_that_names_only_some_of_the_nets(tried: Callable[[Files], Grade], models: dict[str, bytes]) -> None:
    """6.1's net is called in a way that tells nothing, and its own file has the history alone."""
    files = {
        n: d for n, d in called(builder.clean(models), "net", "cifar", "cifar_aug").items() if "/metrics/" not in n
    }
    said = {word: builder.accuracy(task) for task, word in zip(STEM, ("net", "cifar", "cifar_aug"), strict=True)}
    files[f"{R}metrics/summary.csv"] = "".join(["net,acc\n", *(f"{w},{a:.4f}\n" for w, a in said.items())]).encode()
    files[f"{R}metrics/net.csv"] = b"epoch,loss,accuracy,val_loss,val_accuracy\n1,0.5,0.8,0.5,0.8\n2,0.4,0.9,0.4,0.9\n"
    judged = tried(files)
    assert required(judged) == set()
    assert all(result(judged, f"figures.stated_accuracy {task}").status == "passed" for task in STEM)


FOX, BADGER, OWL = "fuchs", "dachs", "uhu"  # 6.2a before 6.2b, not as in the alphabet's order of the texts below
EXPLAINED = {
    "a table": "| Name | Teil | Daten |\n|---|---|---|\n| Fuchs | 6.1 | MNIST |\n| Uhu | 6.2a | |\n| Dachs | 6.2b | |",
    "a line": "Fuchs = 6.1 (MNIST), Uhu = 6.2a (ohne Dropout); Dachs = 6.2 b (wie Uhu, mit Dropout)",
    "a list": "* **Füchs** - task 6.1\n* `uhu` is 6.2(a)\n* 6.2(b): dachs\n* 6.3: photographs",
}


@pytest.mark.parametrize("form", EXPLAINED)
def test_names_that_a_readme_explains(form: str, tried: Callable[[Files], Grade], models: dict[str, bytes]) -> None:
    files = called(builder.clean(models), FOX, OWL, BADGER)
    files["assignment06/LIESMICH.md"] = EXPLAINED[form].encode()
    judged = tried(files)
    assert required(judged) == set()
    for task, word in zip(STEM, (FOX, OWL, BADGER), strict=True):
        assert all(word in judged.used[f"{task} {kind}"] for kind in ("model", "predictions", "metrics", "plots"))
    moved = EXPLAINED[form].replace("6.2a", "x").replace("6.2 b", "6.2a").replace("6.2b", "6.2a").replace("x", "6.2b")
    if form == "a table":  # then the nets are told to be each other's
        files["assignment06/LIESMICH.md"] = moved.encode()
        assert {"models.dropout 6.2a", "models.dropout 6.2b"} <= required(tried(files))


def test_umlauts_may_be_spelt_out(tmp_path: Path) -> None:
    (tmp_path / "README").write_text("Säge: 6.2a\nDachs: 6.1\n Bär: 6.2b")
    answers = ["results/saege.keras", "results/bar.keras", "results/dachs.keras"]
    told = legend.words(answers, {"README": tmp_path / "README"})
    assert told == {"saege": "6.2a", "bar": "6.2b", "dachs": "6.1"}


@pytest.mark.parametrize(
    "text",
    [
        "fuchs = 6.1",  # one net alone
        "fuchs = 6.1, uhu = 6.1, dachs = 6.1",
        "fuchs uhu 6.1, uhu dachs 6.2a",
        "fuchs has 6.15 %, uhu 16.2, dachs 6.2.1",
        "fuchs = 6.1, uhu = 6.2a\nuhu = 6.2b, fuchs = 6.2a",
        "1. digits: 6.1 (not the fuchs)\n2. the uhu is 6.2a",
        "fuchs = 6.1, cifar_augmented = 6.2b",  # which is not a word of what tells nothing
    ],
)
def test_texts_that_explain_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "README.md").write_text(text)
    answers = ["results/fuchs.keras", "results/uhu.keras", "results/dachs.keras", "results/cifar_plain_x.keras"]
    assert legend.words(answers, {"README.md": tmp_path / "README.md"}) == {}


def test_a_form_that_is_not_known_under_an_explained_name(graded: Callable[[Files], Grade]) -> None:
    """What a README calls 6.1's may be its predictions, in whatever form: not confirmed, and no failure."""
    files = called(builder.clean(), FOX, OWL, BADGER) | {"assignment06/LIESMICH.md": EXPLAINED["a line"].encode()}
    for entry in list(files):
        if "/predictions/" in entry and "resnet" not in entry:
            files[entry] = b"".join(b"%d;%.3f;x\n" % (number, 1 / (number + 1)) for number in range(900))
    judged = graded(files)
    assert not any(label.startswith(("completeness.predictions", "predictions")) for label in required(judged))
    for task in STEM:
        assert result(judged, f"completeness.predictions {task}").status == "not confirmed"


@pytest.mark.parametrize("keys", ["E1_{}", "{}_E1"])
def test_arrays_of_all_nets_by_explained_keys(keys: str, tmp_path: Path) -> None:
    """In another order, with the numbers of the images beside them."""
    words = {"e1": "6.1", "e2": "6.2b", "e7": "6.2a"}
    order = np.random.default_rng(0).permutation(10_000)
    given = {}
    for word, task in words.items():
        named = keys.replace("E1", word.upper())
        given[named.format("ids")] = order
        given[named.format("logits")] = np.log(builder.probabilities(task) + 1e-9)[order]
    np.savez(tmp_path / "all.npz", **given)
    found = several.by_task("all.npz", tmp_path / "all.npz", words)
    assert len(found) == 3
    for name, item in found.items():
        task = names.task(name)[0]
        assert np.array_equal(item.labels, builder.probabilities(task).argmax(axis=1))


def test_a_net_in_two_parts_or_with_two_outputs(tried: Callable[[Files], Grade], models: dict[str, bytes]) -> None:
    files = builder.clean(models)
    files[f"{R}models/mnist.keras"] = models["two outputs"]
    assert result(tried(files), "models.output 6.1").status == "not confirmed"
    del files[f"{R}models/mnist.keras"]
    files[f"{R}mnist/features.keras"] = models["features"]
    assert "models.output 6.1" in required(tried(files))
    files[f"{R}mnist/head.weights.h5"] = b"that is not read, as it is no net of its own"
    assert result(tried(files), "models.output 6.1").status == "not confirmed"
