"""What grading one submission comes to, and its plain form, in which it leaves the walls."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from . import checks  # noqa: F401  (importing `checks` fills the table)
from .registry import CHECKS, FAILED, NOT_APPLICABLE, PASSED, Result

MAX_SENTENCE = 4000
_PLAIN_PICTURE = re.compile(r"data:image/jpeg;base64,[A-Za-z0-9+/]*={0,2}")


@dataclass
class Grade:
    """One submission's results. `verdict` is "passed", "failed" or "could not be read".

    `thumbnails` are names and data URIs of small JPEG pictures; `walls` those that stood while it was read.
    """

    source: Path
    results: list[Result]
    readable: bool = True
    seconds: float = 0.0
    used: dict[str, str] = field(default_factory=dict)
    thumbnails: list[tuple[str, str]] = field(default_factory=list)
    walls: list[str] = field(default_factory=list)

    def failed(self, required: bool = True) -> list[Result]:
        return [r for r in self.results if r.status == FAILED and r.check.required == required]

    @property
    def verdict(self) -> str:
        if not self.readable:
            return "could not be read"
        return "failed" if self.failed() else "passed"


def exit_status(grades: Iterable[Grade]) -> int:
    """0 if all passed, 2 if one could not be read, else 1."""
    verdicts = {grade.verdict for grade in grades}
    return 2 if "could not be read" in verdicts else 1 if "failed" in verdicts else 0


_Word = Annotated[str, Field(max_length=300)]
_Sentence = Annotated[str, Field(max_length=MAX_SENTENCE)]
_Picture = Annotated[str, Field(max_length=200_000)]


class Plain(BaseModel):
    """A grade as JSON: words and numbers within limits, and nothing else."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    readable: bool
    seconds: Annotated[float, Field(ge=0, le=1e6)]
    results: Annotated[list[tuple[_Word, _Word, _Word, _Sentence]], Field(max_length=1000)]
    used: Annotated[dict[_Word, _Sentence], Field(max_length=100)]
    thumbnails: Annotated[list[tuple[_Word, _Picture]], Field(max_length=24)]
    walls: Annotated[list[_Word], Field(max_length=10)]


def plain(grade: Grade) -> Plain:
    """The plain form of a grade. Sentences and names that are too long are cut."""
    return Plain(
        readable=grade.readable,
        seconds=grade.seconds,
        results=[(r.check.id, r.task, r.status, _text(r.sentence, MAX_SENTENCE)) for r in grade.results],
        used={_text(what, 300): _text(name, MAX_SENTENCE) for what, name in grade.used.items()},
        thumbnails=[(_text(name, 300), uri) for name, uri in grade.thumbnails if len(uri) <= 200_000],
        walls=grade.walls,
    )


def _text(text: str, limit: int) -> str:
    return text.encode("utf-8", "replace").decode()[:limit]


def from_plain(source: Path, text: str | bytes) -> Grade:
    """The grade of `source` in JSON that came out of the walls. Raises ValueError unless it is one, check for check."""
    given = Plain.model_validate_json(text)
    wanted = [(entry, task) for entry in CHECKS for task in entry.tasks or ("",)]
    if [(identifier, task) for identifier, task, _, _ in given.results] != [(e.id, task) for e, task in wanted]:
        raise ValueError("the checks are not those of the table")
    if any(status not in (PASSED, FAILED, NOT_APPLICABLE) for _, _, status, _ in given.results):
        raise ValueError("a check has a status that there is not")
    if any(not _PLAIN_PICTURE.fullmatch(uri) for _, uri in given.thumbnails):
        raise ValueError("a thumbnail is no JPEG picture")
    results = [Result(entry, task, r[2], r[3]) for (entry, task), r in zip(wanted, given.results, strict=True)]
    return Grade(
        source, results, given.readable, given.seconds, dict(given.used), list(given.thumbnails), list(given.walls)
    )
