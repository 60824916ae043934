"""Work that is the answer key in part, one photograph twice, an answer twice; and what only looks like it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from assignment06.grading import diagnosis, photographs, pictures, superseded
from assignment06.grading.grade import Grade

from . import builder
from .builder import STEM, Files
from .conftest import failures
from .test_defects import R, name
from .test_fairness import guesses, required, result

Graded = Callable[[Files], Grade]
TOP = "assignment06/"


def with_predictions(task: str, predicted: np.ndarray, files: Files) -> Files:
    accuracy = float((predicted == builder.labels(task)[: len(predicted)]).mean())
    return files | {
        name("predictions", task): builder.table({"predicted_label": predicted}),
        name("metrics", task): json.dumps({"test_accuracy": accuracy}).encode(),
    }


@pytest.mark.parametrize(("start", "end"), [(0, 4000), (3000, 4000), (8000, 10_000)])
def test_a_part_of_the_answer_key_in_one_piece(start: int, end: int, graded: Graded) -> None:
    predicted = guesses("6.2a").copy()
    predicted[start:end] = builder.labels("6.2a")[start:end]
    judged = graded(with_predictions("6.2a", predicted, builder.clean()))
    assert required(judged) == {"predictions.not_the_labels 6.2a"}
    sentence = result(judged, "predictions.not_the_labels 6.2a").sentence
    assert "all equal the test labels, and 7" in sentence and sentence.startswith("rows")


def test_a_part_of_the_answer_key_here_and_there(tried: Graded, models: dict[str, bytes]) -> None:
    copied = np.random.default_rng(3).random(10_000) < 0.4
    predicted = np.where(copied, builder.labels("6.2a"), guesses("6.2a"))
    judged = tried(with_predictions("6.2a", predicted, builder.clean(models)))
    assert required(judged) == {"predictions.not_the_labels 6.2a"}
    assert "has the test label, where" in result(judged, "predictions.not_the_labels 6.2a").sentence
    assert result(judged, "figures.predictions_from_model 6.2a").status == "not applicable"


def test_a_better_net_is_no_copy(tried: Graded, models: dict[str, bytes]) -> None:
    """It mends half of the model's errors, and makes others where the model is right."""
    random = np.random.default_rng(4)
    truth, predicted = builder.labels("6.2a"), guesses("6.2a").copy()
    wrong = predicted != truth
    mended = wrong & (random.random(10_000) < 0.5)
    spoilt = ~wrong & (random.random(10_000) < 0.05)
    predicted = np.where(mended, truth, np.where(spoilt, (truth + 1) % 10, predicted))
    judged = tried(with_predictions("6.2a", predicted, builder.clean(models)))
    assert result(judged, "predictions.not_the_labels 6.2a").status == "passed"


@settings(max_examples=200, deadline=None)
@given(st.lists(st.booleans(), max_size=40))
def test_the_longest_run(right: list[bool]) -> None:
    start, end = diagnosis.longest_run(np.array(right, bool))
    runs = "".join("x" if one else " " for one in right).split()
    assert all(right[start:end]) and end - start == max(map(len, runs), default=0)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), accuracy=st.floats(0.4, 0.99), rows=st.sampled_from([100, 1000, 10_000]))
def test_errors_as_they_fall_are_no_copy(graded: Graded, seed: int, accuracy: float, rows: int) -> None:
    random = np.random.default_rng(seed)
    truth = builder.labels("6.2a")
    predicted = np.where(random.random(10_000) < accuracy, truth, (truth + random.integers(1, 10, 10_000)) % 10)
    judged = graded(with_predictions("6.2a", predicted[:rows], builder.clean()))
    assert result(judged, "predictions.not_the_labels 6.2a").status in ("passed", "not applicable")


