"""What the grader's tests share: test images, tiny models, and one process that tries models out."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from assignment06.grading.grade import Grade, grade
from assignment06.grading.official import LABELS_VARIABLE
from assignment06.grading.sandbox.workers import Workers

from . import builder

TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="package", autouse=True)
def made_labels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Judge by the labels these tests made up, in this process and in those it starts."""
    path = tmp_path_factory.mktemp("labels") / "labels.npz"
    np.savez(path, **builder.LABELS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(LABELS_VARIABLE, str(path))
        yield


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared data folder whose images the tests' nets know."""
    return builder.data_folder(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The tests' models, by name, as the bytes of their files; made in another process, where TensorFlow stays."""
    folder = tmp_path_factory.mktemp("models")
    code = "import sys; from pathlib import Path; from grading import nets; nets.write(Path(sys.argv[1]))"
    paths = [str(TESTS), str(TESTS.parent / "workflow")]
    subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        check=True,
        capture_output=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths), "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    """One zygote with TensorFlow for all tests; each submission has a process of its own behind the walls."""
    with Workers() as running:
        yield running


@pytest.fixture(scope="session")
def reader() -> Iterator[Workers]:
    """The same without models."""
    with Workers(models=False) as running:
        yield running


@pytest.fixture
def graded(tmp_path: Path, reader: Workers) -> Callable[[builder.Files], Grade]:
    """Grade files as a zip, without trying models."""
    return lambda files: grade(builder.zipped(tmp_path / "assignment06_DoeJane.zip", files), [], reader)


@pytest.fixture
def tried(tmp_path: Path, data: Path, workers: Workers) -> Callable[[builder.Files], Grade]:
    """Grade files as a zip, with their models."""
    return lambda files: grade(builder.zipped(tmp_path / "assignment06_DoeJane.zip", files), [data], workers)


def failures(grade: Grade) -> set[str]:
    """The labels of the checks that failed, advised ones too."""
    return {result.label for result in grade.results if result.status == "failed"}
