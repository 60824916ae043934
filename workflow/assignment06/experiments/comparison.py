"""Compare experiments on the same test images, and over their seeds."""

import csv
import itertools

import numpy as np
import pandas as pd
from scipy.stats import binomtest, ttest_1samp

from assignment06.experiments.results import Comparison, GroupSpread, McNemar, Metrics, Pair, PairedSpread
from assignment06.shared.files import atomic_path

LEAST_SEEDS = 5  # with fewer, an interval of their mean is so wide, or so wrong, that nothing follows from it


def mcnemar(first: pd.DataFrame, second: pd.DataFrame) -> McNemar:
    """Return the exact McNemar test of two predictions of the same test images (McNemar, 1947).

    The counts are of images that one of the two gets right and the other wrong; the p value is two-sided.
    """
    if not first["true_label"].equals(second["true_label"]):
        raise ValueError("McNemar's test needs predictions of the same images in the same order")
    right = [table["true_label"] == table["predicted_label"] for table in (first, second)]
    only_first, only_second = int((right[0] & ~right[1]).sum()), int((~right[0] & right[1]).sum())
    disagree = only_first + only_second
    p_value = binomtest(only_first, disagree).pvalue if disagree else 1.0
    return McNemar(
        only_first_right=only_first,
        only_second_right=only_second,
        accuracy_difference=(only_second - only_first) / len(first),
        p_value=float(p_value),
    )


def summarise_experiments(metrics: list[str], predictions: list[str], summary: str, comparison: str) -> None:
    """Write a table with one row an experiment, and their `Comparison`.

    `mcnemar` has McNemar's test of every pair on the same test images with the same seed; `groups` the mean,
    standard deviation, range and, from five seeds on, interval of the test accuracy over the seeds of each group that
    has several, and `paired` the same of the difference of two such groups, seed by seed. `metrics` and `predictions`
    are in the same order; the second of a pair is the later one in it.
    """
    results = [Metrics.read(path) for path in metrics]
    with atomic_path(summary) as part, open(part, "w", newline="", encoding="utf-8") as file:
        rows = [_summary_row(result) for result in results]
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    pairs: dict[str, list[dict]] = {}
    for (first, one), (second, two) in itertools.combinations(zip(results, predictions, strict=True), 2):
        if first.dataset == second.dataset and first.training.seed == second.training.seed:
            test = mcnemar(pd.read_csv(one), pd.read_csv(two))
            pair = {"first": first.experiment, "second": second.experiment, **test.plain()}
            pairs.setdefault(first.dataset, []).append(pair)
    tests = [
        Pair(**pair, p_value_corrected=p_value, pairs=len(found))
        for found in pairs.values()
        for pair, p_value in zip(found, holm([pair["p_value"] for pair in found]), strict=True)
    ]
    Comparison(mcnemar=tests, **compare_seeds(results)).write(comparison)


def holm(p_values: list[float]) -> list[float]:
    """Return p values corrected for their number (Holm, 1979), so that each may be read on its own."""
    corrected, highest = list(p_values), 0.0
    for rank, place in enumerate(np.argsort(p_values, kind="stable")):
        highest = max(highest, min(1.0, p_values[place] * (len(p_values) - rank)))
        corrected[place] = highest
    return corrected


def compare_seeds(results: list[Metrics]) -> dict:
    """Return the fields `groups` and `paired` of `Comparison` for the experiments that were run with several seeds."""
    groups: dict[tuple[str, str], dict[int, float]] = {}
    titles: dict[tuple[str, str], str] = {}
    for result in results:
        key = result.settings.group, result.dataset
        groups.setdefault(key, {})[result.training.seed] = result.test.accuracy
        titles[key] = result.short_title.removesuffix(f", seed {result.training.seed}")
    several = {key: by_seed for key, by_seed in groups.items() if len(by_seed) > 1}
    paired = []
    for (first, one), (second, two) in itertools.combinations(several.items(), 2):
        common = sorted(one.keys() & two.keys())
        if first[1] == second[1] and len(common) > 1:
            differences = [two[seed] - one[seed] for seed in common]
            paired.append(PairedSpread(first=first[0], second=second[0], **spread(differences)))
    return {
        "groups": [
            GroupSpread(group=key[0], title=titles[key], **spread(list(by_seed.values())))
            for key, by_seed in several.items()
        ],
        "paired": paired,
    }


def spread(values: list[float]) -> dict:
    """Return the fields of `Spread`: n, mean, sample standard deviation, range, and an interval of the mean.

    The interval is Student's at 95 % (for the differences of pairs, that of the paired t test), which takes the values
    for draws from a normal distribution. It is None for fewer than `LEAST_SEEDS` values, and for equal ones, which say
    nothing of how much another would differ.
    """
    interval = None
    if len(values) >= LEAST_SEEDS and np.ptp(values) > 0:
        found = ttest_1samp(values, 0).confidence_interval(0.95)
        interval = float(found.low), float(found.high)
    return {
        "seeds": len(values),
        "mean": float(np.mean(values)),
        "standard_deviation": float(np.std(values, ddof=1)),
        "lowest": float(min(values)),
        "highest": float(max(values)),
        "interval_95": interval,
    }


def _summary_row(result: Metrics) -> dict:
    test, training = result.test, result.training
    return {
        "experiment": result.experiment,
        "group": result.settings.group,
        "title": result.title,
        "dataset": result.dataset,
        "data_source": result.provenance.data_source,
        "test_accuracy": test.accuracy,
        "interval_low": test.accuracy_interval_95[0],
        "interval_high": test.accuracy_interval_95[1],
        "test_loss": test.loss,
        "training_accuracy": training.accuracy,
        "validation_accuracy": training.validation_accuracy,
        "expected_calibration_error": test.expected_calibration_error,
        "parameters": training.parameters,
        "epochs": training.epochs,
        "chosen_epoch": training.chosen_epoch,
        "seconds": training.seconds,
        "seed": training.seed,
        "stamps": "; ".join(result.stamps),
    }
