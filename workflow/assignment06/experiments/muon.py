"""Muon, an optimiser for the kernels of convolutions."""

import keras
from keras import ops

MOMENTUM = 0.75
SHARE = 0.1  # of the learning rate, for all that is no convolution


class Muon(keras.optimizers.Muon):
    """K. Jordan et al. (2024), "Muon: an optimizer for hidden layers", as Jordan's airbench94_muon (2024) trains nets.

    A kernel, float32 [height, width, in, out], is scaled to the norm sqrt(out) and goes against its Nesterov momentum,
    which five steps of a Newton-Schulz iteration have made, as a matrix [height * width * in, out], nearly orthogonal.
    Its size is lost, so that a normalisation should follow the convolution, and weight decay does nothing to it.
    Everything else, the last layer too, is trained by Adam with `SHARE` of the rate. (Keras's own takes matrices only.)
    """

    def __init__(self, learning_rate: float | keras.optimizers.schedules.LearningRateSchedule, weight_decay=None):
        super().__init__(
            learning_rate, momentum=MOMENTUM, rms_rate=None, weight_decay=None,
            adam_lr_ratio=SHARE, adam_beta_2=0.95, epsilon=1e-8, adam_weight_decay=weight_decay,
        )  # fmt: skip

    def _should_use_adamw(self, variable: keras.Variable) -> bool:
        return len(variable.shape) != 4

    def _muon_update_step(self, gradient, variable: keras.Variable, lr, m: keras.Variable) -> None:
        self.assign(m, self.momentum * m + gradient)
        update = self.orthogonal(gradient + self.momentum * m)
        scale = variable.shape[-1] ** 0.5 / ops.sqrt(ops.sum(ops.square(variable)))
        self.assign(variable, variable * scale - lr * update)

    def orthogonal(self, kernel):
        """Return a kernel, float32 [height, width, in, out], whose singular values are near 1, its vectors the same."""
        matrix = ops.reshape(kernel, (-1, kernel.shape[-1]))
        return ops.reshape(self.zeropower_via_newtonschulz5(matrix, self.ns_steps), kernel.shape)
