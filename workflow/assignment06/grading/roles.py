"""Which column of a table holds what: an index, scores, true or predicted labels; and what a cell means as a class."""

import re
from pathlib import PurePosixPath

import numpy as np

from . import names, tables

CLASSES = 10
_CIFAR10 = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
_DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_NAMES = {name: number for names in (_CIFAR10, _DIGITS) for number, name in enumerate(names)}
_NAMES |= {"plane": 0, "aeroplane": 0, "aircraft": 0, "car": 1, "auto": 1, "boat": 8, "lorry": 9}
PREDICTED = re.compile(
    rf"{names.PREDICTIONS.pattern}|guess|estimat|argmax|model|classified|inferred|previ(?:st|s[aã]o|sion)|anuman|"
    r"erkannt|reconnu|reconoc|rozpozn|herkend",
    re.I,
)
TRUE = re.compile(  # other languages' words too
    r"verdadeir|verdader|vrai(?![a-z])|v(?:é|e.?)rit(?:é|e.?)|r(?:é|e.?)el(?:le)?(?![a-z])|ger(?:ç|c.?)ek|(?<![a-z])asli|rzeczyw|"
    r"prawdziw|sebenarnya|wirklich|faktisk|fakticzn|skute[cč]n|val(?:ó|o.?)s(?![a-z])|истин|正解|真实|真值|thực|"
    r"true|actual|target|truth|expected|y_?test|real|correct_?label|correct_?class|original|given|ground|gold|(?<![a-z])ist(?![a-z])|"
    r"echt|wahr|tats|test_?labels?$",
    re.I,
)
_LABEL = re.compile(r"label|class|digit|category|value|^y$|^0$", re.I)
_FROM_ONE = set(range(1, CLASSES + 1))
_INDEX = re.compile(r"index|^id$|image_?id|^#$|unnamed|^n$|row|number|image", re.I)


def is_cifar10(word: str) -> bool:
    """Whether a word is the name of one of CIFAR-10's classes, in any of the ways that people write them."""
    return word.lower() in _NAMES and word.lower() not in _DIGITS


def is_index(heading: str, cells: list[str]) -> bool:
    if heading and _INDEX.search(heading) and len(set(cells)) == len(cells) > 1:
        return True
    number = tables.numbers(cells)
    if number is None or len(number) < 11 or (heading and not _INDEX.search(heading)):
        return False
    return bool(np.array_equal(number - number[0], np.arange(len(number))))


def order(cells: list[str]) -> np.ndarray | None:
    """The rows int [n] in ascending order of the last number in each cell, `test/cat/00003.png` say, where these are 0
    to n - 1 or 1 to n; None where they are not, or in order already.
    """
    last = [re.findall(r"\d{1,9}", PurePosixPath(cell[-100:].replace("\\", "/")).stem)[-1:] for cell in cells]
    if len(cells) < 11 or not all(last):
        return None
    number = np.array([int(digits[0]) for digits in last])
    found = np.argsort(number, kind="stable")
    if np.array_equal(found, np.arange(len(found))):
        return None
    whole = np.array_equal(number[found] - number.min(), np.arange(len(found)))
    return found if whole and number.min() < 2 else None


def numbered(array: np.ndarray) -> np.ndarray | None:
    """The rows int [n] in ascending order of integers that number them from 0 or 1, in another order; else None."""
    if array.dtype.kind not in "iu" or len(array) < 500:
        return None
    found = np.argsort(array, kind="stable")
    whole = np.array_equal(array[found] - array.min(), np.arange(len(array))) and array.min() in (0, 1)
    return found if whole and not np.array_equal(found, np.arange(len(array))) else None


def scores(header: list[str], keep: list[int], values: dict[int, np.ndarray | None]) -> list[int]:
    """Ten neighbouring columns that hold a score for each class: rows that add up to one, else named or left over."""
    numeric = [n for n in keep if values[n] is not None]
    blocks = [numeric[i : i + CLASSES] for i in range(len(numeric) - CLASSES + 1)]
    blocks = [block for block in blocks if block[-1] - block[0] == CLASSES - 1]
    sums: list[tuple[bool, bool, list[int]]] = []
    for block in blocks:
        rows = np.stack([column[:200] for n in block if (column := values[n]) is not None], axis=1)
        if np.allclose(rows.sum(axis=1), 1, atol=0.02) and rows.min() >= -1e-6:
            sums.append((any(TRUE.search(header[n]) for n in block), bool(np.isin(rows, (0, 1)).all()), block))
    if sums:  # the true classes, one-hot, may stand before the probabilities
        return min(sums)[2]
    for block in blocks:
        if all(re.search(rf"(^|\D){i}$", header[n]) or _NAMES.get(header[n].lower()) == i for i, n in enumerate(block)):
            return block
    return blocks[0] if len(blocks) == 1 and len(numeric) == CLASSES else []


