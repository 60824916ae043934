"""What the stated figures say by themselves, and beside those of the other tasks."""

import math
import re

from .. import tables
from ..diagnosis import RECOGNISED
from ..names import FAMILIES, NETS
from ..registry import Evidence, Outcome, advise, check, failed, not_applicable, passed
from . import told
from .measured import accuracies

GAP = 0.15
BEYOND = {"mnist": 0.03, "cifar10": 0.12}  # of validation images over test images: a thousand of them allow for 0.04
LN10 = math.log(10)
_DECIMAL = re.compile(r"(?<![\d.])\d{1,3}\.(\d{1,20})(?![\d.])")
_NOT_A_NUMBER = re.compile(r"loss['\"]?\s{0,4}[:=]\s{0,4}\[?nan\b", re.I)


@check(
    "figures.loss",
    required=False,
    tasks=NETS,
    needs=("completeness.metrics",),
    reason="A loss of ln 10 = 2.3026 is that of a net that knows nothing; a larger one is confidently wrong.",
    remedy="Scale training and test images alike, once.",
)
def loss(e: Evidence, task: str) -> Outcome:
    losses = [f for f in e.stated(task).figures if f.kind == "loss"]
    for source in e.stated(task).sources:
        if _NOT_A_NUMBER.search(_text(e, source)):
            return failed(f"{source} states a loss that is not a number (nan): the training broke down")
    if not losses:
        return not_applicable("no loss is stated")
    worst = max(losses, key=lambda f: f.value)
    sentence = f"{worst.source} states a {worst.split + ' ' if worst.split else ''}loss of {worst.value:.4g}"
    return failed(f"{sentence}, not below ln 10 = {LN10:.4f}") if worst.value >= LN10 - 0.005 else passed(sentence)


@check(
    "figures.overfitting",
    required=False,
    tasks=("6.1", "6.2b"),  # 6.2a is there to overfit
    needs=("completeness.metrics",),
    reason="Training accuracy far above validation accuracy means that the net has learnt its images by heart.",
    remedy="Stop at the epoch with the best validation loss, or regularise.",
)
def overfitting(e: Evidence, task: str) -> Outcome:
    stated = e.stated(task)
    training = stated.of("accuracy", "training")
    other = stated.of("accuracy", "validation") or stated.of("accuracy", "test")
    if not training or not other:
        return not_applicable("training and validation accuracy are not both stated")
    high, low = training[-1].value, other[-1].value
    sentence = f"training accuracy {high:.1%}, {other[-1].split} accuracy {low:.1%}"
    return failed(sentence) if high - low > GAP else passed(sentence)


@check(
    "figures.validation",
    required=False,
    tasks=NETS,
    needs=("completeness.metrics",),
    reason="Validation and test images are alike, so a net is right about as many of the one as of the other.",
    remedy="Hold validation images back from training, and hand in the history of this model's own training.",
)
def validation(e: Evidence, task: str) -> Outcome:
    """Whether more validation images are said to be right than the model, or else the predictions, get of any test."""
    said = e.stated(task).of("accuracy", "validation")
    measured = max([*accuracies(e, task).values(), e.accuracy(task) or 0.0])
    if not said or measured < RECOGNISED:
        return not_applicable("a validation accuracy and one on the test images are not both known")
    best = max(said, key=lambda figure: figure.value)
    sentence = (
        f"{best.source} states {best.value:.1%} of the validation images; of the test images {measured:.1%} are right"
    )
    return failed(sentence) if best.value - measured > BEYOND[FAMILIES[task]] else passed(sentence)


@check(
    "figures.test_stated",
    required=False,
    tasks=NETS,
    needs=("completeness.metrics",),
    reason="How good a net is shows on images that it has not seen.",
    remedy="Evaluate the model on the test images and save that accuracy with the metrics.",
)
def test_stated(e: Evidence, task: str) -> Outcome:
    stated = e.stated(task)
    if stated.test_accuracy() or any(f.split in ("test", "") for f in stated.figures):
        return passed("a figure that can be of the test images is stated")
    given = e.accuracy(task)
    for source in stated.sources:
        if given is not None and _written(given, _text(e, source)):  # under a heading in another language, say
            return passed(f"{source} has the {given:.2%} that the predictions give")
    if not stated.sources:
        return not_applicable("no file states any")
    for figure in (*told.in_notebooks(e, task), *told.in_readmes(e, task)):
        return passed(f"{figure.source} says {figure.value:.2%} of the test images")
    splits = " and ".join(sorted({f.split for f in stated.figures}))
    return failed(f"{', '.join(stated.sources[:2])} states figures of {splits} only, none of the test images")


def _text(e: Evidence, source: str) -> str:
    """What a file of metrics says; "" where it is no file of its own, or no text."""
    return (tables.read_text(e.found.scope[source], limit=1 << 20) if source in e.found.scope else None) or ""


def _written(accuracy: float, text: str) -> bool:
    """Whether a number of at least three digits is this accuracy, as a fraction or in per cent."""
    return any(
        abs(accuracy - float(match[0]) / scale) <= 0.5001 * 10.0 ** -len(match[1]) / scale
        for match in _DECIMAL.finditer(text)
        for scale in (1, 100)
        if len(match[1]) >= (3 if scale == 1 else 1)
    )


@check(
    "figures.own_metrics",
    required=True,
    reason="Two trainings never give the same accuracy and loss to the last digit.",
    remedy="Save each task's metrics from its own model.",
)
def own_metrics(e: Evidence, task: str) -> Outcome:
    same, doubtful = [], []
    places = [place for place in NETS if place in e.found.metrics and e.found.metrics[place].figures]
    for number, one in enumerate(places):
        for other in places[number + 1 :]:
            a, b = e.found.metrics[one], e.found.metrics[other]
            if set(a.sources) & set(b.sources):
                continue  # one file for several tasks
            sentence = f"{a.sources[0]} and {b.sources[0]} state the same figures for {one} and {other}"
            exact = _digits(a) & _digits(b)
            if len(exact) >= 2 and _digits(a) == _digits(b):
                same.append(sentence)
            elif len(exact) >= 2:
                doubtful.append(sentence.replace("the same figures", f"{len(exact)} equal figures"))
    if same:
        return failed("; ".join(same))
    if doubtful:
        return advise("; ".join(doubtful))
    return (
        passed("no task states another's figures") if len(places) > 1 else not_applicable("fewer than two to compare")
    )


def _digits(stated) -> set[tuple[str, str, float]]:
    """The figures that are written with at least four digits, which do not agree by accident."""
    return {(f.kind, f.split, f.value) for f in stated.figures if f.tolerance <= 6e-5 and 0 < f.value != 1}
