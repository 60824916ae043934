"""Documents as a run leaves them, made up, each field as a test wants it."""

from assignment06.config.experiment import Experiment
from assignment06.data.prepared import DatasetDescription
from assignment06.experiments.results import ClassScores, Metrics, MetricsProvenance, TestScores, TrainingScores
from assignment06.photographs.results import ClassifierMetadata, ClassifierProvenance

CLASSES = ["cat", "dog"]
HERE = {
    "versions": {"keras": "3"}, "python": "3.11", "platform": "Linux", "container": None,
    "created": "2026-01-01T00:00:00+00:00",
}  # fmt: skip


def training(**fields: object) -> TrainingScores:
    """What a training says of itself."""
    usual = {
        "accuracy": 0.6, "loss": 1.0, "validation_accuracy": 0.5, "validation_loss": 1.0, "epochs": 3,
        "chosen_epoch": 2, "images": 900, "measured_images": 900, "validation_images": 100,
        "parameters": 1000, "seconds": 75.4, "seed": 0,
        "threads": 2,
    }  # fmt: skip
    return TrainingScores(**usual | fields)


def scores(**fields: object) -> TestScores:
    """Figures on 100 test images."""
    usual = {
        "images": 100, "accuracy": 0.5, "accuracy_interval_95": (0.4, 0.6), "loss": 1.0,
        "expected_calibration_error": 0.1,
    }  # fmt: skip
    return TestScores(**usual | fields)


def per_class(classes: list[str] = CLASSES) -> list[ClassScores]:
    """Figures of each class, all alike."""
    return [ClassScores(name=name, precision=0.5, recall=0.5, f1=0.5, support=50) for name in classes]


def made_provenance(**fields: object) -> MetricsProvenance:
    """Where figures come from."""
    usual = {
        "data_source": "official", "data_sha256": {"file.gz": "ab" * 32}, "model_sha256": "cd" * 32,
        "weights_sha256": "ef" * 32, "device": "CPU", "compute_dtype": "float32",
    }  # fmt: skip
    return MetricsProvenance(**usual | HERE | fields)


def metrics(experiment: str = "mnist", **fields: object) -> Metrics:
    """Figures of an experiment."""
    dataset, title = fields.get("dataset", "mnist"), fields.get("title", experiment)
    usual = {
        "experiment": experiment, "title": title, "dataset": dataset, "stamps": [], "test": scores(),
        "per_class": per_class(), "confusion_matrix": [[25, 25], [25, 25]], "training": training(),
        "settings": Experiment(dataset=dataset, model="book_mnist", title=title, group=experiment),
        "provenance": made_provenance(),
    }  # fmt: skip
    return Metrics(**usual | fields)


def description(classes: list[str] = CLASSES, **fields: object) -> DatasetDescription:
    """What a prepared data set holds."""
    usual = {
        "name": "made", "classes": classes, "data_source": "sample", "files": {}, "shape": (32, 32, 3), "train": 800,
        "test": 200,
    }  # fmt: skip
    return DatasetDescription(**usual | fields)


def classifier(**fields: object) -> ClassifierMetadata:
    """What 6.3 says of itself."""
    source = ClassifierProvenance(files={"weights.h5": "12" * 32}, device="CPU", compute_dtype="float32", **HERE)
    usual = {
        "architecture": "ResNet50", "photographs": "data/raw/images", "stamps": [], "images": 7, "skipped": 0,
        "seconds": 3.2, "provenance": source,
    }  # fmt: skip
    return ClassifierMetadata(**usual | fields)
