"""The workflow's own zip proves itself, or is not made."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from assignment06.grading import verify as module
from assignment06.grading.sandbox.workers import Workers
from assignment06.shared.errors import AssignmentError

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
        def __init__(self, threads: int) -> None:
            assert threads > 0

        def __enter__(self) -> Workers:
            return workers

        def __exit__(self, *exception: object) -> None:
            pass

    monkeypatch.setattr(module, "Workers", Shared)


def test_whole_zip_is_verified(own: builder.Files, tmp_path: Path, data: Path) -> None:
    path = builder.zipped(tmp_path / "assignment06_DoeJane.zip", own)
    report = tmp_path / "verified.json"
    result = module.verify(path, data, report)
    assert result["sound"] and result["for_submission"]
    assert json.loads(report.read_text(encoding="utf-8")) == result
    passed = {(c["id"], c["task"]) for c in result["checks"] if c["status"] == "passed"}
    assert {("figures.predictions_from_model", task) for task in builder.STEM} <= passed


def test_another_model_is_found_out(own: builder.Files, models: dict[str, bytes], tmp_path: Path, data: Path) -> None:
    """A model whose answers are nearly the same is not the model of the predictions."""
    own[f"{TOP}models/cifar10_plain.keras"] = models["raw augmented"]
    path = builder.zipped(tmp_path / "assignment06_DoeJane.zip", builder.sealed(own))
    report = tmp_path / "verified.json"
    with pytest.raises(AssignmentError, match=r"figures\.predictions_from_model 6\.2a.*provenance\.models"):
        module.verify(path, data, report)
    assert json.loads(report.read_text(encoding="utf-8"))["sound"] is False


def test_changed_probability_is_found_out(own: builder.Files, tmp_path: Path, data: Path) -> None:
    name = f"{TOP}predictions/mnist.csv"
    lines = own[name].decode().splitlines()
    cells = lines[7].split(",")
    lower, upper = sorted(range(4, 14), key=lambda i: float(cells[i]))[:2]
    cells[lower], cells[upper] = f"{float(cells[lower]) + 0.002:.6f}", f"{float(cells[upper]) - 0.002:.6f}"
    own[name] = "\n".join([*lines[:7], ",".join(cells), *lines[8:], ""]).encode()
    path = builder.zipped(tmp_path / "assignment06_DoeJane.zip", builder.sealed(own))
    with pytest.raises(AssignmentError, match=r"figures\.predictions_from_model 6\.1"):
        module.verify(path, data)


def test_missing_file_is_named(own: builder.Files, tmp_path: Path, data: Path) -> None:
    del own[f"{TOP}predictions/cifar10_augmented.csv"]
    path = builder.zipped(tmp_path / "assignment06_DoeJane.zip", builder.sealed(own))
    with pytest.raises(AssignmentError, match=r"completeness\.predictions 6\.2b"):
        module.verify(path, data)


def test_without_test_images_nothing_is_proven(own: builder.Files, tmp_path: Path) -> None:
    path = builder.zipped(tmp_path / "assignment06_DoeJane.zip", own)
    with pytest.raises(AssignmentError, match=r"figures\.predictions_from_model"):
        module.verify(path, tmp_path)


def test_advisory_checks_do_not_stop(own: builder.Files, tmp_path: Path, data: Path) -> None:
    own[f"{TOP}predictions/resnet50/predictions.csv"] = builder.resnet(40)
    path = builder.zipped(tmp_path / "assignment06_DoeJane.zip", builder.sealed(own))
    with pytest.raises(AssignmentError, match=r"completeness\.photographs \(40 photographs"):
        module.verify(path, data)
    assert module.verify(path, data, advisory=["completeness.photographs"])["sound"]


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
        own[name] = "\n".join([head, *(rows[i] for i in order[builder.FAMILY[task]]), ""]).encode()
    path = builder.zipped(tmp_path / "assignment06_DoeJane.zip", builder.sealed(own, ["sample data (mnist)"]))
    result = module.verify(path, tmp_path / "data")
    assert result["sound"] and not result["for_submission"]
    passed = {(c["id"], c["task"]) for c in result["checks"] if c["status"] == "passed"}
    assert ("figures.predictions_from_model", "6.2b") in passed


def test_a_file_that_is_no_zip(tmp_path: Path, data: Path) -> None:
    path = tmp_path / "assignment06_DoeJane.zip"
    path.write_bytes(b"nothing")
    with pytest.raises(AssignmentError, match=r"packaging\.intact"):
        module.verify(path, data)


def test_verified_zip_is_left_as_it_was(own: builder.Files, tmp_path: Path, data: Path) -> None:
    path = builder.zipped(tmp_path / "assignment06_DoeJane.zip", own)
    before = path.read_bytes()
    module.verify(path, data)
    assert path.read_bytes() == before
    assert zipfile.is_zipfile(path)
    assert [p.name for p in tmp_path.iterdir()] == ["assignment06_DoeJane.zip"]
