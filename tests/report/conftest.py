"""A small set of results as a run leaves them: made up, with metrics that are computed from the predictions."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from chromium import fetch_driver
from made_documents import classifier, made_provenance, metrics
from made_documents import training as training_scores
from made_results import CLASSES, IMAGES, history, predictions
from PIL import Image

from assignment06.config.check import check_config
from assignment06.config.model import Student
from assignment06.experiments.comparison import summarise_experiments
from assignment06.experiments.evaluation import score
from assignment06.photographs.manifest import list_photographs
from assignment06.report.page import write_report


@pytest.fixture(scope="session")
def driver(tmp_path_factory) -> Path:
    """The folder of the scripts that drive a browser."""
    return fetch_driver(tmp_path_factory.mktemp("browser"))


@pytest.fixture
def results(tmp_path: Path) -> dict:
    """Arguments for `write_report`, with files that a test may change."""
    return make_results(tmp_path)


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> dict:
    """The same arguments, with a report that is written and that no test changes."""
    arguments = make_results(tmp_path_factory.mktemp("finished"))
    write_report(**arguments)
    return arguments


def make_results(tmp_path: Path) -> dict:
    """Make the files of two experiments on one data set, and of two photographs, one of them skipped."""
    shapes = {
        "plain": ("6.2a Own, <i>plain</i>", [0.6, 0.5, 0.4], [0.5, 0.8, 0.95], [0.5, 0.55, 0.52]),
        "augmented": ("6.2b Own, augmented", [0.9, 0.8, 0.4], [0.5, 0.6, 0.72], [0.52, 0.63, 0.7]),
    }
    rows = {name: {"dataset": "cifar10", "model": "book_cifar10", "title": shapes[name][0]} for name in shapes}
    rows["augmented"]["dropout"] = 0.3
    student = Student(last_name="O'<script>", first_name="Ana")
    config = check_config({"student": {"last_name": "x", "first_name": "y"}, "experiments": rows})
    made = {"metrics": [], "histories": [], "predictions": [], "tests": []}
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "test.npz", x=rng.integers(0, 256, (IMAGES, 32, 32, 3), np.uint8), y=np.arange(IMAGES) % 3)
    for seed, (name, (title, rates, training, validation)) in enumerate(shapes.items()):
        table, course = predictions(rates, seed), history(training, validation)
        chosen = int(np.argmax(validation))
        facts = metrics(
            name, title=title, dataset="cifar10", settings=config.experiments[name], **score(table, CLASSES),
            provenance=made_provenance(weights_sha256=f"{seed:02x}" * 32), training=training_scores(
                accuracy=training[chosen], validation_accuracy=validation[chosen], epochs=len(training),
                chosen_epoch=chosen + 1, parameters=356810,
            ),
        )  # fmt: skip
        paths = {kind: tmp_path / f"{name}_{kind}" for kind in ("metrics", "histories", "predictions")}
        facts.write(paths["metrics"])
        course.to_csv(paths["histories"], index=False)
        table.to_csv(paths["predictions"], index=False)
        for kind, path in paths.items():
            made[kind].append(str(path))
        made["tests"].append(str(tmp_path / "test.npz"))
    comparison = str(tmp_path / "comparison.json")
    summarise_experiments(made["metrics"], made["predictions"], str(tmp_path / "summary.csv"), comparison)
    photographs = tmp_path / "photographs"
    photographs.mkdir()
    Image.fromarray(rng.integers(0, 256, (300, 400, 3), np.uint8)).save(photographs / "a & b.jpg")
    (photographs / "broken.png").write_bytes(b"no image")
    list_photographs(str(photographs), str(tmp_path / "photographs.jsonl"))
    labels = pd.DataFrame(
        {
            "image": "a & b.jpg", "rank": range(1, 6), "wordnet_id": "n1", "label": ["tabby_cat", "b", "c", "d", "e"],
            "probability": [0.5, 0.2, 0.1, 0.05, 0.01],
        }
    )  # fmt: skip
    labels.to_csv(tmp_path / "labels.csv", index=False)
    skipped = [{"image": "broken.png", "reason": "not an image in a known format"}]
    pd.DataFrame(skipped).to_csv(tmp_path / "skipped.csv", index=False)
    classifier(photographs=str(photographs), images=1, skipped=1).write(tmp_path / "metadata.json")
    return {
        **made, "comparison": comparison, "photograph_predictions": str(tmp_path / "labels.csv"),
        "skipped": str(tmp_path / "skipped.csv"), "classifier": str(tmp_path / "metadata.json"),
        "manifest": str(tmp_path / "photographs.jsonl"), "report": str(tmp_path / "report.html"),
        "student": student, "image": "docker://localhost/assignment06:0123", "gallery": 10,
        "looks": str(tmp_path / "looks"),
    }  # fmt: skip
