"""`python -m assignment06.grading SUBMISSION... [--output DIR] [--data DIR]`: grade zips and folders."""

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..shared.errors import AssignmentError
from . import extras, official, pages
from . import grades as sheets
from .grade import Grade, exit_status, grade_all
from .handed_in import expanded
from .journal import NAME, Journal, grader_digest, key
from .sandbox import walls
from .sandbox.workers import WALL_SECONDS, Workers

NO_FORK = (
    "strangers' files are read in a process forked for each, behind walls, and this system (Windows?) has no such "
    "processes: grade in Docker or in WSL, as docs/grading.md says."
)

TIDY_SECONDS = 20.0  # more than `Workers.close` takes


def data_folders(given: list[Path]) -> list[Path]:
    """The folders to look for test images in: those given, else the workflow's own and the mirror, if they exist."""
    usual = [Path("data/prepared"), Path("data/raw")]
    if mirror := os.environ.get("ASSIGNMENT06_MIRROR"):
        usual.append(Path(mirror))
    return [folder for folder in given or usual if folder.is_dir()]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m assignment06.grading",
        description=(
            "Grade submissions of DSC 650, assignment 6. The exit status is 0 if all pass, 1 if a required check "
            "of any fails, 2 if one could not be read."
        ),
    )
    parser.add_argument("submissions", nargs="*", type=Path, metavar="SUBMISSION", help="a zip or a folder")
    parser.add_argument("--output", type=Path, default=Path("."), help="folder of grades.csv and grades.html")
    parser.add_argument(
        "--data",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="folder with test images (default: data/prepared, data/raw, $ASSIGNMENT06_MIRROR)",
    )
    parser.add_argument("--no-models", action="store_true", help="leave models alone")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="processor threads for models")
    parser.add_argument("--jobs", type=int, default=1, help="how many submissions are graded at a time")
    parser.add_argument("--seconds", type=float, default=WALL_SECONDS, help="the time that one submission has in all")
    parser.add_argument("--again", action="store_true", help="grade again what an earlier call has graded")
    extras.add_options(parser)
    parser.add_argument("--brief", action="store_true", help="one line a submission, no checklists")
    parser.add_argument("--checks", action="store_true", help="print the table of checks and stop")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Grade, print a checklist for each, write `grades.csv` and `grades.html`; return the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.checks:
        print(sheets.check_table())
        return 0
    if not hasattr(os, "fork"):
        return _error(NO_FORK)
    if not options.submissions:
        parser.error("no submission is given: name zips or folders")
    options.submissions = list({os.path.abspath(path): path for path in reversed(options.submissions)}.values())[::-1]
    if options.jobs < 1 or options.threads < 1 or not options.seconds > 0:
        parser.error("--jobs, --threads and --seconds have to be 1 or more")
    if missing := [str(path) for path in options.submissions if not os.path.lexists(path)]:
        return _error(f"there is no {missing[0]}: correct the path; nothing was graded.")
    for folder in options.data:
        if not folder.is_dir():
            return _error(f"the data folder {folder} does not exist; give one that does, or leave out --data.")
    if problem := _cannot_write(options.output):
        return _error(f"the grades could not be written to {options.output} ({problem}); give another --output.")
    try:
        extra = extras.Extras.prepare(options)
    except AssignmentError as error:
        return _error(str(error))
    try:
        with _interruptible(), expanded(options.submissions) as options.submissions:
            return exit_status(_grade(options, extra))
    except AssignmentError as error:  # a roster that has changed meanwhile
        return _error(str(error))
    except OSError as error:
        return _error(f"the grades could not be written to {options.output} ({error.strerror}); give another --output.")


