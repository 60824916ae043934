"""Turn what holds tables in other forms into text, which all else here reads: workbooks, gzip, Arrow, SQLite, pages,
pickles, HDF5 and MATLAB's files of predictions, and what trackers keep.
"""

import contextlib
import gzip
import html
import io
import json
import logging
import math
import re
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import h5py
import numpy as np

from . import arrays, names, pickles, progress, roles, source, trackers, workbooks
from .predictions import MAX_NUMBERS
from .rebuild import containers
from .tables import MAX_ROWS, MAX_TEXT_BYTES, read_text
from .unpack import Unpacked

_CELL = 1000  # characters of a cell
MAX_TABLES = 20  # of a database
_WORDS = re.compile(r"[^\W\d_]|^6\.[12]$")  # a letter, or a task's number
_NAMED = 80  # characters of the words that stand for a row
_SHORT = 50  # rows of a table that other tables' rows are told by
MIN_ROWS = 500  # of a table in a page, which else may be the page's own
_MOST_NUMBERS = 2 << 20  # bytes of the numbers of images; those of all training images take a quarter
_OF_A_CLASS = re.compile(
    r"(?P<before>.{0,200}/[^/\d]{0,40})(?P<digit>\d)(?P<after>(?:[_ -][^/]{0,40}|[^/\d]{0,20})\.(?:txt|csv))", re.S
)
_IMAGE = re.compile(r"^\s{0,8}(\d{1,9})(?:[,;\s][^\n]{0,200})?$", re.M)  # the number of one in front of its line
_OF_A_NET = re.compile(r"kernel|bias|gamma|beta|moving_|weight|optimizer|:0$|(?:^|/)(?:vars/)?\d{1,3}$", re.I)
_OTHER = re.compile(r"[^\d\s,;\[\]]")  # than numbers in a list
_TABULAR = re.compile(
    r"\\begin\{(?:tabular|longtable|tabularx|tabulary)\*?\}(?:\[\w?\])?((?:(?!\\end\{(?:tab|longtab))[\s\S]){1,50000})"
)
_ROW, _APART = re.compile(r"\\\\(?:\[[^\]\n]{0,20}\])?|\\tabularnewline"), re.compile(r"(?<!\\)&")
_MARKS = [
    (re.compile(r"(?<!\\)%[^\n]{0,1000}"), ""),
    (re.compile(r"^\s{0,20}(?:\{(?:[^{}\n]|\{[^{}\n]{0,40}\}){0,80}\}){1,2}"), ""),  # how the columns are set
    (re.compile(r"\\(?:cmidrule|cline)(?:\([lr]{0,2}\))?\{[^}]{0,20}\}"), ""),
    (re.compile(r"\\[,;!:]|~"), ""),
    (re.compile(r"\\([_%&#$])"), r"\1"),
    (re.compile(r"\\[A-Za-z]{1,20}\s?(?:\{\d{1,2}\}\{[^}]{0,20}\})?"), ""),
    (re.compile(r"[{}$]"), ""),
]


def turn_into_text(unpacked: Unpacked) -> None:
    """Add to `unpacked` the texts in workbooks, gzip, Arrow's files, SQLite, HTML, LaTeX and pickles, HDF5 and MATLAB's
    files of numbers, in a folder of the file's name, and those of trackers.

    A workbook of one sheet that is not empty has that in its place; of others there is `book.xlsx/SHEET.csv` for each,
    and of a database `results.db/TABLE.csv`.
    `preds.csv.gz` becomes `preds.csv.gz/preds.csv`, and the long tables of a page `page.html/table1.csv` and so on.
    What cannot be read stays as it is.
    """
    for number, (name, path) in enumerate(list(unpacked.files.items())):
        read = next((way for suffixes, way in _WAYS.items() if name.lower().endswith(suffixes)), None)
        if read is None:
            continue
        progress.at("file", name)
        try:
            found = read(name, path)
        except Exception:
            logging.getLogger(__name__).debug("%s", name, exc_info=True)
            continue
        if read is _sheets and workbooks.may_have_pictures(path):
            unpacked.drawn.append(name)
        if found and read not in _DOCUMENTS:
            del unpacked.files[name]
        for part, (inner, data) in enumerate(found.items()):
            suffix = ".csv" if inner == name else PurePosixPath(inner).suffix.lower()
            written = unpacked.folder / f"converted{number}_{part}{suffix}"
            written.write_bytes(data)
            unpacked.files[inner] = written
    trackers.turn_into_text(unpacked)
    _join_classes(unpacked)


