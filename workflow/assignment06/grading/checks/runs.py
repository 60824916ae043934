"""Was each notebook run, to its end?"""

import re

from .. import names, source
from ..programs import DECODES, TRAINS
from ..registry import Evidence, Outcome, check, failed, not_applicable, passed
from .sources import WORKFLOW, nothing

_GAP = re.compile(
    r"\bTODO\b|NotImplementedError|(?:your|my) (?:code|answer|solution)(?: goes)? here|fill (?:this |me )?in|"
    r"votre code|tu código|seu código|Ihr Code|ваш код",
    re.I,
)
_WORKS = re.compile(rf"{TRAINS.pattern}|{DECODES.pattern}|\.predict\(|\.backward\(|\.save\(|import_module", re.S)
_LONGEST = 500  # characters that are looked at in a line


@check(
    "sources.errors",
    required=False,
    reason="A notebook that stops with an error does not make what is handed in.",
    remedy="Run the notebook from top to bottom until it ends, and hand it in as it then is.",
)
def errors(e: Evidence, task: str) -> Outcome:
    read = False
    for name, cells in _notebooks(e).items():
        stopped = ""
        for number, cell in enumerate(cells, 1):
            given = source.below(cell)
            raised = [str(one.get("ename", ""))[:60] for one in given if one.get("output_type") == "error"]
            meant = "raises-exception" in str(cell.get("metadata"))
            if raised and not meant:
                stopped = f"the cell {name}:{number} stops with {raised[0]}, and none below it was run"
            elif _was_run(cell):
                read, stopped = True, ""  # it went on
        if stopped:
            return failed(stopped)
    return passed("no notebook stops with an error") if read else not_applicable("there is no notebook that was run")


@check(
    "sources.not_run",
    required=False,
    reason="A notebook without outputs does not show that it makes what is handed in.",
    remedy="Run the notebook from top to bottom, and hand it in as it then is.",
)
def not_run(e: Evidence, task: str) -> Outcome:
    """Who clears the outputs of all notebooks means to."""
    books = _notebooks(e)
    run = {name: any(map(_was_run, cells)) for name, cells in books.items()}
    if not any(run.values()):
        return not_applicable("there is no notebook that was run")
    for name, cells in books.items():
        works = any(TRAINS.search(text) or DECODES.search(text) for text in map(source.joined, cells))
        if works and not run[name]:
            return failed(f"{name} has no outputs, where {next(other for other in run if run[other])} has them")
    return passed("notebooks have their outputs")


@check(
    "sources.unfilled",
    required=False,
    reason="A template with its gaps still open does not make what is handed in.",
    remedy="Write the code where the template says so, run it, and hand it in.",
)
def unfilled(e: Evidence, task: str) -> Outcome:
    if e.found.manifest is not None:
        return WORKFLOW
    for name, path in sorted(e.unpacked.files.items()):
        lines = source.lines(name, path) if names.certain(name) in names.TASKS else []
        gaps = [line.place for line in lines if _GAP.search(line.text[:_LONGEST])]
        if len(gaps) > 1 and not any(_WORKS.search(line.text[:_LONGEST]) for line in lines):
            return failed(f"{name} is a template with {len(gaps)} gaps still open, the first at {gaps[0]}")
    return nothing(e, "no template has gaps still open")


def _notebooks(e: Evidence) -> dict[str, list[dict]]:
    """The cells of each notebook by its name; none of this workflow's."""
    return {name: source.cells(path) for name, path in e.notebooks()}


def _was_run(cell: dict) -> bool:
    return bool(source.below(cell) or cell.get("execution_count"))
