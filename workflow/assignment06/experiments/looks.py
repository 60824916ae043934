"""The history of a folder: each time that test images were put through a net, in a file of its own.

A figure on test images is what it says it is for the first net that is tried on them; who tries many and keeps the best
has chosen by them. So `predict_test_set` leaves a file for each look, whose name no other job has: nothing is ever
rewritten, and jobs on several machines need no lock. No rule has these files as inputs or outputs, so that none becomes
out of date by them. What the jobs of a cloud write is lost with their machine; the report therefore adds the looks
that its own results prove.
"""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from assignment06.shared.documents import Document


class Look(Document):
    """One net on all test images of a data set, once."""

    dataset: str
    test_sha256: str
    """Of the prepared test set."""
    weights_sha256: str
    time: str
    """UTC, ISO 8601."""


class Looks(NamedTuple):
    """How often a data set's test images were looked at, by how many nets with different weights, and since when."""

    times: int
    nets: int
    since: str


def record_look(folder: str, dataset: str, test_sha256: str, weights_sha256: str) -> None:
    """Add a look to the history in `folder`."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    look = Look(dataset=dataset, test_sha256=test_sha256, weights_sha256=weights_sha256, time=now)
    look.write(Path(folder, f"{uuid.uuid4().hex}.json"))


def read_looks(folder: str, proved: Iterable[tuple[str, str, str]] = ()) -> dict[str, Looks]:
    """Return what the history in `folder` says of each test set, by its digest.

    `proved` are (data set, digest of the test set, digest of the weights) of results that exist: where the history has
    no look for one, it is added now. Raises AssignmentError where a file of the history is damaged, since leaving it
    out would claim too few looks.
    """
    known = _read(folder)
    for dataset, test, weights in proved:
        if not any((look.test_sha256, look.weights_sha256) == (test, weights) for look in known):
            record_look(folder, dataset, test, weights)
            known = _read(folder)
    found: dict[str, list[Look]] = {}
    for look in known:
        found.setdefault(look.test_sha256, []).append(look)
    return {
        test: Looks(len(looks), len({look.weights_sha256 for look in looks}), min(look.time for look in looks))
        for test, looks in found.items()
    }


def _read(folder: str) -> list[Look]:
    return [Look.read(path) for path in sorted(Path(folder).glob("[!.]*.json"))]
