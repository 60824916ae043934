"""Which jobs of a run are done, running and to come: a line for each event, kept for whoever watches."""

import contextlib
import json
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from assignment06.shared.files import is_alive, machine

FILE = Path(".snakemake", "assignment06", "jobs.jsonl")
BEGUN, DONE, FAILED = "begun", "done", "failed"


class Job(NamedTuple):
    """A job of a run, and since when it is what it is (seconds since 1970)."""

    name: str
    state: str  # "", BEGUN, DONE or FAILED
    since: float


class Run(NamedTuple):
    """A run as it stands."""

    jobs: list[Job]
    results: Path
    experiments: dict[str, dict]
    """By name: title and epochs."""
    ended: str
    """"" while it goes on, else how it ended: done, failed or stopped."""


class Journal:
    """Written by a run, and never a reason for it to fail: without room or leave to write there is none."""

    def __init__(self, path: Path = FILE):
        self.path = path

    def begin(self, jobs: Iterable[tuple[int, str]], results: str, experiments: dict[str, dict]) -> None:
        """Begin anew with a run's jobs (number and name) and its experiments (title and epochs, by name)."""
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.unlink(missing_ok=True)
        plan = {"process": os.getpid(), "machine": machine(), "results": results, "experiments": experiments}
        self._write(plan | {"jobs": list(jobs)})

    def note(self, job: int, state: str) -> None:
        """Note that a job begins, is done or failed."""
        self._write({"job": job, "state": state, "time": time.time()})

    def end(self, how: str) -> None:
        """Note that the run ended: done or failed."""
        self._write({"ended": how})

    def _write(self, line: dict) -> None:
        with contextlib.suppress(OSError), open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def read_run(path: Path = FILE) -> Run | None:
    """Return the run whose journal lies there, the latest; None where nothing has run."""
    plan, events, ended = None, {}, ""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    for line in lines:
        try:
            one = json.loads(line)
        except ValueError:  # a line that is being written
            continue
        if "jobs" in one:
            plan = one
        elif "job" in one:
            events[one["job"]] = one
        ended = one.get("ended", ended)
    if plan is None:
        return None
    if not ended and plan["machine"] == machine() and not is_alive(plan["process"]):
        ended = "stopped"
    jobs = [
        Job(name, event["state"], event["time"]) if (event := events.get(number)) else Job(name, "", 0)
        for number, name in plan["jobs"]
    ]
    return Run(jobs, Path(plan["results"]), plan["experiments"], ended)
