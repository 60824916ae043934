"""Images with boxes to learn from: their parts, what is left out, what is refused."""

import json
import shutil
from pathlib import Path

import pytest
from detectors.conftest import draw
from PIL import Image

from assignment06.detectors.prepared import AnnotatedSet, prepare_annotations
from assignment06.shared.errors import AssignmentError


def prepared(folder: Path, **more: object) -> AnnotatedSet:
    asked = {"validation_split": 0.2, "test_split": 0.25, "seed": 0, "threads": 2} | more
    target = folder / "annotated.json"
    prepare_annotations("made", str(folder / "images"), str(folder / "boxes.json"), prepared=str(target), **asked)
    return AnnotatedSet.read(target)


def change(folder: Path, **more: list) -> None:
    """Add entries to the annotations."""
    content = json.loads((folder / "boxes.json").read_text(encoding="utf-8"))
    for key, rows in more.items():
        content[key] += rows
    (folder / "boxes.json").write_text(json.dumps(content), encoding="utf-8")


def test_each_image_is_in_one_part_and_those_with_equal_content_in_the_same(tmp_path) -> None:
    draw(tmp_path, 40, empty=4)
    shutil.copy(tmp_path / "images/000.png", tmp_path / "images/again.png")
    change(tmp_path, images=[{"id": 99, "file_name": "again.png"}])
    found = prepared(tmp_path)
    parts = {one.number: one.part for one in found.images}
    assert parts[99] == parts[0]
    different = [part for number, part in parts.items() if number != 99]
    assert (different.count("validation"), different.count("test")) == (8, 10)
    assert found.classes == ["red", "blue"]  # what has no box is no class
    assert [one.number for one in found.seen] == [one.number for one in found.images if one.part != "test"]
    both = [found.annotated(part) for part in ("train", "validation", "test")]
    assert sum(len(one.boxes) for one in both) == 36
    assert both[0].numbers == {3: 0, 7: 1}
    assert all(row["image_id"] in one.images for one in both for row in one.boxes)
    other = {one.number: one.part for one in prepared(tmp_path, seed=1).images}
    assert other != parts


def test_without_a_test_split_nothing_is_kept(tmp_path) -> None:
    draw(tmp_path, 20)
    assert {one.part for one in prepared(tmp_path, test_split=0).images} == {"train", "validation"}


def test_what_cannot_be_used_is_left_out_with_a_sentence(tmp_path) -> None:
    draw(tmp_path, 30)
    (tmp_path / "images/029.png").write_bytes(b"no image")
    (tmp_path / "images/028.png").unlink()
    change(tmp_path, annotations=[{"image_id": 1, "category_id": 3, "bbox": [500, 1, 5, 5]}])
    found = prepared(tmp_path)
    assert {one.number for one in found.images} == set(range(28))
    said = "\n".join(found.problems)
    for words in ("1 images that are not in", "1 boxes outside their picture", "1 images cannot be read"):
        assert words in said
    assert len(found.boxes) == 28


def test_boxes_of_another_picture_teach_nothing(tmp_path) -> None:
    draw(tmp_path, 30)
    with Image.open(tmp_path / "images/003.png") as image:
        image.resize((40, 30)).save(tmp_path / "images/003.png")
    found = prepared(tmp_path)
    assert 3 not in {one.number for one in found.images} | {row.image_id for row in found.boxes}
    assert found.problems == ["boxes.json has 1 images of another size than it lists, which were left out (first: "
                              "003.png: listed 80 x 60, upright 40 x 30 pixels)"]  # fmt: skip


def test_a_class_that_is_not_taught_is_named(tmp_path, monkeypatch) -> None:
    draw(tmp_path, 24)
    parts = ["train", "validation"] * 12  # blue ones for validation
    monkeypatch.setattr("assignment06.detectors.prepared.draw_parts", lambda *_: parts)
    [problem] = prepared(tmp_path, test_split=0).problems
    assert problem.startswith("1 classes have no box among the training images") and "(first: blue)" in problem


def test_too_little_to_learn_from_is_refused(tmp_path, monkeypatch) -> None:
    draw(tmp_path, 20, empty=4)
    for drawn, words in (
        (["train"] * 16 + ["validation"] * 4, "no image for the validation has a box: raise `validation_split`"),
        (["train"] * 15 + ["validation"] + ["test"] * 4, "no image for the test has a box: raise `test_split`"),
        (["train"] * 9 + ["validation"] * 11, "9 images of .* are left to train on .*; at least 10 are needed"),
    ):
        monkeypatch.setattr("assignment06.detectors.prepared.draw_parts", lambda *_, parts=drawn: parts)
        with pytest.raises(AssignmentError, match=words) as caught:
            prepared(tmp_path)
        assert str(caught.value).startswith("`detection_datasets: made`: ")
        assert not (tmp_path / "annotated.json").exists()
