"""What notebooks and pages of HTML show of a task. No check stands here."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from .. import names, notebooks, programs, progress, source, tables
from ..registry import Evidence

MEASURE = re.compile(
    r"(?:acc(?:uracy)?|loss|precision|recall|f1|evaluat\w{0,4}|score|genauigkeit|verlust|exactitud|precisi[oó]n|p[eé]rdida|"
    r"perte|précision)(?:\b|_)\D{0,80}\d|"
    r"(?:test|right|correct|richtig|korrekt)[^\n]{0,80}\d ?%|\d[ *_]{0,4}%[^\n]{0,80}(?:test|right|correct|richtig)",
    re.I,
)


def books(e: Evidence, task: str, below: Callable[[str, Path], list[notebooks.Shown]]) -> Iterator[notebooks.Shown]:
    """What stands below the cells of the notebooks that name this task, or none; of this workflow's own, nothing."""
    other: dict[str, str] | None = None
    for name, path in e.notebooks():
        if notebooks.place(name) in (task, task[:3], ""):
            progress.at("file", name)
            for one in below(name, path):
                if "6.2" in one.tasks:
                    other = _by_elimination(e) if other is None else other
                    one = replace(one, tasks=one.tasks - {"6.2"} | {other.get(name, "6.2")})
                yield one


def _by_elimination(e: Evidence) -> dict[str, str]:
    """The notebook whose one training of CIFAR-10 may be 6.2a's or 6.2b's, with the task that no other notebook is of,
    where others are of the other task; else nothing.
    """
    if any(programs.trains_on_cifar10(lines) for name, lines in e.code.items() if not name.endswith(".ipynb")):
        return {}
    trained = {name: notebooks.trained(name, path) for name, path in e.notebooks()}
    missing = {"6.2a", "6.2b"}.difference(*trained.values())
    unsure = [name for name, tasks in trained.items() if "6.2" in tasks]
    alone = len(missing) == len(unsure) == 1 and trained[unsure[0]].count("6.2") == 1
    return {unsure[0]: missing.pop()} if alone else {}


def page(e: Evidence, task: str, holds: Callable[[str, Path], bool]) -> str:
    """A page of HTML that holds something and names this task, or else none; "" where there is none."""
    books = {names.stem(name) for name in e.unpacked.files if name.lower().endswith(".ipynb")}
    for wanted in (task, task[:3], ""):
        for name, path in sorted(e.unpacked.files.items()):
            if not name.lower().endswith((".html", ".htm")) or names.stem(name) in books:  # a notebook that was read
                continue
            if names.task(name)[0] == wanted:
                progress.at("file", name)
                if holds(name, path):
                    return name
    return ""


def has_pictures(name: str, path: Path) -> bool:
    return bool(re.search(r"src=[\"']data:image/(?:png|jpeg|svg)", tables.read_text(path) or ""))


def shows_a_measure(name: str, path: Path) -> bool:
    return measures(source.outputs(name, path))


def measures(text: str) -> bool:
    return MEASURE.search(text[: 1 << 20]) is not None
