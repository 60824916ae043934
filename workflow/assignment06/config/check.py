"""Check `config.yaml` and fill in its defaults; every refusal is one sentence."""

import os
from collections import Counter
from pathlib import Path

from pydantic import ValidationError

from assignment06.config.captioners import check_captioners
from assignment06.config.detection import check_detection
from assignment06.config.experiment import ASKED, NAMES, Experiment, short_title
from assignment06.config.frozen import completed_rows
from assignment06.config.model import Classifier, Config
from assignment06.config.names import zip_name
from assignment06.config.own_networks import check_model
from assignment06.config.pretrained import (
    check_cross_validation,
    check_images_per_class,
    check_optimizer,
    check_pretrained,
    completed,
    sized,
)
from assignment06.config.rows import expand_experiments
from assignment06.config.sentences import nearest, refusal, sentence
from assignment06.config.values import check_paths, check_values
from assignment06.data.imagenet import PRETRAINED
from assignment06.shared import registry

ONE_SIZE = ("book_mnist", "book_cifar10")  # what ends in Flatten
RESERVED = ("comparison", "objects", "faces", "transfer", "ablation")  # files of the results have these names


def check_config(config: dict) -> Config:
    """Return what a config says, with rows for all its sweeps and with all defaults.

    Raises AssignmentError with one sentence that names the key, what is wrong and what would be right.

    Example:
        >>> check_config({"student": {...}, "experiments": {"a": {"dataset": "mnist", "model": "lean"}}})
    """
    check_values(config)
    try:
        tables = {"experiments": expand_experiments(config.get("experiments"))}
        tables |= {key: completed_rows(config[key], key) for key in ("captioners", "detectors") if config.get(key)}
        given = Config.model_validate({**config, **tables})
    except ValidationError as error:
        raise refusal(sentence(error, Config)) from None
    rows, homes = _named(given), _homes(given.plain())
    asked = {name for name, dataset in given.datasets.items() if "image_size" in dataset.model_fields_set}
    checked = Config.model_validate(homes | {"experiments": rows, "datasets": sized(homes["datasets"], asked, rows)})
    check_paths(checked)
    check_detection(checked.detector, checked.faces, checked.detection_datasets, checked.detectors)
    check_captioners(checked)
    _check_classifier(checked.classifier)
    for name, row in checked.experiments.items():
        _known(f"experiments: {name}: dataset", row.dataset, [*registry.names(registry.DATASETS), *checked.datasets])
        _known(f"experiments: {name}: augmentation", row.augmentation, ["none", *registry.names(registry.POLICIES)])
        check_model(f"experiments: {name}: model", row.model)
        check_pretrained(name, row, given.experiments[name].model_fields_set)
        check_optimizer(name, row, given.experiments[name].model_fields_set)
        check_images_per_class(name, row, checked.datasets)
        _check_low_resolution(name, row)
        check_cross_validation(name, row, checked.datasets)
        _check_change(name, checked.experiments)
        if name in RESERVED:
            raise refusal(f"`experiments: {name}` is the name of a file of the results: choose another.")
    for name in checked.datasets:
        if name in registry.names(registry.DATASETS):
            raise refusal(f"`datasets: {name}` is the name of an official data set: choose another.")
    zip_name(checked.student.last_name, checked.student.first_name)
    return checked


def _check_low_resolution(name: str, row: Experiment) -> None:
    if row.low_resolution_share and row.model in ONE_SIZE:
        raise refusal(
            f"`experiments: {name}: low_resolution_share`: {row.model} takes images of one size only: leave it out, or "
            "choose a net that ends in global pooling, such as lean."
        )


def _homes(config: dict) -> dict:
    """Return the config with `~` at the beginning of paths replaced by the home folder that it stands for.

    `assignment_dir` loses steps that lead nowhere, as in `./x`; this folder itself is as null, with results here.
    """
    paths = {key: os.path.expanduser(config[key]) for key in ("photographs", "assignment_dir") if config[key]}
    if folder := paths.get("assignment_dir"):
        folder = Path(os.path.normpath(folder)).as_posix()
        paths["assignment_dir"] = None if folder == "." else folder
    rows = {name: row | {"folder": os.path.expanduser(row["folder"])} for name, row in config["datasets"].items()}
    return config | paths | {"datasets": rows}


def _named(config: Config) -> dict[str, dict]:
    """Return the rows, each with a title, a group, and a short title where that does not follow from the title.

    Where two short titles would be equal, the names of the experiments take their place.
    """
    rows = {}
    for name, row in config.experiments.items():
        values = row.model_dump(exclude=set(ASKED) - row.model_fields_set)
        given = completed(row, {key: value for key, value in values.items() if key not in NAMES or value})
        rows[name] = given | {"title": row.title or name, "group": row.group or name}
    short = {name: short_title(name, row) for name, row in rows.items()}
    count = Counter(short.values())
    for name, title in short.items():
        if count[title] > 1 and title != name:
            rows[name]["short_title"] = name
    return rows


def _known(where: str, value: str, known: list[str]) -> None:
    if value not in known:
        raise refusal(f"`{where}: {value}` is not known{nearest(value, known)}.")


def _check_change(name: str, rows: dict[str, Experiment]) -> None:
    """Refuse a `change_of` that names no other row on the same data set, or comes round to the row itself."""
    row = rows[name]
    if not row.change_of:
        return
    changes = {one.group: one.change_of for one in rows.values()}
    known = sorted({one.group for one in rows.values() if one.dataset == row.dataset} - {row.group})
    where = f"`experiments: {name}: change_of: {row.change_of}`"
    if row.change_of not in known:
        raise refusal(f"{where} is no other row on the same data set{nearest(row.change_of, known) if known else ''}.")
    before, seen = row.change_of, set()
    while before and before not in seen:
        seen.add(before)
        before = changes.get(before, "")
        if before == row.group:
            raise refusal(f"{where} goes round in a circle: let one of these rows be a change of none.")


def _check_classifier(classifier: Classifier) -> None:
    """Refuse a classifier that keras.applications has not, or whose published weights cannot be verified."""
    name = classifier.architecture
    if name not in PRETRAINED:
        raise refusal(
            f"`classifier: architecture` is {name!r}, which is no classifier of keras.applications"
            f"{nearest(name, PRETRAINED)}."
        )
    if classifier.weights == "imagenet" and not PRETRAINED[name].top:
        raise refusal(
            f"`classifier: weights: imagenet`: Keras states no digest of the published weights of {name}, so they are "
            "not fetched: put the file into data/raw/imagenet and write its name here."
        )
    if classifier.compute_dtype == "int8" and classifier.engine != "openvino":
        raise refusal(
            f"`classifier: compute_dtype: int8` is not for `engine: {classifier.engine}`: set `engine: openvino` "
            "beside it, or `compute_dtype: auto`."
        )
