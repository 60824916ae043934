"""The workflow's last step before its zip: the packed files must prove themselves."""

import json
from collections.abc import Sequence
from pathlib import Path

from ..shared.errors import AssignmentError
from ..shared.files import atomic_path
from .grade import Grade, grade
from .names import NETS
from .registry import FAILED, PASSED
from .sandbox.workers import Workers

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
    zip_path: Path, data_folder: Path, report: Path | None = None, *, threads: int = 2, advisory: Sequence[str] = ()
) -> dict:
    """Unzip `zip_path` to a temporary folder, load its models, predict the test images again and compare.

    `data_folder` is the prepared data of the run (`mnist/test.npz`, `cifar10/test.npz` with x uint8 and y uint8).
    Checks whose ids are in `advisory` are reported and not required. Returns the report, and writes it as JSON to
    `report`. Raises AssignmentError, naming the checks, unless all required ones pass; a zip made of sample data is
    sound and its report says `"for_submission": false`.
    """
    zip_path = Path(zip_path)
    with Workers(threads=threads) as workers:
        graded = grade(zip_path, [Path(data_folder)], workers)
    wrong = _wrong(graded, advisory)
    result = _report(graded, wrong)
    if report is not None:
        with atomic_path(report) as part:
            part.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if wrong:
        raise AssignmentError(
            f"{zip_path.name} does not prove itself: {'; '.join(wrong[:5])}"
            f"{f' and {len(wrong) - 5} more' if len(wrong) > 5 else ''}; "
            f"mend that and run the workflow again{f' (all checks are in {report})' if report else ''}."
        )
    return result


def _wrong(graded: Grade, advisory: Sequence[str]) -> list[str]:
    wrong = []
    spared = {_NOT_FOR_SUBMISSION, *advisory} | (set() if _for_submission(graded) else REACHED)
    for result in graded.results:
        if result.check.id in spared:
            continue
        unproven = result.check.id in PROVEN and result.task in NETS and result.status != PASSED
        if (result.status == FAILED and result.required) or (unproven and result.status != FAILED):
            wrong.append(f"{result.label} ({result.sentence})")
    return wrong


def _for_submission(graded: Grade) -> bool:
    return not any(r.check.id == _NOT_FOR_SUBMISSION and r.status == FAILED for r in graded.results)


def _report(graded: Grade, wrong: list[str]) -> dict:
    return {
        "zip": graded.source.name,
        "sound": not wrong,
        "for_submission": not wrong and _for_submission(graded),
        "seconds": round(graded.seconds, 2),
        "checks": [
            {"id": r.check.id, "task": r.task, "required": r.required, "status": r.status, "sentence": r.sentence}
            for r in graded.results
        ],
    }
