"""Tell a run's trainings, epoch by epoch, to TensorBoard's files or to MLflow. Where that fails, trainings do not."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from assignment06.tracking.trainings import Followed, Reader, Training

PACE = 2.0  # seconds between two looks
PATIENCE = 15.0  # and where the last one failed


class Target(Protocol):
    """Whom trainings are told to. `write` takes all that there is of one and adds what is new."""

    place: str
    hint: str

    def write(self, training: Training) -> None:
        """Add what is new; raise OSError where that cannot be now."""

    def close(self) -> None:
        """End; raise OSError where that cannot be."""


def target(followed: Followed) -> Target:
    """Return what the config's `logging` names. Raises AssignmentError where it cannot be used."""
    folder = Path(followed.results, followed.logging)
    if followed.logging == "tensorboard":
        from assignment06.tracking.events import EventFiles

        return EventFiles(folder)
    from assignment06.tracking.runs import MlflowRuns

    return MlflowRuns(folder)


def follow(
    reader: Reader, to: Target, ended: threading.Event, say: Callable[[str], None], pace: float = PACE,
    patience: float = PATIENCE,
) -> bool:  # fmt: skip
    """Tell what is new until `ended` is set, and then once more; return whether all was told.

    A target that is gone is one sentence to `say`, and one when it is back; what it missed it is told then.
    """
    failed = False
    while True:
        last = ended.is_set()
        error = _tell(reader, to, last)
        if error and last:
            say(
                f"tracking: {to.place} was not told everything ({error}). The results are whole; what is missing is "
                "sent by the next run here that has something to do."
            )
            return False
        if error and not failed:
            say(f"tracking: {to.place} cannot be reached ({error}). The run goes on, and it is tried again.")
        if failed and not error:
            say(f"tracking: {to.place} is back, and has what it missed.")
        failed = error is not None
        if last:
            return True
        ended.wait(patience if failed else pace)


def _tell(reader: Reader, to: Target, last: bool) -> OSError | None:
    try:
        for training in reader.news():
            to.write(training)
            reader.tell(training)
        if last:
            to.close()
    except OSError as error:
        return error
    return None
