"""JSON files with a type: what is written is what is read, and whatever else is one sentence."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_documents import classifier, description, metrics
from pydantic import Field, ValidationError

from assignment06.config.experiment import Experiment
from assignment06.data.receipts import Receipt
from assignment06.experiments.results import ClassScores, Comparison, Metrics
from assignment06.shared.documents import Document
from assignment06.shared.errors import AssignmentError


class Inner(Document):
    """A part of a document."""

    name: str = Field(alias="class")
    rate: float = 0


class Outer(Document):
    """A document with parts, defaults and an optional key."""

    first: int
    second: int | float
    parts: list[Inner] = Field(default_factory=list)
    by_name: dict[str, Inner] = Field(default_factory=dict)
    skipped: dict[str, str] = Field(default_factory=dict)


class Spelled(Document):
    """A document in which other letters stay."""

    ascii = False
    words: str


@pytest.mark.parametrize("made", [metrics, description, classifier])
def test_what_is_written_is_what_is_read(tmp_path: Path, made) -> None:
    document = made()
    document.write(tmp_path / "made.json")
    first = (tmp_path / "made.json").read_bytes()
    again = type(document).read(tmp_path / "made.json")
    assert again == document
    again.write(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == first
    assert first.endswith(b"}\n")
    assert json.loads(first) == json.loads(json.dumps(document.plain()))


def test_keys_stay_in_the_order_in_which_they_were_given_at_every_depth(tmp_path: Path) -> None:
    text = '{"by_name": {"z": {"rate": 0.5, "class": "z"}, "a": {"class": "a"}}, "second": 2, "first": 1}'
    document = Outer.parse(text.encode(), "here")
    assert json.loads(document.text()) == json.loads(text)
    assert json.dumps(json.loads(document.text())) == text
    document.write(tmp_path / "outer.json")
    assert Outer.read(tmp_path / "outer.json").text() == document.text()


def test_what_was_not_given_is_not_written_and_can_be_read() -> None:
    document = Outer(first=1, second=2)
    assert (document.skipped, document.parts) == ({}, [])
    assert document.plain() == {"first": 1, "second": 2}
    assert Outer(first=1, second=2, skipped={}).plain() == {"first": 1, "second": 2, "skipped": {}}
    assert "skipped" not in description().plain()
    assert "roles" not in Receipt(name="mnist", data_source="sample", files={}).plain()


def test_numbers_keep_their_spelling() -> None:
    text = '{"first": 0, "second": 0}'
    assert json.dumps(Outer.parse(text.encode(), "here").plain()) == text
    assert json.dumps(Outer(first=1, second=0.0).plain()) == '{"first": 1, "second": 0.0}'
    row = Experiment(dataset="mnist", model="lean", dropout=0, learning_rate=1, weight_decay=0.0)
    plain = '{"dataset": "mnist", "model": "lean", "dropout": 0, "learning_rate": 1, "weight_decay": 0.0}'
    assert json.dumps(row.plain()) == plain


def test_a_key_that_is_no_name_in_python_has_another_name_there() -> None:
    scores = ClassScores(name="cat", precision=1, recall=1, f1=1, support=3)
    assert list(scores.plain()) == ["class", "precision", "recall", "f1", "support"]
    assert ClassScores.parse(scores.text().encode(), "here").name == "cat"


def test_letters_of_other_alphabets(tmp_path: Path) -> None:
    text = "Überblick, 龍, \N{GRINNING FACE}"
    Spelled(words=text).write(tmp_path / "spelled.json")
    assert text in (tmp_path / "spelled.json").read_text(encoding="utf-8")
    assert Spelled.read(tmp_path / "spelled.json").plain() == {"words": text}
    receipt = Receipt(name=text, data_source="official", files={text: "ab"})
    receipt.write(tmp_path / "receipt.json")
    assert (tmp_path / "receipt.json").read_bytes().isascii()
    assert Receipt.read(tmp_path / "receipt.json") == receipt


def test_nothing_is_changed_once_it_is_read() -> None:
    with pytest.raises(ValidationError):
        Outer(first=1, second=2).first = 3


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"first": 1, "second": 2, "third": 3}', ["third", "extra inputs are not permitted"]),
        (b'{"first": 1}', ["second", "field required"]),
        (b'{"first": "one", "second": 2}', ["first", "valid integer"]),
        (b'{"first": 1, "second": 2, "parts": [{"class": 5}]}', ["parts: 0", "valid string"]),
        (b"[1, 2]", ["the file"]),
        (b'{"first": 1, "seco', ["unterminated string"]),
        (b"", ["expecting value"]),
        (b"\xff\xfe\x00", ["here.json"]),
        (b'{"first": 1, "second": "\xff"}', ["here.json"]),
    ],
)
def test_another_or_a_damaged_file_is_one_sentence(tmp_path: Path, content: bytes, words: list[str]) -> None:
    path = tmp_path / "here.json"
    path.write_bytes(content)
    with pytest.raises(AssignmentError) as caught:
        Outer.read(path)
    sentence = str(caught.value)
    assert sentence.startswith(f"{path} is damaged or of another version (")
    assert sentence.endswith("): delete it and run again.")
    assert "\n" not in sentence
    assert all(word in sentence.lower() for word in words), sentence


def test_a_missing_file_and_a_folder_are_one_sentence(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.json", tmp_path):
        with pytest.raises(AssignmentError, match="cannot be read .*: run the workflow again") as caught:
            Metrics.read(path)
        assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_one_kind_of_document_is_not_taken_for_another(tmp_path: Path) -> None:
    metrics().write(tmp_path / "metrics.json")
    for kind in (Comparison, Receipt, Experiment):
        with pytest.raises(AssignmentError, match="of another version"):
            kind.read(tmp_path / "metrics.json")


json_numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
parts = st.fixed_dictionaries({"class": texts}, optional={"rate": st.floats(0, 1)})


@given(
    st.fixed_dictionaries(
        {"first": st.integers(), "second": json_numbers},
        optional={
            "parts": st.lists(parts, max_size=3),
            "by_name": st.dictionaries(texts, parts, max_size=3),
            "skipped": st.dictionaries(texts, texts, max_size=3),
        },
    ),
    st.randoms(use_true_random=False),
)
def test_any_document_comes_back_as_it_was_written(values: dict, shuffled) -> None:
    keys = list(values)
    shuffled.shuffle(keys)
    text = json.dumps({key: values[key] for key in keys}, indent=2) + "\n"
    assert Outer.parse(text.encode(), "here").text() == text
