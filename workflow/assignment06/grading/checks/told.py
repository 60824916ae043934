"""What notebooks, READMEs and reports of classes say in passing, beside what the predictions and the model give."""

import re
from collections.abc import Iterator
from itertools import combinations

import numpy as np

from .. import mappings, metrics, names, notebooks, programs, stated, tables
from ..names import FAMILIES, NETS
from ..registry import Evidence, Outcome, check, failed, not_applicable, passed
from ..stated import Figure
from . import displayed
from .measured import MODEL_ROUNDING, tried, whole

_README = re.compile(r"(?:^|/)(?:readme|discussion|summary|report)[^/]{0,20}\.(?:md|txt|rst)$", re.I)
_ACCURACY = re.compile(r"accura|(?<![a-z])acc(?![a-z])", re.I)
_OTHERS = re.compile(
    r"valid|train|(?<![a-z])val(?![a-z])|loss|baseline|book|chollet|expect|goal|precision|recall", re.I
)
_HEADING = re.compile(r"\s*(?:#|\||[^\d]{0,120}:\s*$)")
_SHARE = re.compile(r"(?<![\d.,])(0\.\d{2,20}|\d{1,3}(?:\.\d{1,20})? ?%)(?![\d.])")
# A row of scikit-learn's report: a class, precision, recall, F1 and how many images are of it.
_ROW = re.compile(
    r"^[ \t]{0,80}[\w ./-]{1,40}?(?:[ \t]{1,40}[01]\.\d{1,6}){3}[ \t]{1,40}(\d{1,6})(?:\.0)?[ \t]{0,20}$", re.M
)
_SERIES = ("val_accuracy", "val_acc", "val_loss", "accuracy", "acc")  # of a history, the surest first
_PROGRESS = r"(?<![a-z_]){}: (\d{{1,4}}\.\d{{4}})(?!\d)"  # in Keras' lines of progress
_EPOCHS = re.compile(
    r"(?<![\d.])(\d{1,4})[ -]epochs?\b|\bepochs['\"]?(?: trained)?\s{0,3}[:=|]\s{0,3}(\d{1,4})(?![\d.])", re.I
)
_MOST = 8  # trainings of a data set that are told apart
_SETTINGS = (".json", *mappings.SETTINGS)
_CURVE = re.compile(r"(?<![a-z])(?:acc|loss)|accuracy", re.I)
_HALF = 6e-5  # what four decimals leave open
_SHORT, _LONG = 400, 1 << 18  # characters of a line, and of a text


@check(
    "figures.printed",
    required=False,
    tasks=NETS,
    reason="What a notebook or a README says of the net that is handed in is what that net gives.",
    remedy="Run the notebook once more from top to bottom, hand in what that run saved, and write down its figures.",
)
def printed(e: Evidence, task: str) -> Outcome:
    found, given = e.found.predictions.get(task), e.accuracy(task)
    measured = {found.name: [given]} if found is not None and given is not None and not found.problem else {}
    if models := whole(e, task):
        measured[tried(e, task).name] = list(models.values())
    if not measured:
        return not_applicable("no predictions and no model can be compared")
    agrees = ""
    for told in (list(in_notebooks(e, task)), list(in_readmes(e, task))):  # one that agrees is enough in each
        right = [f for f in told if any(f.fits(v, MODEL_ROUNDING) for values in measured.values() for v in values)]
        saved = e.stated(task).of("accuracy", "test")
        if right and saved and not any(_same(one, other) for one in told for other in saved):
            return failed(
                f"{right[0].source} says {right[0].value:.2%} of the test images, and {saved[0].source} states "
                f"{saved[0].value:.2%}"
            )
        if right:
            agrees = f"{right[0].source} says {right[0].value:.2%}, as is measured"
        elif told:
            name, values = next(iter(measured.items()))
            shown = " or ".join(f"{value:.2%}" for value in values)
            return failed(f"{told[-1].source} says {told[-1].value:.2%} of the test images, and {name} gives {shown}")
    return passed(agrees) if agrees else not_applicable("no cell and no README says how many test images are right")


def _same(one: Figure, other: Figure) -> bool:
    """Whether two figures are one, as far as they are written."""
    return abs(one.value - other.value) <= 2 * (one.tolerance + other.tolerance) + 1e-4


