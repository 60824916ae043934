"""What a head is to say of boxes, and how wrong it is."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from assignment06.detection.keras_net import CENTRES, GEOMETRY, decode
from assignment06.detectors.head import centres_loss, detector_head, geometry_loss, targets

ROWS, COLUMNS, STRIDE = 6, 9, 8


@st.composite
def scenes(draw) -> tuple[np.ndarray, np.ndarray]:
    """Boxes whose centres lie in cells that do not touch, and their labels."""
    cells = draw(st.sets(st.tuples(st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=6))
    boxes, labels = [], []
    for row, column in sorted(cells):
        width, height = (draw(st.floats(1, 60)) for _ in range(2))
        x, y = ((2 * place + draw(st.floats(0.01, 0.99))) * STRIDE for place in (column, row))
        boxes.append((x - width / 2, y - height / 2, width, height))
        labels.append(draw(st.integers(0, 2)))
    return np.array(boxes), np.array(labels)


@settings(max_examples=200)
@given(scenes())
def test_what_a_head_is_to_say_is_decoded_to_the_boxes_it_was_made_of(scene) -> None:
    boxes, labels = scene
    centres, geometry = targets(boxes, labels, ROWS, COLUMNS, 3, STRIDE)
    found, scores, classes = decode(centres, geometry[..., :4], STRIDE, score=0.999)
    assert np.all(scores == 1)
    order, wanted = np.lexsort(found.round(3).T), np.lexsort(boxes.round(3).T)
    np.testing.assert_allclose(found[order], boxes[wanted], atol=1e-3)
    assert list(classes[order]) == list(labels[wanted])


def test_of_two_boxes_in_one_cell_the_smaller_one_stays() -> None:
    boxes = np.array([[18, 18, 4, 4], [0, 0, 40, 40]])
    for order in ([0, 1], [1, 0]):
        centres, geometry = targets(boxes[order], np.array([0, 1])[order], ROWS, COLUMNS, 2, STRIDE)
        assert (centres[2, 2] == 1).all()
        np.testing.assert_allclose(np.exp(geometry[2, 2, 2:4]) * 4 * STRIDE, 4, rtol=1e-5)


def test_a_centre_on_the_edge_or_beyond_belongs_to_the_last_cell() -> None:
    centres, geometry = targets(np.array([[70.0, 46, 4, 4]]), np.array([0]), ROWS, COLUMNS, 1, STRIDE)
    assert centres[5, 8, 0] == 1 and geometry[5, 8, 4] == 1


def test_nothing_on_a_picture_is_nothing_to_say() -> None:
    centres, geometry = targets(np.zeros((0, 4)), np.zeros(0, int), ROWS, COLUMNS, 2, STRIDE)
    assert not centres.any() and not geometry.any()
    assert len(decode(centres, geometry[..., :4], STRIDE, 0.01)[0]) == 0


def test_only_the_highest_of_neighbours_is_a_peak_and_only_within_its_class() -> None:
    centres = np.zeros((4, 4, 2), np.float32)
    centres[1, 1, 0], centres[1, 2, 0], centres[2, 2, 1] = 0.9, 0.8, 0.7
    _, scores, classes = decode(centres, np.zeros((4, 4, 4), np.float32), STRIDE, 0.3)
    assert scores == pytest.approx([0.9, 0.7]) and list(classes) == [0, 1]


def test_losses_are_those_of_the_papers() -> None:
    rng = np.random.default_rng(0)
    box = np.array([[8.0, 8, 20, 12]])
    wanted = np.stack([targets(box, np.array([k]), ROWS, COLUMNS, 2, STRIDE)[0] for k in (0, 1)])
    said = rng.uniform(0.01, 0.99, wanted.shape).astype(np.float32)
    reference = 0.0
    for y, p in zip(wanted.ravel(), said.ravel(), strict=True):
        reference -= (1 - p) ** 2 * np.log(p) if y == 1 else (1 - y) ** 4 * p**2 * np.log(1 - p)
    assert float(centres_loss(wanted, np.log(said / (1 - said)))) == pytest.approx(reference / 2, rel=1e-4)
    geometry = np.zeros((1, 2, 2, 5), np.float32)
    geometry[0, 0, 1] = (0.5, 0.5, 1, -1, 1)
    told = np.ones((1, 2, 2, 4), np.float32)
    assert float(geometry_loss(geometry, told)) == pytest.approx(0.5 + 0.5 + 0 + 2)
    assert float(geometry_loss(geometry * 0, told)) == 0  # a batch without an object


def test_a_net_that_is_surely_wrong_has_a_loss_and_a_way_back_in_bfloat16_too() -> None:
    wanted = np.zeros((1, 2, 2, 1), np.float32)
    wanted[0, 0, 0] = 1
    said = tf.Variable(np.where(wanted == 1, -30, 30), dtype=tf.bfloat16)
    with tf.GradientTape() as tape:
        loss = centres_loss(tf.cast(wanted, tf.bfloat16), said)
    assert float(loss) == pytest.approx(4 * 30, rel=0.01)
    np.testing.assert_array_equal(np.sign(tape.gradient(loss, said)), np.where(wanted == 1, -1, 1))


def test_an_untrained_head_is_hardly_sure_of_anything_and_its_seed_draws_it() -> None:
    shapes = [(8, 8, 6), (4, 4, 10)]
    maps = [np.random.default_rng(0).normal(size=(2, *shape)).astype(np.float32) for shape in shapes]
    heads = [detector_head(shapes, 3, 16, seed) for seed in (0, 0, 1)]
    said = [head.predict_on_batch(maps) for head in heads]
    assert said[0][CENTRES].shape == (2, 8, 8, 3) and said[0][GEOMETRY].shape == (2, 8, 8, 4)
    assert 0.001 < expit(said[0][CENTRES]).mean() < 0.05
    np.testing.assert_array_equal(said[0][CENTRES], said[1][CENTRES])
    assert np.abs(said[0][CENTRES] - said[2][CENTRES]).max() > 0
    keras.backend.clear_session()
