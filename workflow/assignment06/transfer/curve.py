"""How test accuracy grows with the images a class: pretrained nets against nets trained from nothing."""

from collections import Counter
from itertools import pairwise

import numpy as np

from assignment06.config.experiment import APART, Experiment
from assignment06.experiments.comparison import spread
from assignment06.experiments.results import ClassScores, Metrics, names
from assignment06.shared.documents import Document

TRAINED = {"head": "frozen features", "top": "last stage unfrozen", "all": "everything unfrozen"}


class Point(Document):
    """One training, or several that differ by their seed."""

    images_per_class: float
    """Training images, those for validation left out, by the number of classes."""
    accuracy: float
    """On the test images; the mean of several seeds."""
    interval_95: tuple[float, float] | None
    """Wilson's interval of one training; of several seeds, Student's t interval of their mean, null below five."""
    balanced_accuracy: float
    """Mean of the classes' recalls; the mean of several seeds."""
    seeds: int


class Line(Document):
    """Trainings that differ by their number of images alone."""

    name: str
    dataset: str
    pretrained: bool
    net: str
    """The net, and for a pretrained one the size of its images."""
    train: str
    """head, top or all; empty for a net trained from nothing."""
    points: list[Point]
    """By the number of images."""


class Curve(Document):
    """The lines of all data sets that a pretrained net was trained on (results/metrics/transfer.json)."""

    lines: list[Line]
    uneven: bool
    """Whether the classes of some test set have different numbers of images."""
    stamps: list[str]


def summarise_transfer(metrics: list[str], curve: str) -> None:
    """Write the `Curve` of all experiments on the data sets that a pretrained net was trained on."""
    curve_of([Metrics.read(path) for path in metrics]).write(curve)


def curve_of(results: list[Metrics]) -> Curve:
    """Return the lines of the experiments on data sets that a pretrained net was trained on."""
    wanted = {one.dataset for one in results if one.settings.is_pretrained}
    results = [one for one in results if one.dataset in wanted]
    recipes: dict[str, list[Metrics]] = {}
    for one in results:
        recipes.setdefault(repr(_recipe(one.settings)), []).append(one)
    known = Counter((runs[0].dataset, name_of(runs[0].settings)) for runs in recipes.values())
    titles = dict(zip((one.experiment for one in results), names(results), strict=True))
    lines = []
    for runs in recipes.values():
        settings, name = runs[0].settings, name_of(runs[0].settings)
        unique = name if known[runs[0].dataset, name] == 1 else f"{name} ({titles[runs[0].experiment]})"
        lines.append(
            Line(
                name=unique,
                dataset=runs[0].dataset,
                pretrained=settings.is_pretrained,
                net=_net(settings),
                train=settings.train if settings.is_pretrained else "",
                points=_points(runs),
            )
        )
    supports = [{row.support for row in one.per_class} for one in results]
    return Curve(
        lines=lines,
        uneven=any(len(support) > 1 for support in supports),
        stamps=sorted({stamp for one in results for stamp in one.stamps}),
    )


def _recipe(settings: Experiment) -> dict:
    apart = {*APART, "seed", "images_per_class"}
    return dict(sorted((key, value) for key, value in settings.plain().items() if key not in apart))


def _net(settings: Experiment) -> str:
    return f"{settings.model}, {settings.input_size} px" if settings.is_pretrained else settings.model


def name_of(settings: Experiment) -> str:
    """Return what a line is called: `MobileNetV2, 96 px, frozen features`, `lean from scratch`."""
    if settings.is_pretrained:
        return f"{_net(settings)}, {TRAINED[settings.train]}"
    return f"{settings.model} from scratch"


def _points(runs: list[Metrics]) -> list[Point]:
    groups: dict[float, list[Metrics]] = {}
    for one in runs:
        groups.setdefault(one.training.images / len(one.per_class), []).append(one)
    points = []
    for images, seeds in sorted(groups.items()):
        accuracies = [one.test.accuracy for one in seeds]
        interval = spread(accuracies)["interval_95"] if len(seeds) > 1 else seeds[0].test.accuracy_interval_95
        points.append(
            Point(
                images_per_class=images,
                accuracy=float(np.mean(accuracies)),
                interval_95=interval,
                balanced_accuracy=float(np.mean([balanced_accuracy(one.per_class) for one in seeds])),
                seeds=len(seeds),
            )
        )
    return points


def balanced_accuracy(per_class: list[ClassScores]) -> float:
    """Return the mean recall of the classes that have test images (Brodersen et al., 2010)."""
    return float(np.mean([row.recall for row in per_class if row.support]))


def crossing(transfer: Line, scratch: Line) -> float | None:
    """Return from how many images a class on training from nothing is better; None where it never is.

    Between two measured numbers of images the accuracies are taken for straight lines over the logarithm of the number.
    """
    common = shared_points(transfer, scratch)
    gaps = [(np.log(one.images_per_class), two.accuracy - one.accuracy) for one, two in common]
    if not gaps or gaps[-1][1] <= 0:
        return None
    for (x, low), (x_next, high) in reversed(list(pairwise(gaps))):
        if low <= 0:
            return float(np.exp(x + (x_next - x) * (-low) / (high - low)))
    return common[0][0].images_per_class


def shared_points(first: Line, second: Line) -> list[tuple[Point, Point]]:
    """Return the points of two lines with (nearly) the same number of images, by that number."""
    return [
        (one, two)
        for one in first.points
        for two in second.points
        if abs(one.images_per_class - two.images_per_class) <= 0.02 * one.images_per_class
    ]
