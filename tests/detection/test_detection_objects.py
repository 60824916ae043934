"""Objects in a shard of photographs: where they are, in pixels of the upright original, whatever the photograph."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tiny_detector import picture, tiny_net

from assignment06.detection.gathering import gather_detections, read_table
from assignment06.detection.objects import detect_objects
from assignment06.detection.results import DetectionMetadata
from assignment06.photographs.archives import pack_classifier, pack_shard
from assignment06.photographs.manifest import list_photographs


def find(
    folder, photographs, detector, shard_size=100, threads=2, archives=False, classes=(), preprocessing="yolox"
) -> list[dict]:
    """Run the steps as the rules do, and return the rows of the table."""
    folder.mkdir(exist_ok=True)
    receipt, raw = detector
    manifest = str(folder / "list.jsonl")
    list_photographs(str(photographs), manifest)
    count = len(Path(manifest).read_text().splitlines())
    carried = {}
    if archives:
        carried = {"detector_archive": str(folder / "d.zip"), "photographs_archive": str(folder / "p.zip")}
        pack_classifier(receipt, raw, carried["detector_archive"])
        raw = "not on this machine"
    parts: dict[str, list[str]] = {"predictions": [], "images": [], "skipped": [], "facts": []}
    for shard in range(-(-count // shard_size)):
        if archives:
            pack_shard(manifest, shard, shard_size, carried["photographs_archive"])
        paths = {key: str(folder / f"{shard}.{key}") for key in parts}
        detect_objects(
            manifest=manifest, shard=shard, shard_size=shard_size, receipt=receipt, raw=raw, score=0.5, iou=0.45,
            preprocessing=preprocessing, classes=list(classes), threads=threads, **paths, **carried,
        )  # fmt: skip
        for key, path in paths.items():
            parts[key].append(path)
    gather_detections(
        **parts, photographs=str(photographs), stand_in=False,
        gathered=str(folder / "objects.csv"), gathered_images=str(folder / "images.csv"),
        gathered_skipped=str(folder / "skipped.csv"),
        coco=str(folder / "coco.json"), metadata=str(folder / "metadata.json"),
    )  # fmt: skip
    return list(read_table(str(folder / "objects.csv")))


def box(row: dict) -> list[float]:
    return [float(row[key]) for key in ("x", "y", "width", "height")]


@pytest.fixture
def photographs(tmp_path):
    folder = tmp_path / "photographs"
    folder.mkdir()
    return folder


def test_boxes_are_in_pixels_of_the_original(tmp_path, photographs, own_detector, onnxruntime) -> None:
    picture(64, 64, (16, 40, 8, 8), photographs / "same.png")
    picture(640, 320, (240, 80, 80, 80), photographs / "large.png")  # shrunk to 64 x 32
    picture(16, 32, (4, 8, 4, 4), photographs / "small.png")  # enlarged to 32 x 64
    picture(64, 64, None, photographs / "nothing.png")
    rows = {row["image"]: row for row in find(tmp_path / "out", photographs, own_detector())}
    assert set(rows) == {"same.png", "large.png", "small.png"}
    assert box(rows["same.png"]) == pytest.approx([16, 40, 8, 8], abs=0.01)
    assert box(rows["large.png"]) == pytest.approx([240, 80, 80, 80], abs=0.01)
    assert box(rows["small.png"]) == pytest.approx([4, 8, 4, 4], abs=0.01)
    assert {row["label"] for row in rows.values()} == {"person"}
    assert float(rows["same.png"]["score"]) == pytest.approx(1, abs=1e-4)


def test_a_large_jpeg_that_was_turned_is_measured_upright(tmp_path, photographs, own_detector, onnxruntime) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # shown rotated by 90 degrees clockwise: 1280 x 2560 becomes 2560 x 1280
    stored = tmp_path / "stored.png"
    picture(1280, 2560, (320, 640, 640, 640), stored)
    with Image.open(stored) as image:
        image.save(photographs / "turned.jpg", exif=exif, quality=95)
    cells = np.array([box(row) for row in find(tmp_path / "out", photographs, own_detector())])
    assert len(cells) == 4
    assert cells[:, :2].min(axis=0) == pytest.approx([2560 - 640 - 640, 320], abs=1), "x counts from its right edge"
    assert (cells[:, :2] + cells[:, 2:]).max(axis=0) == pytest.approx([2560 - 640, 320 + 640], abs=1)
    [image] = read_table(str(tmp_path / "out/images.csv"))
    assert (image["width"], image["height"]) == ("2560", "1280")


def test_colours_come_in_the_order_that_the_net_wants(tmp_path, photographs, own_detector, onnxruntime) -> None:
    picture(64, 64, (16, 40, 8, 8), photographs / "red.png")
    assert find(tmp_path / "out", photographs, own_detector(tiny_net(red=2)))
    assert not find(tmp_path / "out", photographs, own_detector(tiny_net(red=0)))
    assert find(tmp_path / "out", photographs, own_detector(tiny_net(red=0, full=2.2)), preprocessing="legacy")


def test_shards_threads_and_archives_change_nothing(tmp_path, photographs, own_detector, onnxruntime) -> None:
    for number in range(9):
        picture(64, 64, (8 * (number % 8), 8, 8, 8), photographs / f"{number}, é.png")
    detector = own_detector()
    once = find(tmp_path / "one", photographs, detector, threads=1)
    assert len(once) == 9
    assert [row["image"] for row in once] == [f"{number}, é.png" for number in range(9)]
    assert find(tmp_path / "many", photographs, detector, shard_size=2, threads=3) == once
    assert find(tmp_path / "cloud", photographs, detector, shard_size=4, archives=True) == once
    for name in ("objects.csv", "images.csv", "coco.json"):
        one, many = (tmp_path / folder / name for folder in ("one", "many"))
        assert one.read_bytes() == many.read_bytes(), name


def test_what_cannot_be_read_is_listed_and_the_rest_goes_on(tmp_path, photographs, own_detector, onnxruntime) -> None:
    picture(64, 64, (16, 40, 8, 8), photographs / "b.png")
    (photographs / "a.jpg").write_bytes(b"")
    (photographs / "c.txt").write_text("no picture")
    rows = find(tmp_path / "out", photographs, own_detector())
    assert [row["image"] for row in rows] == ["b.png"]
    reasons = {row["image"]: row["reason"] for row in read_table(str(tmp_path / "out/skipped.csv"))}
    assert reasons["a.jpg"] == "the file is empty"
    assert "not an image" in reasons["c.txt"]
    facts = DetectionMetadata.read(tmp_path / "out/metadata.json")
    assert (facts.images, facts.skipped, facts.found, facts.images_with) == (1, 2, 1, 1)


def test_coco_results_and_counts(tmp_path, photographs, own_detector, onnxruntime) -> None:
    picture(64, 64, None, photographs / "a.png")
    for name in ("b.png", "c.png"):
        picture(64, 64, (16, 40, 8, 8), photographs / name)
    own = own_detector(tiny_net(classes=3, best=1))
    find(tmp_path / "out", photographs, own, classes=["ant", "bee", "cow"])
    results = json.loads((tmp_path / "out/coco.json").read_text())
    assert [(row["image_id"], row["category_id"]) for row in results] == [(1, 2), (2, 2)]
    assert results[0]["bbox"] == pytest.approx([16, 40, 8, 8], abs=0.01)
    facts = DetectionMetadata.read(tmp_path / "out/metadata.json")
    assert (facts.boxes_by_label, facts.images_by_label, facts.images_with) == ({"bee": 2}, {"bee": 2}, 2)
    assert facts.settings == {"score": 0.5, "iou": 0.45}
    with open(tmp_path / "out/images.csv", newline="") as file:
        assert [row["found"] for row in csv.DictReader(file)] == ["0", "1", "1"]


def test_nothing_found_anywhere(tmp_path, photographs, own_detector, onnxruntime) -> None:
    picture(64, 64, None, photographs / "a.png")
    assert find(tmp_path / "out", photographs, own_detector()) == []
    assert json.loads((tmp_path / "out/coco.json").read_text()) == []


@pytest.mark.slow
def test_objects_need_no_tensorflow(tmp_path) -> None:
    from support import run_python

    done = run_python("import sys, assignment06.detection.objects; print('tensorflow' in sys.modules)", tmp_path)
    assert done.stdout.strip() == "False", done.stderr
