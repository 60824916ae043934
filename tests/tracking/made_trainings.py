"""Trainings as they stand on the disk while they run and afterwards, made up."""

import csv
import json
import shutil
from pathlib import Path

import made_documents

from assignment06.config.experiment import Experiment
from assignment06.experiments.fitting import HISTORY
from assignment06.experiments.results import TrainingFacts
from assignment06.tracking.trainings import Followed

SETTINGS = Experiment(dataset="mnist", model="book_mnist", title="6.1 MNIST", epochs=4, learning_rate=0.002)


def followed(results: Path, logging: str = "mlflow") -> Followed:
    """A run with one experiment."""
    return Followed(results=str(results), logging=logging, experiments={"mnist": SETTINGS})


def rows(epochs: int, speed: float = 1.25) -> list[dict]:
    """The history of so many epochs."""
    return [
        {
            "epoch": epoch, "accuracy": 1 - 0.3 / epoch, "loss": 1 / epoch, "val_accuracy": 1 - 0.2 / epoch,
            "val_loss": 0.9 / epoch, "learning_rate": 0.002, "seconds": speed + 0.1 / 3 * epoch,
            "compute_dtype": "float32",
        }
        for epoch in range(1, epochs + 1)
    ]  # fmt: skip


def under_way(results: Path, epochs: int, speed: float = 1.25) -> None:
    """Leave what a training leaves after so many epochs."""
    folder = results / "training/mnist.checkpoints"
    for old in folder.glob("epoch-*"):
        shutil.rmtree(old)
    (state := folder / f"epoch-{epochs:04d}").mkdir(parents=True)
    (state / "state.json").write_text(json.dumps({"fingerprint": "f", "history": rows(epochs, speed)}))


def finish(results: Path, epochs: int = 4, accuracy: float = 0.5) -> None:
    """Leave what a finished training and its evaluation leave."""
    for name in ("models", "metrics", "training", "predictions", "plots"):
        (results / name).mkdir(parents=True, exist_ok=True)
    shutil.rmtree(results / "training/mnist.checkpoints", ignore_errors=True)
    with open(results / "metrics/mnist_history.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, HISTORY, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows(epochs))
    for path in ("models/mnist.keras", "models/mnist.txt", "predictions/mnist.csv", "plots/mnist_mistakes.png"):
        (results / path).write_text(f"{path} {accuracy}")
    scores = made_documents.training(epochs=epochs, chosen_epoch=3)
    metrics = made_documents.metrics(
        training=scores, settings=SETTINGS, test=made_documents.scores(accuracy=accuracy), title=SETTINGS.title
    )
    facts = scores.plain() | {"device": "CPU", "compute_dtype": "float32", "data_sha256": "ab" * 32}
    TrainingFacts(**facts, weights_sha256="ef" * 32).write(results / "training/mnist.json")
    metrics.write(results / "metrics/mnist.json")
