"""Average precision is COCO's, checked against a plain reference; mistakes are the right ones."""

import json

import numpy as np
import pytest
from PIL import Image
from test_detection_boxes import plain_overlap
from tiny_detector import picture, tiny_net

from assignment06.detection.coco import Annotated
from assignment06.detection.evaluation import as_results, average_precision, evaluate_detector
from assignment06.detection.found import NOTHING, Found
from assignment06.detection.gathering import read_table
from assignment06.detection.mistakes import find_mistakes, match, reason
from assignment06.detection.nets import acquire_detector
from assignment06.detection.results import DetectionMetrics


def annotation(image: int, number: int, box: list[float], crowd: int = 0) -> dict:
    return {"image_id": image, "category_id": number, "bbox": box, "area": box[2] * box[3], "iscrowd": crowd}


def made_up(seed: int) -> tuple[Annotated, dict[int, tuple[int, int]], dict[int, Found]]:
    """Random annotations of 12 images in 3 classes, and finds that are shifted, doubled, mistaken or invented."""
    rng = np.random.default_rng(seed)
    boxes, found, sizes = [], {}, {}
    for image in range(1, 13):
        sizes[image] = (200, 150)
        finds = []
        for _ in range(rng.integers(0, 6)):
            box = [*rng.uniform(0, 100, 2), *rng.uniform(10, 50, 2)]
            number = int(rng.integers(1, 4))
            boxes.append(annotation(image, number, box) | {"id": len(boxes) + 1})
            for _ in range(rng.integers(0, 3)):
                shifted = np.array(box) + rng.normal(0, 3, 4)
                finds.append((shifted, rng.uniform(), number - 1 if rng.uniform() < 0.9 else int(rng.integers(0, 3))))
        finds += [(np.array([*rng.uniform(0, 100, 2), 20, 20]), rng.uniform(0, 0.5), 0)] * int(rng.integers(0, 2))
        finds.sort(key=lambda one: -one[1])
        found[image] = Found(
            np.array([one[0] for one in finds]).reshape(-1, 4),
            np.array([one[1] for one in finds]),
            np.array([one[2] for one in finds], int),
        )
    names = {1: "ant", 2: "bee", 3: "cow"}
    images = {number: {"id": number, "file_name": f"{number}.jpg"} for number in sizes}
    return Annotated(images, boxes, names, {1: 0, 2: 1, 3: 2}), sizes, found


def plain_average_precision(boxes: list[dict], rows: list[dict], iou: float) -> float:
    """COCO's average precision of one class, written out: greedy matching, then precision at 101 recalls."""
    taken, hits = set(), []
    for row in sorted(rows, key=lambda one: -one["score"]):
        best, best_overlap = None, iou
        for index, box in enumerate(boxes):
            overlap = plain_overlap(box["bbox"], row["bbox"])
            if box["image_id"] == row["image_id"] and index not in taken and overlap >= best_overlap:
                best, best_overlap = index, overlap
        hits.append(best is not None)
        taken.add(best)
    recall = np.cumsum(hits) / len(boxes)
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    at = [precision[recall >= point - 1e-12] for point in np.linspace(0, 1, 101)]
    return float(np.mean([values.max() if len(values) else 0 for values in at]))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_average_precision_is_that_of_a_plain_reference(pycocotools, seed) -> None:
    annotated, sizes, found = made_up(seed)
    rows = as_results(found, annotated)
    figures = average_precision(annotated, sizes, rows)
    thresholds = np.arange(0.5, 0.96, 0.05)
    expected = {}
    for number, name in annotated.names.items():
        boxes = [row for row in annotated.boxes if row["category_id"] == number]
        mine = [row for row in rows if row["category_id"] == number]
        expected[name] = [plain_average_precision(boxes, mine, iou) for iou in thresholds]
        assert figures["classes"][name].ap == pytest.approx(np.mean(expected[name]), abs=1e-6)
        assert figures["classes"][name].ap50 == pytest.approx(expected[name][0], abs=1e-6)
        assert figures["classes"][name].boxes == len(boxes)
    table = np.array(list(expected.values()))
    assert 0.1 < table.mean() < 0.9, "a case that is neither trivial nor hopeless"
    for key, value in (("ap", table.mean()), ("ap50", table[:, 0].mean()), ("ap75", table[:, 5].mean())):
        assert figures["summary"][key] == pytest.approx(value, abs=1e-6)
    assert np.mean(figures["precision"]["0.50"]) == pytest.approx(table[:, 0].mean(), abs=1e-6)
    assert len(figures["recall"]) == 101


def test_nothing_found_is_zero_and_sizes_that_do_not_occur_are_none(pycocotools) -> None:
    annotated, sizes, _ = made_up(1)
    annotated.boxes[:] = [row for row in annotated.boxes if row["area"] > 32**2]
    figures = average_precision(annotated, sizes, [])
    assert (figures["summary"]["ap"], figures["summary"]["ap_small"]) == (0, None)


def test_boxes_of_classes_without_annotations_do_not_count() -> None:
    annotated, _, _ = made_up(1)
    found = {1: Found(np.array([[0, 0, 5, 5.0]] * 2), np.array([0.9, 0.8]), np.array([7, 1]))}
    assert [row["category_id"] for row in as_results(found, annotated)] == [2]


def test_a_box_takes_the_annotation_that_it_overlaps_most() -> None:
    boxes = [annotation(1, 1, [0, 0, 10, 10]), annotation(1, 1, [2, 0, 10, 10]), annotation(1, 1, [50, 0, 10, 10])]
    found = np.array([[2, 0, 10, 10], [1, 0, 10, 10], [2, 0, 10, 10], [80, 0, 5, 5.0]])
    assert match(found, boxes) == ({0, 1}, [2, 3])
    assert match(found[:0], boxes) == (set(), [])
    assert match(found[:1], []) == (set(), [0])


