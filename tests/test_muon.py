"""Muon: its arithmetic, by NumPy alone."""

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
