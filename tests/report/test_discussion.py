"""The post for the discussion board: topic heading and word count."""

import json
import re

import pytest

from assignment06.shared.errors import AssignmentError
from assignment06.submission.discussion import check_discussion, record_discussion


def post(tmp_path, text: str) -> str:
    path = tmp_path / "discussion.md"
    path.write_text(text, encoding="utf-8")
    return str(path)


def body(words: int) -> str:
    return " ".join(["word"] * words)


@pytest.mark.parametrize(
    ("heading", "topic"),
    [
        ("# Transfer Learning", "Transfer Learning"),
        ("## On object-detection in *traffic*", "Object Detection"),
        ("Face detection\n==============", "Face Detection"),
    ],
)
def test_topics_and_kinds_of_heading(tmp_path, heading, topic):
    assert check_discussion(post(tmp_path, f"{heading}\n\n{body(300)}\n")).topic == topic


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("one two\nthree", 3),
        ("it's well-known, 98.5% (p < 0.05)", 6),  # a lone sign between blanks counts, as word processors have it
        ("**bold** _two_ `code()` [a link](https://example.org/a%20b) ![no picture](x.png)", 5),
        ("- first\n- second\n\n1. third\n\n> fourth", 4),
        ("<!-- not shown -->\n\nshown", 1),
        ("| a | b |\n| --- | --- |\n| c d | e |", 5),
        ("```\nx = 1\n```", 3),
        ("line one  \nline two\\\nline three", 6),
        ("[text][1] more\n\n[1]: https://example.org 'title'", 2),
    ],
)
def test_words_are_those_that_are_shown(tmp_path, markdown, words):
    found = check_discussion(post(tmp_path, f"# Transfer learning\n\n{markdown}\n\n{body(300)}\n"))
    assert found.words == 2 + words + 300


@pytest.mark.parametrize("words", [250, 750])
def test_limits_are_allowed(tmp_path, words):
    assert check_discussion(post(tmp_path, f"# Face detection\n\n{body(words - 2)}")).words == words


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("# Face detection\n\n" + body(247), "has 249 words, .* add at least 1"),
        ("# Face detection\n\n" + body(760), "has 762 words, .* cut at least 12"),
        (body(300), "has no heading: begin it with the topic"),
        ("", "has no heading"),
        ("# Cooking\n\n" + body(300), "'Cooking', names none of the topics"),
        ("    # Face detection\n\n" + body(300), "has no heading"),
    ],
)
def test_what_is_amiss_is_said_with_what_to_do(tmp_path, text, sentence):
    problem = check_discussion(post(tmp_path, text)).problem
    assert re.search(sentence, problem)
    assert "\n" not in problem
    record_discussion(post(tmp_path, text), str(tmp_path / "receipt.json"))
    assert json.loads((tmp_path / "receipt.json").read_text(encoding="utf-8"))["problem"] == problem


def test_a_file_of_another_encoding_is_refused(tmp_path):
    path = tmp_path / "discussion.md"
    path.write_bytes("# Face détection".encode("utf-16"))
    with pytest.raises(AssignmentError, match="cannot be read as UTF-8"):
        check_discussion(str(path))


def test_the_receipt_holds_what_was_found(tmp_path):
    text = f"# Transfer learning: an überblick\n\n{body(300)}"
    record_discussion(post(tmp_path, text), str(tmp_path / "receipt.json"))
    assert json.loads((tmp_path / "receipt.json").read_text(encoding="utf-8")) == {
        "topic": "Transfer Learning", "heading": "Transfer learning: an überblick", "words": 304,
    }  # fmt: skip
