"""Muon and the net that it trains best: arithmetic by NumPy alone, what is taken from the images, what is saved."""

from pathlib import Path

import numpy as np
import pytest

from assignment06.config.experiment import Experiment


def newton_schulz(matrix: np.ndarray) -> np.ndarray:
    """Five steps of Jordan's quintic iteration, in float64, by its formula."""
    x = matrix / np.linalg.norm(matrix)
    for _ in range(5):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x


def muon(rate: float):
    from assignment06.experiments.optimizers import optimizer

    return optimizer(Experiment(dataset="x", model="x", optimizer="muon", learning_rate=rate, weight_decay=0.1), 1)


@pytest.mark.parametrize("shape", [(3, 3, 8, 16), (2, 2, 3, 40)], ids=["tall", "wide"])
def test_kernels_are_made_orthogonal_as_numpy_makes_them(shape) -> None:
    kernel = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    found = np.asarray(muon(0.1).orthogonal(kernel)).reshape(-1, shape[-1])
    assert found == pytest.approx(newton_schulz(kernel.reshape(-1, shape[-1]).astype(np.float64)), abs=1e-4)
    sizes = np.linalg.svd(found, compute_uv=False)
    assert sizes.min() > 0.6
    assert sizes.max() < 1.3


def test_steps_of_a_kernel_and_of_the_rest() -> None:
    import keras

    from assignment06.experiments.muon import MOMENTUM, SHARE

    rng = np.random.default_rng(1)
    start, *gradients = rng.normal(size=(3, 3, 3, 4, 6)).astype(np.float32)
    kernel, bias = keras.Variable(start, name="kernel"), keras.Variable(np.ones(6, np.float32), name="bias")
    chosen = muon(0.1)
    momentum, wanted = np.zeros_like(start), start
    for gradient in gradients:
        chosen.apply([keras.ops.convert_to_tensor(gradient), keras.ops.full((6,), 5.0)], [kernel, bias])
        momentum = MOMENTUM * momentum + gradient
        update = newton_schulz((gradient + MOMENTUM * momentum).reshape(-1, 6)).reshape(start.shape)
        wanted = wanted * np.sqrt(6) / np.linalg.norm(wanted) - 0.1 * update
    assert kernel.numpy() == pytest.approx(wanted, abs=1e-4), "no weight decay"
    assert bias.numpy() == pytest.approx(1 - 2 * 0.1 * SHARE, abs=1e-5), "Adam's steps are as long as its rate"


@pytest.mark.parametrize(("name", "channels"), [("whitened", 1), ("whitened", 3), ("whitened_wide", 3)])
def test_the_first_layer_whitens_patches_of_the_images(name, channels) -> None:
    from assignment06.experiments import networks

    rng = np.random.default_rng(2)
    coarse = rng.integers(0, 255, (200, 8, 8, channels))
    images = np.clip(coarse.repeat(4, 1).repeat(4, 2) + rng.integers(-20, 20, (200, 32, 32, channels)), 0, 255)
    nets = [networks.build(name, (32, 32, channels), 10, 0.1, seed) for seed in (0, 0, 1)]
    for net in nets:
        networks.adapt(name, net, images.astype(np.uint8))
    weights = [net.get_weights() for net in nets]
    assert all(np.array_equal(one, two) for one, two in zip(weights[0], weights[1], strict=True))
    assert np.array_equal(weights[0][0], weights[2][0]), "the seed has no part in it"
    assert not np.array_equal(weights[0][1], weights[2][1])
    assert not nets[0].layers[2].trainable
    answers = nets[0].layers[2](nets[0].layers[1](images.astype(np.float32))).numpy()
    half = 4 * channels
    assert answers[..., :half] == pytest.approx(-answers[..., half:], abs=1e-4)
    flat = answers[..., :half].reshape(-1, half)
    assert flat.T @ flat / len(flat) == pytest.approx(np.eye(half), abs=0.05)


def test_nets_that_take_nothing_from_the_images_are_left_alone() -> None:
    from assignment06.experiments import networks

    net = networks.build("book_cifar10", (32, 32, 3), 10, 0, 0)
    before = net.get_weights()
    networks.adapt("book_cifar10", net, np.zeros((2, 32, 32, 3), np.uint8))
    assert all(np.array_equal(one, two) for one, two in zip(before, net.get_weights(), strict=True))


def test_it_is_saved_small_loads_safely_and_the_grader_predicts_the_same(tmp_path: Path) -> None:
    import keras

    from assignment06.experiments import networks
    from assignment06.grading.rebuild import loading
    from assignment06.grading.trial import ModelFile

    images = np.random.default_rng(3).integers(0, 255, (20, 32, 32, 3), np.uint8)
    net = networks.build("whitened", (32, 32, 3), 10, 0.1, 0)
    networks.adapt("whitened", net, images)
    net.save(tmp_path / "net.keras")
    assert (tmp_path / "net.keras").stat().st_size < 5e6
    wanted = net.predict_on_batch(images)
    again = keras.saving.load_model(tmp_path / "net.keras", safe_mode=True)
    assert np.array_equal(again.predict_on_batch(images), wanted)
    rebuilt = loading.load(ModelFile("net.keras", tmp_path / "net.keras", "keras"), tmp_path, {})
    assert rebuilt.predict_on_batch(images) == pytest.approx(wanted, abs=1e-6)
