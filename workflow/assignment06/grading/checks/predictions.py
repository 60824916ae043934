"""Are the predictions ten-class predictions of the test images?"""

import numpy as np

from .. import diagnosis
from ..diagnosis import CHANCE, RECOGNISED, best_window
from ..names import FAMILIES, NETS
from ..official import TestSet
from ..registry import Evidence, Outcome, advise, check, failed, not_applicable, passed, unconfirmed
from .measured import accuracies, agreement, facts, images

# More than small nets trained on the official images alone reach; a reason to look, not a limit of nature.
UNUSUAL = {"mnist": 0.9985, "cifar10": 0.93}
_TELLING = 40  # errors that would be expected where there are few
_IN_A_ROW = 80  # the same in a run without any; nets have up to 18, on MNIST, whose second half is the easier one


@check(
    "predictions.ten_classes",
    required=True,
    tasks=NETS,
    needs=("completeness.predictions",),
    reason="A prediction is one of ten classes, or a score for each of them.",
    remedy="Save argmax over the ten outputs, or the ten probabilities.",
)
def ten_classes(e: Evidence, task: str) -> Outcome:
    found = e.found.predictions[task]
    if found.problem:
        return failed(f"{found.name}: {found.problem}")
    return passed(f"{found.name} has {found.scores or found.names}")


@check(
    "predictions.rows",
    required=True,
    tasks=NETS,
    needs=("completeness.predictions",),
    reason="The test set has 10,000 images, and each has one prediction.",
    remedy="Predict x_test, all of it, once.",
)
def rows(e: Evidence, task: str) -> Outcome:
    found, test = e.found.predictions[task], e.whole_test(task)
    expected = len(test.labels) if test else 10_000
    if found.rows == expected:
        return passed(f"{found.rows:,} rows")
    where = _training_window(e, task)
    hint = f"; they agree with {where}" if where else ""
    if (right := e.accuracy(task)) is not None:
        return advise(
            f"{found.name} has predictions of the first {found.rows:,} test images of {expected:,} only; "
            f"{right:.1%} of them are right",
            credit=0.5,
        )
    own = found.own_accuracy() or 0.0
    if own >= RECOGNISED and not hint and found.rows >= 1000 and found.rows not in (50_000, 60_000):
        return advise(
            f"{found.name} has predictions of {found.rows:,} images of a choice of its own, not of the test set's "
            f"{expected:,}; {own:.1%} agree with the labels beside them",
            credit=0.75,
        )
    if not hint and test and abs(found.rows - expected) <= 5:
        hint = diagnosis.cut(found.labels, test.labels)
    if not hint and test and found.rows == len(test.training_labels):
        hint = ", as many as there are training images"
    if not hint and found.rows in (50_000, 60_000):
        hint = f", as many as {'CIFAR-10' if found.rows == 50_000 else 'MNIST'} has training images"
    credit = 0.8 if abs(found.rows - expected) <= 1 else 0.0
    return failed(f"{found.name} has {found.rows:,} rows and the test set {expected:,} images{hint}", credit)


@check(
    "predictions.not_constant",
    required=True,
    tasks=NETS,
    needs=("predictions.ten_classes",),
    reason="A net that gives one class for every image has learnt nothing.",
    remedy="Scale test images as the training images were scaled, and check that the loss falls below 2.3.",
)
def not_constant(e: Evidence, task: str) -> Outcome:
    found = e.found.predictions[task]
    counts = np.bincount(found.labels[found.labels >= 0], minlength=10)
    share = counts.max() / max(found.rows, 1)
    if share >= 0.95 and found.rows > 20:
        return failed(f"{share:.1%} of {found.name} is class {counts.argmax()}")
    return passed(f"{(counts > 0).sum()} of ten classes occur, the commonest in {share:.1%} of the rows")