def _join_classes(unpacked: Unpacked) -> None:
    """Where ten texts, called alike but for a digit and a word behind it, share out the numbers of images among the
    classes 0 to 9, put a table with a row an image in their place.
    """
    alike: dict[str, dict[int, str]] = {}
    for name in unpacked.files:
        if match := _OF_A_CLASS.fullmatch(name):
            for key in (f"{match['before']}*{match['after']}", match["before"]):
                alike.setdefault(key, {})[int(match["digit"])] = name
    for number, group in enumerate(files for files in alike.values() if len(files) == roles.CLASSES):
        if not all(name in unpacked.files for name in group.values()):  # joined by the longer of their common names
            continue
        if sum(unpacked.files[name].stat().st_size for name in group.values()) > _MOST_NUMBERS:
            continue
        texts = {digit: read_text(unpacked.files[name]) or "" for digit, name in group.items()}
        lists = not any(_OTHER.search(text) for text in texts.values())
        numbers = {
            digit: re.findall(r"\d{1,9}", text) if lists else _IMAGE.findall(text) for digit, text in texts.items()
        }
        pairs = sorted((int(image), digit) for digit, images in numbers.items() for image in images)
        first = pairs[0][0] if len(pairs) >= MIN_ROWS else 2
        if first < 2 and [image for image, _ in pairs] == list(range(first, first + len(pairs))):
            written = unpacked.folder / f"classes{number}.csv"
            written.write_text(workbooks.as_csv([["image", "prediction"], *([str(a), str(b)] for a, b in pairs)]))
            for name in group.values():
                del unpacked.files[name]
            unpacked.files[f"{group[0]}/predictions.csv"] = written


def _sheets(name: str, path: Path) -> dict[str, bytes]:
    found = {title.replace("/", "_"): text.encode() for title, text in workbooks.sheets(path).items()}
    return {name if len(found) == 1 else f"{name}/{title}.csv": text for title, text in found.items()}


def _unzipped(name: str, path: Path) -> dict[str, bytes]:
    inner = PurePosixPath(name).stem
    if PurePosixPath(inner).suffix.lower() not in (*names.TEXTS - {""}, ".npy"):
        return {}
    with gzip.open(path) as file:
        data = file.read(MAX_TEXT_BYTES + 1)
    return {f"{name}/{inner}": data} if len(data) <= MAX_TEXT_BYTES else {}


def _columns(name: str, path: Path) -> dict[str, bytes]:
    from pyarrow import csv, feather, parquet  # seldom needed, and slow to import

    if name.lower().endswith(".parquet"):
        file = parquet.ParquetFile(path)
        table = file.read(use_threads=False) if file.metadata.num_rows <= MAX_ROWS else None
    else:
        table = feather.read_table(path, use_threads=False)
    if table is None or table.num_rows > MAX_ROWS:
        return {}
    csv.write_csv(table, text := io.BytesIO())
    return {f"{name}/{PurePosixPath(name).stem}.csv": text.getvalue()}


