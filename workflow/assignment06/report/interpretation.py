"""What the figures of two experiments on the same test images say, in sentences computed from them."""

import pandas as pd

from assignment06.config.experiment import Experiment
from assignment06.experiments import results
from assignment06.experiments.ablation import changed_settings
from assignment06.experiments.comparison import LEAST_SEEDS, holm, mcnemar
from assignment06.experiments.looks import Looks
from assignment06.experiments.results import Metrics, Pair, PairedSpread
from assignment06.shared.wording import joined, p_value, points, signed

SIGNIFICANCE = 0.05
NOTICEABLE_GAP = 0.02  # of accuracy; less is within what two draws of a few thousand images differ by
LISTED_CLASSES = 3


def read_pair(
    first: Metrics, second: Metrics, test: Pair, predictions: tuple[pd.DataFrame, pd.DataFrame],
    histories: tuple[pd.DataFrame, pd.DataFrame],
) -> list[dict]:  # fmt: skip
    """Return paragraphs {"heading", "text"} on two experiments with the same test images.

    `first` and `second` are their metrics, `test` McNemar's test of the pair as in comparison.json, and the
    tables their predictions and histories, in the same order.
    """
    names = results.names([first, second])
    pair = list(zip(names, (first, second), strict=True))
    return [
        {"heading": "Test accuracy", "text": _accuracy(pair, test)},
        {"heading": "Chance", "text": _chance(names, test)},
        {"heading": "Overfitting", "text": _gap(pair)},
        {"heading": "Epochs", "text": " ".join(dict.fromkeys(map(_epochs, pair, histories)))},
        {"heading": "Classes", "text": _classes(pair, class_changes(first, *predictions))},
        {"heading": "Calibration", "text": _calibration(pair)},
        {"heading": "What differs", "text": _differences(names, first.settings, second.settings)},
    ]


def class_changes(metrics: Metrics, first: pd.DataFrame, second: pd.DataFrame) -> list[dict]:
    """Return {"class", "change" (of recall), "images", "p_value"} for every class of two predictions.

    The p values are those of McNemar's exact test within the class, corrected for the number of classes by
    Holm's method (Holm, 1979), so that each may be read on its own.
    """
    rows: list[dict] = []
    for label, row in enumerate(metrics.per_class):
        ours = (first["true_label"] == label).to_numpy()
        if ours.any():
            test = mcnemar(first[ours], second[ours])
            change, p = test.accuracy_difference, test.p_value
            rows.append({"class": row.name, "change": change, "images": int(ours.sum()), "p_value": p})
    for row, corrected in zip(rows, holm([row["p_value"] for row in rows]), strict=True):
        row["p_value"] = corrected
    return rows


def is_chance(metrics: Metrics) -> bool:
    """Tell whether guessing the commonest class would do as well: its share lies in or above the interval."""
    support = [row.support for row in metrics.per_class]
    return metrics.test.accuracy_interval_95[0] <= max(support) / sum(support)


def read_uses(looks: Looks, here: int) -> str:
    """Return how often test images were used; `here` is the number of nets in the report that were tried on them."""
    if looks.times == 1:
        return "used once"
    times = "twice" if looks.times == 2 else f"{looks.times:,} times"
    if looks.nets == 1:
        return f"used {times}, each time by this net"
    told = f"used {times}, by {looks.nets:,} nets"
    if looks.nets > here:
        told += f", of which {here:,} {'is' if here == 1 else 'are'} in this report"
    return told


def read_seeds(pair: PairedSpread, titles: dict[str, str]) -> str:
    """Return what two groups' difference of test accuracy over their seeds says; `titles` are those of the groups."""
    a, b = titles[pair.first], titles[pair.second]
    text = (
        f"{b} against {a}, seed by seed: {signed(pair.mean, 2)} points on average over {pair.seeds} seeds "
        f"({signed(pair.lowest, 2)} to {signed(pair.highest, 2)})"
    )
    if pair.seeds < LEAST_SEEDS:
        return f"{text}. Fewer than {LEAST_SEEDS} seeds do not tell which is better."
    if pair.interval_95 is None:
        return f"{text}. The difference is the same with every seed, so there is no interval to judge it by."
    low, high = pair.interval_95
    text += f"; 95% interval of the mean {signed(low, 2)} to {signed(high, 2)} (paired t). "
    if low <= 0 <= high:
        return text + "The interval holds zero: these seeds do not tell which is better."
    return text + f"The interval leaves out zero: {b if pair.mean > 0 else a} is better beyond what seeds change."


def _accuracy(pair: list[tuple], test: Pair) -> str:
    (a, first), (b, _) = pair
    told = []
    for _, one in pair:
        low, high = one.test.accuracy_interval_95
        told.append(f"{one.test.accuracy:.2%} (95% interval {low:.2%} to {high:.2%})")
    images = first.test.images
    change = test.accuracy_difference
    if change:
        verdict = f"{b} is {points(change)} {'better' if change > 0 else 'worse'} than {a}."
    else:
        verdict = "They are right equally often."
    guessing = [name for name, one in pair if is_chance(one)]
    if guessing:
        verdict += f" {joined(guessing)} {'is' if len(guessing) == 1 else 'are'} no better than guessing."
    return f"Of the {images:,} test images {a} recognises {told[0]}, {b} {told[1]}. {verdict}"