def labels(
    header: list[str], candidates: list[int], columns: list[list[str]], values: dict[int, np.ndarray | None]
) -> tuple[int | None, int | None, list[int]]:
    """The columns of true and of predicted labels among `candidates` (either may be None), and, where no heading says
    which is the prediction, all that it may be.
    """
    shares = {}
    for number in candidates:
        value = values[number]
        found, _ = to_labels(columns[number][:200], None if value is None else value[:200])
        shares[number] = float((found >= 0).mean()) if len(found) else 0.0
    no_label = re.compile(r"prob|conf|score|loss|correct$|is_?correct|match|right|wrong", re.I)
    sure = [n for n, share in shares.items() if share == 1.0 and not no_label.search(header[n])]
    predicted = [n for n in sure if PREDICTED.search(header[n])]
    true = [n for n in sure if TRUE.search(header[n]) and n not in predicted]
    rest = [n for n in sure if n not in predicted and n not in true]
    if predicted:
        both = true or [n for n in rest if _LABEL.search(header[n])][:1]
        return (both[0] if both else None), predicted[0], []
    if rest:
        return (true[0] if true else None), rest[0], rest if len(rest) > 1 else []
    named = [n for n in candidates if PREDICTED.search(header[n]) and not no_label.search(header[n])]
    if not named and not true:  # the only column, even if what it holds is wrong, or one that counts from 1
        counting = [n for n in candidates if (value := values[n]) is not None and set(np.unique(value)) == _FROM_ONE]
        named = candidates if len(candidates) == 1 else counting
    return (true[0] if true else None), (named[0] if named else None), []


def doubt(
    header: list[str],
    chosen: int,
    doubtful: list[int],
    columns: list[list[str]],
    values: dict[int, np.ndarray | None],
) -> tuple[str, dict[str, np.ndarray]]:
    """Why the chosen column need not be that of the predictions, and the labels int [n] of those that it may be."""
    others = {}
    for number in doubtful:
        found, _ = to_labels(columns[number], values[number])
        if number != chosen and (found >= 0).all():
            others[header[number] or f"column {number + 1}"] = found
    if not others:
        return "", {}
    shown = header[chosen] or f"column {chosen + 1}"
    return f"no heading says which column holds the predictions; {shown[:40]!r} was taken", others


def to_labels(cells: list[str], number: np.ndarray | None) -> tuple[np.ndarray, str]:
    """Class numbers 0..9 of integers or class names; -1 where a cell is neither."""
    if number is not None:
        whole = np.isfinite(number) & (number == np.round(number)) & (number >= 0) & (number < CLASSES)
        return np.where(whole, np.nan_to_num(number), -1).astype(np.int64), "integers"
    lookup = {cell: _name_to_label(cell) for cell in set(cells)}
    return np.array([lookup[cell] for cell in cells], dtype=np.int64), "class names"


def classes(words: list[str]) -> list[int]:
    """The class 0..9 that each of ten different words without a number names, -1 for one that is none of them; nothing
    for words that say no more than their order, `p0` or `class 3`.
    """
    if len({word.strip() for word in words} - {""}) < CLASSES or any(re.search(r"\d", word) for word in words):
        return []
    return [_name_to_label(word) for word in words]


def may_name(cell: str) -> bool:
    """Whether a text that is no class speaks of one among other words: `Predicted class 3 (true 3)`."""
    words = re.findall(r"[a-z]{1,20}|\d{1,9}", cell[:200].lower())
    return len(words) > 1 and any(word in _NAMES or (word.isdigit() and len(word) == 1) for word in words)


def _name_to_label(cell: str) -> int:
    plain = re.sub(r"[\[\]'\"() ]", "", cell).lower()
    if plain in _NAMES:
        return _NAMES[plain]
    both = re.fullmatch(r"(\d)[-:_.=]{0,2}([a-z]{2,12})|([a-z]{2,12})[-:_.=]{0,2}(\d)", plain)
    if both:  # `3 - cat`, `cat (3)`
        digit, name = int(both[1] or both[4]), both[2] or both[3]
        if name in _NAMES:
            return digit if _NAMES[name] == digit else -1
    match = re.fullmatch(r"(?:class|label|digit|tf\.tensor)?_?(\d)(?:\.0*)?(?:,.*)?", plain)
    return int(match[1]) if match else -1