@check(
    "predictions.test_images",
    required=True,
    tasks=NETS,
    needs=("predictions.rows", "predictions.not_constant"),
    reason="Predictions of images the net was trained on say nothing of how good it is.",
    remedy="Predict x_test, not x_train or a part of it.",
)
def test_images(e: Evidence, task: str) -> Outcome:
    test, accuracy = e.test(task), e.accuracy(task)
    if test is None or accuracy is None:
        return unconfirmed(e.no_labels.get(FAMILIES[task], "no test labels"), ours=True)
    where = _training_window(e, task) if accuracy < 0.5 else ""
    if where:
        name = e.found.predictions[task].name
        return failed(f"{name} agrees with {where}, and with the test labels in {accuracy:.1%}")
    return passed("no run of training labels agrees with them")


def _compared(e: Evidence, task: str) -> tuple[TestSet, float]:
    """The test set of a task and the accuracy on it, for checks that wait for `predictions.test_images`."""
    test, accuracy = e.test(task), e.accuracy(task)
    if test is None or accuracy is None:
        raise LookupError("the predictions were not compared")
    return test, accuracy


def _training_window(e: Evidence, task: str) -> str:
    """Which run of the training images the predictions were made of, "" if of none."""
    found, test = e.found.predictions[task], e.test(task)
    if test is None or not found.rows >= 1000 or len(test.training_labels) < 1000:
        return ""
    start, share = best_window(found.labels, test.training_labels)
    if share <= max(RECOGNISED, (e.accuracy(task) or 0) + 0.05):
        return ""
    last = min(start + found.rows, len(test.training_labels))
    return f"the labels of training images {start:,} to {last - 1:,} in {share:.1%}"


@check(
    "predictions.order",
    required=True,
    tasks=NETS,
    needs=("predictions.test_images",),
    reason="Rows in another order than the test images' cannot be matched with them.",
    remedy="Do not shuffle the test set; give its generator shuffle=False.",
)
def order(e: Evidence, task: str) -> Outcome:
    found, (test, _) = e.found.predictions[task], _compared(e, task)
    if found.true_labels is None:
        return not_applicable("the file does not repeat the true labels")
    same = float(np.mean(found.true_labels == test.labels))
    if same > 0.999:
        return passed("its true labels are those of the test set")
    counts = np.bincount(found.true_labels, minlength=10)
    if np.array_equal(counts, np.bincount(test.labels, minlength=10)):
        right = found.own_accuracy() or 0.0
        if right >= RECOGNISED:  # a folder for each class, read in that order
            return advise(
                f"{found.name} has the test images in another order; {right:.1%} agree with the labels beside them",
                credit=0.75,
            )
        return failed(
            f"the true labels in {found.name} are the test labels in another order: {same:.1%} of the rows agree", 0.5
        )
    if not found.true_named:
        return advise(f"a column beside the predictions in {found.name} is not the test labels: {same:.1%} agree")
    start, share = best_window(found.true_labels, test.training_labels) if len(test.training_labels) else (0, 0.0)
    if share > 0.99:
        return failed(f"the true labels in {found.name} are those of training images from {start:,} on")
    return advise(f"the true labels in {found.name} are not those of the test set: {same:.1%} of the rows agree")


@check(
    "predictions.above_chance",
    required=True,
    tasks=NETS,
    needs=("predictions.test_images",),
    reason="Ten classes are guessed right in one case of ten.",
    remedy="Scale the test images exactly as the training images were, once, and keep their order.",
)
def above_chance(e: Evidence, task: str) -> Outcome:
    found, (test, accuracy) = e.found.predictions[task], _compared(e, task)
    own = found.true_labels
    if own is not None and np.mean(own == test.labels) < 0.999:
        right = float(np.mean(own == found.labels))
        return not_applicable(
            f"its rows are in another order than the test images; {right:.2%} agree with the labels beside them"
        )
    if accuracy < CHANCE:
        why = (
            _of_another_data_set(e, task)
            or _scaling(e, task)
            or diagnosis.explain(found.labels, test.labels, _guesses(e, task))
        )
        sentence = f"{accuracy:.2%} of {found.name} agrees with the test labels, and chance gives 10 %{why}"
        return advise(f"{sentence}; {found.doubt}", credit=0.0) if found.doubt else failed(sentence)
    return passed(f"{accuracy:.2%} of {found.name} agrees with the test labels")


