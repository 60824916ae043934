"""Are the predictions ten-class predictions of the test images?"""

from functools import lru_cache

import numpy as np

from ..names import FAMILIES, NETS
from ..registry import Evidence, Outcome, check, failed, not_applicable, passed

CHANCE = 0.15  # ten classes by chance give 0.10 +- 0.003 on 10,000 images
RECOGNISED = 0.3  # agreement with training labels that chance cannot give


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
    needs=("predictions.ten_classes",),
    reason="The test set has 10,000 images, and each has one prediction.",
    remedy="Predict x_test, all of it, once.",
)
def rows(e: Evidence, task: str) -> Outcome:
    found, test = e.found.predictions[task], e.test(task)
    expected = len(test.labels) if test else 10_000
    if found.rows == expected:
        return passed(f"{found.rows:,} rows")
    where = _training_window(e, task)
    hint = f"; they agree with {where}" if where else ""
    if not hint and test and found.rows == len(test.training_labels):
        hint = ", as many as there are training images"
    return failed(f"{found.name} has {found.rows:,} rows and the test set {expected:,} images{hint}")


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
    counts = np.bincount(found.labels, minlength=10)
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
        return not_applicable(e.no_labels.get(FAMILIES[task], "no test labels"))
    where = _training_window(e, task) if accuracy < 0.5 else ""
    if where:
        name = e.found.predictions[task].name
        return failed(f"{name} agrees with {where}, and with the test labels in {accuracy:.1%}")
    return passed("no run of training labels agrees with them")


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


def best_window(predicted: np.ndarray, training: np.ndarray) -> tuple[int, float]:
    """The start in `training` int [m] at which `predicted` int [n] agrees best, and the share of rows that agree.

    Counts the agreements at every offset at once, as ten correlations by fast Fourier transform.
    """
    return _best_window(predicted.astype(np.uint8).tobytes(), training.astype(np.uint8).tobytes())


@lru_cache(maxsize=64)
def _best_window(predicted_bytes: bytes, training_bytes: bytes) -> tuple[int, float]:
    from scipy.fft import irfft, next_fast_len, rfft

    predicted, training = np.frombuffer(predicted_bytes, np.uint8), np.frombuffer(training_bytes, np.uint8)
    size = next_fast_len(len(predicted) + len(training), real=True)
    total = np.zeros(size // 2 + 1, dtype=np.complex64)
    for label in range(10):
        total += (
            rfft((training == label).astype(np.float32), size)
            * rfft((predicted == label).astype(np.float32), size).conj()
        )
    agreements = irfft(total, size)[: max(1, len(training) - len(predicted) + 1)]
    start = int(agreements.argmax())
    return start, float(agreements[start]) / len(predicted)


@check(
    "predictions.order",
    required=True,
    tasks=NETS,
    needs=("predictions.test_images",),
    reason="Rows in another order than the test images' cannot be matched with them.",
    remedy="Do not shuffle the test set; give its generator shuffle=False.",
)
def order(e: Evidence, task: str) -> Outcome:
    found, test = e.found.predictions[task], e.test(task)
    if found.true_labels is None:
        return not_applicable("the file does not repeat the true labels")
    same = float(np.mean(found.true_labels == test.labels))
    if same > 0.999:
        return passed("its true labels are those of the test set")
    counts = np.bincount(found.true_labels, minlength=10)
    shuffled = np.array_equal(counts, np.bincount(test.labels, minlength=10))
    return failed(
        f"the true labels in {found.name} are "
        f"{'the test labels in another order' if shuffled else 'not those of the test set'}: "
        f"{same:.1%} of the rows agree"
    )


@check(
    "predictions.above_chance",
    required=True,
    tasks=NETS,
    needs=("predictions.test_images",),
    reason="Ten classes are guessed right in one case of ten.",
    remedy="Scale the test images exactly as the training images were, once, and keep their order.",
)
def above_chance(e: Evidence, task: str) -> Outcome:
    found, accuracy = e.found.predictions[task], e.accuracy(task)
    own = found.true_labels
    test = e.test(task)
    if own is not None and np.mean(own == test.labels) < 0.999:
        return not_applicable("its rows are in another order than the test images")
    if accuracy < CHANCE:
        return failed(
            f"{accuracy:.2%} of {found.name} agrees with the test labels, and chance gives 10 %{_scaling(e, task)}"
        )
    return passed(f"{accuracy:.2%} of {found.name} agrees with the test labels")


def _scaling(e: Evidence, task: str) -> str:
    """Whether the model gives these very predictions under a wrong scaling, and which is the right one."""
    model = e.found.models.get(task)
    known = e.models.get(model.name) if model else None
    if known is None or not known.outputs:
        return ""
    shares = {
        name: float(np.mean(np.nan_to_num(out).argmax(axis=1) == e.found.predictions[task].labels))
        for name, out in known.outputs.items()
    }
    used = max(shares, key=shares.get)
    measured = {name: values["accuracy"] for name, values in known.facts["scalings"].items()}
    right = max(measured, key=measured.get)
    if shares[used] < 0.95 or measured[right] < CHANCE or used == right:
        return ""
    return f"; the model was given images scaled {used}, and gets {measured[right]:.1%} right for {right}"


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
    constant = any(np.bincount(p.labels).max() >= 0.95 * p.rows for p in (plain, augmented))
    if equal == 1.0 and plain.rows > 50 and not constant:
        return failed(f"{plain.name} and {augmented.name} give the same class in all {plain.rows:,} rows")
    return passed(f"{1 - equal:.1%} of the rows differ")
