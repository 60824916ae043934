"""Metrics against values worked out by hand."""

import json

import numpy as np
import pandas as pd
import pytest
from made_documents import metrics, scores, training

from assignment06.experiments.comparison import compare_seeds, mcnemar, spread, summarise_experiments
from assignment06.experiments.evaluation import expected_calibration_error, score
from assignment06.experiments.results import Metrics

CLASSES = ["cat", "dog"]


def table(true: list[int], p_dog: list[float]) -> pd.DataFrame:
    p = np.array(p_dog)
    predicted = (p > 0.5).astype(int)
    return pd.DataFrame(
        {
            "true_label": true,
            "predicted_label": predicted,
            "probability": np.maximum(p, 1 - p),
            "p_cat": 1 - p,
            "p_dog": p,
        }
    )


def test_score() -> None:
    result = score(table([0, 0, 1, 1, 1], [0.1, 0.8, 0.9, 0.6, 0.3]), CLASSES)
    assert result["confusion_matrix"] == [[1, 1], [1, 2]]
    assert result["test"].accuracy == pytest.approx(0.6)
    losses = [-np.log(0.9), -np.log(0.2), -np.log(0.9), -np.log(0.6), -np.log(0.3)]
    assert result["test"].loss == pytest.approx(np.mean(losses))
    low, high = result["test"].accuracy_interval_95
    assert (low, high) == pytest.approx((0.2307, 0.8824), abs=1e-3)  # Wilson, 3 of 5
    dog = result["per_class"][1]
    assert (dog.precision, dog.recall, dog.support) == (pytest.approx(2 / 3), pytest.approx(2 / 3), 3)


def test_a_class_that_is_never_predicted_has_no_precision_and_no_warning(recwarn) -> None:
    result = score(table([0, 1], [0.1, 0.2]), CLASSES)
    assert result["per_class"][1].precision == 0
    assert not recwarn.list


def test_expected_calibration_error() -> None:
    # one bin: 0.9 confident and always right: gap 0.1; another: 0.6 confident, half right: gap 0.1
    confidence, correct = np.array([0.9] * 4 + [0.6] * 4), np.array([True] * 4 + [True, True, False, False])
    assert expected_calibration_error(confidence, correct, bins=10) == pytest.approx(0.1)
    assert expected_calibration_error(np.array([1.0, 1.0]), np.array([True, True])) == 0


def test_mcnemar_is_the_exact_binomial_test() -> None:
    true = [0] * 20
    first = table(true, [0.9] * 10 + [0.1] * 10)  # right in the last ten
    second = table(true, [0.1] * 9 + [0.9] + [0.1] * 9 + [0.9])  # right in nine and nine
    result = mcnemar(first, second)
    assert (result.only_first_right, result.only_second_right) == (1, 9)
    assert result.p_value == pytest.approx(2 * (1 + 10) / 2**10)
    assert result.accuracy_difference == pytest.approx(8 / 20)
    assert mcnemar(first, first).p_value == 1
    with pytest.raises(ValueError, match="same images"):
        mcnemar(first, table([1] * 20, [0.9] * 20))


def test_the_summary_compares_only_experiments_on_the_same_images(tmp_path) -> None:
    paths = {"metrics": [], "predictions": []}
    for name, dataset in (("a", "x"), ("b", "y"), ("c", "y")):
        predictions = table([0, 1, 1], [0.2, 0.7, 0.6])
        predictions.to_csv(tmp_path / f"{name}.csv")
        metrics(name, dataset=dataset, **score(predictions, CLASSES)).write(tmp_path / f"{name}.json")
        paths["metrics"].append(str(tmp_path / f"{name}.json"))
        paths["predictions"].append(str(tmp_path / f"{name}.csv"))
    summarise_experiments(**paths, summary=str(tmp_path / "s.csv"), comparison=str(tmp_path / "c.json"))
    assert list(pd.read_csv(tmp_path / "s.csv")["experiment"]) == ["a", "b", "c"]
    pairs = json.loads((tmp_path / "c.json").read_text())["mcnemar"]
    assert [(pair["first"], pair["second"]) for pair in pairs] == [("b", "c")]


def test_seeds_are_averaged_and_groups_paired_by_seed() -> None:
    def result(group: str, seed: int, accuracy: float) -> Metrics:
        return metrics(group, training=training(seed=seed), test=scores(accuracy=accuracy))

    plain = [result("plain", seed, value) for seed, value in enumerate((0.70, 0.72, 0.71))]
    better = [result("better", seed, value) for seed, value in enumerate((0.90, 0.93, 0.91))]
    compared = compare_seeds([*plain, *better, result("single", 0, 0.5)])
    assert [group.group for group in compared["groups"]] == ["plain", "better"]
    first = compared["groups"][0]
    assert (first.seeds, first.mean, first.lowest, first.highest) == (3, pytest.approx(0.71), 0.70, 0.72)
    assert first.standard_deviation == pytest.approx(0.01)
    assert first.interval_95 is None, "of three seeds nothing follows"
    (pair,) = compared["paired"]
    assert (pair.first, pair.second, pair.mean) == ("plain", "better", pytest.approx(0.61 / 3))
    assert pair.interval_95 is None


def test_five_seeds_have_students_interval_and_equal_ones_none() -> None:
    found = spread([1.0, 2.0, 3.0, 4.0, 5.0])
    reach = 2.776445 * np.sqrt(2.5 / 5)  # t(4) at 97.5 %
    assert found["interval_95"] == pytest.approx((3 - reach, 3 + reach), abs=1e-5)
    assert spread([1.0, 2.0, 3.0, 4.0])["interval_95"] is None
    assert spread([0.5] * 5)["interval_95"] is None
