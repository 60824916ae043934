"""Names that tell their task only beside others: two nets of CIFAR-10 without a or b; 1, 2a, 2b; base and dropout."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath

from . import names

_ROLES = re.compile(
    r"(?<![a-z])(?:models?|pred(?:iction)?s?|metrics?|hist(?:ory)?|acc(?:uracy)?|loss(?:es)?|val(?:idation)?|test|"
    r"train(?:ing)?|and|eval(?:uat\w{1,4})?|results?|reports?|plots?|figs?|figures?|graphs?|curves?|charts?|weights?|"
    r"scores?|stats|summary|best|labels?|prob(?:abilitie)?s?|output|the|csv|json|txt|cifar|classification)(?![a-z])"
)
SECOND_CHOICE = re.compile(r"check_?point|ckpt|weights|epoch|old|copy|backup", re.I)
_COUNTED = re.compile(r"([a-z]{1,20}[._ -]?)0?([123])(?![0-9])")
_BESIDE = ("no", "not", "non", "without", "and", "data", "image")
_WORDS = re.compile(r"(?<![a-z])(?:(?P<one>one|uno|um|un|eins)|two|dos|dois|deux|zwei|due)(?![a-z])")
_NUMBER = re.compile(r"(?<![0-9.])0?(1|2[._ -]?\(?[ab])\)?(?![0-9a-z])")


def numbered(files: Iterable[str]) -> dict[str, str]:
    """The task of each file that tells it by 1, 2a or 2b alone: `metrics_1.json`, beside `metrics_2a.json`.

    The letters make sense for 6.2 only; a 1 counts where the same name has an a or a b as well.
    """
    alike: dict[str, dict[str, list[str]]] = {}
    for name in files:
        text = _WORDS.sub(lambda word: (word["one"] and "1") or "2", names.apart(name[-names.MAX_NAME :]).lower())
        for found in list(_NUMBER.finditer(text))[-1:]:
            rest = f"{text[: found.start()]}#{text[found.end() :].partition('.')[0]}"
            alike.setdefault(rest, {}).setdefault(re.sub(r"[^12ab]", "", found[1]), []).append(name)
    return {
        name: f"6.{number}"
        for numbers in alike.values()
        if {"2a", "2b"} & set(numbers)
        for number, beside in numbers.items()
        for name in beside
        if not names.task(name)[0]
    }


def counted(models: Iterable[str], files: Iterable[str]) -> dict[str, str]:
    """The task of each file that is called after one of three nets that are counted: `model3_metrics.json` is 6.2b's
    beside `model1.keras`, `model2.keras` and `model3.keras`.
    """

    def parts(name: str) -> tuple[str, str]:
        match = _COUNTED.match(PurePosixPath(name[-names.MAX_NAME :]).name.lower())
        return (match[1], match[2]) if match and not names.certain(name) else ("", "")

    nets: dict[str, list[str]] = {}
    for word, number in map(parts, models):
        nets.setdefault(word, []).append(number)
    places = dict(zip("123", names.NETS, strict=True))
    told = {name: parts(name) for name in files}
    return {
        name: places[number] for name, (word, number) in told.items() if word and sorted(nets.get(word, [])) == [*"123"]
    }


def varied(files: Iterable[str]) -> dict[str, str]:
    """The task of each file that names the net with dropout or the one without, and no data set: `cnn_baseline.h5`,
    where the same name is there of both, and no other file names CIFAR-10.
    """
    alike: dict[tuple[str, ...], dict[str, list[str]]] = {}
    named = set()
    for name in files:
        path = PurePosixPath(names.apart(name[-names.MAX_NAME :]).lower())
        parts = [*path.parts[:-1], path.name.partition(".")[0]]
        place = names.task(name)[0]
        told = filter(None, map(names.variant, reversed(parts)))
        variant = "" if place in ("6.1", "6.3") else next(told, "")
        if variant:
            words = re.findall(r"[a-z]+|\d+|/", "/".join(parts))
            rest = [word for word in words if not names.variant(word) and word not in _BESIDE]
            alike.setdefault((path.suffix, *rest), {}).setdefault(variant, []).append(name)
        if place.startswith("6.2"):
            named.add(name)
    both = [nets for nets in alike.values() if [len(beside) for beside in nets.values()] == [1, 1]]
    found = {beside[0]: f"6.2{variant}" for nets in both for variant, beside in nets.items()}
    return {} if named - set(found) else {name: place for name, place in found.items() if name not in named}


def of_models(models: Iterable[str], files: Iterable[str]) -> dict[str, str]:
    """The task, 6.2a or 6.2b, of each file of CIFAR-10 where there are two nets of it whose names do not tell which is
    which, as both or neither speak of dropout or augmentation.

    In what language is `cifar_gan_dropout` without? The words that only one of the two nets has tell which of them each
    other file is of. Which net comes first is a guess, for the nets themselves to set right (`examine`).
    """
    models, files = list(models), list(files)
    if any(names.certain(name) == "6.2a" for name in (*models, *files)):  # its language is understood
        return {}
    given = [name for name in models if _open(name)]
    nets = {_words_of(name): _open(name) for name in [n for n in given if not SECOND_CHOICE.search(n)] or given}
    if len(nets) != 2 or len(set(nets.values())) > 1:
        return {}
    one, other = sorted(nets, key=lambda words: (len(words), sorted(words)))
    found = {}
    for name in filter(_open, files):
        words = _words_of(name)
        first, second = len(words & (one - other)), len(words & (other - one))
        if first != second:
            found[name] = "6.2a" if first > second else "6.2b"
        elif not one - other or not other - one:  # what has none of the words is of the net that has none
            found[name] = "6.2a" if not one - other else "6.2b"
    return found


def _open(name: str) -> str:
    """What a name says of 6.2 that leaves a or b open: "6.2", or "6.2b" by nothing but a word for what 6.2b has, which
    may stand in a `without`; else "".
    """
    place, guessed = names.task(name)
    return place if place == "6.2" or (place == "6.2b" and not guessed and names.only_by_word(name)) else ""


def _words_of(name: str) -> frozenset[str]:
    """The words of a path, in any script."""
    return frozenset(re.findall(r"[^\W\d_]+", _bare(name)))


def _bare(name: str) -> str:
    """A path without the file's endings, in lower case, camel case taken apart."""
    path = PurePosixPath(unicodedata.normalize("NFC", name[-names.MAX_NAME :]))
    return names.apart("/".join((*path.parts[:-1], path.name.partition(".")[0]))).casefold()


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


def without_roles(name: str) -> str:
    """A path without its endings and the words for what a file is of a net (`metrics`, `pred`)."""
    return _ROLES.sub(" ", _bare(name))


def _words(name: str) -> tuple[str, ...]:
    text = re.sub(r"cifar[._ -]?(?:10)?|(?<!\d)20\d\d[_-]\d\d?[_-]\d\d?(?!\d)|(?<!\d)\d{4,14}(?!\d)", " ", _bare(name))
    return tuple(sorted(set(re.findall(r"[^\W\d_]+|\d+", _ROLES.sub(" ", text)))))
