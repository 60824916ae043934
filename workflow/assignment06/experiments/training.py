"""Train one experiment's ConvNet, an epoch at a time, so that a killed run goes on where it was.

Every epoch is a function of the saved state (weights, optimiser, dropout's random state) and of (seed, epoch)
alone: the order of the images and their augmentation are drawn anew for each epoch. A run that is interrupted
and started again therefore ends with the same weights as one that was not.
"""

import csv
import logging
import time
from pathlib import Path

import keras
import numpy as np
from sklearn.model_selection import train_test_split

from assignment06.backend import compute
from assignment06.config.experiment import Experiment
from assignment06.data.prepared import DatasetDescription, load_split
from assignment06.experiments import batches, networks
from assignment06.experiments.checkpoints import Checkpoints, best_epoch
from assignment06.experiments.optimizers import optimizer
from assignment06.experiments.progress import EpochProgress
from assignment06.experiments.results import TrainingFacts
from assignment06.experiments.summary import write_summary
from assignment06.experiments.weights import weights_digest
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import atomic_path, sha256_file, sha256_json

HISTORY = ["epoch", "accuracy", "loss", "val_accuracy", "val_loss", "learning_rate", "seconds", "compute_dtype"]
STEPS_PER_EXECUTION = 16  # training steps for each call from Python
log = logging.getLogger(__name__)


def train_convnet(
    experiment: str, settings: Experiment, train: str, description: str, model: str, summary: str, history: str,
    facts: str, checkpoints: str, threads: int, code: str,
) -> None:  # fmt: skip
    """Train an experiment on a prepared training set, and write the model, its summary, history and facts.

    `settings` is the experiment's row of the config; `train` an .npz of uint8 `x` [n, h, w, c] and `y` [n]; `code` a
    digest of the code, for a state in `checkpoints` that other code left is not gone on with.
    The saved model has the weights of the epoch with the best validation accuracy (the later one of equals
    never wins), no optimiser state, and is compiled for `evaluate` with integer labels.
    Raises AssignmentError when the loss is no longer finite or the split leaves a class without images.
    """
    seed, epochs = settings.seed, settings.epochs
    compute.configure(threads, seed)
    classes = DatasetDescription.read(description).classes
    images, labels = load_split(train)
    (x, y), validation = split(images, labels, settings.validation_split, seed)
    state = Checkpoints(Path(checkpoints), sha256_json([settings.plain(), sha256_file(train), code]))

    net = networks.build(settings.model, images.shape[1:], len(classes), settings.dropout, seed)
    steps = -(-len(x) // settings.batch_size)
    net.compile(
        optimizer=optimizer(settings, steps),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=settings.label_smoothing),
        metrics=["accuracy"],
        jit_compile=compute.compile_with_xla(),
        steps_per_execution=STEPS_PER_EXECUTION,
    )
    one_hot = np.eye(len(classes), dtype=np.float32)
    validation_batches = batches.in_order((validation[0], one_hot[validation[1]]))
    rows = state.restore(net)
    if rows:
        log.info(f"{experiment}: goes on after epoch {len(rows)} of {epochs}")
    progress = EpochProgress(experiment, epochs, steps)
    for epoch in range(len(rows), epochs):
        began = time.monotonic()
        with compute.computing_in(settings.compute_dtype) as dtype:
            fitted = net.fit(batches.of_epoch(x, one_hot[y], settings, epoch), callbacks=[progress], verbose=0)
        row = {name: values[0] for name, values in fitted.history.items()}
        measured = net.evaluate(validation_batches, verbose=0, return_dict=True)  # in float32, as it will be used
        row |= {f"val_{name}": value for name, value in measured.items()}
        row |= {
            "epoch": epoch + 1,
            "learning_rate": float(net.optimizer.learning_rate),
            "seconds": time.monotonic() - began,
            "compute_dtype": dtype,
        }
        if not np.isfinite(row["loss"]):
            raise AssignmentError(
                f"Experiment {experiment}: the loss is no longer finite in epoch {epoch + 1}: lower its "
                "learning_rate in config.yaml."
            )
        rows.append({name: row[name] for name in HISTORY})
        state.save(net, rows)
        progress.show_row(rows)

    best = best_epoch(rows)
    final = networks.build(settings.model, images.shape[1:], len(classes), settings.dropout, seed)
    final.set_weights(state.best)
    final.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=compute.compile_with_xla())
    with atomic_path(history) as part, open(part, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HISTORY, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    train_loss, train_accuracy = final.evaluate(batches.in_order((x, y)), verbose=0)
    val_loss, val_accuracy = final.evaluate(batches.in_order(validation), verbose=0)
    result = TrainingFacts(
        accuracy=float(train_accuracy),
        loss=float(train_loss),
        validation_accuracy=float(val_accuracy),
        validation_loss=float(val_loss),
        epochs=epochs,
        chosen_epoch=best,
        images=len(x),
        validation_images=len(validation[0]),
        parameters=final.count_params(),
        seconds=sum(row["seconds"] for row in rows),
        seed=seed,
        threads=threads,
        device=compute.device(),
        compute_dtype=" and ".join(sorted({row["compute_dtype"] for row in rows})),
        weights_sha256=weights_digest(final),
        data_sha256=sha256_file(train),
    )
    write_summary(final, summary)
    result.write(facts)
    with atomic_path(model) as part:
        final.save(part)
    state.clear()


def split(x: np.ndarray, y: np.ndarray, share: float, seed: int) -> tuple[tuple, tuple]:
    """Return ((x, y) for training, (x, y) for validation): stratified, disjoint, drawn with `seed`."""
    try:
        kept, held = train_test_split(np.arange(len(y)), test_size=share, stratify=y, random_state=seed)
    except ValueError as error:
        raise AssignmentError(
            f"validation_split: {share} leaves no image of some class ({error}): change it in config.yaml."
        ) from None
    kept, held = np.sort(kept), np.sort(held)
    return (x[kept], y[kept]), (x[held], y[held])
