"""Words and their numbers: how a caption is cut into words, which words a captioner knows, and the file of them."""

import re
from collections import Counter
from collections.abc import Iterable

import numpy as np

from assignment06.shared.documents import Document
from assignment06.shared.errors import AssignmentError

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
PAD, START, END, UNKNOWN = range(4)
SPECIAL = ("", "<start>", "<end>", "<unknown>")  # no caption has such words: `WORD` finds neither nothing nor `<`


def words_of(caption: str) -> list[str]:
    """Return the words of a caption in lower case, without punctuation.

    Example:
        >>> words_of("A dog's ball, thrown high .")
        ['a', "dog's", 'ball', 'thrown', 'high']
    """
    return WORD.findall(caption.lower().replace("’", "'"))


class Vocabulary(Document):
    """The words that a captioner can read and write, beside its model; the place of a word is its number."""

    words: tuple[str, ...]
    """Beginning with the four that stand for nothing, the start, the end and an unknown word."""
    longest: int
    """Words of a caption; what is longer is cut."""
    weights_sha256: str
    """Of the model that learnt them: with another's, every word would be a wrong one."""

    def check(self, weights_sha256: str, place: str) -> None:
        """Raise AssignmentError where these are the words of another model."""
        if self.weights_sha256 != weights_sha256:
            raise AssignmentError(
                f"{place} holds the words of another model (weights {self.weights_sha256[:12]}..., not "
                f"{weights_sha256[:12]}...): put the file of this model there, or run the workflow again."
            )

    def caption(self, numbers: Iterable[int]) -> str:
        """Return the words of these numbers up to the end, as they are compared: in lower case, one blank between."""
        words = []
        for number in numbers:
            if number in (END, PAD):
                break
            words.append(self.words[number])
        return " ".join(words)


def learn_words(captions: Iterable[str], least: int) -> tuple[str, ...]:
    """Return the words that captions have at least `least` times, after the special ones, the most frequent first."""
    counts = Counter(word for caption in captions for word in words_of(caption))
    known = sorted((word for word, count in counts.items() if count >= least), key=lambda word: (-counts[word], word))
    return (*SPECIAL, *known)


def encode(captions: list[str], words: tuple[str, ...], longest: int) -> np.ndarray:
    """Return the numbers of captions (int32 [n, longest + 2]): the start, the words, the end, and nothing after it."""
    numbers = {word: number for number, word in enumerate(words)}
    encoded = np.full((len(captions), longest + 2), PAD, np.int32)
    for row, caption in zip(encoded, captions, strict=True):
        found = [numbers.get(word, UNKNOWN) for word in words_of(caption)[:longest]]
        row[: len(found) + 2] = [START, *found, END]
    return encoded
