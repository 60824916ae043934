"""Do the stated figures, the predictions and the model say the same?"""

import re
from collections.abc import Callable
from pathlib import PurePosixPath

import numpy as np

from ..diagnosis import CHANCE, RECOGNISED
from ..names import FAMILIES, NETS
from ..registry import Evidence, Outcome, advise, check, failed, not_applicable, passed, unconfirmed
from . import predictions
from .measured import MODEL_ROUNDING, accuracies, agreement, facts, images, tried, ways, whole

ROUNDING = 0.001  # of an accuracy recomputed from the predictions
AGREEMENT = 0.995  # of labels predicted again by a stranger's model
PROBABILITY = 1e-3  # of probabilities predicted again by this workflow's model
EXACT = ("0-255", "0-1", "-1 to 1")  # the scalings that everybody computes alike; mean and deviation are chosen
SAME = 0.011  # two ways to write one accuracy
BETTER = 0.015  # predictions that much better than the model under each scaling tried may be of a way not tried
_OF_METRICS = re.compile(r"m[eé]tri[ckq]\w{0,3}|metricas|métricas|evaluations?|results?|scores?", re.I)
SEVERAL = 30  # errors that tell a net's from others
SHARED = 0.6  # of errors on MNIST: two trainings have less in common, one net that is given its images in two ways more
SOUND = {"mnist": 0.9, "cifar10": 0.6}  # accuracy at which a model surely got images scaled as it learnt them


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
    stated = e.stated(task).test_accuracy()
    if not stated:
        return not_applicable("the metrics state no accuracy on the test images")
    found, given = e.found.predictions.get(task), e.accuracy(task)
    measured = whole(e, task)
    # Of images of one's own choice, told by the labels beside them
    own = (found.own_accuracy() or 0.0) if found is not None and given is None else 0.0
    other_images = own >= RECOGNISED
    if found is not None and given is not None and given >= CHANCE and not found.problem and not _twins(e, task):
        source, values, rounding, known_scaling = found.name, [given], ROUNDING, True
        if e.of_first_images(task):  # the figure may be of all of them
            source = f"{source} or {tried(e, task).name}" if measured else source
            values, rounding = [given, *measured.values()], MODEL_ROUNDING
            known_scaling = _surely_scaled(measured, task)
    elif found is not None and given is not None and given < CHANCE and abs(stated[0].value - given) <= ROUNDING:
        return passed(f"{stated[0].source} states {stated[0].value:.2%}, and {found.name} gives {given:.2%}")
    elif measured:
        known_scaling = _surely_scaled(measured, task)
        source, values, rounding = tried(e, task).name, list(measured.values()), MODEL_ROUNDING
        if found is not None and other_images:
            source, values = f"{source} or {found.name}", [*values, own]
    elif found is not None and other_images:
        source, values, rounding, known_scaling = found.name, [own], ROUNDING, True
    elif found is not None and given is not None:
        return _beside_chance(stated[0], found.name, given)
    else:
        sentence = f"{stated[0].source} states {stated[0].value:.2%}, and no predictions and no model can be compared"
        binary = _binary(e, task, stated[0].value) if task != "6.1" else ""
        return advise(f"{sentence}{binary}", credit=0.5) if binary else unconfirmed(sentence)

    def fits(figure) -> bool:
        return any(figure.fits(value, rounding) for value in values)

    everywhere, stated = stated, _without_other_runs(stated, fits, found.name if found else "")
    elsewhere = len(everywhere) - len(stated)
    named = any(figure.split == "test" for figure in stated)

    def group(figure) -> list:  # of several in a text, one need be the author's own
        return [f for f in stated if f.among > 1 and f.source == figure.source] if figure.among > 1 else [figure]

    def right(figure) -> bool:
        return any(map(fits, group(figure)))

    agrees = all(map(right, stated)) if named else any(map(fits, stated))
    figure = next((f for f in stated if (fits(f) if agrees else not right(f))), stated[0])
    shown = " or ".join(f"{value:.2%}" for value in dict.fromkeys(values))
    sentence = f"{figure.source} states {figure.value:.2%}, and {source} gives {shown}"
    if agrees:
        return passed(sentence + (f"; {elsewhere} more in other folders are of other runs" if elsewhere else ""))
    sentence += _binary(e, task, figure.value)
    if found is not None and (found.doubt or (found.others and source == found.name)):
        return advise(f"{sentence}; {found.doubt or 'other columns of it differ'}", credit=0.5)
    if not named:
        return advise(f"{sentence}; whether the stated one is of the test images is not said", credit=0.5)
    values = [f.value for f in group(figure)]
    if max(values) - min(values) > SAME:
        return advise(f"{sentence}; it states {figure.among} of them", credit=0.5)
    if other_images:
        return unconfirmed(f"{sentence}, of other images")
    if not known_scaling:
        return advise(f"{sentence}; it may be scaled in a way that is not tried here", credit=0.5)
    return failed(sentence)


