"""Do the plots show anything, and each something of its own?"""

import re
from pathlib import Path, PurePosixPath

import numpy as np

from .. import metrics, names, pictures, progress, recognise, tables, traces, vectors
from ..names import NETS
from ..registry import Evidence, Outcome, advise, check, failed, first_few, not_applicable, passed

_SAID = (("accuracy", re.compile(r"(?<![a-z])acc", re.I)), ("loss", re.compile(r"(?<![a-z])loss", re.I)))
_EPOCHS = 5  # of a history, at least, that curves are compared with
_SVG = 8 << 20  # bytes
_AGREE = 4  # curves that count the same markers, though some are hidden
_FITS, _MISSES = 2.5, 8.0  # pixels
_KNITTED = re.compile(r"_files/")  # where knitr and nbconvert put the pictures of a page


def _curves(e: Evidence) -> list:
    """The plots of training that belong to a task."""
    return [plot for plots in e.found.plots.values() for plot in recognise.curves(plots)]


def _others(e: Evidence) -> list:
    curves = {plot.name for plot in _curves(e)}
    everything = [plot for plots in e.found.plots.values() for plot in plots] + e.found.pictures
    return [plot for plot in everything if plot.name not in curves]


@check(
    "plots.open",
    required=True,
    reason="A plot that does not open shows nothing.",
    remedy="Save the plot anew with savefig.",
)
def opens(e: Evidence, task: str) -> Outcome:
    plots, others = _curves(e), _others(e)
    if not plots and not others:
        return not_applicable("there are no plots")
    broken = [f"{plot.name} {plot.problem}" for plot in plots if plot.problem]
    if broken:
        return failed(first_few(broken, "; "), credit=1 - len(broken) / len(plots))
    stray = [f"{plot.name} {plot.problem}" for plot in others if plot.problem]
    return advise(first_few(stray, "; ")) if stray else passed(f"{len(plots) + len(others)} pictures open")


@check(
    "plots.not_blank",
    required=True,
    reason="A blank plot comes of savefig after show: show empties the figure.",
    remedy="Call savefig before show.",
)
def not_blank(e: Evidence, task: str) -> Outcome:
    plots, others = ([plot for plot in some if not plot.problem] for some in (_curves(e), _others(e)))
    if not plots and not others:
        return not_applicable("there are no plots that open")
    blank = [f"{plot.name}: {plot.blank}" for plot in plots if plot.blank]
    if blank:
        return failed(first_few(blank, "; "), credit=1 - len(blank) / len(plots))
    stray = [f"{plot.name}: {plot.blank}" for plot in others if plot.blank]
    return advise(first_few(stray, "; ")) if stray else passed(f"none of {len(plots) + len(others)} pictures is blank")


@check(
    "plots.different",
    required=True,
    reason="One learning curve for two tasks means that one experiment's plot was saved for another.",
    remedy="Make a new figure for each plot and look at each file.",
)
def different(e: Evidence, task: str) -> Outcome:
    """Only plots of training are compared: the same sample images may be shown for every task."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for place, plots in e.found.plots.items():
        for plot in recognise.curves(plots):
            if not plot.problem and not plot.blank and not _KNITTED.search(plot.name):
                groups.setdefault(plot.digest, []).append((place, plot.name))
    if not groups:
        return not_applicable("there are no plots to compare")
    across, within = [], []
    for files in groups.values():
        shown = " = ".join(name for _, name in files[:4])
        certain = {e.found.certain(name) for _, name in files} & set(names.NETS)
        alone = not any(names.COMPARED.search(PurePosixPath(name).stem) for _, name in files)
        beside = {place for place, name in files if alone and PurePosixPath(name).parent == _folder(e, place)}
        if len(certain) > 1 or len(beside) > 1:
            across.append(shown)
        elif len({PurePosixPath(name).name for _, name in files}) > 1:  # one file may be there twice, in two folders
            within.append(shown)
    if across:
        return failed(f"the same picture: {first_few(across, '; ')}", credit=0.3)
    if within:
        return advise(f"the same picture under two names: {first_few(within, '; ')}")
    return passed(f"{len(groups)} different plots")


def _folder(e: Evidence, task: str) -> PurePosixPath | None:
    """The folder of a task's model, where no other task's lies."""
    folders = {place: PurePosixPath(model.name).parent for place, model in e.found.models.items()}
    own = folders.pop(task, None)
    return own if own not in folders.values() else None


@check(
    "plots.both",
    required=False,
    tasks=NETS,
    reason="Accuracy shows how good a net gets, and loss whether it still learns or overfits.",
    remedy="Save the plots of both, as for the other tasks.",
)
def both(e: Evidence, task: str) -> Outcome:
    """Whether a task's plots are called after accuracy alone, or loss alone, where another task has both."""
    plots = e.found.plots if e.found.manifest is None else {}  # this workflow's manifest says what is missing
    have = {place: _called(recognise.curves(given)) for place, given in plots.items()}
    fuller = next((place for place in NETS if len(have.get(place, ())) == 2), "")
    if not have.get(task) or not fuller:
        return not_applicable("the names of plots do not say what is drawn")
    if missing := {"accuracy", "loss"} - have[task]:
        return failed(f"there is no plot of the {missing.pop()}, as {fuller} has one")
    return passed("there are plots of accuracy and loss")


