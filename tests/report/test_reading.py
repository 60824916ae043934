"""The written comparison says what the figures say, and something else when they change."""

import pandas as pd
import pytest
from made_documents import metrics as made_metrics
from made_documents import per_class
from made_results import CLASSES, history, predictions

from assignment06.config.experiment import Experiment
from assignment06.experiments.results import Comparison, Metrics
from assignment06.report.interpretation import class_changes, read_pair
from assignment06.shared.wording import date, duration, joined, signed


@pytest.fixture
def pair(finished):
    metrics = [Metrics.read(path) for path in finished["metrics"]]
    tables = tuple(pd.read_csv(path) for path in finished["predictions"])
    courses = tuple(pd.read_csv(path) for path in finished["histories"])
    test = Comparison.read(finished["comparison"]).mcnemar[0]
    return metrics, test, tables, courses


def with_test(metrics: Metrics, **changes: object) -> Metrics:
    return metrics.model_copy(update={"test": metrics.test.model_copy(update=changes)})


def told(pair) -> dict[str, str]:
    (first, second), test, tables, courses = pair
    return {row["heading"]: row["text"] for row in read_pair(first, second, test, tables, courses)}


def test_figures_in_the_text_are_those_of_the_files(pair):
    metrics, test, _, _ = pair
    text = told(pair)
    for one in metrics:
        assert f"{one.test.accuracy:.2%}" in text["Test accuracy"]
    assert f"6.2b is {test.accuracy_difference * 100:.1f} points better than 6.2a." in text["Test accuracy"]
    assert f"6.2b alone is right on {test.only_second_right}" in text["Chance"]
    assert "p < 0.001" in text["Chance"]
    assert "6.2b is better on images like these" in text["Chance"]


def test_gap_and_epochs(pair):
    text = told(pair)
    # 6.2a was best in epoch 2 (80 % in training, 55 % in validation), 6.2b in its last, 3 (72 % and 70 %)
    assert (
        "6.2a recognises 80.0% of its training and 55.0% of its validation images (a gap of +25.0"
        in text["Overfitting"]
    )
    assert "The gap of 6.2b is 23.0 points narrower: it overfits less than 6.2a." in text["Overfitting"]
    assert "6.2a was best on the validation images in epoch 2 of 3" in text["Epochs"]
    assert "rose from 1.450 to 1.480 in epoch 3" in text["Epochs"]
    assert "6.2b was best on the validation images in its last epoch (3)" in text["Epochs"]


@pytest.mark.parametrize(("schedule", "pays"), [("constant", True), ("linear", False), ("cosine", False)])
def test_more_epochs_are_held_out_only_where_the_rate_was_not_zero(pair, schedule, pays):
    second = pair[0][1]
    pair[0][1] = second.model_copy(update={"settings": second.settings.model_copy(update={"schedule": schedule})})
    text = told(pair)["Epochs"]
    assert ("more epochs may still pay" in text) == pays
    assert ("where its learning rate reaches zero" in text) != pays


def test_of_several_pairs_the_corrected_p_value_decides(pair):
    metrics, test, tables, courses = pair
    several = test.model_copy(update={"p_value": 0.02, "p_value_corrected": 0.06, "pairs": 3})
    text = told((metrics, several, tables, courses))["Chance"]
    assert "gives p = 0.020 (p = 0.060 by Holm's correction for the 3 pairs compared here)" in text
    assert "the test does not tell which is better" in text


def test_less_overfitting_that_does_not_pay(pair):
    pair[0][1] = with_test(pair[0][1], accuracy=pair[0][0].test.accuracy - 0.1)
    assert "does not generalise better for that: its test accuracy is 10.0 points less" in told(pair)["Overfitting"]


def test_equal_predictions_are_called_equal(pair):
    metrics, test, tables, courses = pair
    changes = {"only_first_right": 0, "only_second_right": 0, "accuracy_difference": 0.0, "p_value": 1.0}
    same = test.model_copy(update=changes)
    twin = metrics[0].model_copy(update={"title": "6.2b the same"})
    text = told(([metrics[0], twin], same, (tables[0], tables[0]), courses))
    assert "They are right equally often." in text["Test accuracy"]
    assert "nothing to test" in text["Chance"]
    assert text["Classes"] == "6.2b recognises as many images of each class as 6.2a."
    assert "the same training twice" in text["What differs"]