def _database(name: str, path: Path) -> dict[str, bytes]:
    """The tables of a database of SQLite as they are stored: no view and no other expression of it is computed."""
    read: dict[str, list[list[str]]] = {}
    left = MAX_TEXT_BYTES
    with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as base:
        base.execute("PRAGMA trusted_schema = OFF")
        base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 1 << 20)  # bytes of a row
        base.text_factory = lambda data: data.decode(errors="replace")
        listed = (
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT GLOB 'sqlite_*'"
        )
        for (table,) in base.execute(f"{listed} LIMIT {MAX_TABLES}").fetchall():
            stored = [_quoted(row[1]) for row in base.execute(f"PRAGMA table_info({_quoted(table)})")]
            query = f"SELECT {', '.join(stored)} FROM {_quoted(table)} LIMIT {MAX_ROWS}"  # noqa: S608  (quoted)
            given = base.execute(query)
            rows = [[column[0] for column in given.description]]
            for row in given:
                rows.append(["" if cell is None else str(cell)[:_CELL] for cell in row])
                left -= sum(map(len, rows[-1]))
                if left < 0:
                    return {}
            read[table] = rows
    _join(read)
    return {f"{name}/{table.replace('/', '_')}.csv": workbooks.as_csv(rows).encode() for table, rows in read.items()}


def _join(tables: dict[str, list[list[str]]]) -> None:
    """Write the words of the row that is meant in the place of its number: of `run_id` those of `run`, `runs` or of
    another short table that has a `run_id` of its own in each row.
    """
    for table, (header, *rows) in tables.items():
        for column, heading in enumerate(header):
            keys = [row[column] for row in rows]
            others = [heading] if heading.lower() != "id" else [f"{table}_id", f"{table.rstrip('s')}_id"]
            if len(rows) > _SHORT or len(set(keys)) < len(keys) or not re.search(r"id$", heading, re.I):
                continue
            meant = {row[column]: " ".join(filter(_WORDS.search, row))[:_NAMED] for row in rows}
            for other, (names_of, *long) in tables.items():
                for number in [number for number, cell in enumerate(names_of) if other != table and cell in others]:
                    for row in long:
                        row[number] = meant.get(row[number], row[number]) or row[number]


