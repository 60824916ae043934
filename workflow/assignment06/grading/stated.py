"""A stated figure, and how it is read from plain text."""

import math
import re
from dataclasses import dataclass, field, replace

from . import phrases

TEST = re.compile(
    r"test|evaluat|eval\b|held|(?<![a-z])uji(?![a-z])|prueba|прове|测试|テスト|시험|테스트|kiểm tra", re.I
)
VALIDATION = re.compile(r"val|do[ğg]rulama|验证|検証|검증", re.I)
TRAINING = re.compile(r"train|fit|entrena|entra[iî]n|e[ğg]itim|обуч|训练|訓練|훈련|학습|(?<![a-z])latih(?![a-z])", re.I)
# Every repetition has a limit, and each line that is searched one too: the time is linear in the text.
_IN_TEXT = re.compile(
    r"(?P<before>[^\n:=|;,{}\[\]]{0,40}?)\b(?P<what>(?:test|val|train|validation|training)?[ _-]{0,2}"
    r"(?:categorical_)?(?:accuracy|acc|loss)(?:[ _]score)?)\b['\"\]]?"
    r"(?P<after>[^\n\d:=|;,]{0,45})[:=|;, \n]{1,4}(?:is|of|was|=|:)?"
    r"(?P<about> ?[~≈]| ?(?:about|approx|around)[a-z.]{0,10})?"
    r"[ \n\[(]{0,4}"
    r"(?P<value>[-+]?\d{0,9}\.?\d{1,20}(?:[eE][-+]?\d{1,3})?)(?P<percent> ?%)?",
    re.I,
)
_OF = re.compile(r" {0,2}(?:percent )?(?:on|over|for|of|sur|auf|en|em|su|na|på|op|bei) [^\n.;,(|:=\d]{1,40}", re.I)
# Whose accuracy a sentence may speak of besides the author's.
_OTHERS = re.compile(
    r"book|chollet|paper|author|literature|publish|reference|state.of|kaggle|leader|expect|target|goal", re.I
)
_ABOUT = re.compile(r"[~≈]|\b(?:about|approx|around|near|rough|almost|over|circa|etwa)", re.I)
_ROUGHLY = 0.02  # what is only about so may be off by
_JOINS = ("", "is", "was", "of", "rate", "score", "equals")
_NEXT = re.compile(r"(?<![\d.])(\d{0,3}\.?\d{1,20})(?!\d)( ?%)?")
_MOST = 20  # test accuracies of a text
_LINE, _LINES = 1000, 4000  # characters of a line, and last lines, that are searched


@dataclass(frozen=True)
class Figure:
    """One stated number. `kind` is accuracy or loss; `split` is test, validation, training or "" where it is not said.

    An accuracy is a fraction; `tolerance` is half a unit of its last written digit. `among` is how many different
    figures of its kind a text of sentences has, any of which may be the author's own.
    """

    kind: str
    split: str
    value: float
    tolerance: float
    source: str
    among: int = 1

    def fits(self, value: float, rounding: float) -> bool:
        """Whether a measured value rounds to this one, or was cut off to it by hand: 94 % of 94.9 %."""
        return -self.tolerance - rounding <= value - self.value <= 2 * self.tolerance + rounding


@dataclass
class Stated:
    """All figures of one net, and the files they stand in. A series (a history) is kept by its last value."""

    sources: list[str] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)

    def of(self, kind: str, split: str) -> list[Figure]:
        return [f for f in self.figures if f.kind == kind and f.split == split]

    def test_accuracy(self) -> list[Figure]:
        """The figures that claim to be the test accuracy: those named so, else those not named at all."""
        return self.of("accuracy", "test") or self.of("accuracy", "")


def split_of(name: str, default: str = "") -> str:
    for split, pattern in (("test", TEST), ("validation", VALIDATION), ("training", TRAINING)):
        if pattern.search(name):
            return split
    return default