def test_a_net_of_another_training_errs_elsewhere(tried: Graded, models: dict[str, bytes]) -> None:
    truth, predicted = builder.labels("6.1"), guesses("6.1").copy()
    wrong = np.flatnonzero(predicted != truth)
    _, mended = np.split(np.random.default_rng(6).permutation(wrong), [int(0.45 * len(wrong))])
    predicted[mended] = truth[mended]
    spoilt = np.setdiff1d(np.arange(0, 10_000, 7), wrong)[: len(mended) - 2]
    predicted[spoilt] = (truth[spoilt] + 1) % 10
    judged = tried(with_predictions("6.1", predicted, builder.clean(models)))
    outcome = result(judged, "figures.predictions_from_model 6.1")
    assert outcome.status == "failed" and "as a net of another training does" in outcome.sentence
    assert required(judged) == set()


def saved(picture: Image.Image, **how: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, **how)
    return buffer.getvalue()


def test_photographs_that_were_saved_once_more(graded: Graded) -> None:
    files = builder.clean()
    for number, how in enumerate([{"quality": 60}, {"quality": 80}]):
        picture = Image.open(io.BytesIO(builder.photograph(number)))
        picture = picture.resize((picture.width * 3 // 2, picture.height * 3 // 2)) if number else picture
        files[f"{TOP}images/photo_{number + 3}.jpg"] = saved(picture, format="JPEG", **how)
    judged = graded(files)
    assert failures(judged) == {"completeness.photographs"} and required(judged) == set()
    sentence = result(judged, "completeness.photographs").sentence
    assert "only 4 differ: photo_0.jpg = photo_3.jpg; photo_1.jpg = photo_4.jpg" in sentence


def test_photographs_that_are_alike_and_no_copies(graded: Graded) -> None:
    """Mirrored, cropped, and two that are all black."""
    files = builder.clean()
    first = Image.open(io.BytesIO(builder.photograph(0)))
    changed = [first.transpose(Image.Transpose.FLIP_LEFT_RIGHT), first.crop((10, 8, 90, 68))]
    changed += [Image.new("RGB", (96, 72)), Image.new("RGB", (64, 48))]
    for number, picture in enumerate(changed):
        files[f"{TOP}images/photo_{number + 1}.jpg"] = saved(picture, format="JPEG")
    assert failures(graded(files)) == set()


def with_answers(*shares: str) -> Files:
    rows = [f"photo_{n}.jpg,{label},{share}" for n, (label, share) in enumerate(zip(LABELS, shares, strict=True))]
    text = "\n".join(["image,label,probability", *rows, ""])
    return builder.clean() | {f"{R}predictions/resnet50/predictions.csv": text.encode()}


LABELS = ("tabby", "tusker", "macaw", "tusker", "tusker", "beagle")


def test_one_answer_to_several_photographs(graded: Graded) -> None:
    judged = graded(with_answers("0.91", "0.9094", "0.88", "0.9094", "0.9094", "0.5"))
    assert failures(judged) == {"completeness.resnet50_answers"}
    assert result(judged, "completeness.resnet50_answers").sentence.startswith("photo_1.jpg, photo_3.jpg, photo_4.jpg")
    for alike in ("0.91", "0.9997", "1.0000", "0.0004"):  # by chance, or as sure as can be
        assert failures(graded(with_answers("0.91", alike, "0.88", alike, alike, "0.5"))) == set()


def test_one_answer_to_a_photograph_and_its_copy(graded: Graded) -> None:
    files = with_answers("0.91", "0.9094", "0.88", "0.9094", "0.7321", "0.5")
    files[f"{TOP}images/photo_3.jpg"] = files[f"{TOP}images/photo_1.jpg"]
    assert failures(graded(files)) == set()


def test_small_pictures(tmp_path: Path) -> None:
    plain = saved(Image.new("L", (9, 9)), format="PNG")
    for data, opens in ((builder.photograph(1), True), (b"", False), (plain, False)):
        (tmp_path / "a.png").write_bytes(data)
        assert (pictures.small(tmp_path / "a.png") is not None) == opens


def test_an_earlier_try_beside_the_final_one(tried: Graded, models: dict[str, bytes]) -> None:
    files = {n: data for n, data in builder.clean(models).items() if "/results/" not in n or "resnet50" in n}
    kinds = dict(zip(STEM, ("mnist", "plain", "augmented"), strict=True))
    folders = {"6.1": "mnist", "6.2a": "cifar10_without_dropout", "6.2b": "cifar10_with_dropout"}
    for task, folder in folders.items():
        for run, kind in (("run1", kinds["6.2a" if task == "6.2b" else "6.2b"]), ("run2_final", kinds[task])):
            place = f"{R}{folder}/{run}/"
            predicted = guesses(task) if run != "run1" else np.roll(guesses(task), 1)
            files[f"{place}model.keras"] = models[kind]
            files[f"{place}predictions.csv"] = builder.table({"predicted_label": predicted})
            files[f"{place}metrics.json"] = json.dumps({"test_accuracy": builder.accuracy(task, predicted)}).encode()
            files[f"{place}accuracy.png"] = builder.plot(len(files))
    judged = tried(files)
    assert required(judged) == set()
    assert "run2_final" in result(judged, "completeness.predictions 6.2b").sentence


@pytest.mark.parametrize(
    "alike",
    [
        ("mnist/run1/model.h5", "mnist/run2_final/model.h5"),
        ("mnist/v1/a.csv", "mnist/final/a.csv"),
        ("6.1_model_v1.h5", "6.1_model_v3 final.h5"),
        ("mnist_predictions_trial_2.csv", "mnist_predictions_final.csv"),
    ],
)
def test_which_is_final(alike: tuple[str, str]) -> None:
    assert superseded.earlier(alike) == {alike[0]}


@pytest.mark.parametrize(
    "alike",
    [
        ("cifar10_v1.h5", "cifar10_v2_final.h5"),  # which may be 6.2a's and 6.2b's
        ("mnist/run1/model.h5", "mnist/run2/model.h5"),
        ("mnist/run1/model.h5", "cifar10_no_dropout/final/model.h5"),
        ("mnist_v1.py", "mnist_v2_final.py"),
        ("mnist/final_v1/a.csv", "mnist/final_v2/a.csv"),
        ("mnist_model.h5", "mnist_finally.h5"),
    ],
)
def test_which_is_final_is_not_told(alike: tuple[str, str]) -> None:
    assert superseded.earlier(alike) == set()


def test_photographs_in_a_table_of_fixed_width(graded: Graded) -> None:
    """Whose heading and rows `to_string` or a format writes, with a rule of dashes between."""
    rows = [f"{f'photo_{n}.jpg':24s}{label:24s}0.{9 - n}213" for n, label in enumerate(LABELS)]
    text = "\n".join([f"{'Image':24s}{'Prediction':24s}Probability", "-" * 60, *rows, ""])
    files = builder.clean() | {f"{R}predictions/resnet50/predictions.txt": text.encode()}
    del files[f"{R}predictions/resnet50/predictions.csv"]
    assert failures(graded(files)) == set()
    files |= {f"{TOP}images/photo_{n}.jpg": files[f"{TOP}images/photo_0.jpg"] for n in (4, 5)}
    judged = graded(files)
    assert required(judged) == {"completeness.photographs"}
    assert "photo_0.jpg = photo_4.jpg = photo_5.jpg" in result(judged, "completeness.photographs").sentence


def test_answers_below_the_name_of_their_photograph(tmp_path: Path) -> None:
    answers = {f"{label}.txt": f"{label}.jpg\n{label}: 0.71\nbee: 0.12\n" for label in ("sunflower", "cat", "owl")}
    for file, text in answers.items():
        (tmp_path / file).write_text(text)
    told = photographs.told({file: tmp_path / file for file in answers})
    assert told["cat"] == [("cat", 0.71), ("bee", 0.12)]
    assert photographs.labels({file: tmp_path / file for file in answers}) == {"sunflower", "cat", "owl", "bee"}