def _quoted(name: str) -> str:
    """A name as SQL takes it, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def _pickled(name: str, path: Path) -> dict[str, bytes]:
    """What is no model: an array of numbers, or several of predictions, as NumPy keeps them, anything else in JSON."""
    value = pickles.read(path)
    if pickles.is_net(value):
        return {}
    mapping = value if isinstance(value, dict) else {}
    inside = {key: item for key, item in mapping.items() if isinstance(item, np.ndarray)}
    file, suffix = io.BytesIO(), ".json"
    if isinstance(value, np.ndarray):
        np.save(file, value)
        suffix = ".npy"
    elif any(len(item) >= MIN_ROWS for item in inside.values() if item.ndim):
        return _as_arrays(name, inside)
    elif isinstance(value, pickles.Frame):
        rows = [value.header, *([str(cell) for cell in row] for row in zip(*value.columns, strict=True))]
        file.write(workbooks.as_csv(rows).encode())
        suffix = ".csv"
    elif isinstance(value, list | dict):
        file.write(json.dumps(value, default=np.ndarray.tolist).encode())
    else:
        return {}
    return {f"{name}/{PurePosixPath(name).stem}{suffix}": file.getvalue()}


def _as_arrays(name: str, given: dict[str, np.ndarray]) -> dict[str, bytes]:
    """Several arrays as `np.savez` writes them, whatever their names."""
    with zipfile.ZipFile(file := io.BytesIO(), "w") as archive:
        for key, array in given.items():
            with archive.open(f"{key}.npy", "w") as inner:
                np.lib.format.write_array(inner, array, allow_pickle=False)
    return {f"{name}/{PurePosixPath(name).stem}.npz": file.getvalue()}


def _hdf5(name: str, path: Path) -> dict[str, bytes]:
    """Arrays of predictions in HDF5: whatever is long has a class, or ten scores, for each image."""
    with h5py.File(path, "r") as file:
        containers.look_through(file)
        found: dict[str, h5py.Dataset] = {}
        file.visititems(lambda key, item: found.update({key: item}) if isinstance(item, h5py.Dataset) else None)
        if any(_OF_A_NET.search(key) for key in found):
            return {}
        long = _long({key: item.shape for key, item in found.items()})
        if any(found[key].dtype.kind not in arrays.NUMBERS for key in long):
            return {}
        return _as_arrays(name, {key: found[key][()] for key in long}) if long else {}


def _matlab(name: str, path: Path) -> dict[str, bytes]:
    """The same in what `scipy.io.savemat` writes; sizes are those of the headers."""
    from scipy import io as matlab  # seldom needed, and slow to import

    long = _long({key: shape for key, shape, kind in matlab.whosmat(path) if kind not in ("cell", "struct", "object")})
    given = matlab.loadmat(path, variable_names=long) if long else {}
    given = {key: given[key] for key in long if key in given and given[key].dtype.kind in arrays.NUMBERS}
    return _as_arrays(name, given) if given else {}


def _long(shapes: dict[str, tuple[int, ...]]) -> list[str]:
    """The arrays with a row an image; none where one as long is of anything else, or all are too many numbers."""
    long = [key for key, shape in shapes.items() if math.prod(shape) >= MIN_ROWS]
    sizes = [math.prod(shapes[key]) for key in long]
    return long if all(arrays.can_predict(shapes[key]) for key in long) and sum(sizes) <= MAX_NUMBERS else []


def _pages(name: str, path: Path) -> dict[str, bytes]:
    long = [rows for rows in _tables(read_text(path) or "") if len(rows) >= MIN_ROWS]
    return {f"{name}/table{number}.csv": workbooks.as_csv(rows).encode() for number, rows in enumerate(long, 1)}


def _tabulars(name: str, path: Path) -> dict[str, bytes]:
    """The tables of a text in LaTeX."""
    found = {}
    for number, table in enumerate(_TABULAR.findall(read_text(path) or "")[:MAX_TABLES], 1):
        rows = [[_unmarked(cell) for cell in _APART.split(row)] for row in _ROW.split(table)]
        rows = [row for row in rows if any(row)]
        found[f"{name}/table{number}.csv"] = workbooks.as_csv(rows).encode()
    return found


def _unmarked(cell: str) -> str:
    """A cell of LaTeX as it is printed."""
    for pattern, by in _MARKS:
        cell = pattern.sub(by, cell[:_CELL])
    return " ".join(cell.split())


def _tables(page: str) -> list[list[list[str]]]:
    """The cells of a page's tables, row by row."""
    tables: list[list[list[str]]] = [[]]
    inside = False
    for name, text in source.pieces(page):
        if name == "table":
            tables.append([])
        elif name == "tr" and len(tables[-1]) < MAX_ROWS:
            tables[-1].append([])
        elif name in ("td", "th") and tables[-1]:
            tables[-1][-1].append("")
        inside = name in ("td", "th") or (inside and name not in ("/td", "/th", "tr", "/tr", "table", "/table"))
        if inside and tables[-1] and len(tables[-1][-1][-1]) < _CELL:
            tables[-1][-1][-1] += html.unescape(text[:_CELL]).strip()
    return tables


_WAYS: dict[tuple[str, ...], Callable[[str, Path], dict[str, bytes]]] = {
    names.WORKBOOKS: _sheets,
    (".gz",): _unzipped,
    (".parquet", ".feather", ".arrow"): _columns,
    (".db", ".sqlite", ".sqlite3", ".db3"): _database,
    (".html", ".htm"): _pages,
    (".tex",): _tabulars,
    tuple(names.PICKLE_SUFFIXES): _pickled,
    tuple(suffix for suffix, kind in names.MODEL_SUFFIXES.items() if kind == "hdf5"): _hdf5,
    (".mat",): _matlab,
}
_DOCUMENTS = (_pages, _tabulars)  # which may hold more than tables
HOLDERS = tuple(ending for endings, way in _WAYS.items() if way not in _DOCUMENTS for ending in endings)
