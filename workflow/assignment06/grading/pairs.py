"""Two nets of CIFAR-10 whose names say neither a nor b: one order for their models, predictions, metrics and plots."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from . import names

_ROLES = re.compile(
    r"(?<![a-z])(?:models?|pred(?:iction)?s?|metrics?|hist(?:ory)?|acc(?:uracy)?|loss(?:es)?|val(?:idation)?|test|"
    r"train(?:ing)?|and|eval(?:uat\w{1,4})?|results?|reports?|plots?|figs?|figures?|graphs?|curves?|charts?|weights?|"
    r"scores?|stats|summary|best|labels?|prob(?:abilitie)?s?|output|the|csv|json|txt|cifar|classification)(?![a-z])"
)


def order(files: Iterable[str]) -> dict[str, str]:
    """The task, 6.2a or 6.2b, of each file of CIFAR-10 that names neither, where they are of just two nets.

    What is left of a name without the words for roles, numbers of days and suffixes tells the nets apart:
    `cifar10_cnn_loss.png` and `cifar10_cnn_tuned_loss.png`. The one with fewer words is the plain one, and where both
    have as many the first.
    """
    nets: dict[tuple[str, ...], list[str]] = {}
    for name in files:
        place, guessed = names.task(name)
        if place == "6.2" or (guessed and place in ("6.2a", "6.2b")):
            nets.setdefault(_words(name), []).append(name)
        elif place in ("6.2a", "6.2b"):
            return {}
    if len(nets) != 2:
        return {}
    first, second = sorted(nets, key=lambda words: (len(words), words))
    return dict.fromkeys(nets[first], "6.2a") | dict.fromkeys(nets[second], "6.2b")


def _words(name: str) -> tuple[str, ...]:
    path = PurePosixPath(name[-names.MAX_NAME :])
    text = "/".join((*path.parts[:-1], path.name.partition(".")[0]))
    text = names.apart(text).lower()
    text = re.sub(r"cifar[._ -]?(?:10)?|(?<!\d)20\d\d[_-]\d\d?[_-]\d\d?(?!\d)|(?<!\d)\d{4,14}(?!\d)", " ", text)
    return tuple(sorted(set(re.findall(r"[a-z]+|\d+", _ROLES.sub(" ", text)))))
