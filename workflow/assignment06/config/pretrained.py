"""Rows whose net was trained before: their defaults, and what is refused before anything is computed."""

import math
from pathlib import Path

from assignment06.config.experiment import FINE_TUNING, TRANSFER, Experiment
from assignment06.config.frozen import check_backbone
from assignment06.config.model import LARGEST_IMAGE, OwnDataset
from assignment06.config.sentences import refusal
from assignment06.data.imagenet import PRETRAINED
from assignment06.shared import registry


def completed(row: Experiment, values: dict) -> dict:
    """Return a row's values as they are stored: with all that a pretrained net needs, without what it does not use."""
    values = {key: value for key, value in values.items() if value is not None}  # null is as not given
    if not row.is_pretrained:
        return values
    needed = {"weights": row.weights, "input_size": row.input_size or PRETRAINED[row.model].size, "train": row.train}
    if row.train != "head":
        needed |= {key: getattr(row, key) for key in FINE_TUNING[:2]}
    else:
        values = {key: value for key, value in values.items() if key not in FINE_TUNING}
    return values | needed


def sized(datasets: dict[str, dict], asked: set[str], rows: dict[str, dict]) -> dict[str, dict]:
    """Return own data sets, those not in `asked` with the largest `image_size` that a pretrained net wants of them."""
    found = {}
    for name, dataset in datasets.items():
        wanted = [row["input_size"] for row in rows.values() if row["dataset"] == name and row.get("input_size")]
        size = {"image_size": min(LARGEST_IMAGE, max(wanted))} if wanted and name not in asked else {}
        found[name] = dataset | size
    return found


# What a logistic regression that is solved has not
OF_EPOCHS = (
    "epochs", "batch_size", "learning_rate", "schedule", "warmup_epochs", "weight_decay", "label_smoothing", "dropout",
    "patience",
)  # fmt: skip


def check_optimizer(name: str, row: Experiment, given: set[str]) -> None:
    """Refuse `lbfgs` for what is no head, and with it keys that would do nothing."""
    if row.optimizer != "lbfgs":
        return
    if not row.is_pretrained or row.train != "head":
        raise refusal(
            f"`experiments: {name}: optimizer: lbfgs` is for a pretrained net with `train: head`: write adam, for one."
        )
    if wrong := [key for key in OF_EPOCHS if key in given]:
        raise refusal(f"`experiments: {name}: {wrong[0]}` does nothing with `optimizer: lbfgs`: leave it out.")


def check_pretrained(name: str, row: Experiment, given: set[str]) -> None:
    """Refuse keys of a pretrained net in another's row, and what cannot be had or makes no sense in its own."""
    if not row.is_pretrained:
        if wrong := [key for key in TRANSFER if key in given]:
            raise refusal(
                f"`experiments: {name}: {wrong[0]}` is for a pretrained net, and {row.model} is none: leave it out, or "
                "write a classifier of keras.applications, such as ResNet50, as `model`."
            )
        return
    if wrong := [key for key in ("low_resolution_share", "test_time_augmentation") if key in given]:
        raise refusal(f"`experiments: {name}: {wrong[0]}` is for nets that are trained from nothing: leave it out.")
    net = PRETRAINED[row.model]
    if row.optimizer == "muon":
        raise refusal(
            f"`experiments: {name}: optimizer: muon` changes the size of weights, which would undo what {net.name} has "
            "learnt: set sgd, adam or rmsprop."
        )
    check_backbone(f"experiments: {name}", row)
    if row.train == "head" and row.augmentation != "none":
        raise refusal(
            f"`experiments: {name}: augmentation: {row.augmentation}`: a head is trained on features that are computed "
            "once, so nothing can be augmented: set none, or `train: top` or `all`."
        )


def check_cross_validation(name: str, row: Experiment, own: dict[str, OwnDataset]) -> None:
    """Refuse folds of what is not a head, and more folds than the smallest class has training images."""
    if row.cross_validation is None:
        return
    where = f"`experiments: {name}: cross_validation: {row.cross_validation}`"
    if row.train != "head":
        raise refusal(f"{where} is for `train: head`: a head takes seconds, and each fold trains one.")
    if row.cross_validation < 2:
        raise refusal(f"{where} must be at least 2: 5 or 10 are usual.")
    most = math.floor(round(_training_images(row, own), 6))
    if row.cross_validation > most:
        raise refusal(f"{where} is more than the {most} training images of the smallest class: lower it.")


def check_images_per_class(name: str, row: Experiment, own: dict[str, OwnDataset]) -> None:
    """Refuse more training images of a class than its data set has, those for validation and test left out."""
    if row.images_per_class is None:
        return
    most = math.floor(round(_training_images(row, own) * (1 - row.validation_split), 6))
    if row.images_per_class > most:
        raise refusal(
            f"`experiments: {name}: images_per_class` is {row.images_per_class}; without those for validation and test "
            f"the smallest class of {row.dataset} has {most} images: lower it, or write null for all."
        )


def _training_images(row: Experiment, own: dict[str, OwnDataset]) -> float:
    """Return how many images of the smallest class are there to train with, those for validation among them."""
    if row.dataset not in own:
        return registry.find(registry.DATASETS, row.dataset).SMALLEST_CLASS
    folder = own[row.dataset]
    return _smallest_class(Path(folder.folder)) * (1 - folder.test_split)


def _smallest_class(folder: Path) -> float:
    """Return how many files the smallest class of a folder has; infinity where there is no folder to look into."""
    from assignment06.data.image_files import class_folders, find_photographs

    if not folder.is_dir():
        return math.inf
    return min((len(find_photographs(path)) for path in class_folders(folder)), default=math.inf)
