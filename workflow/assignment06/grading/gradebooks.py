"""Tables of points that learning platforms import, with the students' names from the file names that each makes.

Without a table exported from the platform, one is made from the file names alone; with one (`roster`) its rows are kept
as they are, and the points go into a column of it. What cannot be matched is said, never guessed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..shared.errors import AssignmentError
from ..shared.files import atomic_path
from . import people, points, workbooks
from .grades import clean
from .people import zip_student
from .result import Grade

PLATFORMS = ("blackboard", "canvas", "moodle")
COLUMN = "Assignment 6"
MAX_CELL = 1 << 17  # letters
# The columns by which each platform knows a student again, and those that hold the name, as its export heads them.
_KEYS = {
    "blackboard": ("Username", "Student ID"),
    "canvas": ("ID", "SIS Login ID", "SIS User ID"),
    "moodle": ("Identifier", "ID number", "Email address", "Username"),
}
_NAMES = {
    "blackboard": ("Last Name", "First Name"),
    "canvas": ("Student",),
    "moodle": ("Full name", "First name", "Last name"),
}


@dataclass(frozen=True)
class Student:
    """Who handed something in, as far as its file name tells; every field may be ""."""

    user: str = ""
    id: str = ""
    name: str = ""


def student(source: Path) -> Student:
    """The student of a submission: from what a platform wrote before its name, else from that itself."""
    for name in (source.name, source.parent.name):
        known = people.platform(name)
        if known:
            own = zip_student(known.get("rest", "")) or zip_student(source.name)
            return Student(known.get("user", ""), known.get("id", ""), known.get("name", "") or own)
    return Student(name=zip_student(source.name))


@dataclass(frozen=True)
class Book:
    """A table for a platform, the names of submissions that no row is for, or more than one, and what else to tell."""

    text: str
    unmatched: tuple[str, ...] = ()
    note: str = ""


def make(platform: str, grades: Sequence[Grade], weights: points.Weights | None = None) -> Book:
    """A table with a row for each student that the file names tell, with the heads the platform expects."""
    weights = weights or points.load()
    rows: dict[tuple, list[str]] = {}
    unmatched = []
    for grade in grades:
        who, score = student(grade.source), points.score(grade.results, weights)
        key, row = _row(platform, who, f"{score.earned:g}")
        if not key:
            unmatched.append(grade.source.name)
        else:
            rows[(key,)] = row  # a second attempt takes the place of the first: they come in order of their names
    heads = {
        "blackboard": ["Last Name", "First Name", "Username", COLUMN],
        "canvas": ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", COLUMN],
        "moodle": ["Identifier", "Full name", "Grade", "Maximum Grade"],
    }[platform]
    table = [heads]
    if platform == "canvas":
        table.append(["    Points Possible", "", "", "", "", f"{weights.total:g}"])
    if platform == "moodle":
        rows = {key: [*row, f"{weights.total:g}"] for key, row in rows.items()}
    return Book(_csv([*table, *rows.values()]), tuple(unmatched))


def _row(platform: str, who: Student, earned: str) -> tuple[str, list[str]]:
    if platform == "blackboard":
        last, first = _parts(who.name)
        return who.user, [last, first, who.user, earned]
    if platform == "canvas":
        return who.id, [who.name, who.id, "", "", "", earned]
    return who.id, [f"Participant {who.id}", who.name, earned]


def _parts(name: str) -> tuple[str, str]:
    """Last and first name of `DoeJane`, written together: two capitals tell them apart, else all is the last name."""
    found = re.findall(r"[A-ZÀ-Þ][^A-ZÀ-Þ]*", name)
    return (found[0], found[1]) if len(found) == 2 else (name, "")


def fill(platform: str, roster: Path, grades: Sequence[Grade], weights: points.Weights | None = None) -> Book:
    """The platform's own table `roster` with the points written into its column for this assignment.

    Comma or tab separated, UTF-8 or UTF-16 as Blackboard exports it, or as Excel saves that: by semicolons, which stay,
    or in cp1252, which is told; or the first sheet of a workbook. The column is `Grade` (Moodle) or the last whose
    head has "assignment" and 6 in it, else a new one. Raises AssignmentError where it is no such table.
    """
    weights = weights or points.load()
    rows, separator, note = _read(roster)
    head = rows[0]
    keys = [head.index(key) for key in _KEYS[platform] if key in head]
    names = [head.index(key) for key in _NAMES[platform] if key in head]
    if not keys and not names:
        raise AssignmentError(f"{roster} has no column {_KEYS[platform][0]!r}: export it from {platform.capitalize()}.")
    wanted = [n for n, cell in enumerate(head) if re.search(r"assign\w*[ _-]?0?6(?!\d)", cell, re.I)]
    if platform == "moodle" and "Grade" in head:
        wanted = [head.index("Grade")]
    column = wanted[-1] if wanted else len(head)
    if not wanted:
        rows = [[*row, COLUMN if number == 0 else ""] for number, row in enumerate(rows)]
    unmatched = []
    for grade in grades:
        who = student(grade.source)
        hits = [n for n, row in enumerate(rows[1:], 1) if _is(who, row, keys, names)]
        if len(hits) == 1:
            rows[hits[0]][column] = f"{points.score(grade.results, weights).earned:g}"
        else:
            unmatched.append(f"{grade.source.name} ({'no row' if not hits else f'{len(hits)} rows'})")
    return Book(_csv(rows, guard=False, separator=separator), tuple(unmatched), note)


def _is(who: Student, row: list[str], keys: list[int], names: list[int]) -> bool:
    known = {value.casefold() for value in (who.user, who.id, f"Participant {who.id}" if who.id else "") if value}
    if known & {row[n].strip().casefold() for n in keys}:
        return True
    if known and any(row[n].strip() for n in keys) and not names:
        return False
    words = [word for n in names for word in re.split(r"[\s,]+", row[n]) if word]
    given = people.letters(who.name)
    orders = {people.letters("".join(words)), people.letters("".join(reversed(words)))}
    turned = {people.letters("".join(words[i:] + words[:i])) for i in range(len(words))}
    return bool(given) and given in orders | turned


def _read(path: Path) -> tuple[list[list[str]], str, str]:
    """The rows of a table, all as wide as the first, the separator to write them with, and what to tell of them."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise AssignmentError(f"the table {path} cannot be read ({error.strerror}); name one that can.") from None
    text, note = (_sheet(path), "") if data[:4] in workbooks.STARTS else _text(path, data)
    csv.field_size_limit(MAX_CELL)
    try:
        heads = {mark: next(csv.reader(text.splitlines()[:1], delimiter=mark), []) for mark in "\t,;"}
        mark = max(heads, key=lambda mark: len(heads[mark]))
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark) if any(row)]
    except csv.Error as error:
        raise AssignmentError(f"the table {path} is no whole CSV ({error}); export it anew.") from None
    if not rows:
        raise AssignmentError(f"the table {path} is empty; export it anew.")
    width = len(rows[0])
    return [(row + [""] * width)[:width] for row in rows], ";" if mark == ";" else ",", note


