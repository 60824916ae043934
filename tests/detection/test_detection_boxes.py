"""The arithmetic around a net: letterbox, preparation, grids, suppression."""

import numpy as np
import pytest

from assignment06.detection import boxes
from assignment06.detection.classes import COCO, categories

RNG = np.random.default_rng(6)


@pytest.mark.parametrize(
    ("width", "height", "inner", "scale"),
    [(640, 480, (416, 312), 0.65), (480, 640, (312, 416), 0.65), (208, 100, (416, 200), 2), (3000, 3, (416, 1), None)],
)
def test_letterbox_shrinks_and_enlarges_into_the_top_left(width, height, inner, scale) -> None:
    canvas, got = boxes.letterbox(np.full((height, width, 3), 200, np.uint8), 416, 416)
    assert canvas.shape == (416, 416, 3)
    assert got == pytest.approx(scale or 416 / 3000)
    filled = (canvas == 200).all(axis=2)
    assert filled[: inner[1], : inner[0]].all()
    assert filled.sum() == inner[0] * inner[1]
    assert (canvas[~filled] == boxes.FILL).all()


def test_the_published_files_get_blue_green_red_as_they_are() -> None:
    canvas = RNG.integers(0, 256, (32, 64, 3), dtype=np.uint8)
    ready = boxes.prepare(canvas, "yolox")
    assert (ready.shape, ready.dtype, ready.flags.c_contiguous) == ((1, 3, 32, 64), np.float32, True)
    for channel in range(3):
        assert (ready[0, channel] == canvas[..., 2 - channel]).all()


def test_the_legacy_file_gets_standardised_red_green_blue() -> None:
    canvas = RNG.integers(0, 256, (32, 32, 3), dtype=np.uint8)
    ready = boxes.prepare(canvas, "legacy")
    assert ready.dtype == np.float32
    for channel, (mean, deviation) in enumerate(zip((0.485, 0.456, 0.406), (0.229, 0.224, 0.225), strict=True)):
        assert ready[0, channel] == pytest.approx((canvas[..., channel] / 255 - mean) / deviation, abs=1e-5)


def test_cells_of_a_net_of_416_pixels() -> None:
    corners, strides = boxes.grid(416, 416)
    assert len(corners) == len(strides) == 52**2 + 26**2 + 13**2 == 3549
    assert corners[53].tolist() == [1, 1], "row by row"
    assert [strides[place][0] for place in (0, 2703, 2704, 3379, 3380, 3548)] == [8, 8, 16, 16, 32, 32]
    wide, _ = boxes.grid(64, 32)
    assert wide[7].tolist() == [7, 0]
    assert wide[8].tolist() == [0, 1]


def test_decoding_by_hand() -> None:
    corners, strides = boxes.grid(64, 64)
    output = np.zeros((84, 7), np.float32)
    cell = 64 + 5  # of stride 16: column 1, row 1
    output[cell] = [0.25, 0.5, np.log(2), np.log(3), 0.8, 0.3, 0.5]
    found, scores, classes = boxes.decode(output, corners, strides)
    assert found[cell] == pytest.approx([1.25 * 16 - 16, 1.5 * 16 - 24, 32, 48], abs=1e-4)
    assert scores[cell] == pytest.approx(0.4)
    assert classes[cell] == 1
    output[0, 2:4] = 1e4
    assert np.isfinite(boxes.decode(output, corners, strides)[0]).all()


def test_boxes_are_cut_to_the_picture() -> None:
    cut = boxes.clip(np.array([[-5, -5, 20, 10], [90, 40, 50, 50], [200, 0, 5, 5]], float), 100, 60)
    assert cut.tolist() == [[0, 0, 15, 5], [90, 40, 10, 20], [100, 0, 0, 5]]


def plain_overlap(a, b) -> float:
    across = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    down = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(across, 0) * max(down, 0)
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)


def plain_suppress(boxes, scores, classes, iou) -> list[int]:
    kept: list[int] = []
    for index in sorted(range(len(boxes)), key=lambda i: (-scores[i], i)):
        rivals = [k for k in kept if classes[k] == classes[index]]
        if all(plain_overlap(boxes[k], boxes[index]) <= iou for k in rivals):
            kept.append(index)
    return kept


@pytest.mark.parametrize("iou", [0.0, 0.3, 0.65, 1.0])
def test_suppression_is_that_of_a_plain_reference(iou) -> None:
    for count in (0, 1, 2, 60):
        found = np.concatenate([RNG.uniform(0, 60, (count, 2)), RNG.uniform(1, 40, (count, 2))], axis=1)
        scores = RNG.integers(0, 8, count) / 8  # many are equal
        classes = RNG.integers(0, 3, count)
        kept = boxes.suppress(found, scores, classes, iou)
        assert kept.tolist() == plain_suppress(found, scores, classes, iou)
        expected = [[plain_overlap(a, b) for b in found] for a in found]
        assert boxes.overlap(found, found) == pytest.approx(np.array(expected).reshape(count, count))


def test_coco_has_80_classes_and_gaps() -> None:
    assert len(COCO) == len(set(COCO.values())) == 80
    assert (COCO[1], COCO[13], COCO[90]) == ("person", "stop sign", "toothbrush")
    assert not {12, 26, 29, 30, 45, 66, 68, 69, 71, 83} & COCO.keys()
    assert list(COCO) == sorted(COCO)
    assert categories(["cat", "dog"]) == {1: "cat", 2: "dog"}
