"""Understand a file of predictions for ten classes, whatever its columns."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np

from . import arrays, names, roles, tables

MAX_NUMBERS = 10_000_000
_TRUE = frozenset({"True", "TRUE", "true"})
_FLAGS = _TRUE | {"False", "FALSE", "false"}
_MISTAKES = re.compile(r"wrong|mistak|misclass|incorrect", re.I)
_OTHERS = re.compile(rf"{roles.TRUE.pattern}|error|indices|index", re.I)
ONLY_TRUE = "true labels, no predictions"


@dataclass
class Predictions:
    """Predictions of one net: `labels` int [n] (-1 where a cell is no class), probabilities float32 [n, 10] or None.

    `scores` says what the ten columns are ("probabilities", "one-hot" or "scores"); `true_labels` int [n] are those
    that the file itself claims; `problem` is a sentence about content that is not a ten-class prediction. `doubt` says
    why it is not sure which column holds the predictions, "" where heading or form leave no choice; `others` are the
    columns that it might be instead, int [n] each, by heading. `foreign` int [n] tells ten class names apart that are
    not known here, in another language say. `scored` int [n] are the classes of which the scores beside the predicted
    ones are the highest; `amid` says that they are printed in the midst of a text.
    """

    name: str
    labels: np.ndarray
    probabilities: np.ndarray | None = None
    scores: str = ""
    true_labels: np.ndarray | None = None
    names: str = ""
    problem: str = ""
    true_named: bool = False
    doubt: str = ""
    others: dict[str, np.ndarray] = field(default_factory=dict)
    foreign: np.ndarray | None = None
    scored: np.ndarray | None = None
    amid: bool = False

    @property
    def rows(self) -> int:
        return len(self.labels)

    def own_accuracy(self) -> float | None:
        """The share that equals the true labels beside them; None where there are none."""
        return None if self.true_labels is None else float(np.mean(self.labels == self.true_labels))


def read(name: str, path: Path, expected_rows: int = 10_000) -> Predictions | None:
    """The predictions in a CSV, TSV, text, JSON or npy file, or None if the file is not a table of them."""
    suffix = path.suffix.lower()
    try:
        if suffix in (".npy", ".npz"):
            return choose(name, *arrays.load(path, MAX_NUMBERS))
        text = tables.read_text(path)
        if text is None:
            return None
        if suffix in (".json", ".jsonl") or text.lstrip()[:1] == "{":
            return _from_json(name, text)
        if tables.left_out(text):
            problem = "printed in short: NumPy writes ... for all but the first and the last rows"
            rows = text.count("[") - 1 or len(text.split()) - 1
            return Predictions(name, np.full(rows, -1), problem=problem)
        if (amid := _printed_amid(name, text)) is not None:
            return amid
        if tables.printed_list(text):
            return None
        table = tables.parse_table(text)
    except (OSError, ValueError, EOFError, RecursionError, KeyError):
        return None
    return None if table is None or not table.rows else from_table(name, table, expected_rows)


def _printed_amid(name: str, text: str) -> Predictions | None:
    """The one long list in a text of words, if the line before it or the file's name speaks of predictions; not of
    wrong ones, nor first of others.
    """
    said, cells, _ = tables.printed_amid(text)
    predicted, others = roles.PREDICTED.search(said), _OTHERS.search(said)
    before = predicted is not None and (others is None or predicted.start() < others.start())
    named = others is None and names.PREDICTIONS.search(PurePosixPath(name).name) is not None
    if not cells or _MISTAKES.search(said) or not (before or named):
        return None
    found = _labels_only(name, tables.numbers(cells), cells)
    found.amid = True
    return None if found.problem else found


def choose(name: str, given: dict[str, np.ndarray], left: list[str]) -> Predictions | None:
    """The predictions among arrays by key, with the true labels beside them; None where none can be.

    A key that speaks of predictions comes first, then scores, then labels whose key says nothing, and what is called
    true last of all. Where that leaves a choice, or `left` names arrays that were not read, there is a doubt.
    """
    read = {key: item for key, array in given.items() if (item := _from_array(name, array)) is not None}
    predicted = [key for key in read if roles.PREDICTED.search(key)]
    true = [key for key in read if roles.TRUE.search(key) and key not in predicted]
    rest = [key for key in read if key not in predicted and key not in true]
    rest = [key for key in rest if read[key].scores] or rest
    if not predicted and (not read or (left and not rest)):
        return None  # the predictions may be what was not read
    chosen = (predicted or rest or true)[0]
    found = read[chosen]
    if chosen in true:
        found.problem = f"its only array of classes is called {chosen[:40]!r}: {ONLY_TRUE}"
        return found
    usable = [key for key in (predicted or rest) if (read[key].labels >= 0).all() and read[key].rows == found.rows]
    others = [key for key in usable if not np.array_equal(read[key].labels, found.labels)]
    if others or (left and not predicted):
        found.doubt = f"no key says which array holds the predictions; {chosen[:40]!r} was taken"
        found.others = {key[:40]: read[key].labels for key in others}
    for array in given.values():
        if array.shape == found.labels.shape and (order := roles.numbered(array)) is not None:
            return _ordered(found, order)  # test images in another order, with their numbers
    beside = next((read[key] for key in true if read[key].rows == found.rows), None)
    if beside is not None and (beside.labels >= 0).all():
        found.true_labels, found.true_named = beside.labels, True
    return found


def _from_array(name: str, array: np.ndarray) -> Predictions | None:
    """The predictions in an array of labels [n] or of scores [n, 10]; None for another shape."""
    array = np.squeeze(array)
    if array.ndim == 1:
        return _labels_only(name, array.astype(np.float64), [str(value) for value in array])
    if array.ndim == 2 and array.shape[1] == roles.CLASSES:
        return _from_scores(name, array.astype(np.float64))
    return None


def _from_json(name: str, text: str) -> Predictions | None:
    """A JSON list of labels or of lists or of objects, or an object with one such list (pandas' forms too)."""
    try:
        data = json.loads(text)
    except ValueError:
        data = [json.loads(line) for line in text.splitlines() if line.strip()]  # JSON Lines
    if isinstance(data, dict) and len(data) >= 500 and not any(isinstance(v, list | dict) for v in data.values()):
        data = list(data.values())  # a class by image
    if isinstance(data, dict):
        lists = {k: v for k, v in data.items() if isinstance(v, list | dict) and len(v) >= 2}
        chosen = [v for k, v in lists.items() if roles.PREDICTED.search(str(k))] or list(lists.values())[:1]
        if not chosen or not (len(lists) == 1 or any(roles.PREDICTED.search(str(k)) for k in lists)):
            return None
        data = list(chosen[0].values()) if isinstance(chosen[0], dict) else chosen[0]
    if not isinstance(data, list) or not data:
        return None
    first = data[0].items() if isinstance(data[0], dict) else ()
    batches = [key for key, value in first if roles.PREDICTED.search(str(key)) and isinstance(value, list)][:1]
    if batches and all(isinstance(item, dict) and isinstance(item.get(batches[0]), list) for item in data):
        data = [cell for item in data for cell in item[batches[0]]]  # a batch an entry
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
    if len(set(header)) < len(header) > 1 and table.header and len(table.rows) > 1:  # two lines of headings, as pandas'
        header = [f"{over} {under}" for over, under in zip(header, table.rows[0], strict=True)]
        table = tables.Table(header, table.rows[1:])
    columns = [table.column(number) for number in range(table.width)]
    if table.header is None and table.width == 1 and len(table.rows) == expected_rows + 1 and columns[0][0] == "0":
        columns = [columns[0][1:]]  # pandas writes the only column's number, 0, as its heading
    keep = list(range(len(columns)))
    printed = _printed_rows(name, header, columns)
    if printed is not None:
        return printed
    if len(keep) > 1 and roles.is_index(header[0], columns[0]):
        keep = keep[1:]
    values = {number: tables.numbers(columns[number]) for number in keep}
    flags = [number for number in keep if values[number] is None and _FLAGS.issuperset(columns[number])]
    if len(flags) >= roles.CLASSES:  # one-hot as True and False; fewer say which rows are right
        values |= {n: np.array([cell in _TRUE for cell in columns[n]], dtype=np.float64) for n in flags}

    scores = roles.scores(header, keep, values)
    left = [n for n in keep if n not in scores]
    true_column, label_column, doubtful = roles.labels(header, left, columns, values)
    if scores:
        named = roles.classes([header[n] for n in scores])
        known = sorted(named) == list(range(roles.CLASSES))
        scores = [scores[n] for n in np.argsort(named)] if known else scores
        result = _from_scores(name, np.stack([column for n in scores if (column := values[n]) is not None], axis=1))
        result.foreign = result.labels.copy() if named and not known else None
        if label_column is not None and (roles.PREDICTED.search(header[label_column]) or true_column is not None):
            labels, result.names = roles.to_labels(columns[label_column], values[label_column])
            if (labels >= 0).all():
                result.scored, result.labels = result.labels, labels
        elif label_column is not None:  # a label beside the scores agrees with them if it is the prediction
            labels, _ = roles.to_labels(columns[label_column], values[label_column])
            if (labels >= 0).all() and np.mean(labels == result.labels) < 0.999:
                result.others[header[label_column] or "a column of labels"] = labels
    elif label_column is not None:
        result = _labels_only(name, values[label_column], columns[label_column])
        if (
            values[label_column] is None
            and (result.labels < 0).all()
            and all(map(roles.may_name, columns[label_column]))
        ):
            return None  # sentences: not read, so not judged
        result.doubt, result.others = roles.doubt(header, label_column, doubtful, columns, values)
    elif true_column is not None:
        result = _labels_only(name, values[true_column], columns[true_column])
        result.problem = f"its only column of classes is headed {header[true_column][:40]!r}: {ONLY_TRUE}"
    else:
        return None
    if true_column is not None and label_column != true_column:
        true, _ = roles.to_labels(columns[true_column], values[true_column])
        result.true_labels = true if (true >= 0).all() else None
        result.true_named = bool(roles.TRUE.search(header[true_column]))
    beside = [columns[n] for n in range(len(columns)) if n not in (label_column, true_column, *scores)]
    return _in_order(result, beside)


def _in_order(found: Predictions, beside: list[list[str]]) -> Predictions:
    """The predictions in the order of the test images, where a column says of which image each row is."""
    order = next((order for cells in beside if (order := roles.order(cells)) is not None), None)
    return found if order is None else _ordered(found, order)


def _ordered(found: Predictions, order: np.ndarray) -> Predictions:
    """With the rows int [n] in that order."""
    found.labels = found.labels[order]
    found.probabilities = None if found.probabilities is None else found.probabilities[order]
    found.true_labels = None if found.true_labels is None else found.true_labels[order]
    found.foreign = None if found.foreign is None else found.foreign[order]
    found.scored = None if found.scored is None else found.scored[order]
    return found


def _labels_only(name: str, number: np.ndarray | None, cells: list[str]) -> Predictions:
    labels, names = roles.to_labels(cells, number)
    result = Predictions(name, labels, names=names)
    wrong = labels < 0
    if wrong.any() and number is None:
        different, coded = np.unique(np.array([cell.strip().casefold() for cell in cells]), return_inverse=True)
        if len(different) == roles.CLASSES and all(re.search(r"[^\W\d_]", name) for name in different):
            result.foreign = coded
    if wrong.any():
        first = int(np.argmax(wrong))
        shown = cells[first][:40]
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


def _printed_rows(name: str, header: list[str], columns: list[list[str]]) -> Predictions | None:
    """Columns whose cells are printed arrays of ten numbers, as `str(probabilities)` writes them.

    Of several, that headed as a prediction counts, and one headed as true (one-hot, say) is beside it.
    """
    found: dict[int, Predictions] = {}
    for number, column in enumerate(columns):
        if column[0][:1] != "[":
            continue
        rows = [re.split(r"[\s,]+", cell.strip("[] \n")) for cell in column]
        if {len(row) for row in rows} == {roles.CLASSES}:
            scores = tables.numbers([cell for row in rows for cell in row])
            if scores is not None:
                found[number] = _from_scores(name, scores.reshape(-1, roles.CLASSES))
    predicted = [n for n in found if roles.PREDICTED.search(header[n])]
    true = [n for n in found if roles.TRUE.search(header[n]) and n not in predicted]
    chosen = next(iter([*predicted, *(n for n in found if n not in true), *true]), None)
    if chosen is None:
        return None
    result = found[chosen]
    if chosen in true:
        result.problem = f"its only column of classes is headed {header[chosen][:40]!r}: {ONLY_TRUE}"
    elif true:
        result.true_labels, result.true_named = found[true[0]].labels, True
    else:
        others = [n for n in found if n != chosen and not np.array_equal(found[n].labels, result.labels)]
        if others and not predicted:
            result.doubt = f"no heading says which column holds the predictions; column {chosen + 1} was taken"
            result.others = {header[n] or f"column {n + 1}": found[n].labels for n in others}
    return result
