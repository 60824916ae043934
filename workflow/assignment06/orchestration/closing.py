"""The last lines of a run: what came out, and where it is."""

import os
import shlex
import sys
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from assignment06.config.model import Student
from assignment06.config.names import is_placeholder
from assignment06.experiments.results import Metrics, names
from assignment06.photographs.results import ClassifierMetadata
from assignment06.submission.packaging import Manifest

SHOWN = 5
ZIPS = "assignment06_*.zip"
NAMES = 160  # letters of a line that names what has none of its own
RED, GREEN, BOLD, PLAIN = "\033[31m", "\033[32m", "\033[1m", "\033[0m"


def closing_lines(
    metrics: Sequence[str], classifier: str, report: str, zip_path: str, student: Student, colour: bool = False
) -> list[str]:
    """Return one line an experiment (of more than five, one that names the rest), and one for 6.3, report and zip.

    `metrics` are the experiments' metrics files, `classifier` the metadata of 6.3, `student` the config's name. What
    the run did not make (because only a part was asked for) has no line, nor has a zip that is older than they are.
    Zips of other names beside this one, as a run under another name leaves them, are named too.
    With `colour`, the lines carry ANSI colours.
    """
    done = [Metrics.read(path) for path in metrics if Path(path).is_file()]
    rows = []
    for one, name in zip(done, names(done), strict=True):
        low, high = one.test.accuracy_interval_95
        found = f"{one.test.accuracy:.2%} of {one.test.images:,} test images"
        rows.append((name, f"{found} ({low:.2%} to {high:.2%})"))
    if len(rows) > SHOWN:
        rest = [name for name, _ in rows[SHOWN - 1 :]]
        rows[SHOWN - 1 :] = [("...", f"and {len(rest)} more, which the report has: {_listed(rest)}")]
    if Path(classifier).is_file():
        facts = ClassifierMetadata.read(classifier)
        plural = "s" if facts.images != 1 else ""
        skipped = f", {facts.skipped:,} skipped" if facts.skipped else ""
        rows.append(("6.3", f"{facts.images:,} photograph{plural} classified by {facts.architecture}{skipped}"))
    if Path(report).is_file():
        rows.append(("Report", _place(report)))
        if (page := Path(report).with_name("explore.html")).is_file():
            rows.append(("Explore", _place(str(page))))
    times = [Path(path).stat().st_mtime for path in [*metrics, report] if Path(path).is_file()]
    if Path(zip_path).is_file() and Path(zip_path).stat().st_mtime >= max(times, default=0):
        stamps = _stamps(zip_path)
        if is_placeholder(student):
            stamps.append("the name is still Lastname, Firstname (write yours into config.yaml)")
        more = f" and {len(stamps) - 1} more" if len(stamps) > 1 else ""
        verdict = f"not for submission: {stamps[0]}{more}" if stamps else "ready to hand in"
        shade = RED if stamps else GREEN
        rows.append(("Zip", f"{_place(zip_path)}  {shade if colour else ''}{verdict}{PLAIN if colour else ''}"))
        if others := sorted(path for path in Path(zip_path).parent.glob(ZIPS) if path.name != Path(zip_path).name):
            rows.append(("", f"{_listed([_place(str(path)) for path in others])}: not of this run, do not hand in"))
    width = max((len(name) for name, _ in rows), default=0)
    mark, plain = (BOLD, PLAIN) if colour else ("", "")
    return [f"{mark}{name:<{width}}{plain}  {text}" for name, text in rows]


def _listed(rest: list[str]) -> str:
    """Name what is left out, as many as there is room for, and say how many that leaves."""
    room = [name for place, name in enumerate(rest) if len("; ".join(rest[: place + 1])) <= NAMES] or rest[:1]
    left = len(rest) - len(room)
    return "; ".join(room) + (f"; and {left} others" if left else "")


def print_up_to_date(rules: Iterable[str]) -> None:
    """Say on standard error how many jobs of each rule need not run; `rules` names each such job's rule."""
    counted = Counter(rules)
    if counted:
        jobs = ", ".join(f"{rule} ({count})" if count > 1 else rule for rule, count in counted.items())
        print(f"Up to date: {counted.total()} jobs, not run again: {jobs}", file=sys.stderr)


def print_closing(metrics: Sequence[str], classifier: str, report: str, zip_path: str, student: Student) -> None:
    """Print the closing lines to standard error, in colour on a terminal unless NO_COLOR is set."""
    colour = sys.stderr.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    lines = closing_lines(metrics, classifier, report, zip_path, student, colour)
    if lines:
        print("", *lines, sep="\n", file=sys.stderr)


def _stamps(zip_path: str) -> list[str]:
    with zipfile.ZipFile(zip_path) as archive:
        name = next(name for name in archive.namelist() if name.endswith("manifest.json"))
        return list(Manifest.parse(archive.read(name), zip_path).stamps)


def _place(path: str) -> str:
    return shlex.quote(os.path.relpath(path))
