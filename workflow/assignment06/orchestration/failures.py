"""The last lines of a run that failed: what, why, and where its log is; each error is told once."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

MARK = "error: "  # as `shared.console` writes it into a log
INTERRUPTED = "interrupted"  # so does a log end where somebody stopped the job


class Failure(NamedTuple):
    """One failed job."""

    job: str
    """Rule and wildcards."""
    sentence: str
    """Why, or an empty text where its log does not say it."""
    log: str


def failures(jobs: Iterable, since: float) -> list[Failure]:
    """Return the jobs whose logs were written since a time (seconds since 1970) and end in an error.

    A job is what Snakemake has: `rule.name`, `wildcards`, `log`.
    """
    found = []
    for job in jobs:
        for log in map(str, job.log):
            if Path(log).is_file() and Path(log).stat().st_mtime >= since and (sentence := _last_error(log)):
                name = " ".join([job.rule.name, *map(str, getattr(job, "wildcards", ()))])
                found.append(Failure(name, sentence, log))
    return found


def told_in(logs: Iterable[str]) -> bool:
    """Tell whether one of a job's logs says why it failed, so that the last lines will."""
    return any(Path(log).is_file() and _last_error(log) for log in map(str, logs))


def print_failures(found: list[Failure], logs: Iterable[str]) -> None:
    """Print the last lines of a failed run to standard error; `logs` are Snakemake's own."""
    print("", *_lines(found, " ".join(map(str, logs))), sep="\n", file=sys.stderr)


def _lines(found: list[Failure], log: str) -> Iterator[str]:
    if found and all(failure.sentence == INTERRUPTED for failure in found):
        yield "Interrupted. What is finished is kept: the same command goes on where it was."
        return
    for failure in found:
        yield f"{failure.job} failed.\nerror: {failure.sentence}\n  log: {failure.log}"
    if not found:
        yield f"error: the run failed, see the lines above.\n  log: {log}"
    yield "What is finished is kept: mend this and run the same command again."


def _last_error(log: str) -> str:
    """Return the sentence of the error that a log ends with, before its traceback; or that it was interrupted."""
    text = Path(log).read_text(encoding="utf-8", errors="replace")
    lines = [line for line in text.splitlines() if line.startswith(MARK)]
    if text.endswith(f"{INTERRUPTED}\n"):
        return INTERRUPTED
    return lines[-1].removeprefix(MARK).strip() if lines else ""
