"""Grad-CAM: it finds what decided, and tells another story for other weights (Adebayo et al., 2018)."""

from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from made_documents import classifier, metrics
from PIL import Image
from scipy.stats import spearmanr

from assignment06.backend import compute
from assignment06.data.receipts import Receipt
from assignment06.gradcam.maps import grad_cam, last_convolution, overlay
from assignment06.gradcam.nets import look_into_nets
from assignment06.gradcam.photographs import map_photographs
from assignment06.gradcam.results import PhotographMaps
from assignment06.gradcam.together import Looked, plot_together, telling
from assignment06.photographs import classification
from assignment06.photographs.manifest import list_photographs
from assignment06.shared.errors import AssignmentError

SIDE, MARK = 24, 5


def marked(images: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return noise (float32 [n, SIDE, SIDE, 3]) with a mark each, its class, and its row and column.

    The classes are a square of horizontal and one of vertical stripes.
    """
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 90, (images, SIDE, SIDE, 3))
    labels, places = rng.integers(0, 2, images), rng.integers(0, SIDE - MARK, (images, 2))
    stripes = np.zeros((MARK, MARK, 1))
    stripes[::2] = 255
    for image, label, (row, column) in zip(x, labels, places, strict=True):
        image[row : row + MARK, column : column + MARK] = stripes.swapaxes(0, 1) if label else stripes
    return x.astype("float32"), labels, places


def small_net(seed: int = 0) -> keras.Model:
    keras.utils.set_random_seed(seed)
    image = keras.Input((SIDE, SIDE, 3))
    x = keras.layers.Rescaling(1 / 255)(image)
    x = keras.layers.Conv2D(16, 3, padding="same", activation="relu")(x)
    x = keras.layers.MaxPooling2D(2)(x)
    x = keras.layers.ReLU()(keras.layers.Conv2D(16, 3, padding="same")(x))
    x = keras.layers.GlobalMaxPooling2D()(x)
    return keras.Model(image, keras.layers.Dense(2, activation="softmax")(x))


@pytest.fixture(scope="module")
def trained() -> keras.Model:
    net = small_net()
    x, y, _ = marked(1500, seed=0)
    net.compile(keras.optimizers.Adam(0.005), "sparse_categorical_crossentropy", metrics=["accuracy"])
    net.fit(x, y, batch_size=50, epochs=6, verbose=0)
    assert net.evaluate(*marked(200, seed=1)[:2], verbose=0)[1] > 0.95, "or there is nothing to explain"
    return net


def hits(maps: np.ndarray, places: np.ndarray) -> float:
    """Return the share of maps whose largest place lies in the mark, or next to it."""
    best = np.array([np.unravel_index(one.argmax(), one.shape) for one in maps])
    middle = (best + 0.5) * SIDE / maps.shape[1]
    return float((np.abs(middle - places - MARK / 2).max(axis=1) <= MARK / 2 + 2).mean())


def test_finds_what_decided(trained):
    x, y, places = marked(100, seed=2)
    maps = grad_cam(trained, x, y)
    assert maps.shape == (100, SIDE // 2, SIDE // 2)
    assert maps.dtype == np.float32 and maps.min() >= 0 and maps.max() == 1
    assert hits(maps, places) > 0.9
    np.testing.assert_array_equal(grad_cam(trained, x), grad_cam(trained, x, trained.predict(x, verbose=0).argmax(1)))


@pytest.mark.filterwarnings("ignore:An input array is constant")
def test_other_weights_give_other_maps(trained):
    """The sanity check of Adebayo et al., 2018: a map that outlives the weights explains no net."""
    x, y, _ = marked(60, seed=2)
    maps = grad_cam(trained, x, y)
    mixed = keras.models.clone_model(trained)
    mixed.set_weights(trained.get_weights())
    mixed.layers[-1].set_weights([-trained.layers[-1].get_weights()[0], trained.layers[-1].get_weights()[1]])
    for other in (small_net(seed=5), mixed):
        changed = grad_cam(other, x, y)
        alike = [spearmanr(one.ravel(), two.ravel()).statistic for one, two in zip(maps, changed, strict=True)]
        assert np.nanmean(alike) < 0.5  # a map that is dark everywhere has no rank
        assert np.abs(maps - changed).max(axis=(1, 2)).mean() > 0.5


def test_the_model_is_as_it_was(trained):
    x, y, _ = marked(5, seed=3)
    before = trained.predict(x, verbose=0)
    grad_cam(trained, x, y)
    assert trained.layers[-1].activation is keras.activations.softmax
    np.testing.assert_array_equal(trained.predict(x, verbose=0), before)


def test_takes_the_last_convolution_once_it_is_activated(trained):
    assert isinstance(last_convolution(trained), keras.layers.ReLU)
    image = keras.Input((8, 8, 1))
    flat = keras.Model(image, keras.layers.Dense(2, activation="softmax")(keras.layers.Flatten()(image)))
    with pytest.raises(AssignmentError, match="no convolution"):
        grad_cam(flat, np.zeros((1, 8, 8, 1)), [0])
    pooled = keras.layers.GlobalAveragePooling2D()
    around = keras.layers.Concatenate()([pooled(keras.layers.Conv2D(4, 3)(image)), keras.layers.Flatten()(image)])
    with pytest.raises(AssignmentError, match="a way around"):
        grad_cam(keras.Model(image, keras.layers.Dense(2)(around)), np.zeros((1, 8, 8, 1)), [0])


def test_what_does_not_speak_for_a_class_is_dark(trained):
    assert grad_cam(trained, np.zeros((1, SIDE, SIDE, 3)), [0]).min() >= 0
    image = np.full((SIDE, SIDE, 3), 128, np.uint8)
    places = np.zeros((2, 2), np.float32)
    places[0, 0] = 1
    shown = overlay(image, places)
    assert shown.shape == image.shape and shown.dtype == np.uint8
    assert shown[0, 0].sum() > shown[-1, -1].sum() + 100


def test_plots_of_nets(trained, tmp_path, monkeypatch):
    monkeypatch.setattr(compute, "configure", lambda threads, seed=None: None)
    x, y, _ = marked(30, seed=4)
    np.savez(tmp_path / "test.npz", x=x.astype(np.uint8), y=y)
    trained.save(tmp_path / "net.keras")
    table = pd.DataFrame({"index": range(30), "true_label": y, "predicted_label": 1 - y, "probability": 0.9})
    table["true_class"], table["predicted_class"] = "$a", "b"
    table.to_csv(tmp_path / "wrong.csv", index=False)
    table.assign(predicted_label=y).to_csv(tmp_path / "right.csv", index=False)
    names = ("wrong", "right", "unmapped")
    for name in names:
        metrics(name, title="6.2 <made>").write(tmp_path / f"{name}.json")
    tables = [str(tmp_path / f"{name}.csv") for name in ("wrong", "right", "right")]
    layers, maps = ([str(tmp_path / f"{name}_{kind}.png") for name in names] for kind in ("layers", "gradcam"))
    look_into_nets(
        [str(tmp_path / "net.keras")] * 3, tables, [str(tmp_path / f"{name}.json") for name in names],
        [str(tmp_path / "test.npz")] * 3, layers, names[:2], maps[:2], [names[:2]], [str(tmp_path / "both.png")],
        dpi=60, threads=1,
    )  # fmt: skip
    heights = [Image.open(plot).height for plot in maps[:2]]
    assert heights[0] > 400 > heights[1], "without mistakes there is a sentence"
    assert Image.open(tmp_path / "both.png").height > 400, "eight images that one net gets wrong and the other right"
    assert not Path(maps[2]).exists() and all(Image.open(plot).height > 300 for plot in layers)


def said(*labels: int, sure: float = 0.5) -> pd.DataFrame:
    """Return predictions of images whose true class is 0, each a little less certain than the one before."""
    places = np.arange(len(labels))
    table = pd.DataFrame(
        {"index": places, "true_label": 0, "predicted_label": labels, "probability": sure - 0.01 * places}
    )
    return table.assign(true_class="a", predicted_class="b")


def test_images_that_tell_nets_apart():
    assert telling([said(1, 1, 0, 1), said(0, 1, 1, 0)]) == [0, 2, 3], "in turn, and none that both get wrong"
    assert telling([said(0, 0), said(0, 0)]) == telling([said(1, 1), said(1, 1)]) == []
    many = telling([said(*[1] * 20 + [0] * 20), said(*[0] * 20 + [1] * 20)])
    assert many == [0, 20, 1, 21, 2, 22, 3, 23], "half of them each, the most confident first"
    assert telling([said(1, 0), said(2, 0), said(0, 0)]) == [0], "of one image once, whoever gets it wrong"


def test_nets_that_never_differ_are_told_so(trained, tmp_path):
    one = Looked(trained, said(0, 0), metrics("same"))
    plot_together([one, one], np.zeros((2, SIDE, SIDE, 3), np.uint8), str(tmp_path / "none.png"), dpi=60)
    assert Image.open(tmp_path / "none.png").height < 200


@pytest.mark.parametrize("kinds", [["good", "broken"], ["broken"]])
def test_plot_of_photographs(kinds, trained, tmp_path, monkeypatch):
    monkeypatch.setattr(compute, "configure", lambda threads, seed=None: None)
    monkeypatch.setattr(
        "assignment06.gradcam.photographs.load_classifier",
        lambda architecture, weights: (trained, lambda pixels: pixels),
    )
    folder = tmp_path / "photographs"
    folder.mkdir()
    if "good" in kinds:
        Image.fromarray(np.full((40, 60, 3), 90, np.uint8)).save(folder / "good.jpg")
    (folder / "broken.png").write_bytes(b"no image")
    list_photographs(str(folder), str(tmp_path / "photographs.jsonl"))
    Receipt(name="ResNet50", data_source="sample", files={}).write(tmp_path / "receipt.json")
    classifier(stamps=["untrained weights (ResNet50)"]).write(tmp_path / "metadata.json")
    row = {"image": "good.jpg", "rank": 1, "wordnet_id": "n1", "label": "tabby_cat", "probability": 0.5}
    pd.DataFrame([row], columns=classification.PREDICTION_COLUMNS).to_csv(tmp_path / "labels.csv", index=False)
    given = {name: str(tmp_path / file) for name, file in {
        "manifest": "photographs.jsonl", "receipt": "receipt.json", "predictions": "labels.csv",
        "metadata": "metadata.json", "plot": "gradcam.png", "maps": "gradcam.json",
    }.items()}  # fmt: skip
    map_photographs(**given, raw=str(tmp_path), dpi=60, threads=1)
    assert (Image.open(given["plot"]).height > 120) == ("good" in kinds)
    maps = PhotographMaps.read(given["maps"]).maps
    assert list(maps) == ["good.jpg"] * ("good" in kinds)
    assert all(np.shape(one) == (SIDE // 2, SIDE // 2) and np.max(one) <= 1 for one in maps.values())
