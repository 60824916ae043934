"""Show the results in the terminal and in `grades.csv` (`pages` makes `grades.html`).

Every name and sentence may hold what a stranger chose, so control characters are replaced, and no cell of the table
starts a formula.
"""

import csv
import re
import unicodedata
from pathlib import Path

from rich.console import Console
from rich.text import Text

from ..shared.files import atomic_path
from . import points
from .handed_in import label
from .names import NETS
from .registry import CHECKS, FAILED, NOT_APPLICABLE, PASSED, UNCONFIRMED
from .result import Grade

MARKS = {PASSED: "✓", FAILED: "✗", UNCONFIRMED: "?", NOT_APPLICABLE: "–"}
_STYLES = {PASSED: "green", FAILED: "bold red", UNCONFIRMED: "cyan", NOT_APPLICABLE: "dim"}
_VERDICTS = {
    "passed": "bold green",
    "failed": "bold red",
    "not confirmed": "bold cyan",
    "could not be read": "bold magenta",
}


_FORMULA = re.compile(r"(^|[;|,\t\"])(?=\s*[=+\-@＝＋－＠])")


def clean(text: str) -> str:
    """The text without control, direction or surrogate characters, which could forge a terminal's or a page's lines."""
    return "".join("�" if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") else char for char in text)


def console(stderr: bool = False) -> Console:
    """A console that is plain where the output is no terminal or NO_COLOR is set."""
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)


def title(source: Path, sources: list[Path]) -> str:
    """What a submission is called: its name, or its path where another of `sources` has the same name."""
    return clean(label(source) if sum(other.name == source.name for other in sources) > 1 else source.name)


def progress(out: Console, number: int, total: int, grade: Grade, sources: list[Path]) -> None:
    """One line for a submission that has been graded, one of `sources`."""
    required, advised = len(grade.failed()), len(grade.failed(required=False))
    line = Text(f"[{number:>{len(str(total))}}/{total}] ")
    line.append(title(grade.source, sources), "bold")
    line.append(": ").append(grade.verdict, _VERDICTS[grade.verdict])
    line.append(f" ({required} required and {advised} advised checks failed, {grade.seconds:.1f} s)")
    out.print(line)


def checklist(out: Console, grade: Grade) -> None:
    """All checks of one submission, a line each; a failed one with its sentence and what to do."""
    for entry in CHECKS:
        results = [r for r in grade.results if r.check.id == entry.id]
        statuses = {r.status for r in results}
        overall = next((s for s in (FAILED, UNCONFIRMED, PASSED, NOT_APPLICABLE) if s in statuses), "")
        if not overall:
            continue
        advice = not any(r.required for r in results if r.status == FAILED)
        style = "yellow" if overall == FAILED and advice else _STYLES[overall]
        line = Text("  ").append(f"{MARKS[overall]} {entry.id:<32}", style)
        if entry.tasks:
            for result in results:
                line.append(f" {result.task} ").append(MARKS[result.status], _STYLES[result.status])
        elif overall != FAILED:
            line.append(f" {clean(results[0].sentence)}", "dim")
        out.print(line)
        for result in results:
            if result.status == FAILED:
                words = (
                    ["advice:"] * (not result.required) + [result.task] * bool(result.task) + [clean(result.sentence)]
                )
                out.print(Text(f"      {' '.join(words)}"))
        if overall == FAILED:
            out.print(Text(f"      → {entry.remedy}", "dim"))


def check_table() -> str:
    """The checks as a Markdown table; the one in docs/grading.md is this one."""
    lines = ["| check | | for | why | what to do |", "| --- | --- | --- | --- | --- |"]
    for entry in CHECKS:
        kind = "required" if entry.required else "advised"
        tasks = ", ".join(entry.tasks) or "all"
        lines.append(f"| `{entry.id}` | {kind} | {tasks} | {entry.reason} | {entry.remedy} |")
    return "\n".join(lines)


def summary(out: Console, grades: list[Grade]) -> None:
    """How many of each verdict."""
    counts = {verdict: sum(g.verdict == verdict for g in grades) for verdict in _VERDICTS}
    out.print(Text(", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count) or "nothing to grade"))


def _cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula, whether it splits the line at commas, semicolons or bars."""
    return _FORMULA.sub(r"\1'", clean(text))


def write_csv(path: Path, grades: list[Grade], weights: points.Weights | None = None) -> None:
    """`grades.csv`: a row a submission; points, measured accuracies, a column a check with its status, what failed."""
    weights = weights or points.load()
    columns = [(entry, task) for entry in CHECKS for task in entry.tasks or ("",)]
    head = ["submission", "verdict", "points", "points_possible", "points_open", "required_failed", "advised_failed"]
    with atomic_path(path) as part, open(part, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            head
            + ["seconds", *(f"accuracy {task}" for task in NETS), "failed"]
            + [f"{entry.id} {task}".strip() for entry, task in columns]
        )
        for grade in grades:
            status = {(r.check.id, r.task): r.status for r in grade.results}
            sentences = "; ".join(f"{r.label}: {r.sentence}" for r in grade.results if r.status == FAILED)
            score = points.score(grade.results, weights)
            writer.writerow(
                [_cell(label(grade.source)), grade.verdict, score.earned, score.possible, score.open]
                + [len(grade.failed()), len(grade.failed(required=False)), f"{grade.seconds:.2f}"]
                + [_share(accuracy(grade, task)) for task in NETS]
                + [_cell(sentences)]
                + [status.get((entry.id, task), "") for entry, task in columns]
            )


def accuracy(grade: Grade, task: str) -> float | None:
    """The measured accuracy of a task: that of the predictions, else the model's best."""
    measured = grade.measured.get(task, {})
    return measured.get("predictions", measured.get("model"))


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
