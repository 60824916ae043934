"""Parsing the official files, making the samples, reading a folder of classes."""

import json

import numpy as np
import pytest
from PIL import Image

from assignment06.data import stand_ins
from assignment06.data.acquisition import acquire_dataset
from assignment06.data.datasets import prepare_dataset, prepare_folder
from assignment06.data.formats import CIFAR10_CLASSES
from assignment06.data.prepared import DatasetDescription, load_split
from assignment06.shared.errors import AssignmentError

MNIST_TRAIN = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]  # published class counts
MNIST_TEST = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def prepare(dataset: str, source: str, folder, mirror=None) -> tuple:
    raw, out = folder / "raw", folder / dataset
    acquire_dataset(dataset, source, str(raw), mirror and str(mirror), str(out / "source.json"), network=False)
    paths = [str(out / name) for name in ("train.npz", "test.npz", "dataset.json")]
    prepare_dataset(dataset, str(out / "source.json"), str(raw), *paths)
    return *load_split(paths[0]), *load_split(paths[1]), json.loads((out / "dataset.json").read_text())


def test_official_mnist(tmp_path, mirror) -> None:
    x, y, x_test, y_test, facts = prepare("mnist", "official", tmp_path, mirror)
    assert (x.shape, x.dtype, x_test.shape) == ((60000, 28, 28, 1), np.uint8, (10000, 28, 28, 1))
    assert np.bincount(y).tolist() == MNIST_TRAIN
    assert np.bincount(y_test).tolist() == MNIST_TEST
    assert y[:5].tolist() == [5, 0, 4, 1, 9]
    assert (facts["data_source"], len(facts["files"])) == ("official", 4)


def test_official_cifar10(tmp_path, mirror) -> None:
    x, y, x_test, y_test, facts = prepare("cifar10", "official", tmp_path, mirror)
    assert (x.shape, x.dtype, x_test.shape) == ((50000, 32, 32, 3), np.uint8, (10000, 32, 32, 3))
    assert np.bincount(y).tolist() == [5000] * 10
    assert np.bincount(y_test).tolist() == [1000] * 10
    assert facts["classes"] == CIFAR10_CLASSES
    assert CIFAR10_CLASSES[y[0]] == "frog", "the first training image is the well-known frog"
    assert x[0, 0, 0].tolist() == [59, 62, 63]


@pytest.mark.parametrize(("dataset", "shape"), [("mnist", (28, 28, 1)), ("cifar10", (32, 32, 3))])
def test_samples_have_the_official_shapes(tmp_path, dataset, shape) -> None:
    x, y, x_test, y_test, facts = prepare(dataset, "sample", tmp_path)
    assert x.shape == (stand_ins.TRAIN_IMAGES, *shape)
    assert x_test.shape == (stand_ins.TEST_IMAGES, *shape)
    assert facts["data_source"] == "sample"
    assert set(np.unique(y)) == set(np.unique(y_test)) == set(range(10))
    train = {image.tobytes() for image in x}
    assert not any(image.tobytes() in train for image in x_test), "no test image is a training image"


def test_samples_are_the_same_every_time() -> None:
    first, second = stand_ins.digits()[0], stand_ins.digits()[0]
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_a_folder_of_classes(tmp_path) -> None:
    rng = np.random.default_rng(0)
    for name, colour in (("red", (220, 20, 20)), ("blue", (20, 20, 220))):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(10):
            pixels = np.clip(np.array(colour) + rng.normal(0, 9, (50, 70, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "photos" / name / f"{number}.png")
    (tmp_path / "photos/red/notes.txt").write_text("no image")
    out = [str(tmp_path / name) for name in ("train.npz", "test.npz", "dataset.json")]
    prepare_folder("colours", str(tmp_path / "photos"), 32, 0.2, 0, *out)
    x, y = load_split(out[0])
    facts = json.loads((tmp_path / "dataset.json").read_text())
    assert (facts["classes"], facts["train"], facts["test"]) == (["blue", "red"], 16, 4)
    assert list(facts["skipped"]) == ["red/notes.txt"]
    assert x.shape == (16, 32, 32, 3)
    assert all((image[..., 0].mean() > 128) == bool(label) for image, label in zip(x, y, strict=True))


def test_a_folder_with_too_little_in_it(tmp_path) -> None:
    out = [str(tmp_path / name) for name in ("train.npz", "test.npz", "dataset.json")]
    with pytest.raises(AssignmentError, match="does not exist"):
        prepare_folder("own", str(tmp_path / "none"), 32, 0.2, 0, *out)
    (tmp_path / "own/a").mkdir(parents=True)
    with pytest.raises(AssignmentError, match="1 sub-folders"):
        prepare_folder("own", str(tmp_path / "own"), 32, 0.2, 0, *out)
    (tmp_path / "own/b").mkdir()
    with pytest.raises(AssignmentError, match="class a has 0 readable images"):
        prepare_folder("own", str(tmp_path / "own"), 32, 0.2, 0, *out)
    assert not any((tmp_path / name).exists() for name in ("train.npz", "test.npz", "dataset.json"))


@pytest.mark.parametrize("kind", ["crop", "letterbox", "stretch"])
def test_a_long_image_becomes_a_square_as_it_is_asked(kind: str) -> None:
    from assignment06.data.datasets import GREY, squared

    image = np.zeros((20, 60, 3), np.uint8)
    image[:, :20], image[:, 20:40], image[:, 40:] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    square = squared(image, 30, kind)
    assert square.shape == (30, 30, 3)
    red, green = np.array([255, 0, 0]), np.array([0, 255, 0])
    wanted = {
        "left": green if kind == "crop" else red, "middle": green, "top": GREY if kind == "letterbox" else green,
    }  # fmt: skip
    for place, (row, column) in {"left": (15, 2), "middle": (15, 15), "top": (2, 15)}.items():
        assert np.abs(square[row, column].astype(int) - wanted[place]).max() < 30, (place, square[row, column])


def test_how_images_became_squares_is_written_down(tmp_path) -> None:
    for name in ("cat", "dog"):
        (tmp_path / "own" / name).mkdir(parents=True)
        for number in range(5):
            Image.new("RGB", (60, 20), (50 * number, 0, 0)).save(tmp_path / "own" / name / f"{number}.png")
    made = [str(tmp_path / name) for name in ("train.npz", "test.npz", "dataset.json")]
    prepare_folder("own", str(tmp_path / "own"), 16, 0.2, 0, *made)
    assert "resize" not in DatasetDescription.read(made[2]).plain()
    prepare_folder("own", str(tmp_path / "own"), 16, 0.2, 0, *made, resize="letterbox")
    assert DatasetDescription.read(made[2]).resize == "letterbox"