def in_notebooks(e: Evidence, task: str) -> Iterator[Figure]:
    """The test accuracies below the cells that are of this task's net alone."""
    for one in displayed.books(e, task, notebooks.printed):
        for figure in stated.from_text(f"the cell {one.place}", one.text) if one.tasks == {task} else ():
            if (figure.kind, figure.split) == ("accuracy", "test"):
                yield figure


def in_readmes(e: Evidence, task: str) -> Iterator[Figure]:
    """The accuracies in lines of a README that name this task, and say so themselves or below a heading that does."""
    for name, path in sorted(e.unpacked.files.items()) if e.found.manifest is None else ():
        text = tables.read_text(path, limit=_LONG) if _README.search(name) else None
        of_accuracy = False
        column = None  # of the test accuracy, in a table of Markdown
        for line in [line[:_SHORT] for line in (text or "").splitlines()]:
            cells = line.strip().strip("|").split("|")
            if len(cells) > 2 and not _SHARE.search(line) and re.search(r"[^\W_]", line):
                headed = [n for n, cell in enumerate(cells) if _ACCURACY.search(cell) and not _OTHERS.search(cell)]
                column = headed[0] if len(headed) == 1 else None
            if column is not None and len(cells) > max(2, column):
                line = f"{cells[0]} | accuracy | {cells[column]}"
            shares = _SHARE.findall(line)
            if _HEADING.match(line) and not shares and re.search(r"[^\W_]", line):
                of_accuracy = _ACCURACY.search(line) is not None and not _OTHERS.search(line)
            about = of_accuracy or _ACCURACY.search(line)
            if not about or len(shares) != 1 or _OTHERS.search(line) or _named(line) != task:
                continue
            share = shares[0].rstrip("% ")
            figure = stated.figure("accuracy", "test", share, name, "%" in shares[0])
            if figure is not None:
                yield figure


def _named(line: str) -> str:
    """The task that a line names beyond doubt, without its figures."""
    return names.certain(f"{_SHARE.sub('', line).replace('/', ' ').strip(' .|*-')}.txt")


@check(
    "figures.history",
    required=False,
    tasks=NETS,
    reason="A history that is handed in is that of the training which the notebook shows.",
    remedy="Run the notebook once more from top to bottom, and hand in the history that this run saved.",
)
def history(e: Evidence, task: str) -> Outcome:
    stated_in = e.found.metrics[task].sources if task in e.found.metrics else []
    saved = {name: metrics.series(e.found.scope[name]) for name in stated_in if name in e.found.scope}
    shown = list(displayed.books(e, task, notebooks.printed))
    for name, columns in saved.items():
        for key in _SERIES:
            values, progress = columns.get(key, []), re.compile(_PROGRESS.format(key))
            printed = {one.place: [float(v) for v in progress.findall(one.text[:_LONG])] for one in shown}
            own = [one.place for one in shown if one.tasks == {task} and len(printed[one.place]) > 1]
            if len(values) < 2 or not own:
                continue
            if any(abs(value - one) < _HALF for value in values for cell in printed.values() for one in cell):
                return passed(f"{name} is of a training that a notebook shows")
            return failed(f"{name} is of another training than the cell {own[0]} shows: it shares no {key} with it")
    return not_applicable("no history and no notebook that shows the training can be compared")


@check(
    "figures.epochs",
    required=False,
    tasks=NETS,
    reason="A history has an epoch for each that is trained, or fewer where it may stop before.",
    remedy="Run the training as it is written and described, and hand in what that run saved.",
)
def epochs(e: Evidence, task: str) -> Outcome:
    """Whether a history has another number of epochs than a README or settings say, or than trainings of its data set
    have in the code, one of them or several together; fewer are no defect where the code may stop before.
    """
    saved = {name: length for name in e.stated(task).sources if (length := _length(e, name)) > 1}
    for name, length in saved.items():
        for place, number in _told_epochs(e, task) if len(set(saved.values())) == 1 else ():
            if length > number or (length < number and not programs.may_stop(e.code)):
                return failed(f"{name} has {length} epochs, and {place} says {number}")
    found = [one for one in programs.trainings(e.code) if one.dataset == FAMILIES[task]]
    own = [one for one in found if names.certain(one.file) == task] or found
    counts = [_trained(e, one) for one in own]
    if not saved or not counts or not all(counts) or len(counts) > _MOST:
        return not_applicable("the epochs of a history and of the code are not both known")
    name, length = max(saved.items(), key=lambda item: item[1])
    said = f"{name} has {length} epochs, and {own[0].place} trains {' and '.join(map(str, sorted(set(counts))))}"
    together = {sum(some) for number in range(1, len(counts) + 1) for some in combinations(counts, number)}
    fewer = length < max(together) and programs.may_stop(e.code)
    return passed(said) if length in together or fewer else failed(said)


