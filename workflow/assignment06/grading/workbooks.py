"""Workbooks (Excel's and LibreOffice's) as tables of text: a sheet, a CSV."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

from .tables import MAX_ROWS

MAX_BYTES = 64 << 20  # unpacked; ten thousand rows of eleven numbers take 6 MB
MAX_SHEETS = 20
STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # of a zip, and of what Excel wrote before 2007
_CHUNK = 1 << 20
_PICTURES = re.compile(r"(?:^|/)(?:media|charts|Pictures)/")


def sheets(path: Path) -> dict[str, str]:
    """The sheets of a workbook that are not empty, by their titles, as CSV.

    Titles above a table, empty rows and empty columns are left out; whole numbers have no decimals. Raises what the
    reader raises where it is no workbook, and ValueError where it unpacks to more than `MAX_BYTES`.
    """
    from python_calamine import CalamineWorkbook  # seldom needed

    book = CalamineWorkbook.from_filelike(_unpacked(path))
    found = {}
    for title in book.sheet_names[:MAX_SHEETS]:
        rows = [[_text(cell) for cell in row] for row in book.get_sheet_by_name(title).to_python(nrows=MAX_ROWS)]
        filled = [number for number in range(len(rows[0]) if rows else 0) if any(row[number] for row in rows)]
        rows = [[row[number] for number in filled] for row in rows if any(row)]
        while len(rows) > 2 and len(filled) > 1 and sum(map(bool, rows[0])) == 1:
            del rows[0]
        if rows:
            found[title] = as_csv(rows)
    return found


def may_have_pictures(path: Path) -> bool:
    """Whether a workbook, or another document of an office, has charts or pictures; of one that is no zip, it may."""
    try:
        with zipfile.ZipFile(path) as file:
            return any(_PICTURES.search(name) for name in file.namelist()[:10_000])
    except (zipfile.BadZipFile, OSError, ValueError):
        return True


def as_csv(rows: list[list[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def _unpacked(path: Path) -> io.BytesIO:
    """The file with its entries stored as they are, counted on the way; itself where it is no zip (`.xls`)."""
    if not zipfile.is_zipfile(path):
        return io.BytesIO(path.read_bytes())
    left, stored = MAX_BYTES, io.BytesIO()
    with zipfile.ZipFile(path) as packed, zipfile.ZipFile(stored, "w") as plain:
        for entry in packed.infolist():
            with packed.open(entry) as source, plain.open(entry.filename, "w") as target:
                while block := source.read(_CHUNK):
                    left -= len(block)
                    if left < 0:
                        raise ValueError(f"it unpacks to more than {MAX_BYTES >> 20} MiB")
                    target.write(block)
    stored.seek(0)
    return stored


def _text(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
