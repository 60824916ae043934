"""Whole course folders, slips of the pen, and 6.3 that was written but not run."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from assignment06.grading.grade import Grade

from . import builder
from .conftest import failures
from .test_fairness import required, result

Graded = Callable[[builder.Files], Grade]
R = "assignment06/results/"


@pytest.mark.parametrize("folder", ["ASSIGNMENT 06", "assignment06", "Assigment6", "assign-06", "Assignment_6_Doe"])
def test_other_assignments_in_the_same_zip(folder: str, graded: Graded) -> None:
    """Their results, code and tables are no part of this one."""
    files = {f"DSC650/{name.replace('assignment06/', f'{folder}/', 1)}": data for name, data in builder.clean().items()}
    files |= {
        "DSC650/Assignment05/results/metrics.csv": b"epoch,loss,acc\n1,0.5,0.78\n2,0.3,0.9\n",
        "DSC650/assignment04/predict.csv": b"7\n" * 10_000,
        "DSC650/Assignment 7/cifar10.py": b"net = VGG16()\nassert tf.config.list_physical_devices('GPU')",
        "DSC650/readme.md": b"all my work\n",
    }
    assert failures(graded(files)) <= {"packaging.layout"}


def test_parts_of_this_assignment_are_no_others(graded: Graded) -> None:
    files = {name.replace("/results/", "/Assignment 1/results/"): data for name, data in builder.clean().items()}
    assert required(graded(files)) == set()


WORD = "results"
SWAPPED = [WORD[:n] + WORD[n + 1] + WORD[n] + WORD[n + 2 :] for n in range(2, 6)]
DOUBLED = [WORD[:n] + WORD[n] + WORD[n:] for n in range(2, 6)]


@pytest.mark.parametrize("word", [*SWAPPED, *DOUBLED, WORD[:-1], SWAPPED[1].upper()])
def test_a_slip_in_the_name_of_results(word: str, graded: Graded) -> None:
    judged = graded({f"x/{name.replace('/results/', f'/{word}/')}": data for name, data in builder.clean().items()})
    assert required(judged) == set()
    assert "no folder results/" in result(judged, "packaging.layout").sentence


def test_a_text_for_each_photograph_that_begins_with_its_name(graded: Graded) -> None:
    files = {name: data for name, data in builder.clean().items() if "resnet50" not in name}
    for name in ("cat", "tram", "banana", "toilet", "parrot"):
        answers = f"tabby\t0.48{len(name)}\nlynx\t0.23\ncup\t0.1\nplastic_bag\t0.03\nmouse\t0.0{len(name)}\n"
        files[f"{R}predictions/resnet50/{name}.txt"] = f"file: {name}.png\n{answers}".encode()
    assert result(graded(files), "completeness.photographs").sentence.startswith("5 photographs in 5 files")


@pytest.mark.parametrize("form", ["notebook", "script"])
def test_code_of_63_that_was_not_run(form: str, graded: Graded) -> None:
    files = {name: data for name, data in builder.clean().items() if "resnet50" not in name}
    code = "net = ResNet50(weights='imagenet')\nprint(decode_predictions(net.predict(preprocess_input(x))))"
    cells = [{"cell_type": "code", "source": code, "outputs": [], "execution_count": None}]
    name, data = {
        "notebook": ("assignment06/resnet50.ipynb", json.dumps({"cells": cells})),
        "script": ("assignment06/resnet50.py", code),
    }[form]
    judged = graded(files | {name: data.encode()})
    assert "completeness.resnet50_directory" in required(judged)
    # a text that names photographs, whatever it is, may be the answer
    judged = graded(files | {name: data.encode(), f"{R}photos.txt": b"cat.jpg is a tabby\ndog.jpg is a beagle\n"})
    assert required(judged) == set()


def test_two_files_of_figures_in_a_folder_that_says_cifar10(graded: Graded) -> None:
    """The history and the test's figures of 6.2a, where only 6.2b's folder says more than CIFAR-10."""
    files = {name: data for name, data in builder.clean().items() if "/metrics/" not in name or "mnist" in name}
    for folder, accuracy in (("cifar10", 0.71), ("cifar10_dropout_aug", 0.74)):
        table = f"Epoche;loss;accuracy;val_loss;val_accuracy\n1;1,4;0,5;1,2;0,55\n2;1,2;0,6;1,1;{accuracy}\n"
        files[f"{R}{folder}/metriken.csv"] = table.replace(".", ",").encode()
        task = "6.2a" if folder == "cifar10" else "6.2b"
        share = float((builder.labels(task) == builder.probabilities(task).argmax(axis=1)).mean())
        files[f"{R}{folder}/test_metriken.csv"] = f"Test-Loss;Test-Accuracy\n1,1;{share:.4f}\n".replace(
            ".", ","
        ).encode()
    judged = graded(files)
    assert failures(judged) == set()
    assert result(judged, "figures.test_stated 6.2a").status == "passed"


def test_the_third_part_by_its_number_alone_with_a_folder_for_each_photograph(graded: Graded) -> None:
    parts = {"mnist": "Part 1", "cifar10_plain": "Part 2a", "cifar10_augmented": "Part 2b"}
    files = {}
    for name, data in builder.clean().items():
        stem = next((stem for stem in parts if stem in name), "")
        if stem:
            files[f"assignment06/{parts[stem]}/{name.rpartition('/')[2].replace(stem, 'net')}"] = data
    for name in ("cat", "tram", "banana", "toilet", "parrot"):
        folder = f"assignment06/Part 3/results/{name}"
        files[f"{folder}/predictions.txt"] = f"1. tabby  0.48{len(name)}\n2. lynx  0.23\n3. cup  0.10\n".encode()
        files[f"{folder}/{name}.jpg"] = builder.photograph(len(files))
    judged = graded(files)
    assert required(judged) == set()
    assert result(judged, "completeness.photographs").sentence.startswith("5 photographs in 5 files")


@pytest.mark.parametrize("form", ["a column a net", "printed, a row a net"])
def test_one_table_of_metrics(form: str, graded: Graded) -> None:
    files = {name: data for name, data in builder.clean().items() if "/metrics/" not in name}
    shares = {
        task: float((builder.labels(task) == builder.probabilities(task).argmax(axis=1)).mean())
        for task in ("6.1", "6.2a", "6.2b")
    }
    if form == "a column a net":
        rows = [["", "Part 1", "Part 2a", "Part 2b"], ["Test loss", "0.05", "1.1", "1.2"]]
        rows += [["Test accuracy", *(f"{share:.4f}" for share in shares.values())], ["Epochs", "4", "8", "5"]]
        text = "\n".join(map(",".join, rows))
    else:
        text = f"{'accuracy':>29}{'loss':>8}\n"
        for name, share in zip(("mnist", "cifar10", "cifar10_dropout_aug"), shares.values(), strict=True):
            text += f"{name:<21}{share:>8.4f}{0.66:>8.4f}\n"
    judged = graded(files | {f"{R}metrics{'.csv' if ',' in text else '.txt'}": text.encode()})
    assert required(judged) == set()
    for task in shares:
        assert result(judged, f"figures.stated_accuracy {task}").status == "passed"


def test_chunks_that_are_counted(graded: Graded) -> None:
    """`part_01.csv` in a folder of 6.1 is no part of 6.1 only."""
    files = {name: data for name, data in builder.clean().items() if "/predictions/" not in name or "resnet50" in name}
    for task, folder in (("6.1", "Ex5.1"), ("6.2a", "Ex5.2"), ("6.2b", "Ex5.2_dropout_augmentation")):
        classes = builder.probabilities(task).argmax(axis=1)
        for n in range(10):
            rows = "".join(f"{label}\n" for label in classes[n * 1000 : (n + 1) * 1000])
            files[f"{R}{folder}/predictions/part_{n:02}.csv"] = f"label\n{rows}".encode()
    judged = graded(files)
    assert required(judged) == set()
    for task in ("6.1", "6.2a", "6.2b"):
        assert result(judged, f"predictions.rows {task}").status == "passed"


def test_a_readme_that_is_63s_only_text(graded: Graded) -> None:
    files = {name: data for name, data in builder.clean().items() if "resnet50" not in name}
    rows = [f"| Photo_{n}.jpg | {label} | {30 + n}.10 % |" for n in range(6) for label in ("tabby", "lynx")]
    table = "\n".join(["## ResNet50", "", "| Photo | Label | Confidence |", "|:--|:--|:--|", *rows])
    files[f"{R}predictions/resnet50/README.md"] = table.encode()
    judged = graded(files)
    assert required(judged) == set()
    assert result(judged, "completeness.photographs").sentence.startswith("6 photographs in")


def test_nobody_is_accused_for_what_lies_in_a_zip_within(graded: Graded) -> None:
    judged = graded({"code.zip": builder.photograph(1), "results.zip": builder.photograph(2)})
    assert "completeness.resnet50_directory" not in required(judged)


@pytest.mark.parametrize("words", [("uno", "dos_a", "dos_b"), ("one", "two a", "two b"), ("eins", "zwei_a", "zwei_b")])
def test_numbers_in_words(words: tuple[str, ...], graded: Graded) -> None:
    stems = dict(zip(("mnist", "cifar10_plain", "cifar10_augmented"), words, strict=True))
    files = {}
    for name, data in builder.clean().items():
        folder, _, file = name.rpartition("/")
        stem = next((stem for stem in stems if file.startswith(stem)), None)
        kind = folder.rpartition("/")[2]
        files[f"{R}{kind}/{stems[stem]}{file[file.rindex('.') :]}" if stem else name] = data
    judged = graded(files)
    assert required(judged) == set()
    for task in ("6.1", "6.2a", "6.2b"):
        assert result(judged, f"figures.stated_accuracy {task}").status == "passed"


def test_what_a_counted_folder_says_gives_way_to_a_word(tried: Graded, models: dict[str, bytes]) -> None:
    """`Step2_CIFAR` beside `Step3_CIFAR_Improved`, and checkpoints beside a net."""
    folders = {"mnist": "Step1_MNIST", "cifar10_plain": "Step2_CIFAR", "cifar10_augmented": "Step3_CIFAR_Improved"}
    files = {}
    for name, data in builder.clean(models).items():
        file = name.rpartition("/")[2]
        stem = next((stem for stem in folders if file.startswith(stem)), None)
        kind = name.split("/")[-2]
        named = {"models": "model", "predictions": "predictions", "metrics": "evaluation", "plots": "curve"}.get(
            kind, ""
        )
        files[f"{R}{folders[stem]}/{named}{file[file.rindex('.') :]}" if stem and named else name] = data
    for n in range(1, 4):
        files[f"{R}Step1_MNIST/ckpt-0{n}.weights.h5"] = b"\x89HDF\r\n\x1a\n" + bytes(100)
    judged = tried(files)
    assert required(judged) == set()
    for task in ("6.1", "6.2a", "6.2b"):
        assert result(judged, f"models.loads {task}").status == "passed"


def test_a_table_of_names_alone_states_nothing(graded: Graded) -> None:
    judged = graded(builder.clean() | {f"{R}all.csv": b"mnist,cifar10_plain,cifar10_augmented\n"})
    assert required(judged) == set()


def test_pictures_of_the_same_name_but_for_a_word(graded: Graded) -> None:
    """`my cat.jpg` beside `cat.jpg`, both classified."""
    files = {name: data for name, data in builder.clean().items() if "resnet50" not in name and "/images/" not in name}
    pictures = ["cat.jpg", "my cat.jpg", "tram.jpg", "cup.jpg", "owl.jpg"]
    lines = [f"Predicted {name}: {label} 0.{n}1" for n, (name, label) in enumerate(zip(pictures, "abcde", strict=True))]
    files[f"{R}predictions/resnet50/predictions.txt"] = "\n".join(lines).encode()
    files |= {f"assignment06/images/{name}": builder.photograph(n) for n, name in enumerate(pictures)}
    assert result(graded(files), "completeness.images").status == "passed"


def test_photographs_that_are_the_same_under_other_names(graded: Callable[[builder.Files], Grade]) -> None:
    """Each is counted once; one that lies in two folders under its name is one all the same."""
    files = builder.clean() | {"assignment06/results/predictions/resnet50/photo_0.jpg": builder.photograph(0)}
    assert failures(graded(files)) == set()
    judged = graded(files | {f"assignment06/images/photo_{number}.jpg": builder.photograph(0) for number in range(5)})
    assert required(judged) == {"completeness.photographs"}
    said = result(judged, "completeness.photographs").sentence
    assert "of 6 photographs" in said and "only 2 differ: photo_0.jpg = photo_1.jpg" in said
