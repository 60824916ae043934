"""The workflow's own zip proves itself, or is not made."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

from assignment06.grading import verify as module
from assignment06.grading.recognise import recognise
from assignment06.grading.sandbox.workers import Workers
from assignment06.grading.unpack import unpack
from assignment06.grading.verified import Verification

from . import builder

TOP = "assignment06/results/"


@pytest.fixture
def own(models: dict[str, bytes]) -> builder.Files:
    raw = {kind: models[f"raw {kind}"] for kind in ("mnist", "plain", "augmented")}
    return builder.with_manifest(builder.clean(raw))


@pytest.fixture(autouse=True)
def one_process(monkeypatch: pytest.MonkeyPatch, workers: Workers) -> None:
    """Use the tests' process for models instead of starting one for each zip."""

    class Shared:
        def __init__(self, threads: int, warm: bool) -> None:
            assert threads > 0 and warm

        def __enter__(self) -> Workers:
            return workers

        def __exit__(self, *exception: object) -> None:
            pass

    monkeypatch.setattr(module, "Workers", Shared)


def test_whole_zip_is_verified(own: builder.Files, tmp_path: Path, data: Path) -> None:
    path = builder.zipped(tmp_path / "assignment06_DoeJane.zip", own)
    found, again = module.verify(path, data)
    assert found.sound and found.for_submission and again == set(builder.STEM.values())
    found.write(tmp_path / "verified.json")
    assert Verification.read(tmp_path / "verified.json") == found
    passed = {(c.id, c.task) for c in found.checks if c.status == "passed"}
    assert {("figures.predictions_from_model", task) for task in builder.STEM} <= passed


def test_another_model_is_found_out(own: builder.Files, models: dict[str, bytes], tmp_path: Path, data: Path) -> None:
    """A model whose answers are nearly the same is not the model of the predictions."""
    own[f"{TOP}models/cifar10_plain.keras"] = models["raw augmented"]
    path = builder.zipped(tmp_path / "assignment06_DoeJane.zip", builder.sealed(own))
    found, again = module.verify(path, data)
    assert not found.sound and not found.for_submission and "cifar10_plain" not in again
    assert re.search(r"figures\.predictions_from_model 6\.2a.*provenance\.models", " ".join(found.wrong))


def test_changed_probability_is_found_out(own: builder.Files, tmp_path: Path, data: Path) -> None:
    name = f"{TOP}predictions/mnist.csv"
    lines = own[name].decode().splitlines()
    cells = lines[7].split(",")
    lower, upper = sorted(range(4, 14), key=lambda i: float(cells[i]))[:2]
    cells[lower], cells[upper] = f"{float(cells[lower]) + 0.002:.6f}", f"{float(cells[upper]) - 0.002:.6f}"
    own[name] = "\n".join([*lines[:7], ",".join(cells), *lines[8:], ""]).encode()
    path = builder.zipped(tmp_path / "assignment06_DoeJane.zip", builder.sealed(own))
    assert re.search(r"figures\.predictions_from_model 6\.1", " ".join(module.verify(path, data)[0].wrong))


def test_missing_file_is_named(own: builder.Files, tmp_path: Path, data: Path) -> None:
    del own[f"{TOP}predictions/cifar10_augmented.csv"]
    path = builder.zipped(tmp_path / "assignment06_DoeJane.zip", builder.sealed(own))
    assert re.search(r"completeness\.predictions 6\.2b", " ".join(module.verify(path, data)[0].wrong))


def test_what_a_study_has_not_is_not_asked_for(own: builder.Files, tmp_path: Path, data: Path) -> None:
    for name in [name for name in own if "cifar10_augmented" in name]:
        del own[name]
    path = builder.zipped(tmp_path / "assignment06_DoeJane.zip", builder.sealed(own))
    found, again = module.verify(path, data, tasks=["6.1", "6.2a"])
    assert not [reason for reason in found.wrong if "6.2b" in reason]
    assert again == {"mnist", "cifar10_plain"}
    assert not any(check.task == "6.2b" for check in found.checks)


def test_without_test_images_nothing_is_proven(own: builder.Files, tmp_path: Path) -> None:
    path = builder.zipped(tmp_path / "assignment06_DoeJane.zip", own)
    assert re.search(r"figures\.predictions_from_model", " ".join(module.verify(path, tmp_path)[0].wrong))


def test_advisory_checks_do_not_stop(own: builder.Files, tmp_path: Path, data: Path) -> None:
    own[f"{TOP}predictions/resnet50/predictions.csv"] = builder.resnet(40)
    path = builder.zipped(tmp_path / "assignment06_DoeJane.zip", builder.sealed(own))
    assert re.search(r"completeness\.photographs \(40 photographs", " ".join(module.verify(path, data)[0].wrong))
    assert module.verify(path, data, advisory=["completeness.photographs"])[0].sound


def test_sample_zip_is_sound_but_not_for_submission(own: builder.Files, tmp_path: Path) -> None:
    """Sample data have other labels than the official ones; the zip is compared with the folder it was made of."""
    order = {}
    for family in builder.SHAPES:
        (tmp_path / "data" / family).mkdir(parents=True)
        order[family] = np.random.default_rng(8).permutation(10_000)
        labels = builder.LABELS[f"{family}_test"]
        np.savez(
            tmp_path / "data" / family / "test.npz", x=builder.images(family)[order[family]], y=labels[order[family]]
        )
    for task, stem in builder.STEM.items():
        name = f"{TOP}predictions/{stem}.csv"
        head, *rows = own[name].decode().splitlines()
        moved = [rows[i].partition(",")[2] for i in order[builder.FAMILY[task]]]
        own[name] = "\n".join([head, *(f"{i},{row}" for i, row in enumerate(moved)), ""]).encode()
    path = builder.zipped(tmp_path / "assignment06_DoeJane.zip", builder.sealed(own, ["sample data (mnist)"]))
    found, _ = module.verify(path, tmp_path / "data")
    assert found.sound and not found.for_submission
    passed = {(c.id, c.task) for c in found.checks if c.status == "passed"}
    assert ("figures.predictions_from_model", "6.2b") in passed


def test_models_of_further_experiments_are_not_tried(
    own: builder.Files, models: dict[str, bytes], tmp_path: Path, data: Path
) -> None:
    """They may be many and large; the workflow predicts them again itself."""
    own[f"{TOP}models/frozen_features.keras"] = models["raw plain"]
    path = builder.zipped(tmp_path / "assignment06_DoeJane.zip", builder.sealed(own))
    with unpack(path) as unpacked:
        found = recognise(unpacked)
    assert found.open_models == [] and set(found.models) == {"6.1", "6.2a", "6.2b"}
    assert module.verify(path, data)[0].sound


def test_a_file_that_is_no_zip(tmp_path: Path, data: Path) -> None:
    path = tmp_path / "assignment06_DoeJane.zip"
    path.write_bytes(b"nothing")
    assert re.search(r"packaging\.intact", " ".join(module.verify(path, data)[0].wrong))


def test_verified_zip_is_left_as_it_was(own: builder.Files, tmp_path: Path, data: Path) -> None:
    path = builder.zipped(tmp_path / "assignment06_DoeJane.zip", own)
    before = path.read_bytes()
    module.verify(path, data)
    assert path.read_bytes() == before
    assert zipfile.is_zipfile(path)
    assert [p.name for p in tmp_path.iterdir()] == ["assignment06_DoeJane.zip"]
