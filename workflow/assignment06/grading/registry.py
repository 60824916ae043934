"""The table of checks, and how one submission goes through it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from . import programs
from .diagnosis import RECOGNISED
from .names import FAMILIES
from .official import TestSet
from .probe import ModelFacts
from .recognised import Recognised
from .stated import Stated
from .unpack import Unpacked

FEW = 100  # predictions that tell which test images they are of
PASSED, FAILED, UNCONFIRMED, NOT_APPLICABLE = "passed", "failed", "not confirmed", "not applicable"


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
    imagenet: frozenset[str] = frozenset()  # the letters of ImageNet's class names, where a data folder has them

    def test(self, task: str) -> TestSet | None:
        """The test images to compare the predictions of `task` with: all, or the first ones where they are of these."""
        whole, predicted = self.whole_test(task), self.found.predictions.get(task)
        if whole is None or predicted is None or not FEW <= predicted.rows < len(whole.labels):
            return whole
        first = whole.labels[: predicted.rows]
        known = np.array_equal(predicted.true_labels, first) if predicted.true_labels is not None else False
        of_these = known or np.mean(predicted.labels == first) >= RECOGNISED
        return replace(whole, labels=first) if of_these else whole

    def of_first_images(self, task: str) -> bool:
        """Whether the predictions of `task` are of the first test images alone."""
        return self.test(task) is not self.whole_test(task)

    def whole_test(self, task: str) -> TestSet | None:
        """All test images of the data set of `task`; None where their labels are not known."""
        return self.tests.get(FAMILIES[task])

    @cached_property
    def code(self) -> programs.Programs:
        """The lines of all code handed in; none of this workflow's own."""
        return programs.read(self.unpacked.files) if self.found.manifest is None else {}

    def notebooks(self) -> list[tuple[str, Path]]:
        """The notebooks handed in, by their names; none of this workflow's own."""
        files = sorted(self.unpacked.files.items()) if self.found.manifest is None else []
        return [(name, path) for name, path in files if name.lower().endswith(".ipynb")]

    def stated(self, task: str) -> Stated:
        """What the files of a task state; nothing where there are none."""
        return self.found.metrics.get(task) or Stated()

    def accuracy(self, task: str) -> float | None:
        """The share of the predictions of `task` that equal the test labels; None where they cannot be compared."""
        predicted, test = self.found.predictions.get(task), self.test(task)
        if predicted is None or test is None or predicted.rows != len(test.labels):
            return None
        return float(np.mean(predicted.labels == test.labels))

    def spare(self, task: str) -> list[ModelFacts]:
        """What was learnt of further models of `task`, such as a checkpoint beside the final model."""
        return [self.models[m.name] for m in self.found.spare.get(task, []) if m.name in self.models]

    def measured(self) -> dict[str, dict[str, float]]:
        """By task, the accuracies (0..1) measured, "predictions" and "model" (its best), and the one "stated"."""
        found: dict[str, dict[str, float]] = {}
        for task in FAMILIES:
            values: dict[str, float] = {}
            if (accuracy := self.accuracy(task)) is not None:
                values["predictions"] = accuracy
            model = self.found.models.get(task)
            known = self.models.get(model.name) if model else None
            scalings = known.facts.get("scalings") if known else None
            if scalings:
                values["model"] = max(entry["accuracy"] for entry in scalings.values())
            if figures := self.stated(task).test_accuracy():
                values["stated"] = figures[0].value
            if values:
                found[task] = values
        return found


@dataclass(frozen=True)
class Outcome:
    """What one check says: its status, the sentence that goes with it, and the share of its points that is earned.

    `advice` makes a failure of a required check one that is only pointed out: what is likely is not yet certain.
    `ours` says that the grader, not the submission, is why nothing is confirmed; no points depend on that.
    """

    status: str
    sentence: str
    credit: float | None = None
    advice: bool = False
    ours: bool = False


def first_few(items: list[str], joint: str = ", ") -> str:
    """The first three of a list, for a sentence, and how many more there are."""
    return joint.join(items[:3]) + (f" and {len(items) - 3} more" if len(items) > 3 else "")


def passed(sentence: str) -> Outcome:
    return Outcome(PASSED, sentence, 1.0)


def failed(sentence: str, credit: float = 0.0) -> Outcome:
    """A defect that is certain. `credit` (0..1) is the part of the check's points that is earned all the same."""
    return Outcome(FAILED, sentence, credit)


def advise(sentence: str, credit: float = 1.0) -> Outcome:
    """Something to look at that is no certain defect: it fails nobody, and costs no points unless `credit` says so."""
    return Outcome(FAILED, sentence, credit, advice=True)


def unconfirmed(sentence: str, ours: bool = False) -> Outcome:
    """Neither shown to be right nor to be wrong, such as what a model that was not tried would predict."""
    return Outcome(UNCONFIRMED, sentence, None, ours=ours)


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
    """The outcome of one check for one task ("" for the whole submission).

    `required` is false for a check that is advised, and for a finding of a required one that is uncertain. `waits`
    names the failed check that this one would repeat; `credit` is the share of its points, if it was judged.
    """

    check: Check
    task: str
    status: str
    sentence: str
    required: bool = True
    credit: float | None = None
    waits: str = ""
    ours: bool = False

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
    """All checks on one submission. A check that stumbles confirms nothing; it never stops the others.

    Of a submission in which nothing can be read there is nothing to say but why: only what failed is kept.
    """
    results: list[Result] = []
    done: dict[tuple[str, str], Result] = {}
    empty = not evidence.unpacked.files
    for entry in CHECKS:
        if empty and not entry.id.startswith("packaging."):
            continue
        for task in entry.tasks or ("",):
            result = _one(entry, task, evidence, done)
            done[entry.id, task] = result
            results.append(result)
    return [result for result in results if result.status == FAILED] if empty else results


def _one(entry: Check, task: str, evidence: Evidence, done: dict[tuple[str, str], Result]) -> Result:
    for need in entry.needs:
        before = done.get((need, task)) or done.get((need, ""))
        if before is None or before.status == PASSED or (before.status == FAILED and not before.required):
            continue
        sentence = f"it waits for {need}"
        if before.status == UNCONFIRMED:
            return Result(entry, task, UNCONFIRMED, sentence, entry.required, None, need, before.ours)
        root = before.waits if before.status == NOT_APPLICABLE else need
        return Result(entry, task, NOT_APPLICABLE, sentence, entry.required, None, root)
    try:
        outcome = entry.function(evidence, task)
    except Exception as error:
        logging.getLogger(__name__).debug("check %s", entry.id, exc_info=True)
        outcome = unconfirmed(f"could not be checked ({type(error).__name__}: {str(error)[:100]})", ours=True)
    required = entry.required and not outcome.advice
    return Result(entry, task, outcome.status, outcome.sentence, required, outcome.credit, "", outcome.ours)
