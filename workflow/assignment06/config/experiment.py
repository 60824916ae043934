"""One row of the table of experiments: all that a training, a plot or the report knows of it."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field

from assignment06.config.types import Name, Number, OptionalCount, OptionalSide, Seed, Share, Text, Whole
from assignment06.data.imagenet import PRETRAINED
from assignment06.shared.documents import Document
from assignment06.shared.files import sha256_json

NUMBER = re.compile(r"\d+(\.\d+)*[a-z]?\b")
NAMES = ("title", "short_title", "group", "change_of")  # what names a row and trains nothing
APART = (*NAMES, "cross_validation", "export")  # what the row's own training does not depend on
FINE_TUNING = ("fine_tune_epochs", "fine_tune_learning_rate", "fine_tune_rate_decay")  # what a head has not
# What only a pretrained net has, and what any row may ask for: rows that ask for none of it have none of it
TRANSFER = ("weights", "weights_sha256", "input_size", "train", *FINE_TUNING, "cross_validation")
HEAD_ALONE = {"train": "head", "augmentation": "none"}
ASKED = (
    *TRANSFER, "class_weight", "export", "images_per_class", "patience", "low_resolution_share",
    "test_time_augmentation", "threads",
)  # fmt: skip


class Experiment(Document):
    """One model to train."""

    title: Text = ""
    """Heading in plots and report. Default is the experiment's name."""
    short_title: Text = ""
    """Where there is little room. Default: the number that the title begins with, else the experiment's name; and what
    was swept."""
    group: Text = ""
    """What runs that differ only by their seed have in common; set by `seeds`."""
    change_of: Text = ""
    """Another row on the same data set, of which this one is a change: the report then says what the change made."""
    dataset: Text
    """mnist, cifar10, or a name from `datasets`."""
    model: Text
    """The net: book_mnist, book_cifar10, lean, whitened, whitened_wide, a function of your own as `file.py:function`,
    or a classifier of keras.applications such as MobileNetV3Small, trained on ImageNet."""
    augmentation: Text = "none"
    """KerasCV policy for training images: none, alternating, book, slight, light or strong."""
    dropout: Annotated[Number, Field(ge=0, lt=1)] = 0
    """Dropout rate; 0 for none."""
    epochs: Annotated[Whole, Field(ge=1, le=10_000)] = 10
    """Passes over the training images."""
    batch_size: Annotated[Whole, Field(ge=1, le=100_000)] = 128
    """Images for each training step."""
    optimizer: Literal["sgd", "adam", "rmsprop", "muon", "lbfgs"] = "adam"
    """sgd is with Nesterov momentum 0.9; muon (Jordan et al., 2024) is for convolutions with a normalisation after
    them, and trains the rest by Adam at a tenth of the rate. lbfgs, for `train: head` alone, has no epochs and no rate:
    logistic regression on the features, its L2 penalty chosen on the validation images; best with few images a
    class."""
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
    """auto: training multiplies in bfloat16 (a GPU in TensorFloat-32) where it can, faster; weights stay float32."""
    validation_split: Share = 0.1
    """Share of the training images held out."""
    seed: Seed = 0
    """Seed of everything random."""
    images_per_class: OptionalCount = None
    """Training images of each class, drawn with the seed; null for all. Those for validation come on top, in
    proportion."""
    class_weight: Literal["none", "balanced"] = "none"
    """balanced: images of rare classes count more in the training loss, so that all classes count alike."""
    patience: OptionalCount = None
    """Stop after so many epochs without a better validation accuracy (of a pretrained net: loss); null for never."""
    low_resolution_share: Annotated[Number, Field(ge=0, lt=1)] = 0
    """The first epochs, this share of all (rounded down), train on images of three quarters of their size, in half the
    time (progressive resizing); for nets that take any size, as those that end in global pooling do."""
    test_time_augmentation: Literal["none", "mirror", "mirror_and_shifts"] = "none"
    """mirror: the saved net gives the mean of what it says of an image and of its mirror image, in twice the time;
    mirror_and_shifts: that counts half, the other half is what it says of both moved by a pixel either way, in six
    times the time."""
    threads: Annotated[Whole, Field(ge=1, le=1024)] = 2
    """Cores that its training gets, if the run has so many; its last digits depend on them. Two trainings of one core
    each side by side are done before one after the other on two."""
    export: Literal["none", "onnx"] = "none"
    """onnx: the trained net also as an ONNX file, proved on the test images. Needs `make submission EXTRAS=onnx`."""
    weights: Name = "imagenet"
    """Of a pretrained net: imagenet for the published file, or the name of a weights file in data/raw/imagenet."""
    weights_sha256: Text = ""
    """Of a pretrained net: the SHA-256 that a weights file of your own must have."""
    input_size: OptionalSide = None
    """Of a pretrained net: pixels of a side to which images are scaled; null for the size it was trained with."""
    train: Literal["head", "top", "all"] = "head"
    """Of a pretrained net: what is trained: a new last layer on frozen features (head), after that also the last stage
    (top), or everything (all). Batch normalisation stays frozen."""
    fine_tune_epochs: Annotated[Whole, Field(ge=1, le=10_000)] = 5
    """Epochs of `train: top` and `all`, after `epochs` of the head."""
    fine_tune_learning_rate: Annotated[Number, Field(gt=0, le=1000)] = 0.0001
    """The highest learning rate of these."""
    fine_tune_rate_decay: Annotated[Number, Field(gt=0, le=1)] = 1
    """Discriminative rates (Howard and Ruder, 2018): each stage of the backbone is fine-tuned at this share of the rate
    of the stage after it, the last stage at this share of the new layer's; 1 for one rate."""
    cross_validation: OptionalCount = None
    """Of a pretrained net with `train: head`: the number of folds into which the training images are cut as well, each
    predicted by a head that was trained on the others (`lbfgs` chooses its penalty by inner folds); null for none."""

    @property
    def is_pretrained(self) -> bool:
        """Whether the net is a classifier of keras.applications."""
        return self.model in PRETRAINED

    @property
    def source(self) -> str:
        """Which weights a pretrained net begins with, as a name that a file can have."""
        return weights_name(self.model, self.weights, self.weights_sha256)

    @property
    def backbone(self) -> str:
        """Which frozen features a pretrained net computes, as a name that a file can have."""
        return f"{self.source}_{self.input_size}"

    def head(self) -> Self:
        """Return the row of the head alone, which a fine-tuning begins with."""
        values = {key: value for key, value in self.plain().items() if key not in FINE_TUNING}
        return self.model_validate(values | HEAD_ALONE)

    def training(self) -> dict:
        """Return what a training depends on: neither its names nor what is trained besides."""
        return {key: value for key, value in self.plain().items() if key not in APART}


def weights_name(model: str, weights: str, digest: str) -> str:
    """Return which weights a pretrained net has, as a name that a file can have; `digest` is "" where none is given.

    Example:
        >>> weights_name("ResNet50", "imagenet", "")
        'ResNet50_imagenet'
    """
    return f"{model}_{'imagenet' if weights == 'imagenet' else sha256_json([weights, digest])[:8]}"


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