def _sheet(path: Path) -> str:
    """The first sheet of a workbook that is not empty, as CSV."""
    try:
        return next(iter(workbooks.sheets(path).values()), "")
    except Exception as error:  # noqa: BLE001  the reader raises many kinds
        raise AssignmentError(
            f"the workbook {path} cannot be read ({str(error) or type(error).__name__}); save it as CSV in UTF-8."
        ) from None


def _text(path: Path, data: bytes) -> tuple[str, str]:
    """The text of a table, without blank lines at its start, and what to tell of its letters."""
    encodings = ["utf-16"] if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if re.search(r"[\x00-\x08\x0e-\x1f]", text):
            break
        note = f"{path} is not UTF-8 and was read as cp1252: look at the names in it before you import the table"
        return text.lstrip("\r\n"), note if encoding == "cp1252" else ""
    raise AssignmentError(f"the table {path} is no text; save or export it as CSV in UTF-8.")


def _csv(rows: list[list[str]], guard: bool = True, separator: str = ",") -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=separator, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_safe(cell) if guard else cell for cell in row])
    return buffer.getvalue()


def _safe(cell: str) -> str:
    """A cell without what only a file name could have brought in: no formula, no control characters."""
    return clean(cell).lstrip("=+@\t\r") if not re.fullmatch(r"-?[\d.]+", cell) else cell


def write(path: Path, book: Book) -> None:
    """Write the table in UTF-8 with a byte order mark, which all three platforms and spreadsheets take."""
    with atomic_path(path) as part:
        part.write_bytes(b"\xef\xbb\xbf" + book.text.encode("utf-8"))
