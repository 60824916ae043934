"""How many floating-point operations a net needs, and how many this machine does in a second."""

import math
import time
from functools import cache

TRAINING = 3  # forward, and backward twice as much: gradients by the weights and by the inputs
SIDE = 2048  # of the matrices


def forward_operations(model) -> int:
    """Return the operations (a multiplication and an addition are two) of one image's way through a Keras net.

    Convolutions (channels last) and dense layers are counted; what is left out, such as normalisation and
    pooling, is a few in a hundred and bound by memory. Raises ValueError for a layer with a matrix of weights
    that is no kernel, because it cannot be counted so.
    """
    total = 0
    for layer in model.layers:
        if hasattr(layer, "layers"):
            total += forward_operations(layer)
        elif getattr(layer, "kernel", None) is not None:
            total += 2 * math.prod(layer.kernel.shape) * math.prod(layer.output.shape[1:-1])
        elif any(len(weight.shape) > 1 for weight in layer.weights):
            raise ValueError(f"the operations of layer {layer.name} cannot be counted")
    return total


def matrix_product_rate(seconds: float) -> float:
    """Return operations a second of dense matrix products, measured for about so many seconds.

    They are in float32; where the first call in a process is within `compute.computing_in`, in what that yields.
    """
    product, left, right = _product()
    began, done = time.perf_counter(), 0
    while (elapsed := time.perf_counter() - began) < seconds or not done:
        product(left, right)[0, 0].numpy()  # on a GPU, this waits for it
        done += 1
    return done * 2 * SIDE**3 / elapsed


@cache
def _product() -> tuple:
    import tensorflow as tf

    left, right = (tf.random.stateless_normal((SIDE, SIDE), (seed, seed)) for seed in (1, 2))
    product = tf.function(tf.matmul, jit_compile=False)
    product(left, right)  # traced, and in memory
    return product, left, right
