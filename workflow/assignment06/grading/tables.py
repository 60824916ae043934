"""Read a table of text in whatever shape it was written: separators, headers and index columns are worked out."""

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

MAX_TEXT_BYTES = 32 << 20
MAX_ROWS = 300_000  # five times MNIST's training set
_SEPARATORS = (",", ";", "\t", "|")
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$")


@dataclass
class Table:
    """Rows of equally many text cells; `header` is None where the file has none."""

    header: list[str] | None
    rows: list[list[str]]

    @property
    def width(self) -> int:
        return len(self.rows[0]) if self.rows else len(self.header or [])

    def column(self, number: int) -> list[str]:
        return [row[number] for row in self.rows]


def read_text(path: Path, limit: int = MAX_TEXT_BYTES) -> str | None:
    """The text of a file in UTF-8, UTF-16 with a mark, or Latin-1; None if binary or larger than `limit` bytes."""
    if path.stat().st_size > limit:
        return None
    data = path.read_bytes()
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    if b"\0" in data[:8192]:
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def is_number(cell: str) -> bool:
    return bool(_NUMBER.match(cell))


def parse_table(text: str) -> Table | None:
    """The table in `text`, or None if its lines do not make one.

    A first line is a header where it has a cell that is no number above a column of numbers, or counts the columns
    (0, 1, 2 ...) as pandas writes it. Ragged rows make it no table.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n \ufeff")
    lines = [line for line in text.split("\n", 50)[:50] if line.strip()]
    if not lines or text.count("\n") > MAX_ROWS:
        return None
    array = _bracketed_array(text)
    if array is not None:
        return array
    separator = _separator(lines)
    try:
        if separator is None:
            rows = [line.split() for line in text.split("\n") if line.strip()]
        else:
            csv.field_size_limit(1 << 24)
            rows = [row for row in csv.reader(io.StringIO(text), delimiter=separator) if any(c.strip() for c in row)]
    except csv.Error:
        return None
    rows = [[_clean(cell) for cell in row] for row in rows]
    if not rows:
        return None
    if len({len(row) for row in rows[1:]} or {0}) > 1:
        return None
    if len(rows) > 1 and len(rows[0]) + 1 == len(rows[1]):  # an index column without a heading (R, numpy)
        rows[0].insert(0, "")
    if len(rows) > 1 and len(rows[0]) != len(rows[1]):
        rows.pop(0)  # a title or comment line
    if len(rows) <= 10 and len(rows[0]) >= 1000:
        rows = [list(row) for row in zip(*rows, strict=True)]
    header = rows.pop(0) if _has_header(rows) else None
    return Table(header, rows)


def _clean(cell: str) -> str:
    """A cell without quotes and spaces, and a lone number without the brackets of a numpy or tensor print."""
    cell = cell.strip().strip("'\"").strip()
    if cell[:1] == "[" and cell[-1:] == "]" and is_number(cell[1:-1].strip()):
        return cell[1:-1].strip()
    if cell[:2] == "b'":
        return cell[2:]
    return cell


def _separator(lines: list[str]) -> str | None:
    for separator in _SEPARATORS:
        counts = [line.count(separator) for line in lines]
        if min(counts[1:] or counts) > 0:
            return separator
    if any("[" in line for line in lines):
        return ","  # cells that hold a printed array: its spaces do not separate columns
    widths = {len(line.split()) for line in lines[1:] or lines}
    numeric = all(is_number(cell.strip("[]")) for line in lines[1:] or lines for cell in line.split())
    return None if numeric and len(widths) == 1 else ","


def _bracketed_array(text: str) -> Table | None:
    """A list or printed numpy array that fills the whole text: `[7, 2, 1 ...]`, `[[0.1 0.9] [0.3 0.7]]`."""
    if not re.match(r"(array\()?\s*\[", text) or not re.search(r"\]\s*\)?[^\]]{0,40}$", text):
        return None
    first = text[: text.index("]")]
    if text.count("[") == 1:
        cells = re.split(r"[\s,]+", text[text.index("[") + 1 : text.rindex("]")].strip())
        return Table(None, [[_clean(cell)] for cell in cells if cell])
    if first.count("[") < 2 and text.split("\n", 1)[0].count("]") != 1:
        return None
    rows = [re.split(r"[\s,]+", body.strip()) for body in re.findall(r"\[([^\[\]]*)\]", text)]
    rows = [[_clean(cell) for cell in row] for row in rows if row != [""]]
    return Table(None, rows) if rows and len({len(row) for row in rows}) == 1 else None


def _has_header(rows: list[list[str]]) -> bool:
    first = rows[0]
    if len(rows) == 1:
        return not any(is_number(cell) for cell in first)
    body = rows[1:200]
    for column, cell in enumerate(first):
        below = {row[column] for row in body}
        if not is_number(cell) and all(is_number(value) for value in below):
            return True
        if not is_number(cell) and cell not in below and len(below) <= 12 and len(body) > 50:
            return True  # a heading above names of classes
    counting = [cell for cell in first if cell]
    if len(first) > 1 and counting == [str(n) for n in range(len(counting))] and len(counting) >= len(first) - 1:
        return first[0] == "" or len(first) == 10
    heading = re.compile(r"pred|label|class|image|file|photo|name|prob|score|index|\bid\b", re.I)
    return any(
        heading.search(cell) and not any(heading.search(row[column]) for row in body)
        for column, cell in enumerate(first)
    )


def numbers(cells: list[str]) -> np.ndarray | None:
    """The cells as float64, or None if one is no number."""
    try:
        return np.array(cells, dtype=np.float64)
    except ValueError:
        return None
