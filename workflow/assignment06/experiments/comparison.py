"""Compare experiments on the same test images, and over their seeds."""

import csv
import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import binomtest, bootstrap

from assignment06.shared.files import atomic_path


def mcnemar(first: pd.DataFrame, second: pd.DataFrame) -> dict:
    """Return the exact McNemar test of two predictions of the same test images (McNemar, 1947).

    The counts are of images that one of the two gets right and the other wrong; the p value is two-sided.
    """
    if not first["true_label"].equals(second["true_label"]):
        raise ValueError("McNemar's test needs predictions of the same images in the same order")
    right = [table["true_label"] == table["predicted_label"] for table in (first, second)]
    only_first, only_second = int((right[0] & ~right[1]).sum()), int((~right[0] & right[1]).sum())
    disagree = only_first + only_second
    p_value = binomtest(only_first, disagree).pvalue if disagree else 1.0
    return {
        "only_first_right": only_first,
        "only_second_right": only_second,
        "accuracy_difference": (only_second - only_first) / len(first),
        "p_value": float(p_value),
    }


def summarise_experiments(metrics: list[str], predictions: list[str], summary: str, comparison: str) -> None:
    """Write a table with one row an experiment, and compare them as JSON.

    "mcnemar" has McNemar's test of every pair on the same test images with the same seed; "groups" the mean,
    standard deviation and bootstrap interval of the test accuracy over the seeds of each group that has several,
    and "paired" the same of the difference of two such groups, seed by seed. `metrics` and `predictions` are in
    the same order; the second of a pair is the later one in it.
    """
    results = [json.loads(Path(path).read_text(encoding="utf-8")) for path in metrics]
    with atomic_path(summary) as part, open(part, "w", newline="", encoding="utf-8") as file:
        rows = [_summary_row(result) for result in results]
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    pairs = []
    for (first, one), (second, two) in itertools.combinations(zip(results, predictions, strict=True), 2):
        seeds = [result["training"]["seed"] for result in (first, second)]
        if first["dataset"] == second["dataset"] and seeds[0] == seeds[1]:
            test = mcnemar(pd.read_csv(one), pd.read_csv(two))
            pairs.append({"first": first["experiment"], "second": second["experiment"], **test})
    with atomic_path(comparison) as part:
        compared = {"mcnemar": pairs, **compare_seeds(results)}
        part.write_text(json.dumps(compared, indent=2) + "\n", encoding="utf-8")


def compare_seeds(results: list[dict]) -> dict:
    """Return {"groups": [...], "paired": [...]} of the experiments that were run with several seeds."""
    groups: dict[tuple[str, str], dict[int, float]] = {}
    for result in results:
        key = result["settings"]["group"], result["dataset"]
        groups.setdefault(key, {})[result["training"]["seed"]] = result["test"]["accuracy"]
    several = {key: by_seed for key, by_seed in groups.items() if len(by_seed) > 1}
    paired = []
    for (first, one), (second, two) in itertools.combinations(several.items(), 2):
        common = sorted(one.keys() & two.keys())
        if first[1] == second[1] and len(common) > 1:
            differences = [two[seed] - one[seed] for seed in common]
            paired.append({"first": first[0], "second": second[0], **spread(differences)})
    return {
        "groups": [{"group": key[0], **spread(list(by_seed.values()))} for key, by_seed in several.items()],
        "paired": paired,
    }


def spread(values: list[float]) -> dict:
    """Return n, mean, sample standard deviation and the 95 % bootstrap interval of the mean (Efron, BCa).

    Equal values have an interval of no width.
    """
    if np.ptp(values) == 0:
        low = high = values[0]
    else:
        method = "BCa" if len(values) > 2 else "percentile"
        found = bootstrap((values,), np.mean, n_resamples=9999, method=method, random_state=0).confidence_interval
        low, high = found.low, found.high
    return {
        "seeds": len(values),
        "mean": float(np.mean(values)),
        "standard_deviation": float(np.std(values, ddof=1)),
        "interval_95": [float(low), float(high)],
    }


def _summary_row(result: dict) -> dict:
    test, training = result["test"], result["training"]
    return {
        "experiment": result["experiment"],
        "group": result["settings"]["group"],
        "title": result["title"],
        "dataset": result["dataset"],
        "data_source": result["provenance"]["data_source"],
        "test_accuracy": test["accuracy"],
        "interval_low": test["accuracy_interval_95"][0],
        "interval_high": test["accuracy_interval_95"][1],
        "test_loss": test["loss"],
        "training_accuracy": training["accuracy"],
        "validation_accuracy": training["validation_accuracy"],
        "expected_calibration_error": test["expected_calibration_error"],
        "parameters": training["parameters"],
        "epochs": training["epochs"],
        "chosen_epoch": training["chosen_epoch"],
        "seconds": training["seconds"],
        "seed": training["seed"],
        "stamps": "; ".join(result["stamps"]),
    }
