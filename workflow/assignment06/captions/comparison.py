"""Captioners side by side, and over their seeds."""

import csv

import numpy as np

from assignment06.captions.results import CaptionMetrics
from assignment06.experiments.comparison import spread
from assignment06.shared.documents import Document
from assignment06.shared.files import atomic_path

COLUMNS = [
    "captioner", "dataset", "seed", "bleu1", "bleu2", "bleu3", "bleu4", "bleu4_low", "bleu4_high", "nearest_bleu4",
    "one_for_all_bleu4", "validation_bleu4", "distinct", "copied", "photographs", "parameters", "epochs", "seconds",
]  # fmt: skip


class CaptionerSpread(Document):
    """Captioners that differ by their seed alone, on the same test photographs."""

    group: str
    dataset: str
    seeds: list[int]
    bleu4: list[float]
    """Of each seed."""
    mean: float
    standard_deviation: float
    interval_95: tuple[float, float] | None
    """Student's t interval of the mean; null below five seeds."""
    nearest_bleu4: float
    one_for_all_bleu4: float


class CaptionerComparison(Document):
    """What several captioners reach (results/captions/comparison.json)."""

    groups: list[CaptionerSpread]


def compare_captioners(metrics: list[str], summary: str, comparison: str) -> None:
    """Write a table with one row a captioner, and the `CaptionerComparison` of those with several seeds."""
    results = [CaptionMetrics.read(path) for path in metrics]
    with atomic_path(summary) as part, open(part, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(map(_row, results))
    groups: dict[tuple[str, str], list[CaptionMetrics]] = {}
    for one in results:
        groups.setdefault((one.group, one.test_sha256), []).append(one)
    CaptionerComparison(groups=[_spread(runs) for runs in groups.values() if len(runs) > 1]).write(comparison)


def _row(one: CaptionMetrics) -> list:
    low, high = one.captioner_scores.intervals_95[-1]
    figures = [*one.captioner_scores.bleu, low, high, one.nearest.bleu[-1], one.one_for_all.bleu[-1]]
    figures.append(one.training.validation_bleu4)
    return [
        one.captioner, one.dataset, one.settings.seed, *(f"{figure:.4f}" for figure in figures),
        one.diversity.distinct, f"{one.diversity.copied:.4f}", one.photographs, one.training.parameters,
        one.training.epochs, f"{one.training.seconds:.1f}",
    ]  # fmt: skip


def _spread(runs: list[CaptionMetrics]) -> CaptionerSpread:
    reached = [one.captioner_scores.bleu[-1] for one in runs]
    return CaptionerSpread(
        group=runs[0].group,
        dataset=runs[0].dataset,
        seeds=[one.settings.seed for one in runs],
        bleu4=reached,
        mean=float(np.mean(reached)),
        standard_deviation=float(np.std(reached, ddof=1)),
        interval_95=spread(reached)["interval_95"],
        nearest_bleu4=runs[0].nearest.bleu[-1],
        one_for_all_bleu4=runs[0].one_for_all.bleu[-1],
    )
