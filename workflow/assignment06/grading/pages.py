"""`grades.html`: one page for the teacher. It is self-contained, loads nothing and runs nothing.

Names and sentences may hold what a stranger chose: the page is escaped, and pictures are copies made anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from ..shared.files import atomic_path
from . import points
from .grades import MARKS, accuracy, clean, title
from .names import NETS, TASKS
from .registry import NOT_APPLICABLE, PASSED, UNCONFIRMED, Result
from .result import Grade
from .similarity import Pair

VERDICTS = {"passed": "passed", "failed": "failed", "not confirmed": "doubt", "could not be read": "unread"}


def templates() -> Environment:
    """The environment of this package's pages: everything is escaped, and a missing value is an error."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clean"] = clean
    environment.filters["percent"] = lambda value: "–" if value is None else f"{value:.1%}"
    environment.filters["number"] = lambda value: f"{value:.1f}".removesuffix(".0")
    return environment


def write_html(
    path: Path,
    grades: Sequence[Grade],
    notes: Sequence[str],
    weights: points.Weights | None = None,
    pairs: Sequence[Pair] = (),
) -> None:
    """Write the page: an overview, what submissions share, and for each what failed, first, with its plots."""
    weights = weights or points.load()
    sources = [grade.source for grade in grades]
    rows = [_row(number, grade, weights) for number, grade in enumerate(grades, 1)]
    for row in rows:
        row["title"] = title(row["grade"].source, sources)
    counts = {verdict: sum(g.verdict == verdict for g in grades) for verdict in VERDICTS}
    page = templates().get_template("grades.html.j2").render(
        rows=rows, nets=NETS, notes=notes, pairs=pairs, counts=counts, verdicts=VERDICTS, marks=MARKS,
        anchors={str(row["grade"].source): row["anchor"] for row in rows},
    )  # fmt: skip
    with atomic_path(path) as part:
        part.write_text(page, encoding="utf-8")


def _row(number: int, grade: Grade, weights: points.Weights) -> dict:
    return {
        "anchor": f"s{number}",
        "grade": grade,
        "score": points.score(grade.results, weights),
        "accuracy": {task: accuracy(grade, task) for task in NETS},
        "required": _by_task(grade.failed()),
        "advice": _by_task(grade.failed(required=False)),
        "unconfirmed": _by_task([r for r in grade.results if r.status == UNCONFIRMED]),
        "passed": [r for r in grade.results if r.status == PASSED],
        "rest": [r for r in grade.results if r.status == NOT_APPLICABLE],
        "plots": grade.thumbnails,
        "brief": _brief(grade),
    }


def _by_task(results: list[Result]) -> list[tuple[str, list[Result]]]:
    """Results under the task they belong to, those of the whole submission last."""
    tasks = [*TASKS, ""]
    return [(task, found) for task in tasks if (found := [r for r in results if task_of(r) == task])]


def task_of(result: Result) -> str:
    """The task a result belongs to; 6.3's checks are of the whole submission and are told by their names."""
    return "6.3" if result.check.id.startswith(("completeness.resnet50", "completeness.photographs")) else result.task


def _brief(grade: Grade) -> list[str]:
    """The required checks that failed, as short as they can be named."""
    by_name: dict[str, list[str]] = {}
    for result in grade.failed():
        by_name.setdefault(result.check.id.rpartition(".")[2].replace("_", " "), []).append(result.task)
    return [f"{name} {', '.join(filter(None, tasks))}".strip() for name, tasks in by_name.items()]
