"""Show the results: a checklist in the terminal, `grades.csv` and `grades.html`.

Every name and sentence may hold what a stranger chose, so control characters are replaced, the page is escaped, and no
cell of the table starts a formula.
"""

import csv
import re
import unicodedata
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from rich.console import Console
from rich.text import Text

from ..shared.files import atomic_path
from .names import TASKS
from .registry import CHECKS, FAILED, NOT_APPLICABLE, PASSED, Check, Result
from .result import Grade

MARKS = {PASSED: "✓", FAILED: "✗", NOT_APPLICABLE: "–"}
_STYLES = {PASSED: "green", FAILED: "bold red", NOT_APPLICABLE: "dim"}
_FORMULA = re.compile(r"(^|[;|,\t\"])(?=\s*[=+\-@＝＋－＠])")
_VERDICTS = {"passed": "bold green", "failed": "bold red", "could not be read": "bold magenta"}


def clean(text: str) -> str:
    """The text without control, direction or surrogate characters, which could forge a terminal's or a page's lines."""
    return "".join("�" if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") else char for char in text)


def console(stderr: bool = False) -> Console:
    """A console that is plain where the output is no terminal or NO_COLOR is set."""
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)


def title(source: Path, sources: list[Path]) -> str:
    """What a submission is called: its name, or its path where another of `sources` has the same name."""
    return clean(str(source) if sum(other.name == source.name for other in sources) > 1 else source.name)


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
        results = [r for r in grade.results if r.check is entry]
        statuses = {r.status for r in results}
        overall = FAILED if FAILED in statuses else PASSED if PASSED in statuses else NOT_APPLICABLE
        style = "yellow" if overall == FAILED and not entry.required else _STYLES[overall]
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
                    ["advice:"] * (not entry.required) + [result.task] * bool(result.task) + [clean(result.sentence)]
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


def write_csv(path: Path, grades: list[Grade]) -> None:
    """`grades.csv`: a row a submission, a column a check (and task) with its status, and the failed ones' sentences."""
    columns = [(entry, task) for entry in CHECKS for task in entry.tasks or ("",)]
    with atomic_path(path) as part, open(part, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["submission", "verdict", "required_failed", "advised_failed", "seconds", "failed"]
            + [f"{entry.id} {task}".strip() for entry, task in columns]
        )
        for grade in grades:
            status = {(r.check.id, r.task): r.status for r in grade.results}
            sentences = "; ".join(f"{r.label}: {r.sentence}" for r in grade.results if r.status == FAILED)
            writer.writerow(
                [
                    _cell(str(grade.source)),
                    grade.verdict,
                    len(grade.failed()),
                    len(grade.failed(required=False)),
                    f"{grade.seconds:.2f}",
                    _cell(sentences),
                ]
                + [status[entry.id, task] for entry, task in columns]
            )


def write_html(path: Path, grades: list[Grade], notes: list[str]) -> None:
    """`grades.html`: one self-contained page, a row a submission with what failed and small copies of the plots."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["clean"] = clean
    sources = [grade.source for grade in grades]
    page = templates.get_template("grades.html.j2").render(
        grades=grades,
        checks=CHECKS,
        tasks=TASKS,
        marks=MARKS,
        notes=notes,
        by_check=_by_check,
        title=lambda grade: title(grade.source, sources),
    )
    with atomic_path(path) as part:
        part.write_text(page, encoding="utf-8")


def _by_check(grade: Grade) -> list[tuple[Check, list[Result]]]:
    return [(entry, [r for r in grade.results if r.check is entry]) for entry in CHECKS]
