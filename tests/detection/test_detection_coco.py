"""Annotations in COCO's format: what is wrong in them is left out, with one sentence a kind, and the rest goes on."""

import json
import re

import pytest
from PIL import Image

from assignment06.detection.coco import read_annotations
from assignment06.shared.errors import AssignmentError

CLASSES = ["person", "cat"]


@pytest.fixture
def coco(tmp_path):
    """Return a function that writes a COCO file with changes, and reads it."""
    for name in ("a.jpg", "b.jpg"):
        Image.new("RGB", (100, 60)).save(tmp_path / name)
    content = {
        "images": [
            {"id": 1, "file_name": "a.jpg", "width": 100, "height": 60},
            {"id": 2, "file_name": "b.jpg", "width": 100, "height": 60},
        ],
        "categories": [{"id": 7, "name": "cat"}, {"id": 3, "name": "person"}],
        "annotations": [
            {"id": 5, "image_id": 1, "category_id": 7, "bbox": [10, 10, 20, 20], "area": 300, "iscrowd": 0},
            {"id": 6, "image_id": 2, "category_id": 3, "bbox": [0, 0, 100.4, 60]},
        ],
    }

    def read(images=(), categories=(), annotations=(), emptied=""):
        more = {"images": images, "categories": categories, "annotations": annotations}
        whole = {key: [] if key == emptied else content[key] + list(more[key]) for key in content}
        (tmp_path / "a.json").write_text(json.dumps(whole))
        return read_annotations(str(tmp_path / "a.json"), str(tmp_path), CLASSES)

    read.folder = tmp_path
    return read


def test_sound_annotations_are_taken_as_they_are(coco) -> None:
    got = coco()
    assert got.problems == []
    assert got.numbers == {7: 1, 3: 0}, "by name, whatever the number"
    assert [row["bbox"] for row in got.boxes] == [[10, 10, 20, 20], [0, 0, 100.4, 60]], "half a pixel is rounding"
    assert [row["area"] for row in got.boxes] == [300, 100.4 * 60]
    assert [row["iscrowd"] for row in got.boxes] == [0, 0]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"images": [{"id": 3, "file_name": "gone.jpg"}]}, "1 images that are not in .* .first: gone.jpg"),
        (
            {
                "categories": [{"id": 9, "name": "unicorn"}, {"id": 10, "name": "a class without a box"}],
                "annotations": [{"image_id": 1, "category_id": 9, "bbox": [5, 5, 9, 9]}],
            },
            "1 classes that are not the net's.*first: unicorn",
        ),
        ({"images": [{"id": 3, "file_name": "a.jpg"}]}, "1 images that it lists again, .* put together .first: a.jpg"),
        ({"annotations": [{"image_id": 1, "category_id": 7, "bbox": [5, 5, 0, 9]}]}, "1 boxes of no size"),
        ({"annotations": [{"image_id": 1, "category_id": 7, "bbox": [5, 5, -3, 9]}]}, "1 boxes of no size"),
        ({"annotations": [{"image_id": 1, "category_id": 7, "bbox": [100, 5, 9, 9]}]}, "1 boxes outside their picture"),
        ({"annotations": [{"image_id": 1, "category_id": 7, "bbox": [-50, 5, 9, 9]}]}, "1 boxes outside their picture"),
        ({"annotations": [{"image_id": 1, "category_id": 7, "bbox": [1, 2, 3]}]}, "1 boxes that are not four numbers"),
        ({"annotations": [{"image_id": 1, "category_id": 7, "bbox": "all"}]}, "1 boxes that are not four numbers"),
        ({"annotations": [{"image_id": 8, "category_id": 7, "bbox": [1, 2, 3, 4]}]}, "images that it does not list"),
        ({"annotations": [{"image_id": 1, "category_id": 8, "bbox": [1, 2, 3, 4]}]}, "classes that it does not list"),
    ],
)
def test_each_defect_is_a_sentence_and_the_rest_goes_on(coco, more, sentence) -> None:
    got = coco(**more)
    assert len(got.problems) == 1
    with pytest.raises(AssertionError, match=f"a.json has .*{sentence}"):
        raise AssertionError(got.problems[0])
    assert len(got.boxes) == 2
    assert set(got.images) == {1, 2}


