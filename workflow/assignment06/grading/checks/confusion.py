"""Confusion matrices, in files and below the cells of notebooks, beside the predictions that are handed in."""

import re
from collections.abc import Iterator
from contextlib import suppress

import numpy as np

from .. import arrays, diagnosis, notebooks, tables
from ..names import NETS
from ..registry import Evidence, Outcome, check, failed, not_applicable, passed
from ..roles import CLASSES
from . import displayed

_NAME = re.compile(r"confus|(?<![a-z])(?:cm|conf_?mat\w{0,4})(?![a-z])", re.I)
_ROW = re.compile(r"\[{1,3}\s{0,9}(\d{1,6}(?:,?\s{1,9}\d{1,6}){9})\s{0,9}\]")
_LONG = 1 << 18  # characters of a text


@check(
    "figures.confusion",
    required=False,
    tasks=NETS,
    reason="A confusion matrix counts the predictions that are handed in, those that are right on its diagonal.",
    remedy="Make the matrix of y_test and the predictions that you save, and hand in both of one run.",
)
def confusion(e: Evidence, task: str) -> Outcome:
    test, found, given = e.test(task), e.found.predictions.get(task), e.accuracy(task)
    if test is None or found is None or given is None or given < diagnosis.CHANCE or found.doubt:
        return not_applicable("no predictions can be compared")
    own = diagnosis.confusion(test.labels, found.labels)
    other = ""
    for place, matrix in _matrices(e, task):
        if matrix.sum() != own.sum():
            continue  # of other images, or shares
        if any(np.array_equal(_sorted(matrix), _sorted(one)) for one in (own, own.T)):
            return passed(f"{place} is of {found.name}")
        right = matrix.trace() / matrix.sum()
        other = other or f"{place} has {right:.2%} on its diagonal, and of {found.name} {given:.2%} are right"
    if other:
        return failed(f"{other}: it is of other predictions")
    return not_applicable("no confusion matrix of the test images is read")


def _sorted(matrix: np.ndarray) -> np.ndarray:
    """A matrix with its classes in the order of what it counts of them, as names in another language may be sorted."""
    order = np.lexsort((matrix.sum(axis=0), matrix.sum(axis=1), matrix.diagonal()))
    return matrix[np.ix_(order, order)]


def _matrices(e: Evidence, task: str) -> Iterator[tuple[str, np.ndarray]]:
    """The confusion matrices, int [10, 10], of files whose names tell this task, and below the cells that are its."""
    for name, path in sorted(e.found.scope.items()) if e.found.manifest is None else ():
        if not _NAME.search(name) or e.found.certain(name) != task:
            continue
        found = _in_text(tables.read_text(path, limit=_LONG) or "") if path.suffix.lower() != ".npy" else []
        with suppress(ValueError, OSError):
            given = arrays.load(path, CLASSES**2)[0].values() if path.suffix.lower() == ".npy" else ()
            found += [values.astype(np.int64) for values in given if values.shape == (CLASSES, CLASSES)]
        yield from ((name, matrix) for matrix in found)
    for one in displayed.books(e, task, notebooks.printed):
        for matrix in _in_text(one.text[:_LONG]) if one.tasks == {task} else ():
            yield f"the cell {one.place}", matrix


def _in_text(text: str) -> list[np.ndarray]:
    """Matrices as NumPy prints them; or a table of counts, with headings and a column of names perhaps."""
    rows = [re.split(r"[\s,]+", row) for row in _ROW.findall(text)]
    if len(rows) >= CLASSES:
        return [np.array(rows[i : i + CLASSES], np.int64) for i in range(0, len(rows) - CLASSES + 1, CLASSES)]
    table = tables.parse_table(text)
    if table is None or not CLASSES <= len(table.rows) <= CLASSES + 1 or table.width not in (CLASSES, CLASSES + 1):
        return []
    cells = [row[-CLASSES:] for row in table.rows[:CLASSES]]
    counts = tables.numbers([cell for row in cells for cell in row])
    whole = counts is not None and np.isfinite(counts).all() and (counts == counts.round()).all()
    return [counts.astype(np.int64).reshape(CLASSES, CLASSES)] if counts is not None and whole else []
