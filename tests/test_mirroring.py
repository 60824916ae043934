"""Nets that look at an image more than once, and epochs at a lower resolution or mirrored in turn."""

import keras
import numpy as np
import pytest
from test_config import changed

from assignment06.config.check import check_config
from assignment06.config.experiment import Experiment
from assignment06.experiments import batches, networks
from assignment06.experiments.mirroring import looking_again, looking_once
from assignment06.grading.rebuild.loading import load
from assignment06.grading.trial import ModelFile
from assignment06.shared.errors import AssignmentError


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (20, 32, 24, 3)).astype(np.uint8)


@pytest.fixture(scope="module", params=[False, True], ids=["mirror", "mirror and shifts"])
def saved(request, tmp_path_factory):
    """A file of a net that looks twice or six times, and the net that looks once; whether it is six times."""
    once = networks.build("whitened", (32, 24, 3), 10, dropout=0.2, seed=0)
    path = tmp_path_factory.mktemp("nets") / "net.keras"
    weights = once.get_weights()
    looking_again(once, shifts=request.param).save(path)
    again = networks.build("whitened", (32, 24, 3), 10, dropout=0.2, seed=1)
    again.set_weights(weights)
    return path, again, request.param


def test_it_gives_the_mean_of_its_looks_and_the_same_for_a_mirrored_image(saved, images) -> None:
    path, once, six = saved
    net = keras.saving.load_model(path, safe_mode=True)
    wide = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")
    views = [images, wide[:, 2:, 2:], wide[:, :-2, :-2]]
    said = [np.mean([once.predict(v, verbose=0) for v in (view, view[:, :, ::-1])], axis=0) for view in views]
    assert np.abs(said[0] - said[1]).max() > 1e-3, "the net sees where things are, or nothing was compared"
    expected = said[0] / 2 + (said[1] + said[2]) / 4 if six else said[0]
    np.testing.assert_allclose(net.predict(images, verbose=0), expected, atol=1e-6)
    if not six:  # the four further looks are not each other's mirror images
        np.testing.assert_allclose(net.predict(images[:, :, ::-1], verbose=0), expected, atol=1e-6)


def test_it_is_made_of_plain_layers_and_the_net_within_can_be_had(saved, images) -> None:
    net = keras.saving.load_model(saved[0], safe_mode=True)
    assert {type(layer) for layer in net.layers if not isinstance(layer, keras.Model)} <= {
        keras.layers.InputLayer, keras.layers.Permute, keras.layers.Dense, keras.layers.Average
    }  # fmt: skip
    assert not net.get_layer("columns_reversed").trainable_weights
    assert not [layer for layer in net.layers if layer.name.startswith("rows_") and layer.trainable_weights]
    within = looking_once(net)
    np.testing.assert_allclose(within.predict(images, verbose=0), saved[1].predict(images, verbose=0), atol=1e-6)
    assert looking_once(saved[1]) is saved[1]


def test_the_grader_rebuilds_it(saved, images, tmp_path) -> None:
    net = load(ModelFile("net.keras", saved[0], "keras"), tmp_path, {})
    expected = keras.saving.load_model(saved[0]).predict(images, verbose=0)
    np.testing.assert_allclose(net.predict(images.astype(np.float32), verbose=0), expected, atol=1e-6)


@pytest.mark.parametrize("augmentation", ["none", "slight"])
def test_the_first_epochs_have_smaller_images_of_the_same_things(images, augmentation: str) -> None:
    row = Experiment(
        dataset="cifar10", model="whitened", augmentation=augmentation, batch_size=7, epochs=5, low_resolution_share=0.5
    )
    labels = np.eye(20, dtype=np.float32)
    for epoch, shape in ((0, (24, 18)), (1, (24, 18)), (2, (32, 24))):
        found = list(batches.of_epoch(images, labels, row, epoch))
        assert {tuple(x.shape[1:3]) for x, _ in found} == {shape}
        x, y = (np.concatenate([batch[part] for batch in found]) for part in (0, 1))
        means = images[y.argmax(axis=1)].mean(axis=(1, 2, 3))
        assert np.abs(x.mean(axis=(1, 2, 3)) - means).max() < 12, "the same images, their labels still with them"


def test_the_alternating_policy_shows_each_image_from_both_sides_in_two_epochs(images) -> None:
    row = Experiment(dataset="cifar10", model="lean", augmentation="alternating", batch_size=7, epochs=4, seed=3)
    labels = np.eye(20, dtype=np.float32)
    ramp = np.broadcast_to(np.arange(0, 240, 10, dtype=np.uint8)[:, None], (20, 32, 24, 3))  # darker at the left

    def mirrored(epoch: int, row: Experiment = row) -> np.ndarray:
        found = [np.concatenate(part) for part in zip(*batches.of_epoch(ramp, labels, row, epoch), strict=True)]
        x = found[0][np.argsort(found[1].argmax(axis=1))]
        return x[:, :, :12].mean(axis=(1, 2, 3)) > x[:, :, 12:].mean(axis=(1, 2, 3))

    assert 4 <= mirrored(0).sum() <= 16
    np.testing.assert_array_equal(mirrored(1), ~mirrored(0))
    np.testing.assert_array_equal(mirrored(2), mirrored(0))
    assert (mirrored(0, row.model_copy(update={"seed": 4})) != mirrored(0)).any()
    assert np.array_equal(ramp[0, 0, :, 0], np.arange(0, 240, 10)), "the data set itself stays as it is"


def test_a_net_of_any_size_begins_with_the_weights_of_one_of_one_size() -> None:
    free, fixed = (networks.build("whitened", (*size, 3), 10, 0, seed=4) for size in ((None, None), (32, 32)))
    for one, two in zip(free.get_weights(), fixed.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
    with pytest.raises(AssignmentError, match="takes images of one size only: leave out `low_resolution_share`"):
        networks.build("book_cifar10", (None, None, 3), 10, 0, seed=0)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"model": "book_cifar10", "low_resolution_share": 0.5}, "book_cifar10 takes images of one size only"),
        ({"model": "lean", "low_resolution_share": 1}, "low_resolution_share"),
        ({"model": "ResNet50", "test_time_augmentation": "mirror"}, "is for nets that are trained from nothing"),
        ({"model": "lean", "test_time_augmentation": "flip"}, "test_time_augmentation"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_runs(values: dict, words: str) -> None:
    with pytest.raises(AssignmentError) as caught:
        check_config(changed(experiments={"a": {"dataset": "cifar10", **values}}))
    assert words in str(caught.value)
