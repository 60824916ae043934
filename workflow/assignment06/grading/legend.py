"""Names that a README, a table or a notebook explains: `fox = 6.1 (MNIST)`, with a folder or files called `fox`."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from . import names, source
from .tables import read_text

_TEXTS = frozenset({".md", ".txt", ".rst", ".csv", ".tsv", ""})
_MAX_BYTES = 64 << 10
_LINE, _LINES = 400, 400  # characters of a line, and lines of a text, that are read
_TASK = re.compile(r"(?<![\d.])0?6[._](?P<number>[1-3])(?:[._ ]?\(?(?P<letter>[abAB])\b\)?)?(?![\d.]*\d)")
_NEXT = re.compile(r"[^\w.!?]{1,12}(\w[\w-]*)")  # the word that follows
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae"})
_WHOLE, _PART = re.compile(r"\w+(?:-\w+)*"), re.compile(r"[^\W_]+")


def words(answers: Iterable[str], files: dict[str, Path]) -> dict[str, str]:
    """The words in the names of answers that tell no task, with the task of a net that a text gives them.

    There are none unless at least two nets have one, and each no more than one.
    """
    used = set().union(*(_words(name) for name in answers if names.task(name)[0] not in names.TASKS))
    told: dict[str, set[str]] = {}
    for line in _lines(files) if used else ():
        for word, task in _explained(line, used):
            told.setdefault(word, set()).add(task)
    sure = {word: found.pop() for word, found in told.items() if len(found) == 1}
    return sure if len(set(sure.values())) == len(sure) > 1 else {}


def task(name: str, explained: dict[str, str]) -> str:
    """The task of a path, or a word, that tells none itself, by the words in it; "" where it has none, or several."""
    if not explained or names.task(name)[0] in names.TASKS:
        return ""
    found = {explained[word] for word in _words(name) if word in explained}
    return found.pop() if len(found) == 1 else ""


def _words(name: str) -> set[str]:
    """The folders of a path, its file's name and its words, without accents, save those that tell a data set."""
    path = PurePosixPath(name)
    stem = path.name.partition(".")[0]
    found = (*path.parts[:-1], stem, *_PART.findall(stem))
    return {_plain(word) for word in found if len(word) > 1 and not names.family(f"{word}.")}


def _lines(files: dict[str, Path]) -> Iterator[str]:
    for name, path in sorted(files.items()):
        suffix = PurePosixPath(name).suffix.lower()
        if suffix == ".ipynb":
            texts = [source.joined(cell) for cell in source.cells(path) if cell.get("cell_type") == "markdown"]
        else:
            texts = [read_text(path, limit=_MAX_BYTES) or ""] if suffix in _TEXTS else []
        for text in texts:
            yield from (line[:_LINE] for line in text.splitlines()[:_LINES])


def _explained(line: str, words: set[str]) -> Iterator[tuple[str, str]]:
    """The words of a line with the net's task that each stands for: the one before it, or next to the only one."""
    given = list(_TASK.finditer(line))
    start = 0
    for task in given:
        said = _known(line[start : task.start()], words)
        if not said and len(given) == 1 and (next_one := _NEXT.match(line, task.end())):
            said = _known(next_one[1], words)
        start = task.end()
        place = f"6.{task['number']}{(task['letter'] or '').lower()}"
        if len(said) == 1 and place in names.NETS:
            yield said.pop(), place


def _known(text: str, words: set[str]) -> set[str]:
    """Those of some words that a text has, whole (`net_fox`) or else in parts."""
    found: set[str] = set()
    for whole in _WHOLE.findall(text):
        found |= _forms(whole) & words or set().union(*map(_forms, _PART.findall(whole))) & words
    return found


def _forms(word: str) -> set[str]:
    """A word without accents, and with its umlauts spelt out, as names of files have them."""
    return {_plain(word), _plain(word.casefold().translate(_UMLAUTS))}


def _plain(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