def figure(kind: str, split: str, cell: str, source: str, percent: bool = False) -> Figure | None:
    """A figure from its written form, with percentages made fractions; None where the number makes no sense."""
    try:
        value = float(cell)
    except ValueError:
        return None
    mantissa, _, exponent = cell.lower().partition("e")
    digits = len(mantissa.partition(".")[2]) - int(exponent or 0)
    tolerance = 0.5 * 10.0 ** -max(0, min(digits, 12))
    if kind == "accuracy" and (percent or 1 < value <= 100):
        value, tolerance = value / 100, tolerance / 100
    if not math.isfinite(value) or value < 0 or (kind == "accuracy" and value > 1):
        return None
    return Figure(kind, split, value, tolerance, source)


def from_text(name: str, text: str) -> list[Figure]:
    """Sentences such as `Test accuracy: 99.1 %`, Keras' progress lines, and scikit-learn's report."""
    report = re.search(r"^[ \t]{0,40}accuracy[ \t]{1,80}([01]?\.\d{1,9})[ \t]{1,40}(\d{1,9})[ \t]{0,20}$", text, re.M)
    if report:
        found = figure("accuracy", "test" if report[2] == "10000" else "", report[1], name)
        return [found] if found else []
    text = phrases.english(text)
    pair = re.fullmatch(r"\s*[\[(]?\s*([\d.eE+-]+)[,\s]+([\d.eE+-]+)\s*[\])]?\s*", text) if len(text) < 200 else None
    if pair and 0 <= float(pair[2]) <= 1:
        return [f for f in (figure("loss", "", pair[1], name), figure("accuracy", "", pair[2], name)) if f]
    last: dict[tuple[str, str], Figure] = {}
    tests: dict[float, Figure] = {}  # all test accuracies, others' after the author's own
    aside: dict[float, Figure] = {}
    history = bool(re.search(r"val[_ ](acc|loss)", text, re.I)) and not TEST.search(text)
    told_of = _telling(text)
    for match in _IN_TEXT.finditer(told_of):
        kind = "loss" if "loss" in match["what"].lower() else "accuracy"
        said = (match["what"], match["before"][-25:], match["after"])
        of = _OF.match(told_of, match.end())
        split = next(filter(None, map(split_of, (*said, of[0] if of else ""))), "training" if history else "")
        if split == "training" and _evaluated(told_of, match.start("what")):
            split = ""
        found = figure(kind, split, match["value"], name, bool(match["percent"]))
        if found and _ABOUT.search(f"{match['after']}{match['about'] or ''}"):
            found = replace(found, tolerance=max(found.tolerance, _ROUGHLY))
        if found and (kind, split) == ("accuracy", "test"):
            place = aside if _OTHERS.search(match["before"]) else tests
            place.setdefault(found.value, found)
            joined = re.search("[:=]", told_of[match.end("after") : match.start("value")])
            if not joined and match["after"].strip(" ()").lower() not in _JOINS:  # it may be one of the next numbers
                rest = re.split(r"\n|acc|loss", told_of[match.end() : match.end() + 100], maxsplit=1, flags=re.I)[0]
                others = [figure(kind, split, n[1], name, bool(n[2])) for n in _NEXT.finditer(rest)][:_MOST]
                place.update({f.value: f for f in others if f is not None and f.value not in place})
        elif found:
            last[kind, split] = found
    told = [*list(tests.values())[::-1], *(figure for value, figure in aside.items() if value not in tests)][:_MOST]
    return [*(replace(figure, among=len(told)) for figure in told), *last.values()]


def _evaluated(text: str, place: int) -> bool:
    """Whether the line at a place is one of Keras' progress without validation, as `evaluate` prints it."""
    line = text[text.rfind("\n", 0, place) + 1 :][:_LINE].partition("\n")[0]
    return bool(re.match(r"\d{1,6}/\d{1,6} ", line)) and not VALIDATION.search(line)


def _telling(text: str) -> str:
    """The lines that speak of an accuracy or a loss, each with the one that follows it, without runs of spaces."""
    lines = text.splitlines()
    chosen: dict[int, None] = {}
    for number, line in enumerate(lines):
        if re.search(r"acc|loss", line[:_LINE], re.I):
            chosen |= {number: None, number + 1: None}
    last = list(chosen)[-_LINES:]
    return "\n".join(phrases.plain(" ".join(lines[n][:_LINE].split())) for n in last if n < len(lines))
