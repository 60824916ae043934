"""The table of checks, and how one submission goes through it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .names import FAMILIES
from .official import TestSet
from .probe import ModelFacts
from .recognise import Recognised
from .unpack import Unpacked

PASSED, FAILED, NOT_APPLICABLE = "passed", "failed", "not applicable"


@dataclass
class Evidence:
    """All that is known of one submission when its checks run."""

    source: Path
    unpacked: Unpacked
    found: Recognised
    tests: dict[str, TestSet] = field(default_factory=dict)
    no_labels: dict[str, str] = field(default_factory=dict)
    models: dict[str, ModelFacts] = field(default_factory=dict)
    models_tried: bool = True

    def test(self, task: str) -> TestSet | None:
        return self.tests.get(FAMILIES[task])

    def accuracy(self, task: str) -> float | None:
        """The share of the predictions of `task` that equal the test labels; None where they cannot be compared."""
        predicted, test = self.found.predictions.get(task), self.test(task)
        if predicted is None or test is None or predicted.rows != len(test.labels):
            return None
        return float(np.mean(predicted.labels == test.labels))


@dataclass(frozen=True)
class Outcome:
    """What one check says: passed, failed or not applicable, and the sentence that goes with it."""

    status: str
    sentence: str


def passed(sentence: str) -> Outcome:
    return Outcome(PASSED, sentence)


def failed(sentence: str) -> Outcome:
    return Outcome(FAILED, sentence)


def not_applicable(sentence: str) -> Outcome:
    return Outcome(NOT_APPLICABLE, sentence)


@dataclass(frozen=True)
class Check:
    """One line of the table. `tasks` is empty for a check of the whole submission; `needs` names checks that must pass
    first, for the same task, so that one defect is reported once.
    """

    id: str
    required: bool
    reason: str
    remedy: str
    function: Callable[[Evidence, str], Outcome]
    tasks: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """The outcome of one check for one task ("" for the whole submission)."""

    check: Check
    task: str
    status: str
    sentence: str

    @property
    def label(self) -> str:
        return f"{self.check.id} {self.task}".strip()


CHECKS: list[Check] = []


def check(
    identifier: str,
    *,
    required: bool,
    reason: str,
    remedy: str,
    tasks: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
) -> Callable:
    """Enter a function into the table. The order of definition is the order of running."""

    def enter(function: Callable[[Evidence, str], Outcome]) -> Callable[[Evidence, str], Outcome]:
        CHECKS.append(Check(identifier, required, reason, remedy, function, tasks, needs))
        return function

    return enter


def run(evidence: Evidence) -> list[Result]:
    """All checks on one submission. A check that stumbles counts as failed; it never stops the others."""
    results: list[Result] = []
    outcomes: dict[tuple[str, str], str] = {}
    unreadable = not evidence.unpacked.files
    for entry in CHECKS:
        for task in entry.tasks or ("",):
            if unreadable and not entry.id.startswith("packaging."):
                outcome = not_applicable("nothing in the submission could be read")
            else:
                outcome = _one(entry, task, evidence, outcomes)
            outcomes[entry.id, task] = outcome.status
            results.append(Result(entry, task, outcome.status, outcome.sentence))
    return results


def _one(entry: Check, task: str, evidence: Evidence, outcomes: dict[tuple[str, str], str]) -> Outcome:
    for need in entry.needs:
        status = outcomes.get((need, task), outcomes.get((need, "")))
        if status != PASSED:
            return not_applicable(f"it waits for {need}")
    try:
        return entry.function(evidence, task)
    except Exception as error:
        logging.getLogger(__name__).debug("check %s", entry.id, exc_info=True)
        return failed(f"could not be checked ({type(error).__name__}: {str(error)[:100]})")
