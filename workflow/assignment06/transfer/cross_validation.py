"""Cross-validation of a new last layer: what a small folder says, from all of its training images.

The training images are cut into folds, stratified; a head trained on all but one predicts that one. The test images
stay out, so that recipes may be compared by this.
"""

import tempfile
from pathlib import Path

import keras
import numpy as np
from sklearn.model_selection import StratifiedKFold

from assignment06.backend import compute
from assignment06.config.experiment import Experiment
from assignment06.data.prepared import DatasetDescription
from assignment06.experiments.checkpoints import Checkpoints, calmest_epoch
from assignment06.experiments.evaluation import score
from assignment06.experiments.fitting import Examples, fit
from assignment06.experiments.prediction import table_of
from assignment06.experiments.results import CrossValidation
from assignment06.experiments.subsets import chosen_places
from assignment06.shared.errors import AssignmentError
from assignment06.transfer.backbones import new_head
from assignment06.transfer.curve import balanced_accuracy
from assignment06.transfer.logistic import fit_logistic, fit_logistic_on_all
from assignment06.transfer.prepared import BackboneDescription, load_features

BATCH = 500


def cross_validate(
    experiment: str, settings: Experiment, title: str, folds: int, features: list[str], backbone_description: str,
    train: str, description: str, figures: str, threads: int,
) -> None:  # fmt: skip
    """Write the `CrossValidation` of a row: of `folds` heads, each is trained on the features of the other folds.

    Each fold's epoch is chosen on validation images of its own training part, as `train_head` does; what has no epochs
    (`lbfgs`) chooses its penalty by inner folds of that part and is trained on all of it. Raises AssignmentError where
    a class has fewer training images than folds.
    """
    compute.configure(threads, settings.seed)
    described, prepared = BackboneDescription.read(backbone_description), DatasetDescription.read(description)
    settings = settings.model_copy(update={"compute_dtype": "float32"})
    x, y = load_features(features, described, train)
    fewest = int(np.bincount(y, minlength=len(prepared.classes)).min())
    if fewest < folds:
        raise AssignmentError(
            f"`experiments: {experiment}: cross_validation: {folds}` is more than the {fewest} training images of the "
            "smallest class: lower it in config.yaml."
        )
    probabilities = np.zeros((len(y), len(prepared.classes)), np.float32)
    accuracies = []
    cut = StratifiedKFold(folds, shuffle=True, random_state=settings.seed)
    for number, (kept, left_out) in enumerate(cut.split(x, y), start=1):
        head = _fold(f"{experiment}, fold {number} of {folds}", settings, x[kept], y[kept], len(prepared.classes))
        probabilities[left_out] = head.predict(x[left_out], batch_size=BATCH, verbose=0)
        accuracies.append(float((probabilities[left_out].argmax(axis=1) == y[left_out]).mean()))
    scores = score(table_of(probabilities, y, prepared.classes), prepared.classes)
    CrossValidation(
        experiment=experiment,
        title=title,
        dataset=prepared.name,
        stamps=[*prepared.stamps, *described.stamps],
        folds=accuracies,
        left_out=scores["test"],
        balanced_accuracy=balanced_accuracy(scores["per_class"]),
        per_class=scores["per_class"],
        confusion_matrix=scores["confusion_matrix"],
    ).write(figures)


def _fold(name: str, settings: Experiment, x: np.ndarray, y: np.ndarray, classes: int) -> keras.Model:
    """Return the head of one fold, with the weights of its best epoch."""
    kept, held = chosen_places(y, settings.validation_split, settings.seed, settings.images_per_class, scarce=True)
    head = new_head(x.shape[1], classes, settings.dropout, settings.seed)
    examples = Examples(x[kept], y[kept], (x[held], y[held]), classes)
    if settings.optimizer == "lbfgs":
        balanced = settings.class_weight == "balanced"
        if np.bincount(y).min() > 1:  # so that inner folds can be cut
            places = np.sort(np.concatenate([kept, held]))
            fit_logistic_on_all(head, balanced, x[places], y[places], settings.seed)
        else:
            fit_logistic(head, balanced, examples)
        return head
    with tempfile.TemporaryDirectory() as folder:
        state = Checkpoints(Path(folder, "state"), name, calmest_epoch)
        fit(head, name, settings, examples, state)
        head.set_weights(state.best)
    return head
