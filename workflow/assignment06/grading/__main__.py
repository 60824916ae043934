"""`python -m assignment06.grading SUBMISSION... [--output DIR] [--data DIR]`: grade zips and folders."""

import argparse
import os
import sys
from pathlib import Path

from . import grades as sheets
from . import official
from .grade import exit_status, grade_all
from .probe import isolation


def data_folders(given: list[Path]) -> list[Path]:
    """The folders to look for test images in: those given, else the workflow's own and the mirror, if they exist."""
    usual = [Path("data/prepared"), Path("data/raw")]
    if mirror := os.environ.get("ASSIGNMENT06_MIRROR"):
        usual.append(Path(mirror))
    return [folder for folder in given or usual if folder.is_dir()]


def main(arguments: list[str] | None = None) -> int:
    """Grade, print a checklist for each, write `grades.csv` and `grades.html`; return the exit status."""
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
    parser.add_argument("--brief", action="store_true", help="one line a submission, no checklists")
    parser.add_argument("--checks", action="store_true", help="print the table of checks and stop")
    options = parser.parse_args(arguments)
    if options.checks:
        print(sheets.check_table())
        return 0
    if not options.submissions:
        parser.error("no submission is given: name zips or folders")
    for folder in options.data:
        if not folder.is_dir():
            print(
                f"error: the data folder {folder} does not exist; give one that does, or leave out --data.",
                file=sys.stderr,
            )
            return 2
    out, folders, grades = sheets.console(), data_folders(options.data), []
    notes = _notes(folders, models=not options.no_models)
    for note in notes:
        out.print(note, style="dim")
    for number, grade in enumerate(
        grade_all(options.submissions, folders, models=not options.no_models, threads=options.threads), 1
    ):
        grades.append(grade)
        sheets.progress(out, number, len(options.submissions), grade)
        if not options.brief:
            sheets.checklist(out, grade)
    sheets.summary(out, grades)
    try:
        sheets.write_csv(options.output / "grades.csv", grades)
        sheets.write_html(options.output / "grades.html", grades, notes)
    except OSError as error:
        print(
            f"error: the grades could not be written to {options.output} ({error.strerror}); give another --output.",
            file=sys.stderr,
        )
        return 2
    out.print(f"{options.output / 'grades.csv'} and {options.output / 'grades.html'} written", style="dim")
    return exit_status(grades)


def _notes(folders: list[Path], models: bool) -> list[str]:
    notes = []
    official.look_in(folders)
    missing = [name for name in official.SHAPES if f"{name}_test" not in official.official_labels()]
    if missing:
        notes.append(
            f"No data folder has the official test set of {' and '.join(missing)}: accuracies are not judged. Run "
            "`make submission` once where there is a network, or give `--data` a folder that has them."
        )
    if models and not isolation():
        notes.append("This system allows no network namespace: models are tried with sockets shut off in Python only.")
    return notes


if __name__ == "__main__":
    sys.exit(main())
