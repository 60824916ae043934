"""What layers see: the right layers, filters as they are, and patterns that do what they say."""

import keras
import numpy as np
import pytest
from made_documents import metrics
from PIL import Image

from assignment06.experiments.networks import build
from assignment06.gradcam import layers as module
from assignment06.gradcam.layers import activated, filter_tiles, mosaic, pattern_tiles, plot_layers
from assignment06.gradcam.maps import convolutions


@pytest.fixture(scope="module")
def lean() -> keras.Model:
    return build("lean", (32, 32, 3), classes=10, dropout=0.2, seed=0)


def test_every_convolution_is_shown_once_it_is_activated(lean):
    blocks = convolutions(lean)
    assert len(blocks) == 7 and all(isinstance(block[0], keras.layers.Conv2D) for block in blocks)
    kinds = [type(activated(block)).__name__ for block in blocks]
    assert kinds == ["Conv2D"] + 6 * ["ReLU"], "the first has its activation within"


def test_filters_keep_their_signs_and_colours():
    kernel = np.zeros((2, 2, 3, 2))
    kernel[0, 1, 2, 0] = 4
    kernel[1, 0, :, 1] = -0.5
    tiles = filter_tiles(kernel)
    assert tiles.shape == (2, 2, 2, 3)
    assert tiles[0, 0, 1].tolist() == [0.5, 0.5, 1] and tiles[1, 1, 0].tolist() == [0, 0, 0]
    assert filter_tiles(kernel[:, :, :1]).shape == (2, 2, 2)
    assert (filter_tiles(np.zeros((3, 3, 1, 2))) == 0.5).all()


def test_mosaic_keeps_tiles_apart():
    tiles = np.arange(3.0)[:, None, None] * np.ones((3, 2, 2))
    whole = mosaic(tiles, across=2)
    assert whole.shape == (5, 5)
    assert (whole[:2, 3:] == 1).all() and (whole[3:, :2] == 2).all()
    assert np.isnan(whole[2]).all() and np.isnan(whole[:, 2]).all()
    assert mosaic(np.zeros((1, 2, 2, 1))).shape == (2, 2)


def test_a_filter_answers_more_to_its_pattern_than_others_do(lean):
    convolution = convolutions(lean)[2][0]
    before = [weight.copy() for weight in lean.get_weights()]
    images = 255 * pattern_tiles(lean, convolution, (32, 32, 3))
    assert images.shape == (16, 32, 32, 3)
    answers = keras.Model(lean.inputs, convolution.output)([images.astype(np.float32)]).numpy().mean(axis=(1, 2))
    filters = np.linspace(0, convolution.filters - 1, 16).astype(int)
    best = answers[:, filters].argmax(axis=0)
    assert (best == np.arange(16)).mean() > 0.8
    for one, other in zip(before, lean.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_large_images_have_fewer_patterns(lean, monkeypatch):
    monkeypatch.setattr(module, "PATTERN_PIXELS", 3 * 32 * 32)
    monkeypatch.setattr(module, "STEPS", 1)
    assert len(pattern_tiles(lean, convolutions(lean)[0][0], (32, 32, 3))) == 3


@pytest.mark.parametrize("convolution", [True, False])
def test_plot_of_one_net(convolution, tmp_path):
    image = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(2, 3, activation="relu")(image) if convolution else image
    net = keras.Model(image, keras.layers.Dense(2, activation="softmax")(keras.layers.Flatten()(x)))
    seen = {"index": 0, "true_class": "$a", "predicted_class": "b", "probability": 0.5}
    plot = str(tmp_path / "plot.png")
    plot_layers(net, np.zeros((8, 8, 1), np.uint8), seen, metrics("made"), plot, dpi=60)
    assert (Image.open(plot).height > 150) == convolution, "without a convolution there is a sentence"
