"""Start the process that tells a run's trainings, and end it with the run."""

import subprocess
import sys
from pathlib import Path

from assignment06.shared.errors import AssignmentError
from assignment06.tracking.__main__ import SAID
from assignment06.tracking.trainings import Followed

FILE = Path(".snakemake", "assignment06", "tracking.json")
PATIENCE = 60  # seconds that a run waits for its last figures and files to be sent
_beside: list[subprocess.Popen] = []


def begin_tracking(followed: Followed) -> str:
    """Start it; return its sentence on where trainings are told. Raises AssignmentError where it cannot begin.

    It is in a process group of its own, so that Ctrl-C ends the run and not what is still to be told of it.
    """
    followed.write(FILE)
    apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if sys.platform == "win32" else {}
    process = subprocess.Popen(
        [sys.executable, "-m", "assignment06.tracking", str(FILE)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", start_new_session=True, **apart,
    )  # fmt: skip
    said = process.stdout.readline().strip() if process.stdout else ""
    if said.startswith("Tracking: "):
        _beside.append(process)
        return said
    process.kill()
    process.wait()
    log = Path(followed.results, "logs", "tracking.log")
    raise AssignmentError(
        said.removeprefix("error: ")
        or f"`logging: {followed.logging}` cannot begin: see {log}, or set it to none in config.yaml."
    )


def end_tracking(patience: float = PATIENCE) -> str | None:
    """Let it tell what is left, and return a sentence where that takes longer than `patience` seconds."""
    while _beside:
        process = _beside.pop()
        if process.stdin:
            process.stdin.close()
        try:
            if process.wait(patience) not in (0, SAID):
                return "tracking: it broke off, and not everything may have been told: see tracking.log in the logs."
        except subprocess.TimeoutExpired:
            return "tracking: not all is sent yet; that goes on by itself."
    return None
