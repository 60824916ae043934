"""One file for each student: what to mend in the own submission, and no word about others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ..shared.files import atomic_path
from . import points
from .grades import clean
from .names import NETS
from .pages import accuracy, task_of, templates
from .registry import PASSED, UNCONFIRMED, Result
from .result import Grade

_TITLES = {"": "Zip and files", "6.1": "6.1: MNIST", "6.2a": "6.2a: CIFAR-10, plain", "6.3": "6.3: ResNet50"}
_TITLES["6.2b"] = "6.2b: CIFAR-10 with dropout and augmentation"


def write(folder: Path, grades: Sequence[Grade], weights: points.Weights | None = None) -> list[Path]:
    """Write NAME.html and NAME.md for each submission to `folder`; names that two share get a number."""
    weights = weights or points.load()
    pages = templates()
    taken: set[str] = set()
    written = []
    for grade in grades:
        values = _values(grade, weights)
        stem = _free(grade, taken)
        for suffix in ("html", "md"):
            path = folder / f"{stem}.{suffix}"
            with atomic_path(path) as part:
                part.write_text(pages.get_template(f"feedback.{suffix}.j2").render(**values), encoding="utf-8")
            written.append(path)
    return written


def _free(grade: Grade, taken: set[str]) -> str:
    """A file name made of the submission's, without what a file system or a shell might take amiss."""
    stem = re.sub(r"[^\w. ()'-]", "_", clean(grade.source.stem)).strip(" .-")[:120] or "submission"
    name, number = stem, 1
    while name.casefold() in taken:
        number += 1
        name = f"{stem} ({number})"
    taken.add(name.casefold())
    return name


def _values(grade: Grade, weights: points.Weights) -> dict:
    order = [*NETS, "6.3", ""]

    def of(results: list[Result]) -> list[tuple[str, list[Result]]]:
        return [(_TITLES[task], found) for task in order if (found := [r for r in results if task_of(r) == task])]

    doubtful = [r for r in grade.results if r.status == UNCONFIRMED and not r.ours and not r.waits]
    return {
        "name": grade.source.name,
        "verdict": grade.verdict,
        "score": points.score(grade.results, weights),
        "mend": of(grade.failed()),
        "advice": of(grade.failed(required=False)),
        "doubtful": of(doubtful),
        "right": sum(r.status == PASSED for r in grade.results),
        "measured": {task: share for task in NETS if (share := accuracy(grade, task)) is not None},
    }
