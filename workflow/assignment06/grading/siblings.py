"""Files whose names tell no task, but that are called as a net or its predictions, or lie with them alone."""

import re
from collections.abc import Callable
from pathlib import PurePosixPath

from . import answers, converting, names, pairs, recognise
from .recognised import Recognised
from .stated import Stated


def take(found: Recognised) -> None:
    """Give what is left to the tasks whose net is its sibling, metrics and curves also by predictions."""
    if found.manifest is not None:
        return
    _take_predictions(found, _telling(found))
    told = _telling(found)
    _take_metrics(found, told)
    _take_curves(found, told)
    used = set(found.used())
    found.loose = [name for name in found.loose if name not in used]


def _telling(found: Recognised) -> Callable[[str], str]:
    """What tells of a path, or of a word for a net, whose sibling it is: a task, or "" where it is none's or several's.

    A folder is alone a task's where the one around it holds several tasks.
    """
    stems: dict[tuple[str, ...], set[str]] = {}
    folders: dict[PurePosixPath, set[str]] = {}
    for task, item in [*found.models.items(), *found.predictions.items()]:
        stems.setdefault(_words(item.name), set()).add(task)
        for folder in PurePosixPath(item.name).parents:
            folders.setdefault(folder, set()).add(task)
    stems.pop((), None)
    alone = {folder: tasks for folder, tasks in folders.items() if len(tasks) == 1 < len(folders[folder.parent])}
    for folder, tasks in alone.items():
        if words := _words(f"{folder.name}."):
            stems.setdefault(words, set()).update(tasks)

    def told(name: str) -> str:
        near = [stems.get(_words(name), set()), alone.get(PurePosixPath(name).parent, set())]
        return next((task for tasks in near if len(tasks) == 1 for task in tasks), "")

    return told


def _words(name: str) -> tuple[str, ...]:
    """A file's name in words and numbers, without those for what it is (`metrics`, `pred`); of a table that was in
    another file, as a sheet in a workbook, that file's.
    """
    path = PurePosixPath(name)
    holder = next((part for part in path.parts[:-1] if part.lower().endswith(converting.HOLDERS)), path.name)
    return tuple(re.findall(r"[^\W\d_]+|\d+", pairs.without_roles(holder)))


def _take_predictions(found: Recognised, told: Callable[[str], str]) -> None:
    left = []
    for item in found.unplaced:
        task = told(item.name)
        if task and task not in found.predictions:
            found.predictions[task] = item
            answers.settle(task, item)
        else:
            left.append(item)
    found.unplaced = left


def _take_metrics(found: Recognised, told: Callable[[str], str]) -> None:
    without = found.without_test_accuracy()
    for name, figures in found.nameless:
        task = told(name)
        if task in without and len({figure.value for figure in Stated([], figures).test_accuracy()}) <= 1:
            found.take_stated(task, name, figures)
    if found.without_test_accuracy():
        shared = {name for stated in found.metrics.values() for name in stated.sources if not names.task(name)[0]}
        texts = [name for name in dict.fromkeys([*found.loose, *sorted(shared)]) if name in found.scope]
        answers.take_shared(found, [(name, found.scope[name]) for name in texts], told)


def _take_curves(found: Recognised, told: Callable[[str], str]) -> None:
    """Curves were shared out in the order of their names; their siblings, where all have one, know better."""
    shared = [task for task in names.NETS if f"{task} plots" in found.guesses]
    without = [task for task in names.NETS if task in shared or not recognise.curves(found.plots.get(task, []))]
    given = [plot for task in shared for plot in found.plots[task] if not names.task(plot.name)[0]]
    given += recognise.curves(found.pictures)
    owners = {plot.name: told(plot.name) for plot in given}
    if given and set(owners.values()) <= set(without):
        for task in shared:
            found.plots[task] = [plot for plot in found.plots[task] if plot.name not in owners]
        for plot in given:
            found.plots.setdefault(owners[plot.name], []).append(plot)
        found.pictures = [plot for plot in found.pictures if plot.name not in owners]
        found.plots = {task: plots for task, plots in found.plots.items() if plots}