def test_a_difference_within_chance_is_not_called_better(pair):
    metrics, test, tables, courses = pair
    changes = {"only_first_right": 10, "only_second_right": 12, "accuracy_difference": 2 / 300, "p_value": 0.83}
    changes |= {"p_value_corrected": 0.83}
    small = test.model_copy(update=changes)
    text = told((metrics, small, tables, courses))["Chance"]
    assert "p = 0.830" in text
    assert "does not tell which is better" in text


def test_a_net_that_guesses_is_named(pair):
    pair[0][1] = with_test(pair[0][1], accuracy_interval_95=(0.30, 0.37))
    assert "6.2b is no better than guessing." in told(pair)["Test accuracy"]


def test_one_changed_setting_is_named_with_both_values(pair):
    assert told(pair)["What differs"] == "From 6.2a to 6.2b: dropout (0 to 0.3)."


def test_settings_that_only_one_of_two_has_are_said(pair):
    metrics = pair[0]
    for number, asked in ((0, {}), (1, {"images_per_class": 100, "patience": 10, "cross_validation": 5})):
        settings = Experiment(dataset="cifar10", model="lean", title="a", **asked)
        metrics[number] = metrics[number].model_copy(update={"settings": settings})
    wanted = "From 6.2a to 6.2b: images per class (all to 100) and patience (none to 10)."
    assert told(pair)["What differs"].startswith(wanted)
    metrics.reverse()
    assert "images per class (100 to all)" in told(pair)["What differs"]


def test_classes_are_listed_with_their_change(pair):
    metrics, _, _, _ = pair
    recalls = zip(*([row.recall for row in one.per_class] for one in metrics), strict=True)
    text = told(pair)["Classes"]
    assert "Against 6.2a, 6.2b gains on 3 of 3 classes: " in text
    for name, (before, after) in zip(CLASSES, recalls, strict=True):
        assert f"{name} ({signed(after - before)})" in text
    assert "Beyond chance" in text


def test_classes_gained_and_lost():
    first, second = predictions([0.2, 0.9, 0.5], 1), predictions([0.9, 0.2, 0.5], 2)
    rows = class_changes(made_metrics(per_class=per_class(CLASSES)), first, second)
    assert [row["images"] for row in rows] == [100, 100, 100]
    for row, label in zip(rows, range(3), strict=True):
        mine = first["true_label"] == label
        recall = [(table["predicted_label"] == label)[mine].mean() for table in (first, second)]
        assert row["change"] == pytest.approx(recall[1] - recall[0])
    assert rows[0]["p_value"] < 0.001
    assert rows[1]["p_value"] < 0.001
    assert rows[2]["p_value"] > 0.05


def test_holms_correction_agrees_with_the_definition():
    first, second = predictions([0.5, 0.5, 0.5], 3), predictions([0.65, 0.6, 0.55], 4)
    metrics = made_metrics(per_class=per_class(CLASSES))
    corrected = [row["p_value"] for row in class_changes(metrics, first, second)]
    single = []
    for label in range(3):  # a class alone needs no correction
        mine = first["true_label"] == label
        single.append(
            class_changes(made_metrics(per_class=per_class(["x"] * 3)), first[mine], second[mine])[0]["p_value"]
        )
    steps, highest = sorted(range(3), key=single.__getitem__), 0.0
    for rank, place in enumerate(steps):
        highest = max(highest, min(1.0, single[place] * (3 - rank)))
        assert corrected[place] == pytest.approx(highest)


def test_history_of_one_epoch_tells_no_course(pair):
    metrics, test, tables, _ = pair
    changes = {"epochs": 1, "chosen_epoch": 1}
    metrics = [one.model_copy(update={"training": one.training.model_copy(update=changes)}) for one in metrics]
    one_epoch = history([0.5], [0.4])
    assert (
        told((metrics, test, tables, (one_epoch, one_epoch)))["Epochs"]
        == "One epoch is a single point, which shows no course."
    )


def test_names_and_numbers():
    titles = {"a": "6.2a CIFAR-10, plain", "b": "shapes, plain", "c": "10 classes"}
    assert [made_metrics(name, title=title).short_title for name, title in titles.items()] == [
        "6.2a", "shapes, plain", "10",
    ]  # fmt: skip
    assert [joined([]), joined(["a"]), joined(["a", "b", "c"])] == ["", "a", "a, b and c"]
    assert [duration(s) for s in (0.4, 59.4, 61, 7500)] == ["0 s", "59 s", "1 min 1 s", "2 h 5 min"]
    assert date("2026-11-06T02:17:46+00:00") == "6 November 2026, 02:17 UTC"
    assert [signed(x) for x in (0.031, -0.004, -0.0001, 0)] == ["+3.1", "−0.4", "0.0", "0.0"]
