"""Understand a file of predictions for ten classes, whatever its columns."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import arrays, tables

CLASSES = 10
MAX_NUMBERS = 10_000_000
_CIFAR10 = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
_DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_NAMES = {name: number for names in (_CIFAR10, _DIGITS) for number, name in enumerate(names)}
_NAMES |= {"plane": 0, "aeroplane": 0, "aircraft": 0, "car": 1, "auto": 1, "boat": 8, "lorry": 9}
_PREDICTED = re.compile(r"pred|guess|output|y_?hat|estimat|argmax|model", re.I)
_TRUE = re.compile(r"true|actual|target|truth|expected|y_?test|real|correct_?label|correct_?class", re.I)
_LABEL = re.compile(r"label|class|digit|category|value|^y$|^0$", re.I)
_INDEX = re.compile(r"index|^id$|image_?id|^#$|unnamed|^n$|row|number|image", re.I)


@dataclass
class Predictions:
    """Predictions of one net: `labels` int [n] (-1 where a cell is no class), probabilities float32 [n, 10] or None.

    `scores` says what the ten columns are ("probabilities", "one-hot" or "scores"); `true_labels` int [n] are those
    that the file itself claims; `problem` is a sentence about content that is not a ten-class prediction.
    """

    name: str
    labels: np.ndarray
    probabilities: np.ndarray | None = None
    scores: str = ""
    true_labels: np.ndarray | None = None
    names: str = ""
    problem: str = ""

    @property
    def rows(self) -> int:
        return len(self.labels)


def read(name: str, path: Path, expected_rows: int = 10_000) -> Predictions | None:
    """The predictions in a CSV, TSV, text, JSON or npy file, or None if the file is not a table of them."""
    suffix = path.suffix.lower()
    try:
        if suffix in (".npy", ".npz"):
            return _from_array(name, _load_array(path))
        text = tables.read_text(path)
        if text is None:
            return None
        if suffix == ".json" or text.lstrip()[:1] == "{":
            return _from_json(name, text)
        table = tables.parse_table(text)
    except (OSError, ValueError, EOFError, RecursionError, KeyError):
        return None
    return None if table is None or not table.rows else from_table(name, table, expected_rows)


def _load_array(path: Path) -> np.ndarray:
    return arrays.load(path, MAX_NUMBERS)


def _from_array(name: str, array: np.ndarray) -> Predictions | None:
    array = np.squeeze(array)
    if array.ndim == 1:
        return _labels_only(name, array.astype(np.float64))
    if array.ndim == 2 and array.shape[1] == CLASSES:
        return _from_scores(name, array.astype(np.float64))
    return None


def _from_json(name: str, text: str) -> Predictions | None:
    """A JSON list of labels or of lists or of objects, or an object with one such list (pandas' forms too)."""
    data = json.loads(text)
    if isinstance(data, dict):
        lists = {k: v for k, v in data.items() if isinstance(v, list | dict) and len(v) >= 2}
        chosen = [v for k, v in lists.items() if _PREDICTED.search(str(k))] or list(lists.values())[:1]
        if not chosen or not (len(lists) == 1 or any(_PREDICTED.search(str(k)) for k in lists)):
            return None
        data = list(chosen[0].values()) if isinstance(chosen[0], dict) else chosen[0]
    if not isinstance(data, list) or not data:
        return None
    if isinstance(data[0], dict):
        header = [str(key) for key in data[0]]
        rows = [[str(item.get(key, "")) for key in data[0]] for item in data if isinstance(item, dict)]
    else:
        header = None
        rows = [[str(c) for c in item] if isinstance(item, list) else [str(item)] for item in data]
    if len({len(row) for row in rows}) != 1 or not rows[0]:
        return None
    return from_table(name, tables.Table(header, rows))


def from_table(name: str, table: tables.Table, expected_rows: int = 10_000) -> Predictions | None:
    """The predictions in a table of any of the usual shapes (see the module's tests for a list)."""
    header = table.header or [""] * table.width
    columns = [table.column(number) for number in range(table.width)]
    if table.header is None and table.width == 1 and len(table.rows) == expected_rows + 1 and columns[0][0] == "0":
        columns = [columns[0][1:]]  # pandas writes the only column's number, 0, as its heading
    keep = list(range(len(columns)))
    printed = _printed_rows(name, columns)
    if printed is not None:
        return printed
    if len(keep) > 1 and _is_index(header[0], columns[0]):
        keep = keep[1:]
    values = {number: tables.numbers(columns[number]) for number in keep}

    scores = _score_columns(header, keep, values)
    true_column, label_column = _label_columns(header, [n for n in keep if n not in scores], columns, values)
    if scores:
        result = _from_scores(name, np.stack([values[n] for n in scores], axis=1))
        if label_column is not None:
            labels, result.names = _to_labels(columns[label_column], values[label_column])
            if (labels >= 0).all():
                result.labels = labels
    elif label_column is not None:
        result = _labels_only(name, values[label_column], columns[label_column])
    else:
        return None
    if true_column is not None:
        true, _ = _to_labels(columns[true_column], values[true_column])
        result.true_labels = true if (true >= 0).all() else None
    return result


def _is_index(heading: str, cells: list[str]) -> bool:
    if heading and _INDEX.search(heading) and len(set(cells)) == len(cells) > 1:
        return True
    number = tables.numbers(cells)
    if number is None or len(number) < 11 or (heading and not _INDEX.search(heading)):
        return False
    return bool(np.array_equal(number - number[0], np.arange(len(number))))


def _score_columns(header: list[str], keep: list[int], values: dict[int, np.ndarray | None]) -> list[int]:
    """Ten neighbouring columns that hold a score for each class: rows that add up to one, else named or left over."""
    numeric = [n for n in keep if values[n] is not None]
    blocks = [numeric[i : i + CLASSES] for i in range(len(numeric) - CLASSES + 1)]
    blocks = [block for block in blocks if block[-1] - block[0] == CLASSES - 1]
    for block in blocks:
        rows = np.stack([values[n][:200] for n in block], axis=1)
        if np.allclose(rows.sum(axis=1), 1, atol=0.02) and rows.min() >= -1e-6:
            return block
    for block in blocks:
        if all(re.search(rf"(^|\D){i}$", header[n]) or _NAMES.get(header[n].lower()) == i for i, n in enumerate(block)):
            return block
    return blocks[0] if len(blocks) == 1 and len(numeric) == CLASSES else []


def _label_columns(
    header: list[str], candidates: list[int], columns: list[list[str]], values: dict[int, np.ndarray | None]
) -> tuple[int | None, int | None]:
    """The columns of true and of predicted labels among `candidates`; either may be None."""
    labelled = []
    for number in candidates:
        labels, _ = _to_labels(columns[number][:200], None if values[number] is None else values[number][:200])
        share = float((labels >= 0).mean()) if len(labels) else 0.0
        labelled.append((number, share))
    sure = [n for n, share in labelled if share == 1.0 and not re.search(r"prob|conf|score|loss|correct\b", header[n])]
    predicted = [n for n in sure if _PREDICTED.search(header[n])]
    true = [n for n in sure if _TRUE.search(header[n]) and n not in predicted]
    rest = [n for n in sure if n not in predicted and n not in true]
    if predicted and not true:
        true = [n for n in rest if _LABEL.search(header[n])][:1]
    if not predicted:
        predicted = rest or ([n for n, _ in labelled if _PREDICTED.search(header[n])] if true else [])
    if not predicted and not true and len(candidates) == 1:
        predicted = candidates  # the only column, even if what it holds is wrong
    if not predicted and not true:
        predicted = [n for n in candidates if _PREDICTED.search(header[n])]
    return (true[0] if true else None), (predicted[0] if predicted else None)


def _to_labels(cells: list[str], number: np.ndarray | None) -> tuple[np.ndarray, str]:
    """Class numbers 0..9 of integers or class names; -1 where a cell is neither."""
    if number is not None:
        whole = np.isfinite(number) & (number == np.round(number)) & (number >= 0) & (number < CLASSES)
        return np.where(whole, np.nan_to_num(number), -1).astype(np.int64), "integers"
    lookup = {cell: _name_to_label(cell) for cell in set(cells)}
    return np.array([lookup[cell] for cell in cells], dtype=np.int64), "class names"


def _name_to_label(cell: str) -> int:
    plain = re.sub(r"[\[\]'\"() ]", "", cell).lower()
    if plain in _NAMES:
        return _NAMES[plain]
    match = re.fullmatch(r"(?:class|label|digit|tf\.tensor)?_?(\d)(?:\.0*)?(?:,.*)?", plain)
    return int(match[1]) if match else -1


def _labels_only(name: str, number: np.ndarray | None, cells: list[str] | None = None) -> Predictions:
    labels, names = _to_labels(cells or [], number)
    result = Predictions(name, labels, names=names)
    wrong = labels < 0
    if wrong.any():
        first = int(np.argmax(wrong))
        shown = str(cells[first] if cells else number[first])[:40]
        if number is not None and np.isfinite(number).all() and number.min() >= 0 and number.max() <= 1:
            result.problem = f"one number between 0 and 1 a row (row {first + 1}: {shown}), not one of ten classes"
        elif number is not None and set(np.unique(number)) <= set(range(1, 11)):
            result.problem = "labels run from 1 to 10, and the classes are numbered 0 to 9"
        else:
            result.problem = f"{wrong.sum():,} of {len(labels):,} rows hold no class 0 to 9 (row {first + 1}: {shown})"
    return result


def _from_scores(name: str, scores: np.ndarray) -> Predictions:
    finite = np.isfinite(scores).all()
    result = Predictions(name, np.argmax(np.nan_to_num(scores), axis=1), scores.astype(np.float32), "scores")
    if not finite:
        result.problem = f"{(~np.isfinite(scores)).any(axis=1).sum():,} rows hold a value that is not a number"
    elif np.allclose(scores.sum(axis=1), 1, atol=0.02) and scores.min() >= -1e-6:
        result.scores = "one-hot" if np.isin(scores, (0, 1)).all() else "probabilities"
    return result


def _printed_rows(name: str, columns: list[list[str]]) -> Predictions | None:
    """A column whose cells are printed arrays of ten numbers, as `str(probabilities)` writes them."""
    for column in columns:
        if column[0][:1] != "[":
            continue
        rows = [re.split(r"[\s,]+", cell.strip("[] \n")) for cell in column]
        if {len(row) for row in rows} == {CLASSES}:
            scores = tables.numbers([cell for row in rows for cell in row])
            if scores is not None:
                return _from_scores(name, scores.reshape(-1, CLASSES))
    return None
