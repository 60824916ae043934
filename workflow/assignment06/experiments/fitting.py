"""The trainer: epochs that go on where a killed run was, and what every training leaves behind."""

import csv
import logging
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np

from assignment06.backend import compute
from assignment06.config.experiment import Experiment
from assignment06.experiments import batches
from assignment06.experiments.checkpoints import Checkpoints
from assignment06.experiments.optimizers import optimizer, with_rate_shares
from assignment06.experiments.progress import EpochProgress
from assignment06.experiments.results import TrainingFacts
from assignment06.experiments.subsets import class_weights
from assignment06.experiments.weights import weights_digest
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import atomic_path, sha256_file

HISTORY = ["epoch", "accuracy", "loss", "val_accuracy", "val_loss", "learning_rate", "seconds", "compute_dtype"]
STEPS_PER_EXECUTION = 16  # training steps for each call from Python
MEASURED = 5_000  # training images, at most, that the saved net is measured on: as many as validation usually has
log = logging.getLogger(__name__)


class Examples(NamedTuple):
    """What a net is trained with: inputs [n, ...] and integer labels [n], for training and for validation."""

    x: np.ndarray
    y: np.ndarray
    validation: tuple[np.ndarray, np.ndarray]
    classes: int


def fit(
    net: keras.Model, experiment: str, settings: Experiment, examples: Examples, state: Checkpoints,
    predict_batch: int = batches.PREDICT_BATCH, rate_shares: dict[str, float] | None = None,
) -> list[dict]:  # fmt: skip
    """Train a net, from the last whole epoch in `state` on; return the history, one row an epoch.

    `rate_shares` has by path what share of the learning rate a weight gets, where that is not all of it.
    `state.best` then has the weights of the epoch that `state.chosen` says. `settings.patience` epochs without a better
    one end it. Raises AssignmentError when the loss is no longer finite.
    """
    epochs, steps = settings.epochs, -(-len(examples.x) // settings.batch_size)
    net.compile(
        optimizer=with_rate_shares(optimizer(settings, steps), rate_shares or {}),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=settings.label_smoothing),
        metrics=["accuracy"],
        jit_compile=compute.compile_with_xla(),
        steps_per_execution=STEPS_PER_EXECUTION,
    )
    one_hot = np.eye(examples.classes, dtype=np.float32)
    held, held_labels = examples.validation
    validation = batches.in_order((held, one_hot[held_labels]), predict_batch)
    weights = class_weights(examples.y) if settings.class_weight == "balanced" else None
    progress = EpochProgress(experiment, epochs, steps)

    def train(epoch: int) -> dict:
        with compute.computing_in(settings.compute_dtype) as dtype:
            data = batches.of_epoch(examples.x, one_hot[examples.y], settings, epoch)
            fitted = net.fit(data, class_weight=weights, callbacks=[progress], verbose=0)
        row = {name: values[0] for name, values in fitted.history.items()}
        return row | {"learning_rate": float(net.optimizer.learning_rate), "compute_dtype": dtype}

    def measure() -> dict:
        measured = net.evaluate(validation, verbose=0, return_dict=True)  # in float32, as it will be used
        return {f"val_{name}": value for name, value in measured.items()}

    return run_epochs(
        net, "Experiment", experiment, epochs, settings.patience, state, train, measure, progress.show_row
    )


def run_epochs(
    net: Any, kind: str, name: str, epochs: int, patience: int | None, state: Checkpoints,
    train: Callable[[int], dict], measure: Callable[[], dict], show: Callable[[list[dict]], None],
) -> list[dict]:  # fmt: skip
    """Run the epochs of any training, from the last whole one in `state` on; return the history, one row an epoch.

    `train` trains the epoch of a number (from 0) and returns its figures, `loss` among them; `measure` those on the
    validation data; number and seconds are added, and `show` is given all rows. `patience` epochs without a better one
    end it. Sentences call it by `kind` and `name` ("Experiment", "mnist"). Raises AssignmentError when the loss is no
    longer finite.
    """
    rows = state.restore(net)
    if rows:
        log.info(f"{name}: goes on after epoch {len(rows)} of {epochs}")
    for epoch in range(len(rows), epochs):
        if patience and rows and len(rows) - state.chosen(rows) >= patience:
            log.info(f"{name}: nothing better for {patience} epochs, so it ends here")
            break
        began = time.monotonic()
        row = {"epoch": epoch + 1} | train(epoch)
        if not np.isfinite(row["loss"]):
            raise AssignmentError(
                f"{kind} {name}: the loss is no longer finite in epoch {epoch + 1}: lower its learning_rate in "
                "config.yaml."
            )
        row |= measure()
        rows.append(row | {"seconds": time.monotonic() - began})
        state.save(net, rows)
        show(rows)
    return rows


def write_history(rows: list[dict], path: str, columns: list[str] = HISTORY) -> None:
    """Write a training's epochs as CSV."""
    with atomic_path(path) as part, open(part, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def facts_of(
    final: keras.Model, rows: list[dict], examples: Examples, settings: Experiment, train: str, threads: int,
    chosen_epoch: int, predict_batch: int = batches.PREDICT_BATCH,
) -> TrainingFacts:  # fmt: skip
    """Return what a training says of itself; `final` is compiled for integer labels and has the chosen weights.

    Of its training images `MEASURED` at most, drawn with the row's seed, are looked at: they are there to compare with
    the validation images, which are no more.
    """
    known = np.sort(np.random.default_rng(settings.seed).permutation(len(examples.x))[:MEASURED])
    own = examples.x[known], examples.y[known]
    train_loss, train_accuracy = final.evaluate(batches.in_order(own, predict_batch), verbose=0)
    val_loss, val_accuracy = final.evaluate(batches.in_order(examples.validation, predict_batch), verbose=0)
    return TrainingFacts(
        accuracy=float(train_accuracy),
        loss=float(train_loss),
        validation_accuracy=float(val_accuracy),
        validation_loss=float(val_loss),
        epochs=len(rows),
        chosen_epoch=chosen_epoch,
        images=len(examples.x),
        measured_images=len(known),
        validation_images=len(examples.validation[0]),
        parameters=final.count_params(),
        seconds=sum(row["seconds"] for row in rows),
        seed=settings.seed,
        threads=threads,
        device=compute.device(),
        compute_dtype=" and ".join(sorted({row["compute_dtype"] for row in rows})),
        weights_sha256=weights_digest(final),
        data_sha256=sha256_file(train),
    )
