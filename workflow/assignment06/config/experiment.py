"""One row of the table of experiments: all that a training, a plot or the report knows of it."""

import re
from typing import Annotated, Literal

from pydantic import Field

from assignment06.config.types import Number, Seed, Share, Text, Whole
from assignment06.shared.documents import Document

NUMBER = re.compile(r"\d+(\.\d+)*[a-z]?\b")
NAMES = ("title", "short_title", "group")  # what names a row and trains nothing


class Experiment(Document):
    """One model to train."""

    title: Text = ""
    """Heading in plots and report. Default is the experiment's name."""
    short_title: Text = ""
    """Where there is little room. Default: the number that the title begins with, else the experiment's name; and what
    was swept."""
    group: Text = ""
    """What runs that differ only by their seed have in common; set by `seeds`."""
    dataset: Text
    """mnist, cifar10, or a name from `datasets`."""
    model: Text
    """The net: book_mnist, book_cifar10, lean, or a function of your own as `file.py:function`."""
    augmentation: Text = "none"
    """KerasCV policy for training images: none, book, light or strong."""
    dropout: Annotated[Number, Field(ge=0, lt=1)] = 0
    """Dropout rate; 0 for none."""
    epochs: Annotated[Whole, Field(ge=1, le=10_000)] = 10
    """Passes over the training images."""
    batch_size: Annotated[Whole, Field(ge=1, le=100_000)] = 128
    """Images for each training step."""
    optimizer: Literal["sgd", "adam", "rmsprop"] = "adam"
    """sgd is with Nesterov momentum 0.9."""
    learning_rate: Annotated[Number, Field(gt=0, le=1000)] = 0.001
    """The highest learning rate."""
    schedule: Literal["constant", "linear", "cosine"] = "constant"
    """How the rate falls (to zero) over all epochs."""
    warmup_epochs: Annotated[Number, Field(ge=0, le=10_000)] = 0
    """Epochs of linear rise before that."""
    weight_decay: Annotated[Number, Field(ge=0, le=1000)] = 0
    """Decoupled weight decay of the optimiser."""
    label_smoothing: Annotated[Number, Field(ge=0, lt=1)] = 0
    """Of the training loss."""
    compute_dtype: Literal["auto", "float32"] = "auto"
    """auto: training multiplies in bfloat16 where the processor has it, faster; weights stay float32."""
    validation_split: Share = 0.1
    """Share of the training images held out."""
    seed: Seed = 0
    """Seed of everything random."""

    def training(self) -> dict:
        """Return what a training depends on: all but the names."""
        return {key: value for key, value in self.plain().items() if key not in NAMES}


def short_title(name: str, row: dict) -> str:
    """Return the short title of a row of the config: its own, or what its number or its name says.

    Example:
        >>> short_title("cifar10_plain", {"title": "6.2a CIFAR-10, no dropout"})
        '6.2a'
        >>> short_title("wide", {"title": "A net with wide layers"})
        'wide'
    """
    if row.get("short_title"):
        return row["short_title"]
    title = row.get("title")
    number = NUMBER.match(title) if isinstance(title, str) else None  # it may not have been checked yet
    return number[0] if number else name