def _told_epochs(e: Evidence, task: str) -> Iterator[tuple[str, int]]:
    """The numbers of epochs that lines of READMEs which name this task say, and settings of this task's own."""
    for name, path in sorted(e.unpacked.files.items()) if e.found.manifest is None else ():
        own = path.suffix.lower() in _SETTINGS and names.certain(name) == task
        if not own and not _README.search(name):
            continue
        for line in (tables.read_text(path, limit=_LONG) or "").splitlines():
            said = {int(number) for pair in _EPOCHS.findall(line[:_SHORT]) for number in pair if number}
            if len(said) == 1 and (own or _named(_EPOCHS.sub("", line[:_SHORT])) == task):
                yield name, said.pop()


def _length(e: Evidence, name: str) -> int:
    """How many epochs a file has of a training and its validation; 0 where it is no history."""
    columns = metrics.series(e.found.scope[name]) if name in e.found.scope and len(e.found.of(name)) < 2 else {}
    of_validation = {key: values for key, values in columns.items() if stated.VALIDATION.match(key)}
    others = [values for key, values in columns.items() if _CURVE.search(key) and key not in of_validation]
    lengths = {len(values) for values in [*of_validation.values(), *others]}
    return lengths.pop() if of_validation and others and len(lengths) == 1 else 0


def _trained(e: Evidence, training: programs.Training) -> int:
    """The number of epochs that a call of fit is given, as a number or as a name that has one value; else 0."""
    given = re.search(r"\bepochs\s{0,4}=\s{0,4}(\w{1,60})\s{0,4}(?:[,)]|$)", training.given, re.M)
    if given is None or "initial_epoch" in training.given:
        return 0
    if given[1].isdecimal():
        return int(given[1])
    values = set()
    for line in e.code[training.file]:
        if match := re.search(rf"(?<![\w.]){given[1]}\s{{0,4}}=\s{{0,4}}([^=,)\n]{{1,40}})", line.text):
            values.add(match[1].strip())
    only = values.pop() if len(values) == 1 else ""
    return int(only) if only.isdecimal() else 0


@check(
    "figures.report",
    required=False,
    tasks=NETS,
    reason="The support of a class is the number of images that are of it: 1,000 each in CIFAR-10's test images.",
    remedy="Call classification_report(true labels, predicted labels), in this order.",
)
def report(e: Evidence, task: str) -> Outcome:
    test, found = e.test(task), e.found.predictions.get(task)
    if test is None or found is None or found.problem:
        return not_applicable("no test images and predictions to compare with")
    of_classes, of_answers = (np.bincount(labels, minlength=10).tolist() for labels in (test.labels, found.labels))
    for place, text in _reports(e, task):
        support = [int(number) for number in _ROW.findall(text)][:10]
        if support == of_answers != of_classes:
            return failed(
                f"{place} counts {support[0]:,} images of the first class, as many as the predictions have, where the "
                f"test images have {of_classes[0]:,}: true and predicted labels are swapped"
            )
    return passed("no report of classes has true and predicted labels swapped")


def _reports(e: Evidence, task: str) -> Iterator[tuple[str, str]]:
    """The texts that may hold a report of classes: those of the task, and what its notebooks print."""
    for name, path in sorted(e.found.scope.items()):
        if path.suffix.lower() in (".txt", ".log", ".md", ".out") and names.task(name)[0] in (task, task[:3], ""):
            yield name, tables.read_text(path, limit=_LONG) or ""
    for one in displayed.books(e, task, notebooks.printed):
        yield f"the cell {one.place}", one.text[:_LONG]
