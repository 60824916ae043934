"""Files of captions, which photographs can be used, and what each is for."""

import csv
import json

import pytest
from captions.conftest import draw, write_csv

from assignment06.captions.prepared import CaptionSet, prepare_captions
from assignment06.captions.sources import read_captions
from assignment06.captions.vocabulary import END, START, UNKNOWN, encode, learn_words, words_of
from assignment06.shared.errors import AssignmentError

SAID = [("a.jpg", "A dog, running ."), ("a.jpg", "A brown dog ."), ("b.jpg", "Two cats .")]


def test_the_three_forms_say_the_same(tmp_path) -> None:
    tokens = tmp_path / "Flickr8k.token.txt"
    tokens.write_text("".join(f"{image}#{place}\t{said}\n" for place, (image, said) in enumerate(SAID)))
    coco = tmp_path / "captions.json"
    images = [{"id": 7, "file_name": "a.jpg"}, {"id": 9, "file_name": "b.jpg"}]
    annotations = [{"image_id": 7 if image == "a.jpg" else 9, "caption": said} for image, said in SAID]
    coco.write_text(json.dumps({"images": images, "annotations": annotations}))
    for path in (write_csv(tmp_path / "captions.csv", SAID), str(tokens), str(coco)):
        assert read_captions(path) == SAID


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.csv", "file,text\na.jpg,A dog\n", "has the columns file,text; they must be image,caption"),
        ("a.csv", "image,caption\na.jpg,A dog, running\n", "line 2: 3 columns"),
        ("a.txt", "a.jpg A dog\n", "line 1: 'a.jpg A dog' is not of the form"),
        ("a.json", '{"images": []}', "not of COCO's form (KeyError: 'annotations')"),
        ("a.json", "[", "not of COCO's form"),
        ("a.xml", "", "of no known form"),
    ],
)
def test_another_form_is_refused_with_one_sentence(tmp_path, name: str, text: str, words: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(AssignmentError) as caught:
        read_captions(str(tmp_path / name))
    assert words.replace("has the", "have the") in str(caught.value)
    assert "\n" not in str(caught.value)


def prepared(tmp_path, rows, **values) -> CaptionSet:
    paths = {"prepared": str(tmp_path / "captions.json"), "left_out": str(tmp_path / "left_out.csv")}
    splits = {"validation_split": 0.2, "test_split": 0.1, "seed": 0} | values
    prepare_captions("shapes", str(tmp_path / "images"), write_csv(tmp_path / "c.csv", rows), **splits, **paths)
    return CaptionSet.read(paths["prepared"])


def test_what_cannot_be_used_is_listed_and_left_out(tmp_path) -> None:
    rows = draw(tmp_path / "images", 61)
    (tmp_path / "images/060.png").write_bytes(b"no image")
    rows = [row for row in rows if row[0] != "000.png"]  # a photograph without captions
    rows += [("gone.png", "A ball ."), ("001.png", " . ")]
    found = prepared(tmp_path, rows)
    assert len(found.photographs) == 59
    with open(tmp_path / "left_out.csv", newline="") as file:
        listed = {row["image"]: row["reason"] for row in csv.DictReader(file)}
    assert listed.pop("060.png").startswith("not an image")
    assert listed == {"000.png": "no caption", "gone.png": "no such photograph", "001.png": "the caption has no words"}
    assert found.left_out == 4
    assert len(next(one for one in found.photographs if one.image == "001.png").captions) == 3


def test_whole_photographs_are_drawn_for_each_part_and_copies_stay_together(tmp_path) -> None:
    rows = draw(tmp_path / "images", 80)
    for copy in range(40):  # every second photograph once more, under another name
        name = f"copy{copy}.png"
        (tmp_path / "images" / name).write_bytes((tmp_path / f"images/{2 * copy:03d}.png").read_bytes())
        rows.append((name, "A copy ."))
    found = prepared(tmp_path, rows)
    assert [len(found.places(part)) > 0 for part in ("train", "validation", "test")] == [True] * 3
    parts: dict[str, set[str]] = {}
    for one in found.photographs:
        parts.setdefault(one.sha256, set()).add(one.part)
    assert all(len(part) == 1 for part in parts.values())
    assert [one.part for one in prepared(tmp_path, rows).photographs] == [one.part for one in found.photographs]
    assert [one.part for one in prepared(tmp_path, rows, seed=1).photographs] != [one.part for one in found.photographs]


def test_too_few_photographs_are_refused(tmp_path) -> None:
    with pytest.raises(AssignmentError, match="49 photographs of .* at least 50 are needed"):
        prepared(tmp_path, draw(tmp_path / "images", 49))


def test_words_are_cut_counted_and_numbered() -> None:
    assert words_of("A dog’s ball, 2 meters HIGH .") == ["a", "dog's", "ball", "2", "meters", "high"]
    words = learn_words(["a dog", "a dog runs", "a cat"], least=2)
    assert words[4:] == ("a", "dog")
    encoded = encode(["A dog runs .", "a"], words, longest=3).tolist()
    assert encoded == [[START, 4, 5, UNKNOWN, END], [START, 4, END, 0, 0]]
    assert encode(["a a a a a"], words, longest=3).tolist() == [[START, 4, 4, 4, END]]