def _surely_scaled(measured: dict[str, float], task: str) -> bool:
    """Whether the best of a model's accuracies, by scaling, is that of images scaled as it learnt them."""
    best = max(measured, key=measured.__getitem__, default="")
    return best in EXACT and measured[best] >= SOUND[FAMILIES[task]]


def _without_other_runs(stated: list, fits: Callable, predictions: str) -> list:
    """The figures without those of other runs: where some agree, those that stand neither beside these nor beside the
    predictions, in a folder for each run say. A folder for metrics beside theirs is none such, but for files of the
    same name.
    """
    agreeing = [PurePosixPath(figure.source) for figure in stated if fits(figure)]
    if not agreeing:
        return stated
    homes = {path.parent for path in agreeing} | {PurePosixPath(predictions).parent}
    files = {path.name for path in agreeing}
    paths = [PurePosixPath(figure.source) for figure in stated]
    beside = {home.parent for home in homes}
    kept = [
        p.parent in homes
        or (p.name not in files and p.parent.parent in beside and bool(_OF_METRICS.fullmatch(p.parent.name)))
        for p in paths
    ]
    return [figure for figure, keep in zip(stated, kept, strict=True) if keep]


def _beside_chance(figure, name: str, given: float) -> Outcome:
    """Predictions at chance, which another check reports, beside a figure that is far above."""
    if abs(figure.value - given) <= 0.05:
        return passed(f"{figure.source} states {figure.value:.2%}, and {name} gives {given:.2%}")
    return unconfirmed(
        f"{figure.source} states {figure.value:.2%}, and {name} agrees with the test labels no more than by chance"
    )


def _binary(e: Evidence, task: str, value: float) -> str:
    """Whether the figure is the share of right answers to ten questions of yes or no, which a binary loss reports."""
    test, scores = e.test(task), []
    if test is None:
        return _ninety(value)
    found, known = e.found.predictions.get(task), facts(e, task)
    if found is not None and found.probabilities is not None:
        scores.append(found.probabilities)
    scores += list(known.outputs.values()) if known else []
    for scored in scores:
        if scored.shape == (len(test.labels), 10):
            binary = float(np.mean((scored > 0.5) == np.eye(10, dtype=bool)[test.labels]))
            if abs(binary - value) < 0.003:
                return "; it may be the accuracy of a binary loss, ten questions of yes or no for each image"
    return _ninety(value)


def _ninety(value: float) -> str:
    if abs(value - 0.9) < 0.002:
        return "; 90 % is also what a binary loss reports where every answer is no"
    return ""


@check(
    "figures.scaling",
    required=True,
    tasks=NETS,
    needs=("models.alive",),
    reason="A model answers well only to images that are scaled as those it was trained with.",
    remedy="Scale the test images exactly as the training images, then predict and evaluate anew.",
)
def scaling(e: Evidence, task: str) -> Outcome:
    measured, known = accuracies(e, task), tried(e, task)
    if not measured:
        return unconfirmed("no test images in the data folder", ours=True)
    best = max(measured, key=measured.__getitem__)
    if measured[best] < CHANCE:
        return not_applicable("the model is at chance under every scaling")
    found, used, why = e.found.predictions.get(task), "", ""
    if found is not None and known.outputs and e.accuracy(task) is not None:
        shares = agreement(known, found.labels)
        likeliest = max(shares, key=shares.__getitem__)
        if shares[likeliest] >= 0.97:
            used, why = (
                likeliest,
                f"{shares[likeliest]:.1%} of {found.name} is what it gives for {images(likeliest)}",
            )
    stated = e.found.metrics.get(task)
    figure = next((f for f in stated.test_accuracy() if f.split == "test"), None) if stated else None
    if not used and figure is not None:
        close = [n for n, v in whole(e, task).items() if abs(v - figure.value) <= figure.tolerance + MODEL_ROUNDING]
        if close and best not in close:
            used, why = close[0], f"the stated {figure.value:.2%} is what it gives for {images(close[0])}"
    if not used:
        return unconfirmed("how the test images were scaled is not known")
    if measured[best] - measured[used] > 0.03:
        if measured[best] < RECOGNISED:
            return unconfirmed(f"{why}; no scaling gives more than {measured[best]:.1%}, so none is known to be right")
        return failed(
            f"you measured on images scaled otherwise than in training: {why}, and for {images(best)} {known.name} "
            f"gives {measured[best]:.1%}"
        )
    return passed(f"the model was given {images(used)}")