def _chance(names: list[str], test: Pair) -> str:
    a, b = names
    only_a, only_b = test.only_first_right, test.only_second_right
    if not only_a + only_b:
        return "The two are right and wrong on the same images, so there is nothing to test."
    corrected = ""
    if test.pairs > 1:
        corrected = (
            f" ({p_value(test.p_value_corrected)} by Holm's correction for the {test.pairs} pairs compared here)"
        )
    text = (
        f"On {only_a + only_b:,} images one is right and the other wrong: {b} alone is right on {only_b:,}, {a} alone "
        f"on {only_a:,}. McNemar's exact test of these two numbers gives {p_value(test.p_value)}"
        f"{corrected}: "
    )
    if test.p_value_corrected < SIGNIFICANCE:
        better = b if only_b > only_a else a
        text += f"two equally good nets would hardly differ so much, so {better} is better on images like these."
    else:
        text += "two equally good nets differ as much often enough, so the test does not tell which is better."
    return text + " It is about these two trained nets; how much another seed would change, it does not say."


def _gap(pair: list[tuple]) -> str:
    gaps = [one.training.accuracy - one.training.validation_accuracy for _, one in pair]
    told = [
        f"{one.training.accuracy:.1%} of its training and {one.training.validation_accuracy:.1%} of its "
        f"validation images (a gap of {signed(gap)} points)"
        for (_, one), gap in zip(pair, gaps, strict=True)
    ]
    text = f"With dropout and augmentation switched off, {pair[0][0]} recognises {told[0]}, {pair[1][0]} {told[1]}. "
    (a, _), (b, _) = pair
    change = gaps[1] - gaps[0]
    if max(gaps) < NOTICEABLE_GAP:
        return text + "Neither overfits noticeably."
    if abs(change) < NOTICEABLE_GAP / 2:
        return text + "The two overfit about equally."
    less, more = (b, a) if change < 0 else (a, b)
    text += f"The gap of {less} is {points(change)} narrower: it overfits less than {more}."
    test = {name: one.test.accuracy for name, one in pair}
    if test[less] < test[more]:
        text += f" It does not generalise better for that: its test accuracy is {points(test[more] - test[less])} less."
    return text


def _epochs(named: tuple, history: pd.DataFrame) -> str:
    name, one = named
    chosen, epochs = one.training.chosen_epoch, one.training.epochs
    if epochs == 1:
        return "One epoch is a single point, which shows no course."
    if chosen == epochs:
        text = f"{name} was best on the validation images in its last epoch ({epochs})"
        if one.settings.schedule == "constant":
            return f"{text}, so more epochs may still pay."
        return f"{text}, where its learning rate reaches zero: whether a longer schedule pays, this does not tell."
    saved, last = (history["val_loss"].iloc[place] for place in (chosen - 1, -1))
    course = "rose" if last > saved else "fell"
    grew = f"its validation loss then {course} from {saved:.3f} to {last:.3f} in epoch {epochs}"
    return f"{name} was best on the validation images in epoch {chosen} of {epochs}, whose weights were saved; {grew}."


def _classes(pair: list[tuple], changes: list[dict]) -> str:
    b, a = pair[1][0], pair[0][0]
    ranked = sorted(changes, key=lambda row: row["change"])
    gained = [row for row in reversed(ranked) if row["change"] > 0]
    lost = [row for row in ranked if row["change"] < 0]
    if not gained and not lost:
        return f"{b} recognises as many images of each class as {a}."
    parts = []
    for verb, rows in (("gains on", gained), ("loses on", lost)):
        if rows:
            most = ":" if len(rows) <= LISTED_CLASSES else ", most on"
            listed = joined([f"{row['class']} ({signed(row['change'])})" for row in rows[:LISTED_CLASSES]])
            parts.append(f"{verb} {len(rows)} of {len(changes)} classes{most} {listed}")
    clear = [row["class"] for row in changes if row["p_value"] < SIGNIFICANCE]
    text = f"Against {a}, {b} {'; it '.join(parts)} (in points of the share of a class that is recognised). "
    if not clear:
        return text + "For no single class is the change beyond chance (McNemar within the class, Holm's correction)."
    return text + (
        f"Beyond chance (McNemar within the class, Holm's correction) {'is' if len(clear) == 1 else 'are'} "
        f"{len(clear)} of these changes: {joined(clear)}."
    )


def _calibration(pair: list[tuple]) -> str:
    told = []
    for name, one in pair:
        error = one.test.expected_calibration_error
        told.append(f"{points(error)} for {name}")
    return (
        "The probability a net gives to its answer differs from the share of right answers at that probability by "
        f"{told[0]} and {told[1]} on average (expected calibration error; 0 is perfect)."
    )


def _differences(names: list[str], first: Experiment, second: Experiment) -> str:
    changed = changed_settings(first, second)
    if not changed:
        return "Nothing in their settings: they are the same training twice."
    told = [f"{key.replace('_', ' ')} ({before} to {after})" for key, (before, after) in changed.items()]
    text = f"From {names[0]} to {names[1]}: {joined(told)}."
    if len(changed) > 1:
        text += " They were changed together, so these figures compare the recipes as wholes, not one change."
    return text
