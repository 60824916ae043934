"""Read a table of text in whatever shape it was written: separators, headers and index columns are worked out."""

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

MAX_TEXT_BYTES = 32 << 20
MAX_ROWS = 300_000  # five times MNIST's training set
_SEPARATORS = ("\t", ";", "|", ",")
_GERMAN = re.compile(r"[-+]?\d+,\d+([eE][-+]?\d+)?$")
_RULE = re.compile(r"[\s|+:=\-─━═│┃┼╪╬├┤┌┐└┘╞╡]+$")
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$")
_ALONE = re.compile(r"\s{0,9}[\w.\[\]-]{1,20}\s{0,9}")
_LEAST, _PREFACE = 500, 60  # lines of one word each, and lines before them
_LIST = re.compile(r"\[([\d\s,]{1000,}+)\]")


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


def left_out(text: str) -> bool:
    """Whether a text is a NumPy array as it is printed in short, with dots for most of it."""
    return len(text) < 5000 and bool(
        re.match(r"\s*(?:array\(|tf\.Tensor\()?\s*\[", text) and re.search(r"(?<=[\s\d\].,])\.\.\.(?=[\s,])", text)
    )


def printed_amid(text: str) -> tuple[str, list[str], str]:
    """The one long list of whole numbers that is printed in a text of words, or the lines of one word or number each
    that end it; the words of the line before, the cells of the list, and the text without it.
    """
    if text.count("\n") > MAX_ROWS:
        return "", [], text
    lines = [line for line in text.splitlines() if line.strip()]
    ends = next((n for n, line in enumerate(reversed(lines)) if not _ALONE.fullmatch(line)), 0)
    if ends >= _LEAST and 1 < len(lines) - ends <= _PREFACE:
        return lines[-ends - 1][:400], [_clean(line) for line in lines[-ends:]], "\n".join(lines[:-ends])
    lists = printed_list(text)
    if len(lists) != 1:
        return "", [], text
    before = [line for line in text[: lists[0].start()][-400:].splitlines() if line.strip()]
    words = text[: lists[0].start()] + text[lists[0].end() :]
    return "".join(before[-1:]), lists[0][1].replace(",", " ").split(), words


def printed_list(text: str) -> list[re.Match]:
    """The long lists of whole numbers that are printed in a text of words."""
    return list(_LIST.finditer(text)) if re.search("[A-Za-z]{3}", text[:2000]) else []


