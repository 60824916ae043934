"""What trainings and evaluations leave behind, as types."""

from pydantic import Field

from assignment06.config.experiment import Experiment, short_title
from assignment06.shared.documents import Document
from assignment06.shared.provenance import Provenance

SHORT = 40  # letters: a title that is longer needs more room than a column or a legend has


class TrainingScores(Document):
    """A saved model on its training and validation images, without augmentation and dropout, in float32."""

    accuracy: float
    loss: float
    """Categorical cross-entropy in nats."""
    validation_accuracy: float
    validation_loss: float
    validation_accuracy_once: float | None = None
    """Of a net that looks more than once (test-time augmentation): the accuracy without that."""
    epochs: int
    chosen_epoch: int
    """The epoch, from 1, whose weights were saved."""
    images: int
    """Training images, those for validation left out."""
    measured_images: int
    """Of these, drawn with the seed: the ones that `accuracy` and `loss` are of."""
    validation_images: int
    parameters: int
    seconds: float
    """Of all epochs together."""
    seed: int
    threads: int


class TrainingFacts(TrainingScores):
    """What a training says of itself (results/training)."""

    device: str
    compute_dtype: str
    """Number format of the epochs' products and convolutions; two joined by "and" where a run changed machines."""
    weights_sha256: str
    """Of the weights alone; a saved file also holds dates."""
    data_sha256: str
    """Of the prepared training set."""
    stamps: list[str] = Field(default_factory=list)
    """Of a pretrained net: why it is not for submission, if it is not."""
    pretrained_files: dict[str, str] = Field(default_factory=dict)
    """Of a pretrained net: the weights file under data/raw and its SHA-256."""

    def scores(self) -> TrainingScores:
        """Return the part that metrics have of it."""
        return TrainingScores(**self.model_dump(include=set(TrainingScores.model_fields), exclude_unset=True))


class TestScores(Document):
    """A saved model on the test images."""

    __test__ = False  # no test of pytest's

    images: int
    accuracy: float
    accuracy_interval_95: tuple[float, float]
    """Wilson's interval."""
    loss: float
    """Categorical cross-entropy in nats."""
    expected_calibration_error: float


class ClassScores(Document):
    """One class of the test images."""

    name: str = Field(alias="class")
    precision: float
    recall: float
    f1: float
    support: int


class MetricsProvenance(Provenance):
    """Where an experiment's figures come from."""

    data_source: str
    data_sha256: dict[str, str]
    model_sha256: str
    weights_sha256: str
    device: str
    compute_dtype: str
    pretrained_files: dict[str, str] = Field(default_factory=dict)
    """Of a pretrained net: the weights file under data/raw and its SHA-256."""
    resize: str = "crop"
    """Of an own data set: how its images became squares."""


class Metrics(Document):
    """An experiment's figures (results/metrics)."""

    experiment: str
    title: str
    dataset: str
    stamps: list[str]
    """Why the figures are not for submission, if they are not."""
    test: TestScores
    per_class: list[ClassScores]
    confusion_matrix: list[list[int]]
    """Rows are true classes, columns predicted ones."""
    training: TrainingScores
    settings: Experiment
    provenance: MetricsProvenance

    @property
    def short_title(self) -> str:
        """What the experiment is called where there is little room."""
        short = short_title(self.experiment, {"title": self.title, "short_title": self.settings.short_title})
        return self.title if short == self.experiment and 0 < len(self.title) <= SHORT else short


class CrossValidation(Document):
    """What heads trained on the other folds say of each training image (results/metrics/cross_validation)."""

    experiment: str
    title: str
    dataset: str
    stamps: list[str]
    folds: list[float]
    """Accuracy on each fold."""
    left_out: TestScores
    """Of all folds together, each image predicted by the head that was not trained on it."""
    balanced_accuracy: float
    """Mean recall of the classes."""
    per_class: list[ClassScores]
    confusion_matrix: list[list[int]]


class Export(Document):
    """A trained net as an ONNX file, and how it answers beside the Keras net (results/metrics/export)."""

    experiment: str
    file: str
    """Its name in results/models."""
    bytes: int
    sha256: str
    model_sha256: str
    """Of the Keras model that it was made from."""
    images: int
    """Test images that both predicted, all with the same label."""
    largest_difference: float
    """Of the probability of any class of any test image."""
    tolerance: float
    """How large that may be."""
    seconds: float
    """Of the predictions by onnxruntime."""


class McNemar(Document):
    """McNemar's exact test of two predictions of the same images."""

    only_first_right: int
    only_second_right: int
    accuracy_difference: float
    """Second minus first."""
    p_value: float
    """Two-sided."""


class Pair(McNemar):
    """McNemar's test of two experiments."""

    first: str
    second: str
    p_value_corrected: float
    """For the number of pairs on the same test images, by Holm's method."""
    pairs: int
    """How many pairs that are."""


class Spread(Document):
    """Values over several seeds."""

    seeds: int
    mean: float
    standard_deviation: float
    """Of the sample."""
    lowest: float
    highest: float
    interval_95: tuple[float, float] | None
    """Student's t interval of the mean; null below five seeds, and where all values are equal."""


class GroupSpread(Spread):
    """Test accuracy of one group of experiments over its seeds."""

    group: str
    title: str


class PairedSpread(Spread):
    """Difference of test accuracy of two groups, second minus first, seed by seed."""

    first: str
    second: str


def names(results: list[Metrics]) -> list[str]:
    """Return what experiments are called side by side: short titles, whole ones where two are alike, or names."""
    short, whole = [one.short_title for one in results], [one.title for one in results]
    return [
        name if short.count(name) == 1 else one.title if whole.count(one.title) == 1 else one.experiment
        for one, name in zip(results, short, strict=True)
    ]


class Comparison(Document):
    """All experiments side by side (results/metrics/comparison.json)."""

    mcnemar: list[Pair]
    groups: list[GroupSpread]
    paired: list[PairedSpread]
