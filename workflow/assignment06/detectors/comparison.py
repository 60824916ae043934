"""Detectors that were trained here, side by side."""

import csv

from assignment06.detection.results import DetectionMetrics
from assignment06.shared.files import atomic_path

COLUMNS = [
    "detector", "group", "seed", "trained_on", "tested_on", "ap", "ap50", "ap75", "validation_ap", "validation_ap50",
    "images", "test_images", "trained_parameters", "epochs", "chosen_epoch", "seconds",
]  # fmt: skip


def compare_detectors(metrics: list[str], summary: str) -> None:
    """Write a table with one row a detector, from the `DetectionMetrics` of each."""
    with atomic_path(summary) as part, open(part, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(map(_row, map(DetectionMetrics.read, metrics)))


def _row(one: DetectionMetrics) -> list:
    told = one.training
    if told is None:
        raise ValueError(f"{one.detector} was not trained here")
    figures = [*(one.summary[key] for key in ("ap", "ap50", "ap75")), told.validation_ap, told.validation_ap50]
    return [
        told.detector, told.settings.group, told.settings.seed, told.dataset, one.dataset,
        *("" if figure is None else f"{figure:.4f}" for figure in figures), told.images, one.images,
        told.trained_parameters, told.epochs, told.chosen_epoch, f"{told.seconds:.1f}",
    ]  # fmt: skip