def test_a_box_over_the_edge_is_cut(coco) -> None:
    got = coco(annotations=[{"image_id": 1, "category_id": 7, "bbox": [90, -5, 20, 20]}])
    assert got.boxes[-1]["bbox"] == [90, 0, 10, 15]
    assert got.boxes[-1]["area"] == 150
    assert "1 boxes that reach over an edge, which were cut" in got.problems[0]


def test_boxes_of_missing_images_and_foreign_classes_go_with_them(coco) -> None:
    boxes = [
        {"image_id": 3, "category_id": 7, "bbox": [1, 2, 3, 4]},
        {"image_id": 1, "category_id": 9, "bbox": [1, 2, 3, 4]},
    ]
    got = coco([{"id": 3, "file_name": "gone.jpg"}], [{"id": 9, "name": "unicorn"}], boxes)
    assert (len(got.boxes), len(got.problems)) == (2, 2), "no sentence of their own"


def test_classes_of_one_name_and_images_of_one_file_are_one(coco) -> None:
    boxes = [{"image_id": 4, "category_id": 12, "bbox": [1, 2, 3, 4]}]
    got = coco([{"id": 4, "file_name": "b.jpg"}], [{"id": 12, "name": "cat"}], boxes)
    assert got.numbers == {7: 1, 3: 0} and got.classes == ["person", "cat"]
    assert (got.boxes[-1]["image_id"], got.boxes[-1]["category_id"]) == (2, 7)


def test_names_of_windows_are_found(coco, tmp_path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "a.jpg").rename(tmp_path / "more/c.jpg")
    got = coco([{"id": 4, "file_name": "more\\c.jpg"}])
    assert got.images[4]["file_name"] == "more/c.jpg"


def test_what_does_not_fit_the_images_as_they_are_goes(coco) -> None:
    unsized = [{"id": number, "file_name": f"{number}.jpg", "width": 0} for number in (3, 4)]
    boxes = [{"image_id": 3, "category_id": 7, "bbox": box} for box in ([90, 50, 50, 50], [500, 500, 9, 9])]
    for row in unsized:
        Image.new("RGB", (100, 60)).save(coco.folder / row["file_name"])
    got = coco(unsized, annotations=boxes)
    assert not got.problems
    got.fit({1: (60, 100), 2: (100, 60), 3: (100, 60)})
    assert list(got.images) == [2, 3]
    assert [row["bbox"] for row in got.boxes] == [[0, 0, 100.4, 60], [90, 50, 10, 10]]
    said = "\n".join(got.problems)
    for words in ("1 images of another size .*a.jpg: listed 100 x 60, upright 60 x 100", "1 boxes outside", "1 .* cut"):
        assert re.search(words, said)


@pytest.mark.parametrize("emptied", ["images", "annotations", "categories"])
def test_nothing_left_to_measure_with(coco, emptied) -> None:
    with pytest.raises(AssignmentError, match="leaves nothing to work with .*`detection_datasets:`"):
        coco(emptied=emptied)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is no JSON"),
        ("[1, 2]", "is not in COCO's format .`images` is missing"),
        ('{"images": [], "categories": []}', "is not in COCO's format .`annotations` is missing"),
        ('{"images": [{"id": "x"}]}', "is not in COCO's format .`images`"),
        ('{"images": [3]}', "is not in COCO's format .`images`, entry 1, has no `id`"),
        ('{"images": [{"id": "3", "file_name": "a"}]}', 'entry 1: `id` is "3", and no whole number'),
        ('{"images": [{"id": 3, "file_name": "a"}, {"id": 3, "file_name": "b"}]}', "two of `images` have the `id` 3"),
        ('\ufeff{"images": 3}', "`images` is missing"),
    ],
)
def test_what_is_no_coco_file_is_one_sentence(tmp_path, text, sentence) -> None:
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    with pytest.raises(AssignmentError, match=sentence):
        read_annotations(str(tmp_path / "a.json"), str(tmp_path), CLASSES)
    with pytest.raises(AssignmentError, match="cannot be read"):
        read_annotations(str(tmp_path / "none.json"), str(tmp_path), CLASSES)
