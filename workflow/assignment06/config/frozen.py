"""Rows of the config whose nets look through a frozen one: captioners, and detectors that are trained here."""

import re
from pathlib import Path
from typing import ClassVar

from assignment06.config.experiment import Experiment, weights_name
from assignment06.config.rows import expand_experiments
from assignment06.config.sentences import nearest, refusal
from assignment06.config.types import Name, OptionalSide, Text
from assignment06.data.imagenet import PRETRAINED
from assignment06.shared.documents import Document


class FrozenRow(Document):
    """What such a row says of its names, its data set and the frozen net."""

    trains_nothing: ClassVar[tuple[str, ...]] = ("title", "group")
    """Keys that training does not depend on."""

    title: Text = ""
    """Heading in plots and tables. Default is the row's name."""
    group: Text = ""
    """What runs that differ only by their seed have in common; set by `seeds`."""
    dataset: Text
    """A name from the table of its data sets."""
    model: Text
    """The frozen net that looks at the photographs: a classifier of keras.applications, trained on ImageNet."""
    weights: Name = "imagenet"
    """imagenet for the published file, or the name of a weights file in data/raw/imagenet."""
    weights_sha256: Text = ""
    """The SHA-256 that a weights file of your own must have."""
    input_size: OptionalSide = None
    """Pixels of a side to which photographs are scaled; null for the size the net was trained with."""

    @property
    def source(self) -> str:
        """Which weights the frozen net has, as a name that a file can have; the same as of a row of `experiments`."""
        return weights_name(self.model, self.weights, self.weights_sha256)

    @property
    def backbone(self) -> str:
        """Which frozen features it has, as a name that a file can have."""
        return f"{self.source}_{self.input_size}"

    def training(self) -> dict:
        """Return what its training depends on: neither its names nor what it is used with afterwards."""
        return {key: value for key, value in self.model_dump().items() if key not in self.trains_nothing}


def completed_rows(rows: object, table: str) -> object:
    """Return a table with a row for each combination of listed values, and the size that each net was trained with.

    What is no table stays as it is, for the type to refuse.
    """
    expanded = expand_experiments(rows, table)
    if not isinstance(expanded, dict):
        return expanded
    completed = {}
    for name, row in expanded.items():
        if isinstance(row, dict):
            row = {key: value for key, value in row.items() if key != "short_title"}
            row = {"title": name, "group": name} | row
            if row.get("input_size") is None and row.get("model") in PRETRAINED:
                row["input_size"] = PRETRAINED[row["model"]].size
        completed[name] = row
    return completed


def check_backbone(where: str, row: Experiment | FrozenRow) -> None:
    """Refuse weights and a size that a classifier of keras.applications cannot begin with; `where` names the row."""
    net = PRETRAINED[row.model]
    if row.weights == "imagenet" and not net.no_top:
        raise refusal(
            f"`{where}: weights: imagenet`: Keras states no digest of the published weights of {net.name}, "
            "so they are not fetched: put the file into data/raw/imagenet and write its name here."
        )
    if Path(row.weights).name != row.weights or {"{", "}"} & set(row.weights):
        raise refusal(
            f"`{where}: weights: {row.weights}` must be a bare file name without braces: put the file into "
            "data/raw/imagenet."
        )
    if row.weights_sha256 and row.weights == "imagenet":
        raise refusal(f"`{where}: weights_sha256` is for a file of your own: name it as `weights`.")
    if row.weights_sha256 and not re.fullmatch("[0-9a-fA-F]{64}", row.weights_sha256):
        raise refusal(f"`{where}: weights_sha256` is no SHA-256: write the 64 digits that sha256sum prints.")
    if row.input_size and row.input_size < net.smallest:
        raise refusal(f"`{where}: input_size` is {row.input_size}; {net.name} takes at least {net.smallest} pixels.")


def check_frozen(where: str, row: FrozenRow, datasets: dict, table: str) -> None:
    """Refuse a data set that `table` does not have, and what no net can begin with; `where` names the row."""
    if row.dataset not in datasets:
        known = nearest(row.dataset, datasets) if datasets else "; there is none"
        raise refusal(f"`{where}: dataset: {row.dataset}` is not in `{table}`{known}.")
    if row.model not in PRETRAINED:
        raise refusal(
            f"`{where}: model: {row.model}` is no classifier of keras.applications{nearest(row.model, PRETRAINED)}."
        )
    check_backbone(where, row)


def check_warmup(where: str, warmup_epochs: float, epochs: int) -> None:
    """Refuse a rise of the learning rate that is not over before the last epoch."""
    if warmup_epochs >= epochs:
        raise refusal(f"`{where}: warmup_epochs` is {warmup_epochs}; it must be less than the {epochs} epochs.")
