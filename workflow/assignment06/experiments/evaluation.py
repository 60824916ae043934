"""Metrics of the predictions of a test set."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, log_loss, precision_recall_fscore_support

from assignment06.config.experiment import Experiment
from assignment06.data.prepared import DatasetDescription
from assignment06.experiments.results import (
    ClassScores,
    Metrics,
    MetricsProvenance,
    TestScores,
    TrainingFacts,
)
from assignment06.shared.files import sha256_file
from assignment06.shared.provenance import provenance

CALIBRATION_BINS = 15


def evaluate_predictions(
    experiment: str, settings: Experiment, predictions: str, facts: str, model: str, description: str, metrics: str
) -> None:
    """Write an experiment's `Metrics`, from its predictions CSV and the `TrainingFacts` of its training."""
    data, training = DatasetDescription.read(description), TrainingFacts.read(facts)
    origin: dict[str, Any] = {"pretrained_files": training.pretrained_files} if training.pretrained_files else {}
    origin |= {"resize": data.resize} if data.resize != "crop" else {}
    Metrics(
        experiment=experiment,
        title=settings.title,
        dataset=settings.dataset,
        stamps=[*data.stamps, *training.stamps],
        **score(pd.read_csv(predictions), data.classes),
        training=training.scores(),
        settings=settings,
        provenance=MetricsProvenance(
            data_source=data.data_source,
            data_sha256=data.files or {"prepared training set": training.data_sha256},
            model_sha256=sha256_file(model),
            weights_sha256=training.weights_sha256,
            device=training.device,
            compute_dtype=training.compute_dtype,
            **origin,
            **provenance(),
        ),
    ).write(metrics)


def score(table: pd.DataFrame, classes: list[str]) -> dict:
    """Return the fields `test`, `per_class` and `confusion_matrix` of `Metrics` for a table of predictions.

    The interval of the accuracy is Wilson's at 95 % (Wilson, 1927); the loss is the categorical cross-entropy in nats.
    """
    true, predicted = table["true_label"].to_numpy(), table["predicted_label"].to_numpy()
    probabilities = table[[f"p_{name}" for name in classes]].to_numpy(np.float64)
    labels = np.arange(len(classes))
    hits = int((true == predicted).sum())
    interval = binomtest(hits, len(true)).proportion_ci(method="wilson")
    precision, recall, f1, support = precision_recall_fscore_support(true, predicted, labels=labels, zero_division=0)
    return {
        "test": TestScores(
            images=len(true),
            accuracy=hits / len(true),
            accuracy_interval_95=(float(interval.low), float(interval.high)),
            loss=float(log_loss(true, probabilities / probabilities.sum(axis=1, keepdims=True), labels=labels)),
            expected_calibration_error=expected_calibration_error(table["probability"].to_numpy(), true == predicted),
        ),
        "per_class": [
            ClassScores(
                name=name,
                precision=float(precision[label]),
                recall=float(recall[label]),
                f1=float(f1[label]),
                support=int(support[label]),
            )
            for label, name in enumerate(classes)
        ],
        "confusion_matrix": confusion_matrix(true, predicted, labels=labels).tolist(),
    }


def expected_calibration_error(confidence: np.ndarray, correct: np.ndarray, bins: int = CALIBRATION_BINS) -> float:
    """Return the mean gap between confidence and accuracy over equal-width bins, weighted by their images.

    `confidence`: float [n] in 0..1; `correct`: bool [n]. Guo et al., On calibration of modern neural networks, 2017.
    """
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    count = np.bincount(place, minlength=bins)
    gap = np.bincount(place, weights=correct, minlength=bins) - np.bincount(place, weights=confidence, minlength=bins)
    return float(np.abs(gap).sum() / count.sum())
