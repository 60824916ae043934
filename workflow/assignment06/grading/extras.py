"""The options of the command that go beyond grading: points, likenesses, feedback and gradebooks."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..shared.errors import AssignmentError
from . import feedback, gradebooks, points, similarity
from .grade import grade_all
from .handed_in import expanded, label
from .result import Grade
from .sandbox.workers import Workers


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--points", type=Path, metavar="FILE", help="weights of the checks (default: points.yaml)")
    parser.add_argument(
        "--against",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="earlier submissions to compare with, as zips or folders; may be repeated",
    )
    parser.add_argument("--feedback", action="store_true", help="write a page for each student to OUTPUT/feedback")
    parser.add_argument("--gradebook", choices=gradebooks.PLATFORMS, help="write a table that the platform imports")
    parser.add_argument("--roster", type=Path, metavar="FILE", help="the platform's exported table, to be filled in")


@dataclass(frozen=True)
class Extras:
    """The options, checked before the first submission is opened."""

    weights: points.Weights
    against: tuple[Path, ...] = ()
    feedback: bool = False
    gradebook: str = ""
    roster: Path | None = None

    @classmethod
    def prepare(cls, options: argparse.Namespace) -> Extras:
        """Read and check what the options name. Raises AssignmentError."""
        if options.roster and not options.gradebook:
            raise AssignmentError("--roster needs --gradebook to say which platform's table it is.")
        for path in options.against:
            if not path.exists():
                raise AssignmentError(f"there is no {path} to compare with; leave out --against or name what there is.")
        extra = cls(
            points.load(options.points),
            tuple(options.against),
            options.feedback,
            options.gradebook or "",
            options.roster,
        )
        if extra.roster:
            gradebooks.fill(extra.gradebook, extra.roster, [], extra.weights)
        return extra

    def finish(
        self, grades: Sequence[Grade], output: Path, earlier: dict[str, dict]
    ) -> tuple[list[similarity.Pair], list[str]]:
        """Compare the submissions and write what was asked for to `output`; return the pairs, and what to tell."""
        said = []
        if self.feedback:
            written = feedback.write(output / "feedback", grades, self.weights)
            said.append(f"{len(written) // 2} pages of feedback (HTML and Markdown) written to {output / 'feedback'}")
        if self.gradebook:
            if self.roster:
                book = gradebooks.fill(self.gradebook, self.roster, grades, self.weights)
            else:
                book = gradebooks.make(self.gradebook, grades, self.weights)
            path = output / f"gradebook-{self.gradebook}.csv"
            gradebooks.write(path, book)
            said += [f"{path} written", *([book.note] if book.note else [])]
            if book.unmatched:
                said.append(f"no student for: {', '.join(book.unmatched)}")
        pairs = similarity.pairs(_named(grades), earlier)
        if pairs:
            said.append(f"{len(pairs)} pair{'s' if len(pairs) > 1 else ''} of submissions share what is worth a look")
        return pairs, said

    def earlier(self, data: list[Path], jobs: int = 1) -> dict[str, dict]:
        """The fingerprints of earlier submissions, whose models are left alone: only their weights are compared."""
        found: list[Grade] = []
        for folder in self.against:
            with expanded(_entries(folder)) as sources, Workers(threads=1, models=False) as workers:
                found += [grade for _, grade in sorted(grade_all(sources, data, workers, jobs=jobs), key=_number)]
        return _named(found)


def _number(pair: tuple[int, Grade]) -> int:
    return pair[0]


def _entries(folder: Path) -> list[Path]:
    """Everything in a folder of earlier submissions; a zip stands for itself."""
    if not folder.is_dir():
        return [folder]
    return sorted(
        p for p in folder.iterdir() if not p.name.startswith(".") and (p.is_dir() or p.suffix.lower() == ".zip")
    )


def _named(grades: Sequence[Grade]) -> dict[str, dict]:
    """Fingerprints by name; where two have one name, by their paths."""
    counts = Counter(grade.source.name for grade in grades)
    return {
        grade.source.name if counts[grade.source.name] == 1 else label(grade.source): grade.fingerprint
        for grade in grades
        if grade.fingerprint
    }