def test_crowds_are_neither_missed_nor_mistaken() -> None:
    annotated, _, _ = made_up(1)
    annotated.boxes[:] = [annotation(1, 1, [0, 0, 100, 100], crowd=1), annotation(1, 2, [0, 0, 50, 50])]
    found = {1: Found(np.array([[10, 10, 20, 20], [150, 10, 20, 20.0]]), np.array([0.9, 0.8]), np.zeros(2, int))}
    right, rows = find_mistakes(annotated, found, 0.5)
    assert right == 0
    assert [(row[1], row[2]) for row in rows] == [("false", "ant"), ("missed", "bee")]
    assert find_mistakes(annotated, {1: NOTHING}, 0.5)[1] == [rows[1]]


def test_reasons() -> None:
    names = {1: "ant", 2: "bee"}
    boxes = [annotation(1, 1, [0, 0, 10, 10]), annotation(1, 2, [50, 0, 10, 10])]
    assert reason(np.array([0, 0, 10, 10.0]), "ant", boxes, names) == "found twice"
    assert reason(np.array([50, 0, 10, 10.0]), "ant", boxes, names) == "annotated as bee"
    assert reason(np.array([6, 0, 10, 10.0]), "ant", boxes, names) == "ill placed"
    assert reason(np.array([80, 0, 10, 10.0]), "ant", boxes, names) == "nothing annotated there"
    assert reason(np.array([80, 0, 10, 10.0]), "ant", [], names) == "nothing annotated there"


def evaluate(folder, annotations, images, receipt, raw, classes=(), preprocessing="yolox") -> tuple[object, list[dict]]:
    paths = {name: str(folder / f"{name}.out") for name in ("metrics", "results", "mistakes")}
    evaluate_detector(
        dataset="made", annotations=str(annotations), images=str(images), receipt=receipt, raw=raw,
        preprocessing=preprocessing, classes=list(classes), score=0.3, threads=2, **paths,
    )  # fmt: skip
    return DetectionMetrics.read(paths["metrics"]), list(read_table(paths["mistakes"]))


def test_a_whole_evaluation(tmp_path, onnxruntime, pycocotools, own_detector) -> None:
    images = tmp_path / "images"
    images.mkdir()
    picture(64, 64, (16, 40, 8, 8), images / "right.png")
    picture(64, 64, (32, 8, 8, 8), images / "false.png")
    picture(64, 64, None, images / "missed.png")
    (images / "broken.png").write_bytes(b"no picture")
    names = ["right.png", "false.png", "missed.png", "broken.png", "gone.png"]
    boxes = [(1, [16, 40, 8, 8]), (3, [0, 0, 20, 20]), (4, [0, 0, 20, 20])]
    content = {
        "images": [{"id": number, "file_name": name} for number, name in enumerate(names, start=1)],
        "categories": [{"id": 5, "name": "bee"}],
        "annotations": [{"image_id": image, "category_id": 5, "bbox": box} for image, box in boxes],
    }
    (tmp_path / "a.json").write_text(json.dumps(content))
    receipt, raw = own_detector(tiny_net(classes=2, best=1))
    got, mistakes = evaluate(tmp_path, tmp_path / "a.json", images, receipt, raw, ["ant", "bee"])
    assert (got.images, got.boxes, got.right, got.missed, got.false) == (3, 2, 1, 1, 1)
    assert [(row["image"], row["kind"]) for row in mistakes] == [("false.png", "false"), ("missed.png", "missed")]
    assert [float(mistakes[0][key]) for key in ("x", "y", "width", "height")] == pytest.approx([32, 8, 8, 8], abs=0.01)
    assert len(got.problems) == 2
    assert "gone.png" in got.problems[0]
    assert "broken.png" in got.problems[1]
    # Both finds have the same score, so which comes first is the images' order: found at recall 0.5 with precision 1
    assert got.summary["ap50"] == pytest.approx(51 / 101)
    assert len(json.loads((tmp_path / "results.out").read_text())) == 2


@pytest.mark.slow
def test_the_stand_in_reaches_its_figures_on_photographs_of_coco(tmp_path, coco_val, onnxruntime, pycocotools) -> None:
    from hashlib import sha256

    weights = (coco_val / "yolox_nano_legacy.onnx").read_bytes()
    (tmp_path / "detection").mkdir()
    (tmp_path / "detection/own.onnx").write_bytes(weights)
    receipt = str(tmp_path / "receipt.json")
    acquire_detector("own.onnx", sha256(weights).hexdigest(), "auto", str(tmp_path), None, receipt)
    got, mistakes = evaluate(
        tmp_path,
        coco_val / "instances_val64.json",
        coco_val / "coco-val",
        receipt,
        str(tmp_path),
        preprocessing="legacy",
    )
    assert (got.images, got.boxes, got.problems) == (64, 461, [])
    assert got.summary["ap"] == pytest.approx(0.354, abs=0.01)
    assert got.summary["ap50"] == pytest.approx(0.529, abs=0.015)
    assert got.summary["ap75"] == pytest.approx(0.371, abs=0.015)
    assert got.right + got.missed == 461
    assert len(mistakes) == got.missed + got.false
    with Image.open(coco_val / "coco-val" / mistakes[0]["image"]) as image:
        assert float(mistakes[0]["x"]) < image.width
