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
from assignment06.grading.official import LABELS_VARIABLE, TestSet
from assignment06.grading.probe import ModelFacts, ModelFile, Prober

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
def prober() -> Iterator[Prober]:
    """One process with TensorFlow for all tests."""
    with RememberingProber() as running:
        yield running


class RememberingProber(Prober):
    """Tries each model once with the same labels: most submissions of these tests share two of their three models."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[tuple, ModelFacts] = {}

    def probe(self, models: list[ModelFile], tests: dict[str, TestSet]) -> dict[str, ModelFacts]:
        keys = {
            model.name: (
                model.name,
                model.family,
                model.stated,
                model.path.read_bytes(),
                *(labels.tobytes() for arrays in model.expected.values() for labels in arrays),
                *sorted(f for f, test in tests.items() if test.images),
            )
            for model in models
        }
        new = [model for model in models if keys[model.name] not in self.known]
        if new:
            self.known |= {keys[name]: facts for name, facts in super().probe(new, tests).items()}
        return {name: self.known[key] for name, key in keys.items()}


@pytest.fixture
def graded(tmp_path: Path) -> Callable[[builder.Files], Grade]:
    """Grade files as a zip, without trying models."""
    return lambda files: grade(builder.zipped(tmp_path / "assignment06_DoeJane.zip", files), [], None)


@pytest.fixture
def tried(tmp_path: Path, data: Path, prober: Prober) -> Callable[[builder.Files], Grade]:
    """Grade files as a zip, with their models."""
    return lambda files: grade(builder.zipped(tmp_path / "assignment06_DoeJane.zip", files), [data], prober)


def failures(grade: Grade) -> set[str]:
    """The labels of the checks that failed, advised ones too."""
    return {result.label for result in grade.results if result.status == "failed"}
