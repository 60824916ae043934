"""Points: what each check is worth, and what a submission's results earn of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..shared.errors import AssignmentError
from .names import TASKS
from .registry import CHECKS, FAILED, NOT_APPLICABLE, PASSED, UNCONFIRMED, Result

SHIPPED = Path(__file__).with_name("points.yaml")
# What pydantic finds wrong, in the words of somebody who writes YAML.
_WRONG = {
    "model_type": "is no mapping (`key: value`)",
    "dict_type": "is no mapping (`key: value`)",
    "list_type": "is no list",
    "string_type": "is no text in quotes",
    "float_type": "is no number",
    "float_parsing": "is no number",
    "missing": "is missing",
    "extra_forbidden": "is no key there is",
}


class Part(BaseModel):
    """Checks that share `points`, by weight; once for each of `tasks` ("" for the whole submission). Where a check of
    `at_most` fails for certain, the part earns that share of its points at most.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    tasks: list[str]
    points: float = Field(ge=0, le=10_000)
    checks: dict[str, float]
    at_most: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)


class Weights(BaseModel):
    """A file of points. See `points.yaml` for what it means."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    not_confirmed: float = Field(default=0.5, ge=0, le=1)
    parts: dict[str, Part]

    @property
    def total(self) -> float:
        return sum(part.points * len(part.tasks) for part in self.parts.values())


@dataclass(frozen=True)
class Earned:
    """The points of one part: `earned` of `possible`, of which `open` hang on what could not be judged."""

    name: str
    earned: float
    possible: float
    open: float = 0.0


@dataclass(frozen=True)
class Score:
    """A submission's points, part by part."""

    parts: tuple[Earned, ...]

    @property
    def earned(self) -> float:
        return round(sum(part.earned for part in self.parts), 1)

    @property
    def possible(self) -> float:
        return round(sum(part.possible for part in self.parts), 1)

    @property
    def open(self) -> float:
        return round(sum(part.open for part in self.parts), 1)


def load(path: Path | None = None) -> Weights:
    """The weights in a YAML file, by default the one shipped. Raises AssignmentError."""
    path = path or SHIPPED
    try:
        weights = Weights.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise AssignmentError(
            f"the file of points {path} cannot be read ({error.strerror}); name one that can."
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise AssignmentError(f"the file of points {path} is no YAML; start from a copy of {SHIPPED}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        wrong = _WRONG.get(first["type"], f"is wrong ({first['msg'].lower()})")
        raise AssignmentError(f"{path}: {place} {wrong}; mend it as in {SHIPPED}.") from None
    known = {entry.id for entry in CHECKS}
    for name, part in weights.parts.items():
        for what, wrong in (
            ("check", sorted({*part.checks, *part.at_most} - known)),
            ("task", sorted(set(part.tasks) - {"", *TASKS})),
            ("weight", [check for check, weight in part.checks.items() if not 0 <= weight < 1e6]),
        ):
            if wrong:
                raise AssignmentError(f"{path}: {name}: {wrong[0]} is no {what} there is; see `--checks` for those.")
    return weights


def score(results: Iterable[Result], weights: Weights) -> Score:
    """What `results` earn. Where nothing of a part could be judged it earns nothing and is open in full."""
    by_place = {(r.check.id, r.task): r for r in results}
    parts = []
    for name, part in weights.parts.items():
        for task in part.tasks:
            found = [(by_place.get((check, task)), weight) for check, weight in part.checks.items()]
            earned = _part(task or name, part.points, found, weights.not_confirmed, bool(by_place))
            limits = [
                limit
                for check, limit in part.at_most.items()
                if (result := by_place.get((check, task))) and result.status == FAILED and result.required
            ]
            most = part.points * min(limits, default=1.0)
            parts.append(replace(earned, earned=min(earned.earned, most)))
    return Score(tuple(parts))


def _part(name: str, points: float, found: list[tuple[Result | None, float]], doubt: float, any_result: bool) -> Earned:
    earned = judged = uncertain = left_out = 0.0
    for result, weight in found:
        if result is None:  # not a check of this task, or nothing of the submission could be read
            continue
        share = _share(result, doubt)
        if share is None:
            left_out += weight if result.status == UNCONFIRMED else 0
            continue
        judged += weight
        earned += weight * share
        uncertain += weight if result.status == UNCONFIRMED else 0
    if not judged:
        return Earned(name, 0.0, points, points if any_result and left_out else 0.0)
    whole = judged + left_out
    return Earned(name, points * earned / judged, points, points * (uncertain + left_out) / whole)


def _share(result: Result, doubt: float) -> float | None:
    """The share of a check's points that is earned; None where it is left out."""
    if result.status == PASSED:
        return 1.0
    if result.status == FAILED:
        return result.credit if result.credit is not None else 0.0
    if result.status == UNCONFIRMED:
        return None if result.ours else doubt
    return 0.0 if result.status == NOT_APPLICABLE and result.waits else None
