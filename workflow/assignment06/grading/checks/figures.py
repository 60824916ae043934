"""Do the stated figures, the predictions and the model say the same?"""

import math

import numpy as np

from ..names import NETS
from ..registry import Evidence, Outcome, check, failed, not_applicable, passed
from .models import accuracies, facts
from .predictions import CHANCE

ROUNDING = 0.001  # of an accuracy recomputed from the predictions
MODEL_ROUNDING = 0.002  # of one recomputed with the model, on another machine
AGREEMENT = 0.995  # of labels predicted again by a stranger's model
PROBABILITY = 1e-3  # of probabilities predicted again by this workflow's model
GAP = 0.15
LN10 = math.log(10)


def _twins(e: Evidence, task: str) -> bool:
    """Whether 6.2a and 6.2b share one file of predictions, which predictions.differ reports."""
    a, b = e.found.predictions.get("6.2a"), e.found.predictions.get("6.2b")
    return task != "6.1" and a is not None and b is not None and np.array_equal(a.labels, b.labels)


@check(
    "figures.stated_accuracy",
    required=True,
    tasks=NETS,
    needs=("completeness.metrics",),
    reason="The accuracy that is stated is the one that the predictions, or else the model, give.",
    remedy="Compute the accuracy from the predictions that are handed in, and state that.",
)
def stated_accuracy(e: Evidence, task: str) -> Outcome:
    stated = e.found.metrics[task].test_accuracy()
    if not stated:
        return not_applicable("the metrics state no accuracy on the test images")
    found, given = e.found.predictions.get(task), e.accuracy(task)
    measured = accuracies(e, task)
    if found is not None and given is not None and given >= CHANCE and not found.problem and not _twins(e, task):
        source, values, rounding = found.name, [given], ROUNDING
    elif measured:
        source, values, rounding = facts(e, task).name, list(measured.values()), MODEL_ROUNDING
    else:
        return not_applicable("no predictions and no model to compare it with")

    def fits(figure) -> bool:
        return any(abs(figure.value - value) <= figure.tolerance + rounding for value in values)

    named = any(figure.split == "test" for figure in stated)
    agrees = all(map(fits, stated)) if named else any(map(fits, stated))
    figure = next((f for f in stated if fits(f) == agrees), stated[0])
    shown = " or ".join(f"{value:.2%}" for value in values)
    sentence = f"{figure.source} states {figure.value:.2%}, and {source} gives {shown}"
    return passed(sentence) if agrees else failed(sentence)


@check(
    "figures.predictions_from_model",
    required=True,
    tasks=NETS,
    needs=("models.input", "models.output", "predictions.ten_classes"),
    reason="The predictions are those that the model gives.",
    remedy="Predict with the model that is handed in, after its last training.",
)
def predictions_from_model(e: Evidence, task: str) -> Outcome:
    known, found = facts(e, task), e.found.predictions[task]
    if not known.outputs:
        return not_applicable("no test images in the data folder")
    given = e.accuracy(task)
    if given is None:
        return not_applicable("they are not of the test images")
    if e.found.manifest is not None and found.probabilities is not None:
        return _own(known, found)
    if _twins(e, task) or given < CHANCE or known.facts.get("dead"):
        return not_applicable("the model or the predictions have a defect that another check reports")
    shares = {
        name: float(np.mean(np.nan_to_num(out).argmax(axis=1) == found.labels)) for name, out in known.outputs.items()
    }
    best = max(shares, key=shares.get)
    sentence = f"{known.name} gives {shares[best]:.2%} of the classes in {found.name} (images scaled {best})"
    return passed(sentence) if shares[best] >= AGREEMENT else failed(sentence)


def _own(known, found) -> Outcome:
    """This workflow's own models take raw pixels, and give the probabilities themselves again."""
    outputs = known.outputs.get("0-255")
    if outputs is None:
        return failed(f"{known.name} does not take pixels of 0 to 255")
    distance = float(np.abs(outputs - found.probabilities).max())
    labels = outputs.argmax(axis=1)
    ordered = np.sort(outputs, axis=1)
    ties = ordered[:, -1] - ordered[:, -2] <= 2 * PROBABILITY
    wrong = int(np.sum((labels != found.labels) & ~ties))
    sentence = f"{known.name} gives {found.name} again within {distance:.1e}, {wrong} classes differ"
    return passed(sentence) if distance <= PROBABILITY and wrong == 0 else failed(sentence)


@check(
    "figures.loss",
    required=False,
    tasks=NETS,
    needs=("completeness.metrics",),
    reason="A loss of ln 10 = 2.3026 is that of a net that knows nothing; a larger one is confidently wrong.",
    remedy="Scale training and test images alike, once.",
)
def loss(e: Evidence, task: str) -> Outcome:
    losses = [f for f in e.found.metrics[task].figures if f.kind == "loss"]
    if not losses:
        return not_applicable("no loss is stated")
    worst = max(losses, key=lambda f: f.value)
    sentence = f"{worst.source} states a {worst.split + ' ' if worst.split else ''}loss of {worst.value:.4g}"
    return failed(f"{sentence}, not below ln 10 = {LN10:.4f}") if worst.value >= LN10 - 0.005 else passed(sentence)


@check(
    "figures.overfitting",
    required=False,
    tasks=NETS,
    needs=("completeness.metrics",),
    reason="Training accuracy far above validation accuracy means that the net has learnt its images by heart.",
    remedy="Stop at the epoch with the best validation loss, or regularise (6.2a shows this on purpose).",
)
def overfitting(e: Evidence, task: str) -> Outcome:
    stated = e.found.metrics[task]
    training = stated.of("accuracy", "training")
    other = stated.of("accuracy", "validation") or stated.of("accuracy", "test")
    if not training or not other:
        return not_applicable("training and validation accuracy are not both stated")
    high, low = training[-1].value, other[-1].value
    sentence = f"training accuracy {high:.1%}, {other[-1].split} accuracy {low:.1%}"
    return failed(sentence) if high - low > GAP else passed(sentence)
