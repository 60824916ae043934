"""Check the post for the discussion board; nothing of it is written here."""

import re
from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt

from assignment06.shared.documents import Document
from assignment06.shared.errors import AssignmentError

TOPICS = ("Transfer Learning", "Object Detection", "Face Detection")
WORDS = (250, 750)


class Discussion(Document):
    """What a post for the discussion board is about."""

    ascii = False
    topic: str
    """One of `TOPICS`, or empty."""
    heading: str
    words: int
    problem: str = ""
    """What the assignment asks for and the post does not have."""


def check_discussion(path: str) -> Discussion:
    """Return the topic, heading and number of words of a post in Markdown, and what is not as it should be.

    Its first heading must name one of the assignment's topics. Words are counted as a word processor counts
    them: what stands between blanks in the text as it is shown, heading included, mark-up, link addresses and
    comments left out. Raises AssignmentError where it cannot be read.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise AssignmentError(f"{path} cannot be read as UTF-8 text ({error}): save it as plain text.") from None
    blocks = list(_shown_blocks(text))
    heading = next((words for kind, words in blocks if kind == "heading_open"), "")
    plain = " ".join(re.findall(r"[a-z]+", heading.lower()))
    topic = next((topic for topic in TOPICS if topic.lower() in plain), "")
    words = sum(len(shown.split()) for _, shown in blocks)
    problem = _problem(path, heading, topic, words)
    return Discussion(topic=topic, heading=heading, words=words, **({"problem": problem} if problem else {}))


def _problem(path: str, heading: str, topic: str, words: int) -> str:
    choice = ", ".join(f"`# {topic}`" for topic in TOPICS)
    if not heading:
        return f"{path} has no heading: begin it with the topic, one of {choice}."
    if not topic:
        return f"{path}: its first heading, {heading!r}, names none of the topics: write {choice}."
    if not WORDS[0] <= words <= WORDS[1]:
        change = f"add at least {WORDS[0] - words}" if words < WORDS[0] else f"cut at least {words - WORDS[1]}"
        return f"{path} has {words} words, and the post needs {WORDS[0]} to {WORDS[1]}: {change}."
    return ""


def record_discussion(path: str, receipt: str) -> None:
    """Check a post and write what `check_discussion` returns."""
    check_discussion(path).write(receipt)


def _shown_blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield (kind of the block around it, text as it is shown) for every piece of a Markdown text."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type in ("fence", "code_block"):
            yield token.type, token.content
        elif token.type == "inline":
            breaks = ("softbreak", "hardbreak")
            shown = (
                " " if piece.type in breaks else piece.content
                for piece in token.children or []
                if piece.type in ("text", "code_inline", *breaks)
            )
            yield before.type if before else "", "".join(shown)
