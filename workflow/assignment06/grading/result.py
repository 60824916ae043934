"""What grading one submission comes to, and its plain form, in which it leaves the walls."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from . import checks  # noqa: F401  (importing `checks` fills the table)
from .registry import CHECKS, FAILED, NOT_APPLICABLE, PASSED, UNCONFIRMED, Result

MAX_SENTENCE = 4000
_PLAIN_PICTURE = re.compile(r"data:image/(?:jpeg|png);base64,[A-Za-z0-9+/]*={0,2}")


@dataclass
class Grade:
    """One submission's results. `verdict` is "passed", "failed", "not confirmed" or "could not be read".

    `thumbnails` are names and data URIs of small pictures; `measured` and `fingerprint` are as
    `registry.Evidence.measured` and `fingerprints.take` give them; `walls` those that stood while it was read.
    """

    source: Path
    results: list[Result]
    readable: bool = True
    seconds: float = 0.0
    used: dict[str, str] = field(default_factory=dict)
    thumbnails: list[tuple[str, str]] = field(default_factory=list)
    walls: list[str] = field(default_factory=list)
    measured: dict[str, dict[str, float]] = field(default_factory=dict)
    fingerprint: dict = field(default_factory=dict)

    def failed(self, required: bool = True) -> list[Result]:
        return [r for r in self.results if r.status == FAILED and r.required == required]

    @property
    def verdict(self) -> str:
        if not self.readable:
            return "could not be read"
        if self.failed():
            return "failed"
        return "not confirmed" if any(r.status == UNCONFIRMED and r.required for r in self.results) else "passed"


def exit_status(grades: Iterable[Grade]) -> int:
    """0 if nothing required failed, 2 if one could not be read, else 1."""
    verdicts = {grade.verdict for grade in grades}
    return 2 if "could not be read" in verdicts else 1 if "failed" in verdicts else 0


_Word = Annotated[str, Field(max_length=300)]
_Sentence = Annotated[str, Field(max_length=MAX_SENTENCE)]
_Picture = Annotated[str, Field(max_length=200_000)]


_Packed = Annotated[str, Field(max_length=300_000)]
_Share = Annotated[float, Field(ge=0, le=1)]
_Array = tuple[_Word, Annotated[int, Field(ge=0)], Annotated[str, Field(max_length=2000)]]


class _Result(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    check: _Word
    task: _Word
    status: _Word
    sentence: _Sentence
    required: bool
    credit: _Share | None
    waits: _Word
    ours: bool


class _Fingerprint(BaseModel):
    """As `fingerprints.take` describes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    files: Annotated[dict[_Word, dict[_Word, _Word]], Field(max_length=40)] = {}
    predictions: Annotated[dict[_Word, tuple[_Word, _Packed, _Packed]], Field(max_length=3)] = {}
    weights: Annotated[dict[_Word, tuple[_Word, dict[_Word, _Array]]], Field(max_length=3)] = {}
    lines: Annotated[dict[_Word, _Word], Field(max_length=10_000)] = {}
    grams: Annotated[dict[_Word, _Word], Field(max_length=80_000)] = {}
    own: bool = False


class Plain(BaseModel):
    """A grade as JSON: words and numbers within limits, and nothing else."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    readable: bool
    seconds: Annotated[float, Field(ge=0, le=1e6)]
    results: Annotated[list[_Result], Field(max_length=1000)]
    used: Annotated[dict[_Word, _Sentence], Field(max_length=100)]
    thumbnails: Annotated[list[tuple[_Word, _Picture]], Field(max_length=24)]
    walls: Annotated[list[_Word], Field(max_length=10)]
    measured: Annotated[dict[_Word, dict[_Word, _Share]], Field(max_length=3)] = {}
    fingerprint: _Fingerprint = _Fingerprint()


def plain(grade: Grade) -> Plain:
    """The plain form of a grade. Sentences and names that are too long are cut."""
    return Plain(
        readable=grade.readable,
        seconds=grade.seconds,
        results=[
            _Result(
                check=r.check.id,
                task=r.task,
                status=r.status,
                sentence=_text(r.sentence, MAX_SENTENCE),
                required=r.required,
                credit=r.credit,
                waits=r.waits,
                ours=r.ours,
            )
            for r in grade.results
        ],
        used={_text(what, 300): _text(name, MAX_SENTENCE) for what, name in grade.used.items()},
        thumbnails=[(_text(name, 300), uri) for name, uri in grade.thumbnails if len(uri) <= 200_000],
        walls=grade.walls,
        measured=grade.measured,
        fingerprint=_Fingerprint.model_validate(grade.fingerprint),
    )


def _text(text: str, limit: int) -> str:
    return text.encode("utf-8", "replace").decode()[:limit]


def from_plain(source: Path, text: str | bytes) -> Grade:
    """The grade of `source` in JSON that came out of the walls. Raises ValueError unless it is one, check for check."""
    given = Plain.model_validate_json(text)
    table = {(entry.id, task): entry for entry in CHECKS for task in entry.tasks or ("",)}
    places = [(result.check, result.task) for result in given.results]
    failures = bool(places) and all(result.status == FAILED for result in given.results)
    if places != list(table) and not (failures and places == [place for place in table if place in set(places)]):
        raise ValueError("the checks are not those of the table")
    if any(result.status not in (PASSED, FAILED, UNCONFIRMED, NOT_APPLICABLE) for result in given.results):
        raise ValueError("a check has a status that there is not")
    if any(not _PLAIN_PICTURE.fullmatch(uri) for _, uri in given.thumbnails):
        raise ValueError("a thumbnail is no JPEG or PNG picture")
    results = []
    for r in given.results:
        entry = table[r.check, r.task]
        required = entry.required and r.required
        results.append(Result(entry, r.task, r.status, r.sentence, required, r.credit, r.waits, r.ours))
    grade = Grade(source, results, given.readable, given.seconds, dict(given.used), list(given.thumbnails))
    grade.walls, grade.measured = list(given.walls), {task: dict(found) for task, found in given.measured.items()}
    grade.fingerprint = given.fingerprint.model_dump()
    return grade