@contextmanager
def _interruptible() -> Generator[None]:
    """Let Ctrl-C and SIGTERM end the block by SystemExit; more of them do nothing while all is tidied up."""
    ended: list[float] = []

    def end(number: int, _: object) -> None:
        if not ended or time.monotonic() > ended[-1] + TIDY_SECONDS:
            ended.append(time.monotonic())
            sys.exit(128 + number)

    usual = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    usual = {number: handler for number, handler in usual.items() if handler != signal.SIG_IGN}  # behind `nohup`, `&`
    for number in usual:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in usual.items():
            signal.signal(number, signal.SIG_IGN if ended else handler)  # Python takes handlers away as it ends
        if ended:
            print("Interrupted: what is graded is kept; the same command goes on.", file=sys.stderr)


def _error(sentence: str) -> int:
    print(f"error: {sheets.clean(sentence)}", file=sys.stderr)
    return 2


def _cannot_write(folder: Path) -> str:
    """Why nothing can be written to `folder`, which is made where it is missing; "" if something can."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("grades.csv", "grades.html"):
            if (folder / name).is_dir():
                return f"{name} is a folder there"
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".grades."):
            pass
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""


def _grade(options: argparse.Namespace, extra: extras.Extras) -> list[Grade]:
    """Grade what is not yet graded, and write the sheets after each submission. Raises OSError where they cannot be."""
    out, folders = sheets.console(), data_folders(options.data)
    notes = _notes(folders)
    for note in notes:
        out.print(note, style="dim")
    done: dict[int, Grade] = {}
    for number, grade in _grades(options, folders):
        done[number] = grade
        inside = [done[n] for n in sorted(done)]
        sheets.write_csv(options.output / "grades.csv", inside, extra.weights)
        pages.write_html(options.output / "grades.html", inside, notes + _walls(inside), extra.weights)
        sheets.progress(out, len(done), len(options.submissions), grade, options.submissions)
        if not options.brief:
            sheets.checklist(out, grade)
    for note in _walls(list(done.values())):
        out.print(note, style="dim")
    inside = [done[n] for n in sorted(done)]
    pairs, said = extra.finish(inside, options.output, extra.earlier(folders, options.jobs))
    pages.write_html(options.output / "grades.html", inside, notes + _walls(inside), extra.weights, pairs)
    for line in said:
        out.print(line, style="dim")
    sheets.summary(out, inside)
    out.print(f"{options.output / 'grades.csv'} and {options.output / 'grades.html'} written", style="dim")
    return [done[number] for number in sorted(done)]


def _grades(options: argparse.Namespace, folders: list[Path]) -> Iterator[tuple[int, Grade]]:
    """Number and grade of each submission: first those that the journal has, then the others as they are done."""
    journal = Journal(options.output / NAME)
    digest = grader_digest(folders, models=not options.no_models, seconds=options.seconds)
    keys = [key(source, digest) for source in options.submissions]
    left = []
    for number, source in enumerate(options.submissions):
        known = None if options.again else journal.get(keys[number], source)
        if known is None:
            left.append(number)
        else:
            yield number, known
    threads = max(1, options.threads // options.jobs)
    with Workers(threads=threads, models=not options.no_models, seconds=options.seconds) as workers:
        sources = [options.submissions[number] for number in left]
        for place, grade in grade_all(sources, folders, workers, jobs=options.jobs):
            journal.add(keys[left[place]], grade)
            yield left[place], grade


def _notes(folders: list[Path]) -> list[str]:
    official.look_in(folders)
    missing = [name for name in official.SHAPES if f"{name}_test" not in official.official_labels()]
    if not missing:
        return []
    return [
        f"No data folder has the official test set of {' and '.join(missing)}: accuracies are not judged. Run "
        "`make submission` once where there is a network, or give `--data` a folder that has them."
    ]


def _walls(grades: list[Grade]) -> list[str]:
    """A sentence on the walls that this system lacks, where it lacks any."""
    missing = [wall for wall in walls.ALL if any(wall not in grade.walls for grade in grades)]
    if not missing:
        return []
    return [
        f"Not every wall stood while submissions were read, because this system does not have: {', '.join(missing)}. "
        "`make grade CONTAINER=podman` puts a container around the grader."
    ]


if __name__ == "__main__":
    sys.exit(main())
