"""What the code of notebooks and scripts says about the training. It is read, never run; all of it is advice."""

import re

from .. import source
from ..registry import Evidence, Outcome, check, failed, not_applicable, passed

_BINARY = re.compile(r"loss\s{0,4}=\s{0,4}[\w.]{0,40}['\"]?binary_?crossentropy", re.I)
_TEN = re.compile(r"Dense\(\s{0,4}(?:units\s{0,4}=\s{0,4})?10\b|cifar10|mnist", re.I)
_TEST_AS_VALIDATION = re.compile(
    r"validation_data\s{0,4}=\s{0,4}[\[(]?\s{0,4}(?:x_?test|test_?(?:images|x|data|features|generator|ds)|X_test)\b",
    re.I,
)
_GPU = re.compile(r"\bassert\b[^\n]{0,120}gpu|raise\s[^\n]{0,120}gpu|!=\s{0,4}['\"]/device:GPU:0", re.I)


def _first(e: Evidence, pattern: re.Pattern, also: re.Pattern | None = None) -> tuple[str, bool]:
    """The place of the first line of code that has `pattern`, in a file that has `also`; and whether there is code."""
    some = False
    for name, path in sorted(e.unpacked.files.items()):
        lines = source.lines(name, path)
        some = some or bool(lines)
        code = [line for line in lines if not line.text.lstrip().startswith("#")]
        if also is not None and not any(also.search(line.text[:2000]) for line in code):
            continue
        hit = next((line.place for line in code if pattern.search(line.text[:2000])), "")
        if hit:
            return hit, True
    return "", some


def _say(e: Evidence, pattern: re.Pattern, sentence: str, also: re.Pattern | None = None) -> Outcome:
    if e.found.manifest is not None:
        return not_applicable("the code is that of the workflow which made the zip")
    place, some = _first(e, pattern, also)
    if place:
        return failed(f"{place} {sentence}")
    return passed("no line of code does") if some else not_applicable("there is no code to read")


@check(
    "sources.loss",
    required=False,
    reason="A binary loss counts ten answers of yes or no for each image, so its accuracy begins at 90 %.",
    remedy="Compile with categorical_crossentropy (or the sparse one) and the metric accuracy.",
)
def loss(e: Evidence, task: str) -> Outcome:
    return _say(e, _BINARY, "trains with a binary loss where there are ten classes", _TEN)


@check(
    "sources.validation",
    required=False,
    reason="What is chosen by the test images, an epoch say, cannot be judged by them.",
    remedy="Hold back a part of the training images for validation, and evaluate the test images once, at the end.",
)
def validation(e: Evidence, task: str) -> Outcome:
    return _say(e, _TEST_AS_VALIDATION, "gives the test images as validation data")


@check(
    "sources.gpu",
    required=False,
    reason="A program that insists on a GPU stops on every machine that has none.",
    remedy="Leave the assertion out: TensorFlow takes a GPU where there is one.",
)
def gpu(e: Evidence, task: str) -> Outcome:
    return _say(e, _GPU, "stops where there is no GPU")