@check(
    "figures.predictions_from_model",
    required=True,
    tasks=NETS,
    needs=("models.input", "models.output", "predictions.ten_classes"),
    reason="The predictions are those that the model gives.",
    remedy="Predict with the model that is handed in, after its last training.",
)
def predictions_from_model(e: Evidence, task: str) -> Outcome:
    known, found = tried(e, task), e.found.predictions[task]
    if not known.outputs:
        return unconfirmed("no test images in the data folder", ours=True)
    given = e.accuracy(task)
    if given is None:
        return not_applicable("they are not of the test images")
    if e.found.manifest is not None and found.probabilities is not None:
        return _own(known, found)
    if _twins(e, task) or given < CHANCE or known.facts.get("dead"):
        return not_applicable("the model or the predictions have a defect that another check reports")
    shares, accuracy = agreement(known, found.labels), accuracies(e, task)
    best, most = max(shares, key=shares.__getitem__), max(accuracy.values())
    sentence = f"{known.name} gives {shares[best]:.2%} of the classes in {found.name} ({images(best)})"
    if shares[best] >= AGREEMENT:
        return passed(sentence)
    for spare in e.spare(task):
        if max(agreement(spare, found.labels).values(), default=0) >= AGREEMENT:
            return passed(f"{spare.name}, which is handed in too, gives the classes in {found.name}")
    if found.doubt:
        return advise(f"{sentence}; {found.doubt}", credit=0.5)
    sentence += f"; tried: {ways(known)}"
    other = _others(e, task, found)
    if other:
        return failed(f"{sentence}; they are what {other} gives")
    errors, own, alike = _errors(e, task, found)
    several, sound = min(errors, own) >= SEVERAL, most >= SOUND[FAMILIES[task]]
    if several and sound and alike < min(errors, own) / 20 and not e.of_first_images(task):
        return failed(f"{sentence}; of their {errors:,} errors it makes {alike:,} too, and nets err on the same images")
    if given == 1 or predictions.copied_in_part(e, task):
        return not_applicable("they are the test labels, or a part of them is, as predictions.not_the_labels reports")
    related = given > accuracy[best] + 0.02 and shares[best] > _related(given, accuracy[best])
    close = shares[best] > 0.9 and (best not in EXACT or given >= most)
    if close and not related and several and alike < SHARED * min(errors, own):
        return advise(
            f"{sentence}; of their {errors:,} errors it makes {alike:,} too, as a net of another training does",
            credit=0.5,
        )
    if related or close:
        return unconfirmed(f"{sentence}: it may want images prepared in a way that is not tried")
    if given > most + BETTER:
        return advise(
            f"{sentence}, with none of which it is right as often as they are: it may want images prepared in a way "
            "that is not tried, or they are of another model",
            credit=0.5,
        )
    if e.of_first_images(task):
        return advise(f"{sentence}; they are of the first images only", credit=0.5)
    return failed(sentence)


def _errors(e: Evidence, task: str, found) -> tuple[int, int, int]:
    """How many of the predictions are wrong, how many that the model gives, and how many are in both, of one class."""
    test, outputs = e.test(task), tried(e, task).outputs
    if test is None or not outputs:
        return 0, 0, 0
    wrong = found.labels != test.labels
    given = [scores[: found.rows].argmax(axis=1) for scores in outputs.values()]
    own = min(int((labels != test.labels).sum()) for labels in given)
    return int(wrong.sum()), own, max(int(((labels == found.labels) & wrong).sum()) for labels in given)


def _others(e: Evidence, task: str, found) -> str:
    """The model of another task that gives the predictions of `task`, "" if none does."""
    own = tried(e, task).name
    for known in (facts(e, place) for place in NETS if place != task):
        same = max(agreement(known, found.labels).values(), default=0.0) if known and known.name != own else 0.0
        if known and same >= AGREEMENT:
            return known.name
    return ""


def _related(one: float, other: float) -> float:
    """The agreement of two lists of classes, right in these shares, from which they can be of one net that was given
    its images in two ways: three quarters of the way from independent errors to as much agreement as there can be.
    """
    apart = one * other + (1 - one) * (1 - other) / 9
    together = min(one, other) + 1 - max(one, other)
    return apart + 0.75 * (together - apart)


def _own(known, found) -> Outcome:
    """This workflow's own models take raw pixels, and give the probabilities themselves again."""
    outputs = known.outputs.get("0-255")
    if outputs is None:
        return failed(f"{known.name} does not take pixels of 0 to 255")
    distance, wrong = distance_of(outputs, found.probabilities, found.labels)
    sentence = f"{known.name} gives {found.name} again within {distance:.1e}, {wrong} classes differ"
    return passed(sentence) if distance <= PROBABILITY and wrong == 0 else failed(sentence)


def distance_of(outputs: np.ndarray, probabilities: np.ndarray, labels: np.ndarray) -> tuple[float, int]:
    """How far two float [n, classes] tables of probabilities are apart at most, and in how many rows the class of the
    first is not `labels` [n], ties within the tolerance aside.
    """
    ordered = np.sort(outputs, axis=1)
    ties = ordered[:, -1] - ordered[:, -2] <= 2 * PROBABILITY
    return float(np.abs(outputs - probabilities).max()), int(np.sum((outputs.argmax(axis=1) != labels) & ~ties))