def _called(plots: list) -> set[str]:
    """Of accuracy and loss, what the names of plots speak of; none where one of them speaks of neither."""
    said = [{what for what, word in _SAID if word.search(PurePosixPath(plot.name).stem)} for plot in plots]
    return set().union(*said) if all(said) else set()


@check(
    "plots.own_training",
    required=False,
    tasks=NETS,
    reason="A plot shows how the net of its task was trained, and its history says the same in figures.",
    remedy="Draw the history that is handed in, and save the plot anew.",
)
def own_training(e: Evidence, task: str) -> Outcome:
    """Whether a task's curves, where they can be read, are another task's, or none's of which there is a history."""
    histories = {place: values for place in NETS if (values := _histories(e, place))}
    if task not in histories:
        return not_applicable("there is no history to compare curves with")
    strange = ""
    for plot in recognise.curves(e.found.plots.get(task, [])):
        if plot.problem or plot.name not in e.found.scope:
            continue
        progress.at("file", plot.name)
        curves = _read(plot, e.found.scope[plot.name])
        away = [{place: min(map(curve.misses, values)) for place, values in histories.items()} for curve in curves]
        whole = [miss for curve, miss in zip(curves, away, strict=True) if curve.whole]
        shown = {
            place for place in histories if sum(miss[place] < _FITS and miss[task] > _MISSES for miss in whole) > 1
        }
        if len(shown) == 1:
            return failed(f"{plot.name} shows the training of {shown.pop()}, as its history tells")
        if counted := _other_epochs(curves, [miss[task] for miss in away], histories[task]):
            marked = [curve for curve in curves if curve.places]
            if len(marked) >= _AGREE or any(curve.whole for curve in marked):
                strange = strange or f"{plot.name} shows {counted} epochs, which is"
            continue  # a line that fits in spite of its markers fits by chance
        if any(miss[task] < _FITS and miss[task] == min(miss.values()) for miss in away):
            return passed(f"{plot.name} shows a training whose history is handed in")
        sure = [miss[task] for miss in whole if np.isfinite(miss[task])]
        if len(sure) > 1 and max(sure) > _MISSES and min(sure) > _FITS:
            strange = strange or f"{plot.name} shows"
    if strange:
        return failed(f"{strange} a training that no history of its task is of, as far as its curves can be read")
    return not_applicable("no curve can be read")


def _read(plot: pictures.Picture, path: Path) -> list[traces.Trace]:
    if path.suffix.lower() == ".svg":
        return vectors.read(tables.read_text(path, _SVG) or "")
    return [] if plot.curve is None else traces.read(pictures.pixels(path))  # None: no pixels, as of PDF


def _other_epochs(curves: list[traces.Trace], away: list[float], histories: list[np.ndarray]) -> int:
    """How many epochs several curves with markers show, where no history has so many; 0 where it cannot be told."""
    marked = [(curve, miss) for curve, miss in zip(curves, away, strict=True) if curve.places]
    if len({curve.places for curve, _ in marked}) != 1 or len(marked) < 2 or min(miss for _, miss in marked) < _MISSES:
        return 0
    curve = marked[0][0]
    other = not any(curve.may_show(len(values)) for values in histories)
    return curve.places if other and curve.places >= _EPOCHS else 0


def _histories(e: Evidence, task: str) -> list[np.ndarray]:
    """The series, float [epochs], that files of this task alone have of its training."""
    own = [name for name in e.stated(task).sources if name in e.found.scope and e.found.of(name) == [task]]
    series = [metrics.series(e.found.scope[name]) for name in own]
    called = [values for one in series for key, values in one.items() if metrics.measure(key)]
    arrays = [np.asarray(values, float) for values in called if _EPOCHS <= len(values) <= 1000]
    return [values for values in arrays if np.isfinite(values).all() and np.ptp(values[1:]) > 0 and not _counts(values)]


def _counts(values: np.ndarray) -> bool:
    """Whether a column numbers the epochs or steps."""
    steps = np.diff(values)
    return np.ptp(steps) < 1e-9 or bool((steps >= 0).all() and (values == values.round()).all())
