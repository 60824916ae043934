"""What this workflow asks of its own zip before it delivers it: the packed files must prove themselves."""

import os
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from . import probe
from .examine import examine
from .grade import grade
from .names import NETS
from .registry import FAILED, PASSED, Result
from .sandbox.workers import Workers
from .verified import Verification, VerifiedCheck

# What must not merely be "not applicable" in this workflow's own zip: everything is there to be compared.
PROVEN = ("figures.predictions_from_model", "figures.stated_accuracy")
# What a trial run on sample data, which is not for submission, need not have reached to be sound.
REACHED = frozenset(
    {
        "predictions.not_constant",
        "predictions.test_images",
        "predictions.above_chance",
        "predictions.differ",
        "models.alive",
        "models.accuracy",
        "completeness.photographs",
        "completeness.resnet50_directory",
    }
)
_NOT_FOR_SUBMISSION = "provenance.for_submission"


def verify(
    zip_path: Path,
    data_folder: Path,
    *,
    threads: int = 2,
    advisory: Sequence[str] = (),
    tasks: Sequence[str] = NETS,
) -> tuple[Verification, frozenset[str]]:
    """Unzip `zip_path` to a temporary folder, load its models, predict the test images again and compare.

    `data_folder` is the prepared data of the run (`mnist/test.npz`, `cifar10/test.npz` with x uint8 and y uint8).
    `tasks` are those of 6.1, 6.2a and 6.2b that the study has; what is said of others is left out. Checks whose ids are
    in `advisory` are reported and not required. A zip made of sample data may be sound, and is not for submission.
    Also returns the names of the experiments whose predictions were made again.
    """
    if hasattr(os, "fork"):
        with Workers(threads=threads, warm=True) as workers:
            graded = grade(Path(zip_path), [Path(data_folder)], workers)
    else:  # on Windows: this very process reads it, because the zip is no stranger's
        with tempfile.TemporaryDirectory() as scratch:
            try_models = partial(probe.try_models, scratch=Path(scratch))
            graded = examine(Path(zip_path), [Path(data_folder)], try_models)
    results = [r for r in graded.results if r.task not in NETS or r.task in tasks]
    official = not any(r.check.id == _NOT_FOR_SUBMISSION and r.status == FAILED for r in results)
    wrong = _wrong(results, {_NOT_FOR_SUBMISSION, *advisory} | (set() if official else REACHED))
    again = {r.task for r in results if r.check.id == PROVEN[0] and r.status == PASSED}
    found = Verification(
        zip=graded.source.name,
        sound=not wrong,
        for_submission=not wrong and official,
        seconds=round(graded.seconds, 2),
        wrong=wrong,
        checks=[
            VerifiedCheck(id=r.check.id, task=r.task, required=r.required, status=r.status, sentence=r.sentence)
            for r in results
        ],
    )
    return found, frozenset(Path(graded.used[f"{task} predictions"]).stem for task in again)


def _wrong(results: Sequence[Result], spared: set[str]) -> list[str]:
    wrong = []
    for result in results:
        if result.check.id in spared:
            continue
        unproven = result.check.id in PROVEN and result.status != PASSED
        if (result.status == FAILED and result.required) or (unproven and result.status != FAILED):
            wrong.append(f"{result.label} ({result.sentence})")
    return wrong
