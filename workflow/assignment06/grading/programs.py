"""A submission's code as lines, which are read and never run: where it trains, with what, and how a call goes on."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import source

Programs = dict[str, list[source.Line]]  # the lines of each file of code, by its name

_LOADS = re.compile(r"\b(mnist|cifar10)\.load_data|dataset_(mnist|cifar10)\s?\(", re.I)
FITS = re.compile(r"\bfit(?:_generator)?\s?\((.*)", re.S)
TRAINS = re.compile(rf"{FITS.pattern}|train_on_batch|GradientTape|optimizer\.step\(", re.S)
LONGEST = 2000  # characters that are looked at in a line
_CALL, _MOST = 12, 100  # lines that a call may go on for, and calls that are looked at in a file
CIFAR10, MNIST = re.compile(r"cifar", re.I), re.compile(r"mnist", re.I)
DECODES = re.compile(r"decode_predictions\s?\(")
_CLASS = re.compile(
    r"^\s{0,20}class\s{1,4}\w{1,60}\(\s?(?:\w{1,30}\.){0,3}(?:Model|Module|Sequential)\b|keras_model_custom|new_model_class"
)
_STOPS = re.compile(r"early_?stop|stop_training|patience", re.I)


def read(files: dict[str, Path]) -> Programs:
    """The lines of each file that is code: comments left out, long lines cut."""
    code = {name: source.lines(name, path) for name, path in sorted(files.items())}
    return {
        name: [source.Line(line.place, line.text[:LONGEST]) for line in lines if not line.text.lstrip().startswith("#")]
        for name, lines in code.items()
        if lines
    }


def first(code: Programs, pattern: re.Pattern, also: re.Pattern | None = None) -> str:
    """The place of the first line that has `pattern`, in a file that has `also`; "" where there is none."""
    for lines in code.values():
        if also is not None and not any(also.search(line.text) for line in lines):
            continue
        if hit := next((line.place for line in lines if pattern.search(line.text)), ""):
            return hit
    return ""


def own_class(code: Programs) -> str:
    """Where the code has a class of nets of its author's, "" if nowhere."""
    return first(code, _CLASS)


def may_stop(code: Programs) -> bool:
    """Whether any line speaks of ending a training before its last epoch."""
    return bool(first(code, _STOPS))


def trains_on_cifar10(lines: list[source.Line]) -> bool:
    """Whether a file of code speaks of CIFAR-10, and trains."""
    return all(any(pattern.search(line.text) for line in lines) for pattern in (CIFAR10, TRAINS))


def assignment(name: str) -> re.Pattern:
    """What the start of a line is like that gives a name, or several with it, a value."""
    return re.compile(rf"\s{{0,20}}(?:\w{{1,40}}\s?,\s?){{0,8}}{name}\s{{0,4}}[,=](?!=)")


@dataclass(frozen=True)
class Training:
    """A call of fit: where it stands, the data set that was loaded before, its arguments, and what follows it up to the
    next one in the file.
    """

    file: str
    place: str
    dataset: str
    given: str
    after: list[source.Line]


def trainings(code: Programs) -> Iterator[Training]:
    """The calls of fit in files that load MNIST or CIFAR-10, `_MOST` a file at most."""
    for name, lines in code.items():
        calls: list[tuple[int, str, str]] = []
        dataset = ""
        for number, line in enumerate(lines):
            if loads := _LOADS.search(line.text):
                dataset = (loads[1] or loads[2]).lower()
            if dataset and len(calls) < _MOST and (call := FITS.search(line.text)):
                rest = "\n".join(following.text[:200] for following in lines[number + 1 : number + _CALL])
                calls.append((number, dataset, _until_closed(f"{call[1]}\n{rest}")))
        ends = [*(number for number, *_ in calls), len(lines)][1:]
        for (number, loaded, given), end in zip(calls, ends, strict=True):
            after = lines[number + 1 + given.count("\n") : end]
            yield Training(name, lines[number].place, loaded, given, after)


def arguments(lines: list[source.Line], number: int, start: int = 0) -> str:
    """The arguments of the first call in a line of code, from a column on; they may go on in the lines below."""
    return _until_closed("\n".join(line.text for line in lines[number : number + _CALL])[start:].partition("(")[2])


def _until_closed(text: str) -> str:
    """The arguments of a call, from behind its opening parenthesis to the closing one."""
    depth = 1
    for end, sign in enumerate(text):
        depth += (sign in "([{") - (sign in ")]}")
        if depth == 0:
            return text[:end]
    return text
