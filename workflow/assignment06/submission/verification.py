"""The workflow's last step before its zip: what was packed must prove itself, as whoever gets it would have it do.

The grader, which every submission goes through, judges what answers the assignment's tasks, behind its walls. Further
seeds and settings, and experiments with own data, it does not know: those are predicted again here.
"""

import io
import logging
import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from assignment06.backend import compute
from assignment06.data.prepared import load_split
from assignment06.experiments.results import Metrics
from assignment06.grading.checks.figures import PROBABILITY, ROUNDING, distance_of
from assignment06.grading.registry import FAILED, PASSED
from assignment06.grading.verified import VerifiedCheck
from assignment06.grading.verify import verify
from assignment06.shared.errors import AssignmentError
from assignment06.submission.packaging import TOP, Manifest

log = logging.getLogger(__name__)
MOST_IMAGES = 1000  # of a test set, evenly spaced, that an experiment which the grader does not know predicts again
BATCH = 100
SHOWN = 5


def verify_submission(
    packed: str, tests: list[str], report: str, checks: str, zip_name: str, tasks: list[str], threads: int,
    advisory: list[str] | None = None,
) -> None:  # fmt: skip
    """Verify the zip `packed` under the name that it will have, and write the `Verification` to `report`.

    `tests` are the prepared test sets that the study uses, `tasks` those of the assignment that it has, `advisory` the
    ids of checks that are not required. Raises AssignmentError, naming the checks, unless all required ones pass; what
    all checks found is then in `checks`, a file that outlives the job.
    """
    began = time.monotonic()
    here = not hasattr(os, "fork")  # whether `verify` predicts in this process, as on Windows; else TensorFlow can wait
    if here:
        compute.configure(threads, seed=0)
    Path(checks).unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        named = Path(shutil.copyfile(packed, Path(scratch, zip_name)))
        data = Path(tests[0]).parent.parent
        found, proved = verify(named, data, threads=threads, advisory=advisory or (), tasks=tasks)
        more = _predicted_again(named, data, proved, None if here else threads) if zipfile.is_zipfile(named) else []
    wrong = [*found.wrong, *(f"{check.id} {check.task} ({check.sentence})" for check in more if check.status == FAILED)]
    told = {
        "sound": not wrong,
        "for_submission": found.for_submission and not wrong,
        "seconds": round(time.monotonic() - began, 2),
        "wrong": wrong,
        "checks": [*found.checks, *more],
    }
    whole = found.model_copy(update=told)
    if wrong:
        whole.write(checks)
        raise AssignmentError(
            f"{zip_name} does not prove itself: {'; '.join(wrong[:SHOWN])}"
            f"{f' and {len(wrong) - SHOWN} more' if len(wrong) > SHOWN else ''}; "
            f"mend that and run the workflow again (all checks are in {checks})."
        )
    whole.write(report)


def _predicted_again(path: Path, data: Path, proved: frozenset[str], threads: int | None) -> list[VerifiedCheck]:
    """Check the packed experiments that were not `proved`; `threads` is None where TensorFlow has its own already."""
    test_set = lru_cache(maxsize=1)(load_split)  # experiments on one data set stand beside each other
    with zipfile.ZipFile(path) as archive:
        manifest = Manifest.parse(archive.read(f"{TOP}/manifest.json"), "manifest.json")
        left = [name for name in manifest.experiments if name not in proved]
        if left and threads is not None:
            compute.configure(threads, seed=0)
        return [check for name in left for check in _one(archive, name, data, test_set)]


def _one(archive: zipfile.ZipFile, name: str, data: Path, test_set: Callable) -> list[VerifiedCheck]:
    """The model of an experiment gives its predictions again, and these give the accuracy that is stated."""
    import keras

    results = f"{TOP}/results"
    metrics = Metrics.parse(archive.read(f"{results}/metrics/{name}.json"), f"{name}.json")
    table = pd.read_csv(io.BytesIO(archive.read(f"{results}/predictions/{name}.csv")))
    x, y = test_set(data / metrics.dataset / "test.npz")
    with tempfile.TemporaryDirectory() as folder:
        model = archive.extract(f"{results}/models/{name}.keras", folder)
        net = keras.saving.load_model(model, safe_mode=True)
    chosen = np.unique(np.linspace(0, len(x) - 1, min(len(x), MOST_IMAGES)).astype(int))
    outputs = net.predict(x[chosen], batch_size=BATCH, verbose=0)
    if len(table) != len(y) or not np.array_equal(table["true_label"], y):
        again = False, f"{name}.csv has other rows than the test set of {metrics.dataset}"
    else:
        rows = table.iloc[chosen]
        probabilities = rows[[f"p_{row.name}" for row in metrics.per_class]].to_numpy(np.float64)
        distance, wrong = distance_of(outputs, probabilities, rows["predicted_label"].to_numpy())
        said = f"{name}.keras gives {len(chosen):,} of {len(y):,} rows of {name}.csv again within {distance:.1e}"
        again = distance <= PROBABILITY and wrong == 0, f"{said}, {wrong} classes differ"
    given = float((table["predicted_label"] == table["true_label"]).mean())
    stated = abs(given - metrics.test.accuracy) <= ROUNDING, f"{metrics.test.accuracy:.2%} is stated, {given:.2%} given"
    log.info(again[1])
    return [
        VerifiedCheck(id=f"figures.{kind}", task=name, required=True, status=PASSED if right else FAILED, sentence=said)
        for kind, (right, said) in (("predictions_from_model", again), ("stated_accuracy", stated))
    ]
