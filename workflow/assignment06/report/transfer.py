"""What the curve of transfer learning says, in sentences computed from it."""

from assignment06.shared.wording import joined, points, signed
from assignment06.transfer.curve import TRAINED, Curve, Line, Point, crossing, shared_points

EQUAL = 1e-9


def read_curve(curve: Curve) -> list[dict]:
    """Return paragraphs {"heading", "text"} on the curve of every data set."""
    if untrained := [stamp for stamp in curve.stamps if stamp.startswith("untrained weights")]:
        text = f"The nets begin with {joined(untrained)}: these figures say nothing of pretraining."
        return [{"heading": "No pretrained weights", "text": text}]
    found = []
    for dataset in dict.fromkeys(line.dataset for line in curve.lines):
        lines = [line for line in curve.lines if line.dataset == dataset]
        for heading, text in (
            ("Pretrained against from scratch", _against_scratch(lines)),
            ("What unfreezing bought", _unfreezing(lines)),
            ("Classes of different size", _balanced(lines) if curve.uneven else ""),
        ):
            if text:
                found.append({"heading": f"{dataset}: {heading[0].lower()}{heading[1:]}", "text": text})
    return found


def _against_scratch(lines: list[Line]) -> str:
    told = []
    for scratch in (line for line in lines if not line.pretrained):
        pairs = [(line, shared_points(line, scratch)) for line in lines if line.pretrained]
        pairs = [(line, common) for line, common in pairs if common]
        if not pairs:
            continue
        best, common = max(pairs, key=lambda pair: pair[1][0][0].accuracy)
        for one, two in dict.fromkeys((common[0], common[-1])) if len(common) > 1 else common:
            told.append(
                f"With {_images(one)} a class {best.name} recognises {_figure(one)} of the test images, {scratch.name} "
                f"{_figure(two)}: pretraining {_worth(one, two)}{_overlap(one, two)}."
            )
        place = crossing(best, scratch)
        if len(common) > 1:
            told.append(
                f"In between the two lines cross, at about {place:,.0f} images a class (between two measured numbers, "
                "on a logarithmic scale): with more, training from scratch was better here."
                if place and place > common[0][0].images_per_class
                else "From scratch was better everywhere."
                if place
                else "Nowhere in between did training from scratch catch up."
            )
    return " ".join(told)


def _unfreezing(lines: list[Line]) -> str:
    told = []
    for head in (line for line in lines if line.train == "head"):
        for more in (line for line in lines if line.net == head.net and line.train in ("top", "all")):
            for one, two in shared_points(head, more):
                told.append(
                    f"{head.net} with {_images(one)} a class: {TRAINED[more.train]} {_figure(two)}, {TRAINED['head']} "
                    f"{_figure(one)} ({signed(two.accuracy - one.accuracy)} points{_overlap(one, two)})."
                )
    return " ".join(told)


def _balanced(lines: list[Line]) -> str:
    if all(abs(line.points[-1].balanced_accuracy - line.points[-1].accuracy) < EQUAL for line in lines if line.points):
        return ""  # another data set's classes are uneven
    told = [
        f"{line.name} {line.points[-1].balanced_accuracy:.1%} (accuracy {line.points[-1].accuracy:.1%})"
        for line in lines
        if line.points
    ]
    return f"The mean recall of the classes, which counts rare ones like common ones, is for {joined(told)}."


def _images(point: Point) -> str:
    count = point.images_per_class
    return f"{count:,.0f} image{'s' if round(count) != 1 else ''}"


def _figure(point: Point) -> str:
    if point.interval_95 is None:
        return f"{point.accuracy:.1%} (mean of {point.seeds} seeds)"
    return f"{point.accuracy:.1%} ({point.interval_95[0]:.1%} to {point.interval_95[1]:.1%})"


def _overlap(one: Point, two: Point) -> str:
    if one.interval_95 is None or two.interval_95 is None:
        return ""
    apart = two.interval_95[0] > one.interval_95[1] or two.interval_95[1] < one.interval_95[0]
    return f"; the intervals {'do not overlap' if apart else 'overlap'}"


def _worth(one: Point, two: Point) -> str:
    gap = one.accuracy - two.accuracy
    return f"is worth {points(gap)}" if gap > 0 else f"costs {points(gap)}" if gap < 0 else "made no difference here"
