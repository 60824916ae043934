"""A stranger's text made fit for regular expressions: what would make them slow is cut out beforehand."""

import re

LONGEST = 200_000
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"(?: ?\n)+ ?")
_MARKS = re.compile(r"([\W_]{40})[\W_]+")
_WORDS = re.compile(r"(\w{200})\w+")


def squeezed(text: str, longest: int = LONGEST) -> str:
    """The text with runs of blanks and of empty lines made one, runs of other marks cut to 40 characters and words to
    200; of a text longer than `longest` characters its first quarter and its last three.

    Expressions that take quadratic time for a run (`\\s*` beside `\\s*`) then take linear time for the text.
    """
    if len(text) > longest:
        text = text[: longest // 4] + "\n" + text[-longest // 4 * 3 :]
    for pattern, instead in ((_BLANKS, " "), (_LINES, "\n"), (_MARKS, r"\1"), (_WORDS, r"\1")):
        text = pattern.sub(instead, text)
    return text
