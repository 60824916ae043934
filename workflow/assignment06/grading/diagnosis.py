"""Why predictions at chance may be at chance: rows moved, classes renumbered, rows in another order.

Each function takes class numbers int [n], the predicted and the true ones, and returns a sentence, "" if it does not
apply. Their agreement must be one that chance cannot give: three times it.
"""

from functools import lru_cache

import numpy as np

CHANCE = 0.15  # ten classes by chance give 0.10 +- 0.003 on 10,000 images
RECOGNISED = 0.3  # agreement that chance cannot give


def confusion(true: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """How often each true class int [n] was predicted as each: int [10, 10], a row a true class."""
    counts = np.zeros((10, 10), dtype=np.int64)
    np.add.at(counts, (true, predicted), 1)
    return counts


def best_window(predicted: np.ndarray, training: np.ndarray) -> tuple[int, float]:
    """The start in `training` int [m] at which `predicted` int [n] agrees best, and the share of rows that agree.

    Counts the agreements at every offset at once, as ten correlations by fast Fourier transform.
    """
    agreements = _agreements(predicted.astype(np.uint8).tobytes(), training.astype(np.uint8).tobytes())
    agreements = agreements[: max(1, len(training) - len(predicted) + 1)]
    start = int(agreements.argmax())
    return start, float(agreements[start]) / len(predicted)


@lru_cache(maxsize=64)
def _agreements(predicted_bytes: bytes, training_bytes: bytes) -> np.ndarray:
    """How many rows agree at each offset, float32 [size]; negative offsets stand at the end."""
    from scipy.fft import irfft, next_fast_len, rfft

    predicted, training = np.frombuffer(predicted_bytes, np.uint8), np.frombuffer(training_bytes, np.uint8)
    size = next_fast_len(len(predicted) + len(training), real=True)
    total = np.zeros(size // 2 + 1, dtype=np.complex64)
    for label in range(10):
        total += (
            rfft((training == label).astype(np.float32), size)
            * rfft((predicted == label).astype(np.float32), size).conj()
        )
    return irfft(total, size)


def shifted(predicted: np.ndarray, true: np.ndarray) -> str:
    """Rows moved up or down, those at the end perhaps brought round to the other."""
    if len(predicted) != len(true) or len(true) < 500:
        return ""
    agreements = _agreements(predicted.astype(np.uint8).tobytes(), true.astype(np.uint8).tobytes())
    best = int(agreements.argmax())
    offset = best if best < len(true) else best - len(agreements)
    overlap = len(true) - abs(offset)
    share = float(agreements[best]) / max(overlap, 1)
    if offset == 0 or overlap < len(true) / 10 or share < RECOGNISED:
        return ""
    direction = "up" if offset > 0 else "down"
    return f"moved {direction} by {abs(offset):,} rows, {share:.1%} of them agree with the test labels"


def cut(predicted: np.ndarray, true: np.ndarray) -> str:
    """A few rows that are missing at the beginning, or too many there: the rest has moved by as many."""
    for offset in range(1, abs(len(predicted) - len(true)) + 1):
        longer, shorter = (true, predicted) if len(true) > len(predicted) else (predicted, true)
        count = min(len(longer) - offset, len(shorter))
        share = float(np.mean(longer[offset : offset + count] == shorter[:count]))
        if share >= RECOGNISED:
            what = "lacks" if longer is true else "has too many of"
            return f"; it {what} the first {offset}: with the others moved, {share:.1%} agree with the test labels"
    return ""


def renumbered(predicted: np.ndarray, true: np.ndarray) -> str:
    """One number written for another: the one-to-one renaming of classes that agrees best."""
    if len(predicted) != len(true):
        return ""
    inside = (predicted >= 0) & (predicted < 10)
    meant = _meant(predicted[inside], true[inside])
    share = float(np.sum(meant[predicted[inside]] == true[inside])) / max(len(true), 1)
    if share < RECOGNISED or share < (predicted == true).mean() + 0.1:
        return ""
    changed = [f"{number} stands for {one}" for number, one in enumerate(meant) if number != one]
    more = " and so on" if len(changed) > 3 else ""
    return f"with the classes renumbered ({', '.join(changed[:3])}{more}), {share:.1%} of the rows agree"


def named(coded: np.ndarray, true: np.ndarray) -> np.ndarray | None:
    """The classes that ten unknown names, numbered int [n] in any order, stand for; None where none are recognised."""
    labels = _meant(coded, true)[coded]
    return labels if np.mean(labels == true) >= RECOGNISED else None


def _meant(predicted: np.ndarray, true: np.ndarray) -> np.ndarray:
    """The class int [10] that each of ten numbers stands for, one to one, so that as many as can be agree."""
    from scipy.optimize import linear_sum_assignment

    return linear_sum_assignment(-confusion(predicted, true))[1]


def ordered_by_class(predicted: np.ndarray, true: np.ndarray) -> str:
    """Test images read from a folder for each class come sorted by class."""
    if len(predicted) != len(true):
        return ""
    share = float(np.mean(predicted == np.sort(true)))
    if share < RECOGNISED:
        return ""
    return f"they seem to be in the order of a folder for each class: so ordered, {share:.1%} of the rows agree"


def another_order(predicted: np.ndarray, true: np.ndarray, outputs: list[np.ndarray]) -> str:
    """The classes are those the model gives, or those of the test set, as often as there, but in other rows."""
    counts = np.bincount(predicted[predicted >= 0], minlength=10)[:10]
    for classes in outputs:
        same = len(classes) == len(predicted) and np.array_equal(np.bincount(classes, minlength=10), counts)
        if same and not np.array_equal(classes, predicted):
            return "each class occurs exactly as often as the model gives it: the rows are in another order"
    expected = np.bincount(true, minlength=10)
    if len(predicted) == len(true) and np.abs(counts - expected).max() <= 0.03 * expected.max():
        return "each class occurs about as often as in the test set: the rows may be in another order"
    return ""


def explain(predicted: np.ndarray, true: np.ndarray, outputs: list[np.ndarray]) -> str:
    """The first of these explanations that applies, as an addition to a sentence."""
    for text in (
        shifted(predicted, true),
        renumbered(predicted, true),
        ordered_by_class(predicted, true),
        another_order(predicted, true, outputs),
    ):
        if text:
            return f"; {text}"
    return ""


def longest_run(right: np.ndarray) -> tuple[int, int]:
    """Where the longest run of true values in bool [n] starts, and where it has ended; 0, 0 if none."""
    if not right.any():
        return 0, 0
    runs = np.flatnonzero(np.diff(right, prepend=False, append=False)).reshape(-1, 2)
    start, end = runs[np.diff(runs).argmax()]
    return int(start), int(end)


def even_errors(predicted: np.ndarray, true: np.ndarray) -> bool:
    """Whether the errors are spread over the classes as chance spreads them, which no net's are.

    Pearson's statistic of the 90 off-diagonal cells of the confusion matrix, given each true class's number of errors,
    has mean 80 and deviation 12.6 if they are (80 degrees of freedom); a net's, which takes cats for dogs, is above.
    """
    counts = confusion(true, predicted)
    np.fill_diagonal(counts, 0)
    errors = counts.sum(axis=1, keepdims=True)
    if errors.sum() < 150:
        return False
    expected = np.repeat(errors / 9, 10, axis=1)
    np.fill_diagonal(expected, 0)
    cells = expected > 0
    statistic = float((((counts - expected)[cells]) ** 2 / expected[cells]).sum())
    return statistic < 130
