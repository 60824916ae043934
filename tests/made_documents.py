"""Documents as a run leaves them, made up, each field as a test wants it."""

from assignment06.captions.measures import Diversity, Scores
from assignment06.captions.results import CaptionerFacts, CaptionMetrics, PhotographCaptions
from assignment06.config.captions import Captioner
from assignment06.config.experiment import Experiment
from assignment06.data.prepared import DatasetDescription
from assignment06.experiments.results import ClassScores, Metrics, MetricsProvenance, TestScores, TrainingScores
from assignment06.photographs.results import ClassifierMetadata, ClassifierProvenance
from assignment06.shared.provenance import Provenance
from assignment06.transfer.prepared import BackboneDescription

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


def bleu(four: float) -> Scores:
    """Scores of which BLEU-4 is `four`."""
    return Scores(bleu=[0.5, 0.3, 0.2, four], intervals_95=[(four - 0.02, four + 0.03)] * 4)


def captioner(name: str = "flickr", seed: int = 0, four: float = 0.125, **fields: object) -> CaptionMetrics:
    """Figures of a captioner."""
    net = BackboneDescription(
        net="MobileNetV2", input_size=224, features=1280, weights_sha256="34" * 32, files={"w": ""}
    )
    settings = Captioner(dataset="flickr8k", model="MobileNetV2", title=name, group=name, seed=seed)
    facts = CaptionerFacts(
        captioner=name, settings=settings, backbone=net, dataset="flickr8k", photographs=700,
        validation_photographs=100,
        validation_bleu4=0.14, words=900, parameters=2_500_000, epochs=10, chosen_epoch=8, seconds=195.0, threads=2,
        device="CPU", weights_sha256="56" * 32, vocabulary_sha256="78" * 32,
    )  # fmt: skip
    usual = {
        "captioner": name, "title": name, "group": "flickr", "dataset": "flickr8k", "settings": settings,
        "training": facts, "photographs": 100, "references": 500, "captioner_scores": bleu(four),
        "nearest": bleu(0.088), "one_for_all": bleu(0.073), "sentence": "a dog runs",
        "diversity": Diversity(captions=100, distinct=81, words=120, copied=0.25), "seconds": 3.0,
        "test_sha256": "9a" * 32, "stamps": [], "provenance": Provenance(**HERE),
    }  # fmt: skip
    return CaptionMetrics(**usual | fields)


def photograph_captions(**fields: object) -> PhotographCaptions:
    """What is told of captions of photographs."""
    usual = {
        "captioner": "flickr", "note": "Written by a net; often wrong.", "images": 1, "skipped": 0, "seconds": 1.0,
        "stamps": [], "weights_sha256": "56" * 32, "provenance": Provenance(**HERE),
    }  # fmt: skip
    return PhotographCaptions(**usual | fields)
