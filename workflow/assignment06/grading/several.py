"""Predictions of several tasks in one file, arrays (`.npz`), columns or rows: split by what keys and cells say."""

import re
from collections.abc import Iterator
from pathlib import Path

from . import arrays, legend, names, tables
from .predictions import MAX_NUMBERS, Predictions, choose, from_table

MIN_ROWS = 500


def by_task(name: str, path: Path, explained: dict[str, str] | None = None) -> dict[str, Predictions]:
    """The predictions of each task in a file of at least two, under names that tell the task; else {}.

    `explained` are words with the task that they stand for (see `legend`).
    """
    explained = explained or {}
    return _arrays(name, path, explained) if path.suffix.lower() == ".npz" else _table(name, path, explained)


def _table(name: str, path: Path, explained: dict[str, str]) -> dict[str, Predictions]:
    """Those of a table whose headings, or the cells of one column, name at least two tasks beyond doubt."""
    text = tables.read_text(path) if path.suffix.lower() in (".csv", ".tsv", ".txt") else None
    first, _, rest = (text or "").lstrip("\ufeff\r\n ").partition("\n")
    cells = [re.split(r"[,;|\t]", line) for line in (first[:2000], rest[:2000].partition("\n")[0])]
    if text is None or (len(_groups(name, cells[0], explained)) < 2 and not _groups(name, cells[1], explained)):
        return {}
    table = tables.parse_table(text)
    if table is None or not table.header or len(table.rows) < MIN_ROWS:
        return {}
    found = {}
    for word, part in [*_columns(name, table, explained), *_rows(name, table, explained)]:
        item = from_table(name, part) if len(part.rows) >= MIN_ROWS else None
        if item is not None and (not item.problem or item.foreign is not None):
            found[_called(name, word, explained, ".csv")] = item
    return found if len(found) > 1 else {}


def _columns(name: str, table: tables.Table, explained: dict[str, str]) -> Iterator[tuple[str, tables.Table]]:
    """The columns of each net that headings name, `mnist` and `cifar10_augmented` say, under the first heading."""
    groups = _groups(name, table.header or [], explained)
    for columns in groups.values() if len(groups) > 1 else ():
        header = [(table.header or [])[number] for number in columns]
        yield header[0], tables.Table(header, [[row[number] for number in columns] for row in table.rows])


def _rows(name: str, table: tables.Table, explained: dict[str, str]) -> Iterator[tuple[str, tables.Table]]:
    """The rows of each net where a column has nothing but the names of nets, without that column."""
    for column in range(table.width):
        words = list(dict.fromkeys(table.column(column)))
        groups = _groups(name, words, explained) if 2 <= len(words) <= len(names.NETS) else {}
        if len(groups) == len(words):
            header = [cell for number, cell in enumerate(table.header or []) if number != column]
            for (number,) in groups.values():
                rows = [row[:column] + row[column + 1 :] for row in table.rows if row[column] == words[number]]
                yield words[number], tables.Table(header, rows)
            return


def _groups(name: str, headings: list[str], explained: dict[str, str]) -> dict[str, list[int]]:
    """Which of some headings, or cells, name each net beyond doubt, or as `model_A` in a file of CIFAR-10; of CIFAR-10
    without a word, where the other net has one, those of 6.2a.
    """
    groups: dict[str, list[int]] = {}
    of_cifar10 = names.certain(name) == "6.2"
    for number, heading in enumerate(headings[:100]):
        plain = heading.strip().strip("\"'")
        file = f"{plain[:60].replace('/', '_')}.csv"
        task = (names.certain(file) or legend.task(file, explained)) if plain else ""
        if plain and not task and of_cifar10:
            task = names.certain(f"{name}/{file}").removesuffix("6.2")
        if task in names.NETS or task == "6.2":
            groups.setdefault(task, []).append(number)
    if "6.2" in groups:
        groups = {("6.2a" if task == "6.2" and "6.2a" not in groups else task): n for task, n in groups.items()}
    return {task: numbers for task, numbers in groups.items() if task in names.NETS}


def _arrays(name: str, path: Path, explained: dict[str, str]) -> dict[str, Predictions]:
    """The predictions of each task in an `.npz` with keys of at least two, under names that tell the task; else {}."""
    try:
        given, left = arrays.load(path, MAX_NUMBERS)
    except (OSError, ValueError, EOFError, KeyError):
        return {}
    groups: dict[str, list[str]] = {}
    for key in given:
        groups.setdefault(_task(key, explained), []).append(key)
    groups = {task: keys for task, keys in groups.items() if task in names.NETS or task == "6.2"}
    if len(groups) < 2:
        return {}
    found = {}
    for task, keys in groups.items():
        item = choose(name, {key: given[key] for key in keys}, [key for key in left if _task(key, explained) == task])
        if item is not None:
            found[_called(name, keys[0], explained, ".npy")] = item
    return found


def _called(name: str, word: str, explained: dict[str, str], suffix: str) -> str:
    """A name for the part of a file that a word tells, with the task that the word stands for."""
    task = legend.task(word, explained)
    return f"{name}/{task and f'{task} '}{word[:60].replace('/', '_')}{suffix}"


def _task(key: str, explained: dict[str, str]) -> str:
    return names.task(f"{key}.npy")[0] or legend.task(key, explained)