def parse_table(text: str) -> Table | None:
    """The table in `text`, or None if its lines do not make one.

    Separated by commas, semicolons (with decimal commas too), tabs, bars or spaces; printed by pandas, tabulate or as
    Markdown; or a line a row as `Actual: 7, Predicted: 2`. A first line is a header where it has a cell that is no
    number above a column of numbers, or counts the columns (0, 1, 2 ...) as pandas writes it. Ragged rows make it none.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n \ufeff")
    if not text or text.count("\n") > MAX_ROWS:
        return None
    array = _bracketed_array(text)
    if array is not None:
        return array
    lines = [line for line in text.split("\n") if line.strip() and not _RULE.match(line)]
    if not lines:
        return None
    rows = _named_rows(lines) or _numbered_rows(lines) or _split(lines, _separator(lines[:50]))
    if not rows:
        return None
    if len({len(row) for row in rows[1:]} or {0}) > 1:
        return None
    if len(rows) > 1 and len(rows[0]) + 1 == len(rows[1]):  # an index column without a heading (R, numpy, pandas)
        rows[0].insert(0, "")
    if len(rows) > 1 and len(rows[0]) != len(rows[1]):
        rows.pop(0)  # a title or comment line
    if len(rows) <= 12 and len(rows[0]) >= 1000:  # a row a class, with an index and a heading perhaps
        rows = [list(row) for row in zip(*rows, strict=True)]
    header = rows.pop(0) if _has_header(rows) else None
    return Table(header, rows)


def _split(lines: list[str], separator: str | None) -> list[list[str]]:
    if separator is None:
        return _printed_columns(lines)
    if separator == "|":
        lines = [line.strip().strip("|│") for line in lines]
    csv.field_size_limit(1 << 24)
    try:
        rows = [
            row for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=separator) if any(map(str.strip, row))
        ]
    except csv.Error:
        return []
    rows = [[_clean(cell) for cell in row] for row in rows]
    if separator in ";\t|":
        rows = [[cell.replace(",", ".") if _GERMAN.match(cell) else cell for cell in row] for row in rows]
    return rows


def _printed_columns(lines: list[str]) -> list[list[str]]:
    """Columns set apart by spaces, as pandas prints them; a heading of several words has two spaces beside it."""
    if re.match(r"\[\d+ rows x \d+ columns\]$", lines[-1].strip()):
        lines = lines[:-1]
    lines = [line for line in lines if not re.match(r"[\s.…]+$", line)]  # pandas leaves rows out with dots
    rows = [[_clean(cell) for cell in line.split()] for line in lines]
    widths = {len(row) for row in rows[1:]}
    if len(rows) > 1 and len(widths) == 1 and len(rows[0]) not in (width := widths.pop(), width - 1):
        heading = [_clean(cell) for cell in re.split(r"\s{2,}|\t", lines[0].strip())]
        if len(heading) in (width, width - 1):
            rows[0] = heading
        elif len(rows[0]) == 2 * (width - 1) or len(rows[0]) == 2 * width:  # two words a column
            rows[0] = [" ".join(rows[0][i : i + 2]) for i in range(0, len(rows[0]), 2)]
    return rows


_TOLD = re.compile(
    r"\b(pred[a-z]{0,9}|actual(?:ly)?|true|expected)(?:\s{1,3}(?:label|class|digit|value|as|is|was)){0,2}"
    r"\s{1,3}\[?([\w.+-]{1,40})\]?",
    re.I,
)


def _named_rows(lines: list[str]) -> list[list[str]]:
    """A line a row that repeats its headings, `Image 3: Actual: 7, Predicted: 2` or `predicted cat, actual dog`; empty
    if it is none such.
    """
    pattern = re.compile(r"([A-Za-z_][A-Za-z_ ]{1,30})\s?[:=]\s?\[?([\w.+-]{1,40})\]?")
    first = pattern.findall(lines[0][:400])
    told = _TOLD.findall(lines[0][:400])
    if told and not any(re.search(r"pred|actual|true", heading, re.I) for heading, _ in first):
        pattern, first = _TOLD, told
    if len(lines) < 20 or not first or not re.search(r"pred|actual|true|label|expected", lines[0][:400], re.I):
        return []
    heading = [name.strip() for name, _ in first]
    rows = []
    for line in lines:
        found = pattern.findall(line[:400])
        if [name.strip() for name, _ in found] != heading:
            return []
        rows.append([_clean(value) for _, value in found])
    return [heading, *rows]


def _numbered_rows(lines: list[str]) -> list[list[str]]:
    """A line a row that begins with its number, `Image 3: cat` or `3 -> cat`; empty if the numbers do not count up."""
    pattern = re.compile(r"[^\d\n]{0,20}(\d{1,6})\s{0,4}(?::|[-=]>|→)\s{0,4}([\w.+\[\]-]{1,40})$")
    if len(lines) < 20 or not pattern.match(lines[-1].strip()):
        return []
    rows = [[match[1], _clean(match[2])] for line in lines if (match := pattern.match(line.strip()[:100]))]
    if len(rows) < len(lines) - 1 or any(int(row[0]) != int(rows[0][0]) + i for i, row in enumerate(rows)):
        return []
    return rows


def _clean(cell: str) -> str:
    """A cell without quotes and spaces, and a lone number without the brackets of a numpy or tensor print."""
    cell = cell.strip().strip("'\"").strip()
    if cell[:1] == "[" and cell[-1:] == "]" and is_number(cell[1:-1].strip()):
        return cell[1:-1].strip()
    if cell[:2] == "b'":
        return cell[2:]
    if cell[-1:] != ")":  # most of half a million
        return cell
    typed = re.fullmatch(r"(?:np\.)?(?:u?int|float|str)\d{0,2}_?\(['\"]?([\w.+-]{1,40})['\"]?\)", cell)
    return typed[1] if typed else cell


def _separator(lines: list[str]) -> str | None:
    """The character that separates the cells: one that every line below the first has equally often, if any."""
    body = lines[1:] or lines
    for separator in _SEPARATORS:
        counts = {line.count(separator) for line in body}
        if len(counts) == 1 and counts != {0}:
            if separator == "," and all(_GERMAN.match(cell) for line in body for cell in line.split()):
                continue  # German decimals in columns set apart by spaces
            return separator
    for separator in (",", ";", "\t", "|"):
        if min(line.count(separator) for line in body) > 0:
            return separator
    if any("[" in line for line in lines):
        return ","  # cells that hold a printed array: its spaces do not separate columns
    widths = {len(line.split()) for line in body if not re.match(r"[\s.…]+$", line)}
    numeric = all(
        is_number(cell.strip("[]")) or re.match(r"[A-Za-z_]\w*$", cell) for line in body for cell in line.split()
    )
    several = len(widths) == 1 and (widths != {1} or all(is_number(line.strip(" []")) for line in body))
    counted = [line.split(maxsplit=1)[0] for line in body] == [str(number) for number in range(len(body))]
    printed = counted and len(lines[0].split()) + 1 in widths  # with pandas' index
    return None if (numeric or printed) and several else ","


def _bracketed_array(text: str) -> Table | None:
    """A list or printed numpy array that fills the whole text: `[7, 2, 1 ...]`, `[[0.1 0.9] [0.3 0.7]]`."""
    if not re.match(r"(array\()?\s*\[", text) or not re.search(r"\]\s*\)?[^\]]{0,40}$", text):
        return None
    first = text[: text.index("]")]
    if text.count("[") == 1 and text[text.index("[") + 1 :].lstrip()[:1] == "(":  # a list of pairs
        pairs = [re.split(r"\s*,\s*", body.strip(" ,")) for body in re.findall(r"\(([^()]*)\)", text)]
        rows = [[_clean(cell) for cell in pair] for pair in pairs]
        return Table(None, rows) if rows and len({len(row) for row in rows}) == 1 else None
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