def _of_another_data_set(e: Evidence, task: str) -> str:
    """Whether the predictions are those of another task's images, MNIST's for CIFAR-10's."""
    found = e.found.predictions[task]
    for place in (place for place in NETS if FAMILIES[place] != FAMILIES[task]):
        theirs, test = e.found.predictions.get(place), e.test(place)
        if theirs is not None and np.array_equal(found.labels, theirs.labels):
            return f"; they are those of {place}, {theirs.name}"
        if test is not None and len(test.labels) == found.rows:
            share = float(np.mean(found.labels == test.labels))
            if share >= RECOGNISED:
                return f"; they agree with the labels of {place}'s test images in {share:.1%}"
    return ""


def _guesses(e: Evidence, task: str) -> list[np.ndarray]:
    """The classes int [n] that the task's model gives, under each scaling that was tried on all images."""
    known, rows = facts(e, task), e.found.predictions[task].rows
    return [np.nan_to_num(out[:rows]).argmax(axis=1) for out in known.outputs.values()] if known else []


def _scaling(e: Evidence, task: str) -> str:
    """Whether the model gives these very predictions under a wrong scaling, and which is the right one."""
    known = facts(e, task)
    if known is None or not known.outputs:
        return ""
    shares = agreement(known, e.found.predictions[task].labels)
    used = max(shares, key=shares.__getitem__)
    measured = accuracies(e, task)
    right = max(measured, key=measured.__getitem__)
    if shares[used] < 0.95 or measured[right] < RECOGNISED or used == right:
        return ""
    return f"; the model was given {images(used)}, and gets {measured[right]:.1%} right for {images(right)}"


@check(
    "predictions.differ",
    required=True,
    reason="Two different nets never give the same ten thousand answers.",
    remedy="Save 6.2a's and 6.2b's predictions each from its own model.",
)
def differ(e: Evidence, task: str) -> Outcome:
    plain, augmented = e.found.predictions.get("6.2a"), e.found.predictions.get("6.2b")
    if plain is None or augmented is None or plain.problem or augmented.problem:
        return not_applicable("6.2a or 6.2b has no predictions to compare")
    if plain.rows != augmented.rows:
        return passed("they have different lengths")
    equal = float(np.mean(plain.labels == augmented.labels))
    constant = any(np.bincount(p.labels[p.labels >= 0], minlength=1).max() >= 0.95 * p.rows for p in (plain, augmented))
    accuracy = max(e.accuracy("6.2a") or 0, e.accuracy("6.2b") or 0)
    if constant or plain.rows <= 50:
        return not_applicable("one of them is nearly always the same class")
    if equal == 1.0:
        return failed(f"{plain.name} and {augmented.name} give the same class in all {plain.rows:,} rows")
    sentence = f"{plain.name} and {augmented.name} give the same class in {equal:.2%} of {plain.rows:,} rows"
    if equal >= 0.995 and accuracy < 0.95:
        different = round((1 - equal) * plain.rows)
        return failed(f"{sentence}: all but {different:,}, as no two trainings do")
    if equal >= 0.95 and accuracy < 0.9:
        return advise(f"{sentence}; two trainings of such nets seldom agree so far")
    return passed(f"{1 - equal:.1%} of the rows differ")


