"""The zip proves itself as packed: experiments that the grader does not know, and what is kept of a refusal."""

from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from made_documents import CLASSES, classifier, description, made_provenance, metrics, per_class, scores
from support import copy_tree, run_python

from assignment06.backend import compute
from assignment06.config.check import check_config
from assignment06.config.model import Student
from assignment06.experiments.prediction import predict_test_set
from assignment06.grading.verified import Verification
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import sha256_file
from assignment06.submission.packaging import pack_submission
from assignment06.submission.tasks import tasks_of
from assignment06.submission.verification import verify_submission

NAME = "assignment06_LovelaceAda.zip"


def net(seed: int) -> keras.Model:
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((16, 16, 3))
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(1 / 255)(inputs))
    return keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(x))


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one finished experiment on a data set of its own."""
    monkeypatch.setattr(compute, "configure", lambda *_, **__: None)  # once in a process, and tests share one
    root = copy_tree(tmp_path / "project")
    for folder in ("data/prepared/pets", "results/models", "results/predictions", "results/metrics"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 256, (40, 16, 16, 3), dtype=np.uint8), rng.integers(0, 2, 40, dtype=np.uint8)
    np.savez(root / "data/prepared/pets/test.npz", x=x, y=y)
    description(name="pets", shape=(16, 16, 3), test=40).write(root / "data/prepared/pets/dataset.json")
    net(1).save(root / "results/models/pets.keras")
    predict_test_set(
        str(root / "results/models/pets.keras"), str(root / "data/prepared/pets/test.npz"),
        str(root / "data/prepared/pets/dataset.json"), str(root / "results/predictions/pets.csv"),
        str(root / "results/looks"), 1,
    )  # fmt: skip
    state(root, accuracy_of(root))
    (root / "results/predictions/resnet50").mkdir()
    classifier(stamps=["stand-in weights"]).write(root / "results/predictions/resnet50/metadata.json")
    (root / "results/predictions/resnet50/predictions.csv").write_text(
        "image,rank,wordnet_id,label,probability\n"
        + "".join(f"{k}.jpg,{rank},n02123045,tabby,0.{5 - rank}\n" for k in range(7) for rank in (1, 2, 3))
    )
    return root


def accuracy_of(root: Path) -> float:
    table = pd.read_csv(root / "results/predictions/pets.csv")
    return float((table["predicted_label"] == table["true_label"]).mean())


def state(root: Path, accuracy: float) -> None:
    figures = scores(images=40, accuracy=accuracy)
    source = made_provenance(model_sha256=sha256_file(root / "results/models/pets.keras"))
    told = metrics("pets", dataset="pets", test=figures, per_class=per_class(CLASSES), provenance=source)
    told.write(root / "results/metrics/pets.json")


def verified(root: Path, tmp_path: Path) -> Verification:
    kept = sorted(path for path in (root / "results").rglob("*") if path.is_file() and "looks" not in path.parts)
    pack_submission(
        [str(path) for path in kept if not path.name.startswith(".")], str(root), {"experiments": {}},
        Student(last_name="Lovelace", first_name="Ada"), "i:1", [str(root / "results/metrics/pets.json")],
        str(root / "results/predictions/resnet50/metadata.json"), str(tmp_path / "packed.zip"),
    )  # fmt: skip
    report, checks = tmp_path / "verification.json", tmp_path / "checks.json"
    tests = [str(root / "data/prepared/pets/test.npz")]
    try:
        verify_submission(str(tmp_path / "packed.zip"), tests, str(report), str(checks), NAME, [], 1)
    except AssignmentError as error:
        assert str(error).startswith(f"{NAME} does not prove itself: ") and str(checks) in str(error)
        assert not report.exists()
        return Verification.read(checks)
    assert not checks.exists()
    return Verification.read(report)


def test_an_own_experiment_is_predicted_again(made: Path, tmp_path: Path) -> None:
    (tmp_path / "checks.json").write_text("of an earlier refusal")
    found = verified(made, tmp_path)
    assert found.sound and not found.for_submission and found.wrong == []
    said = {check.id: check for check in found.checks if check.task == "pets"}
    assert "gives 40 of 40 rows of pets.csv again" in said["figures.predictions_from_model"].sentence
    assert {check.status for check in said.values()} == {"passed"} and len(said) == 2
    assert not {check.task for check in found.checks} & {"6.1", "6.2a", "6.2b"}


def test_another_model_is_found_out(made: Path, tmp_path: Path) -> None:
    net(2).save(made / "results/models/pets.keras")
    found = verified(made, tmp_path)
    assert not found.sound and any("figures.predictions_from_model pets" in reason for reason in found.wrong)


def test_another_accuracy_is_found_out(made: Path, tmp_path: Path) -> None:
    state(made, accuracy_of(made) + 0.025)
    found = verified(made, tmp_path)
    assert not found.sound and any("figures.stated_accuracy pets" in reason for reason in found.wrong)


def test_other_rows_are_found_out(made: Path, tmp_path: Path) -> None:
    path = made / "results/predictions/pets.csv"
    pd.read_csv(path).sample(frac=1, random_state=0).to_csv(path, index=False)
    found = verified(made, tmp_path)
    assert any("other rows than the test set of pets" in reason for reason in found.wrong)


def test_the_tasks_of_a_study() -> None:
    def study(**rows: dict) -> list[str]:
        student = {"last_name": "Lovelace", "first_name": "Ada"}
        own = {"pets": {"folder": "."}}
        return tasks_of(check_config({"student": student, "datasets": own, "experiments": rows}))

    mnist, cifar = {"dataset": "mnist", "model": "book_mnist"}, {"dataset": "cifar10", "model": "lean"}
    assert study(mnist=mnist, cifar10_plain=cifar, cifar10_augmented=cifar) == ["6.1", "6.2a", "6.2b"]
    assert study(mnist=mnist | {"seeds": [0, 1]}, wide=cifar) == ["6.1"]
    assert study(mnist={"dataset": "pets", "model": "lean"}) == [], "the name alone says nothing"


def test_importing_it_loads_no_tensorflow(tmp_path: Path) -> None:
    """The process that tries the models loads it; the job's own only for what the grader does not know."""
    done = run_python("import sys, assignment06.submission.verification; print('keras' in sys.modules)", tmp_path)
    assert done.stdout.strip() == "False", done.stderr
