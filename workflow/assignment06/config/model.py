"""`config.yaml` as a type: the only source of its keys, defaults, limits, and of docs/config.md."""

from typing import Annotated, Literal

from pydantic import Field

from assignment06.config.captions import CaptionedImages, Captioner
from assignment06.config.detection import AnnotatedImages, Detector, Faces, OwnDetector
from assignment06.config.experiment import Experiment
from assignment06.config.types import Key, Name, OptionalText, PlainKey, Seed, Share, Table, Text, Whole
from assignment06.shared.documents import Document


class Student(Document):
    """Whose submission it is; makes the name of the zip."""

    last_name: Text
    """Family name. Spaces become "-"; accents and apostrophes are dropped."""
    first_name: Text
    """Given name."""


class Classifier(Document):
    """The pretrained net of 6.3."""

    architecture: Text = "ResNet50"
    """Any classifier of keras.applications."""
    weights: Name = "imagenet"
    """imagenet for the published file, or the name of a weights file in data/raw/imagenet."""
    top: Annotated[Whole, Field(ge=1, le=100)] = 5
    """Labels for each photograph."""
    batch_size: Annotated[Whole, Field(ge=1, le=10_000)] = 32
    """Photographs for each prediction step."""
    compute_dtype: Literal["float32", "auto", "int8"] = "float32"
    """auto: multiply in bfloat16 (a GPU in TensorFloat-32) where it can, faster; probabilities change a little.
    int8, of engine openvino alone: in whole numbers whose ranges are measured on the photographs, faster still."""
    engine: Literal["keras", "openvino"] = "keras"
    """openvino: OpenVINO computes the same net, faster on a processor. Needs `make submission EXTRAS=openvino`."""
    shard_size: Annotated[Whole, Field(ge=1, le=1_000_000)] = 1000
    """Photographs for each job."""


class Plots(Document):
    """How plots look; a change redraws plots and nothing else."""

    dpi: Annotated[Whole, Field(ge=50, le=600)] = 120
    """Dots for each inch."""
    mistakes: Annotated[Whole, Field(ge=1, le=100)] = 25
    """Images in a gallery of mistakes."""


LARGEST_IMAGE = 512  # pixels of a side


class OwnDataset(Document):
    """A folder with one sub-folder of images for each class."""

    folder: Name
    """The folder whose sub-folders are the classes."""
    image_size: Annotated[Whole, Field(ge=16, le=LARGEST_IMAGE)] = 32
    """Pixels of a side. Where a row with a pretrained net uses the images, the default is its `input_size`."""
    resize: Literal["crop", "letterbox", "stretch"] = "crop"
    """How an image becomes a square: cut to its middle, whole between grey bars, or whole in another shape."""
    test_split: Share = 0.2
    """Share kept for the test."""
    seed: Seed = 0
    """Seed of that split."""


class Config(Document):
    """What a student edits. How it is run (cores, memory, partitions) belongs into a profile."""

    student: Student
    """Whose submission it is; makes the name of the zip."""
    data_source: Literal["auto", "official", "sample"] = "auto"
    """official (fail without the real data), sample (made on the spot, no network, not for submission), or auto
    (official where it can be had, else the sample)."""
    photographs: Name = "data/raw/images"
    """A folder of photographs for 6.3, or a text file with one path a line."""
    assignment_dir: OptionalText = None
    """A folder dsc650/assignments/assignment06 in a clone of the course repository. If given, results land there
    and the zip beside it; otherwise both land here."""
    image: OptionalText = None
    """A published container image, such as docker://registry/name@sha256:..., to use in place of the one that is
    built here."""
    classifier: Classifier = Classifier()
    """The pretrained net of 6.3."""
    detector: Detector = Detector()
    """What finds objects in the photographs of 6.3; off unless asked for."""
    faces: Faces = Faces()
    """What finds faces in the photographs of 6.3; off unless asked for."""
    detection_datasets: Annotated[dict[PlainKey, AnnotatedImages], Table] = Field(default_factory=dict)
    """Images with boxes in COCO's format, by name, to measure the detector with, or to train one of `detectors`."""
    detectors: Annotated[dict[Key, OwnDetector], Table] = Field(default_factory=dict)
    """One row for each detector to train; lists of values and `seeds` as in `experiments`."""
    caption_datasets: Annotated[dict[PlainKey, CaptionedImages], Table] = Field(default_factory=dict)
    """Photographs with captions, by name, to train captioners with."""
    captioners: Annotated[dict[Key, Captioner], Table] = Field(default_factory=dict)
    """One row for each net to train that says what is in a picture; lists of values and `seeds` as in `experiments`."""
    photograph_captioner: OptionalText = None
    """The one of `captioners` that also writes captions for the photographs of 6.3."""
    logging: Literal["none", "tensorboard", "mlflow"] = "none"
    """Whom trainings are told to, epoch by epoch: TensorBoard's files in results/tensorboard, or MLflow, at
    MLFLOW_TRACKING_URI or in results/mlflow. Needs `make submission EXTRAS=` with that name; trains nothing anew."""
    plots: Plots = Plots()
    """How plots look; a change redraws plots and nothing else."""
    datasets: Annotated[dict[PlainKey, OwnDataset], Table] = Field(default_factory=dict)
    """Own data sets by name; a folder with one sub-folder of images for each class."""
    experiments: Annotated[dict[Key, Experiment], Field(min_length=1), Table]
    """One row for each model to train; the name becomes part of its files' names. Any value may be a list, and
    `seeds` a list of seeds: every combination becomes a row of its own."""

    def plain(self) -> dict:
        """Return all keys, those that were not given with their defaults."""
        rows = {name: row.plain() for name, row in self.experiments.items()}
        return self.model_dump(exclude={"experiments"}) | {"experiments": rows}
