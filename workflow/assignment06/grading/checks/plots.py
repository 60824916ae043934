"""Do the plots show anything, and each something of its own?"""

from pathlib import PurePosixPath

from ..names import task as task_of
from ..registry import Evidence, Outcome, check, failed, not_applicable, passed


def _all(e: Evidence) -> list:
    return [plot for plots in e.found.plots.values() for plot in plots] + e.found.pictures


@check(
    "plots.open",
    required=True,
    reason="A plot that does not open shows nothing.",
    remedy="Save the plot anew with savefig.",
)
def opens(e: Evidence, task: str) -> Outcome:
    plots = _all(e)
    broken = [f"{plot.name} {plot.problem}" for plot in plots if plot.problem]
    if not plots:
        return not_applicable("there are no plots")
    return failed("; ".join(broken[:3])) if broken else passed(f"{len(plots)} pictures open")


@check(
    "plots.not_blank",
    required=True,
    reason="A blank plot comes of savefig after show: show empties the figure.",
    remedy="Call savefig before show.",
)
def not_blank(e: Evidence, task: str) -> Outcome:
    plots = [plot for plot in _all(e) if not plot.problem]
    blank = [f"{plot.name}: {plot.blank}" for plot in plots if plot.blank]
    if not plots:
        return not_applicable("there are no plots that open")
    return (
        failed("; ".join(blank[:3]) + (f" and {len(blank) - 3} more" if len(blank) > 3 else ""))
        if blank
        else passed(f"none of {len(plots)} pictures is blank")
    )


@check(
    "plots.different",
    required=True,
    reason="Two files with the same picture mean that one experiment's plot was saved for another.",
    remedy="Make a new figure for each plot and look at each file.",
)
def different(e: Evidence, task: str) -> Outcome:
    groups: dict[str, dict[tuple[str, str], str]] = {}
    for plot in _all(e):
        if not plot.problem and not plot.blank:  # one task's file may be there twice, in two folders
            key = (task_of(plot.name)[0], PurePosixPath(plot.name).name)
            groups.setdefault(plot.digest, {}).setdefault(key, plot.name)
    same = [" = ".join(list(files.values())[:4]) for files in groups.values() if len(files) > 1]
    if not groups:
        return not_applicable("there are no plots to compare")
    return failed(f"the same picture: {'; '.join(same[:3])}") if same else passed(f"{len(groups)} different pictures")