@check(
    "predictions.not_the_labels",
    required=True,
    tasks=NETS,
    needs=("predictions.rows", "predictions.ten_classes"),
    reason="Rows that equal the test labels as no net's predictions do, all of them or a part, are the right answers.",
    remedy="Save what the model predicts, model.predict(x_test).argmax(axis=1), not y_test.",
)
def not_the_labels(e: Evidence, task: str) -> Outcome:
    found, test, accuracy = e.found.predictions[task], e.test(task), e.accuracy(task)
    if test is None or accuracy is None:
        return not_applicable("no test labels")
    if copied := copied_in_part(e, task):
        return advise(f"{copied}; {found.doubt}", credit=0.5) if found.doubt else failed(copied)
    if accuracy < 1:
        return passed(f"{found.name} is no copy of the test labels")
    sentence = f"{found.name} equals the test labels in all {found.rows:,} rows"
    if e.of_first_images(task):  # a good net of MNIST may be right about some hundreds
        return advise(f"{sentence}, the first ones", credit=0.5)
    return advise(f"{sentence}; {found.doubt}", credit=0.5) if found.doubt else failed(sentence)


def copied_in_part(e: Evidence, task: str) -> str:
    """How a part of the predictions shows that it is the test labels themselves; "" where none does."""
    found, test = e.found.predictions[task], e.test(task)
    if test is None or len(test.labels) != found.rows:
        return ""
    if found.true_labels is not None and not np.array_equal(found.true_labels, test.labels):
        return ""
    right = found.labels == test.labels
    start, end = diagnosis.longest_run(right)
    others = np.delete(right, slice(start, end))
    if others.size and (1 - others.mean()) * (end - start) >= _IN_A_ROW:
        return (
            f"rows {start + 1:,} to {end:,} of {found.name} all equal the test labels, and {others.mean():.1%} of the "
            "others do"
        )
    known = facts(e, task)
    for guess in _guesses(e, task):
        other = guess != found.labels
        expected = (1 - right.mean()) * other.sum()
        if known and np.mean(guess == test.labels) >= RECOGNISED and expected >= _TELLING > 10 * (other & ~right).sum():
            return (
                f"in {(other & right).sum():,} of the {other.sum():,} rows in which {known.name} gives another class, "
                f"{found.name} has the test label, where {1 - right.mean():.1%} of all its rows have not"
            )
    return ""


@check(
    "predictions.own_scores",
    required=False,
    tasks=NETS,
    needs=("predictions.ten_classes",),
    reason="The predicted class is the one with the highest of the ten scores beside it.",
    remedy="Save argmax over the ten outputs as the predicted class, unchanged.",
)
def own_scores(e: Evidence, task: str) -> Outcome:
    """Whether a column of classes contradicts the scores in its own file, however those are ordered."""
    found = e.found.predictions[task]
    if found.scored is None or found.scored.shape != found.labels.shape:
        return not_applicable("no scores stand beside predicted classes")
    pairs = diagnosis.confusion(found.scored, found.labels)
    other = 1 - pairs.max(axis=1).sum() / max(pairs.sum(), 1)  # of columns in any order
    if other > 0.01:
        return failed(f"in {other:.1%} of {found.name} the predicted class is not the one with the highest score", 0.0)
    return passed(f"{found.name} predicts the classes with the highest scores")


@check(
    "predictions.like_a_net",
    required=False,
    tasks=NETS,
    needs=("predictions.not_the_labels", "predictions.above_chance"),
    reason="Nets take cats for dogs and fours for nines, and small ones do not reach every accuracy.",
    remedy="Hand in, as .keras or .h5, the model that gives these predictions.",
)
def like_a_net(e: Evidence, task: str) -> Outcome:
    found, (test, accuracy) = e.found.predictions[task], _compared(e, task)
    if any(np.mean(classes == found.labels) >= 0.99 for classes in _guesses(e, task)):
        return passed("the model gives them")
    odd = []
    if accuracy > UNUSUAL[FAMILIES[task]]:
        odd.append(f"{accuracy:.2%} is more than small nets reach")
    if accuracy > RECOGNISED and diagnosis.even_errors(found.labels, test.labels):
        odd.append("their errors are spread evenly over the classes, as a net's seldom are")
    if not odd:
        return passed("nothing odd about their errors")
    return failed(f"no model confirms {found.name}, and {' and '.join(odd)}")
