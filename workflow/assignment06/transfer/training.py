"""Train a new last layer on frozen features, and go on from there with more of the net (fine-tuning).

Both are trained by the same trainer as every ConvNet, and go on after a kill to the same weights.
"""

from pathlib import Path

import keras
import numpy as np

from assignment06.backend import compute
from assignment06.config.experiment import Experiment
from assignment06.data.prepared import DatasetDescription, load_split
from assignment06.experiments.checkpoints import Checkpoints, calmest_epoch
from assignment06.experiments.fitting import (
    Examples,
    facts_of,
    fit,
    write_history,
)
from assignment06.experiments.looks import record_look
from assignment06.experiments.prediction import write_predictions
from assignment06.experiments.results import TrainingFacts
from assignment06.experiments.subsets import chosen_places
from assignment06.experiments.summary import write_summary
from assignment06.experiments.weights import weights_digest
from assignment06.shared.files import atomic_path, sha256_file, sha256_json
from assignment06.transfer.backbones import PROBABILITY, new_head, rate_shares, unfreeze, with_head
from assignment06.transfer.features import BATCH
from assignment06.transfer.logistic import fit_logistic
from assignment06.transfer.prepared import BackboneDescription, load_features


def train_head(
    experiment: str, settings: Experiment, backbone: str, backbone_description: str, features: list[str], train: str,
    description: str, model: str, summary: str, history: str, facts: str, checkpoints: str, threads: int, code: str,
) -> None:  # fmt: skip
    """Train an experiment's last layer on the features of its training images; write what `train_convnet` writes.

    The saved model takes raw pixels, as all others do, and has the weights of the epoch with the least validation loss.
    Raises AssignmentError where the features are of other weights
    or images, or a class has fewer images than are asked for.
    """
    compute.configure(threads, settings.seed)
    described, prepared = BackboneDescription.read(backbone_description), DatasetDescription.read(description)
    settings = settings.model_copy(update={"compute_dtype": "float32"})
    x, y = load_features(features, described, train)
    examples = _examples(x, y, settings, prepared)
    del x
    digests = [settings.plain(), sha256_file(train), described.weights_sha256, code]
    state = Checkpoints(Path(checkpoints), sha256_json(digests), calmest_epoch)

    def fresh() -> keras.Model:
        return new_head(described.features, examples.classes, settings.dropout, settings.seed)

    head = fresh()
    if settings.optimizer == "lbfgs":
        rows, chosen = fit_logistic(head, settings.class_weight == "balanced", examples)
    else:
        rows = fit(fresh(), experiment, settings, examples, state)
        head.set_weights(state.best)
        chosen = state.chosen(rows)
    _compile(head)
    result = facts_of(head, rows, examples, settings, train, threads, chosen)
    frozen = keras.saving.load_model(backbone, safe_mode=True, compile=False)
    frozen.trainable = False
    final = with_head(frozen, prepared.shape, examples.classes, settings.dropout)
    final.get_layer(PROBABILITY).set_weights(head.get_layer(PROBABILITY).get_weights())
    _write(final, rows, result, described, model, summary, history, facts)
    state.clear()


def fine_tune(
    experiment: str, settings: Experiment, head: str, backbone_description: str, train: str, description: str,
    model: str, summary: str, history: str, facts: str, checkpoints: str, threads: int, code: str,
) -> None:  # fmt: skip
    """Train more of a net whose last layer was trained (`head`), on the images themselves; write what it writes.

    `settings.train` says how much (see `unfreeze`), for `fine_tune_epochs` with `fine_tune_learning_rate` and otherwise
    as the row says. Batch normalisation keeps the statistics of the pretraining; those of few images ruin a net.
    """
    compute.configure(threads, settings.seed)
    described, prepared = BackboneDescription.read(backbone_description), DatasetDescription.read(description)
    stage = settings.model_copy(
        update={
            "compute_dtype": "float32",
            "epochs": settings.fine_tune_epochs,
            "learning_rate": settings.fine_tune_learning_rate,
        }
    )
    images, labels = load_split(train)
    examples = _examples(images, labels, stage, prepared)
    begun = keras.saving.load_model(head, safe_mode=True, compile=False)
    digests = [stage.plain(), sha256_file(train), weights_digest(begun), code]
    state = Checkpoints(Path(checkpoints), sha256_json(digests), calmest_epoch)
    unfreeze(begun, settings.train)
    shares = rate_shares(begun, settings.fine_tune_rate_decay)
    rows = fit(begun, experiment, stage, examples, state, predict_batch=BATCH, rate_shares=shares)
    final = keras.saving.load_model(head, safe_mode=True, compile=False)
    final.set_weights(state.best)
    _compile(final)
    result = facts_of(final, rows, examples, stage, train, threads, state.chosen(rows), BATCH)
    _write(final, rows, result, described, model, summary, history, facts)
    state.clear()


def predict_from_features(
    model: str, features: list[str], backbone_description: str, test: str, description: str, predictions: str,
    looks: str, threads: int,
) -> None:  # fmt: skip
    """Predict the test images by the last layer of a saved model, from their features; write what is usual."""
    compute.configure(threads, seed=0)
    facts = DatasetDescription.read(description)
    x, y = load_features(features, BackboneDescription.read(backbone_description), test)
    net = keras.saving.load_model(model, safe_mode=True, compile=False)
    inputs = keras.Input(x.shape[1:])
    last = keras.Model(inputs, net.get_layer(PROBABILITY)(inputs))
    write_predictions(last.predict(x, batch_size=500, verbose=0), y, facts.classes, predictions)
    record_look(looks, facts.name, sha256_file(test), weights_digest(net))


def _examples(x: np.ndarray, y: np.ndarray, settings: Experiment, prepared: DatasetDescription) -> Examples:
    scarce = prepared.data_source == "sample"
    kept, held = chosen_places(y, settings.validation_split, settings.seed, settings.images_per_class, scarce)
    return Examples(x[kept], y[kept], (x[held], y[held]), len(prepared.classes))


def _compile(net: keras.Model) -> None:
    net.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=compute.compile_with_xla())


def _write(
    final: keras.Model, rows: list[dict], result: TrainingFacts, backbone: BackboneDescription, model: str,
    summary: str, history: str, facts: str,
) -> None:  # fmt: skip
    """Write a finished net and what is told of it; the model last, as whoever sees it may take the rest for whole."""
    _compile(final)
    told = {"parameters": final.count_params(), "weights_sha256": weights_digest(final)}
    told |= {"stamps": backbone.stamps} if backbone.stamps else {}
    told |= {"pretrained_files": backbone.files} if backbone.files else {}
    write_history(rows, history)
    write_summary(final, summary)
    TrainingFacts.model_validate({**result.plain(), **told}).write(facts)
    with atomic_path(model) as part:
        final.save(part)
