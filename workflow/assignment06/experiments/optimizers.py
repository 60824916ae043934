"""Optimisers and learning-rate schedules by name."""

from typing import Any

import keras

from assignment06.config.captions import Captioner
from assignment06.config.detection import OwnDetector
from assignment06.config.experiment import Experiment
from assignment06.experiments.muon import Muon


def optimizer(settings: Experiment, steps: int) -> keras.optimizers.Optimizer:
    """Return the optimiser of an experiment, for `steps` steps an epoch.

    Schedules, over all epochs and after `warmup_epochs` of linear rise: `constant`; `cosine` to zero
    (Loshchilov and Hutter, 2017); `linear` to zero.
    """
    # Keras refuses a whole number
    peak, warmup = float(settings.learning_rate), round(settings.warmup_epochs * steps)
    total = settings.epochs * steps
    if settings.schedule == "constant" and not warmup:
        rate = peak
    elif settings.schedule == "cosine":
        rate = cosine(peak, warmup, total)
    else:
        rate = WarmUpLinear(peak, warmup, total, 0.0 if settings.schedule == "linear" else peak)
    extra = {"weight_decay": settings.weight_decay or None}
    match settings.optimizer:
        case "sgd":
            chosen = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, **extra)
        case "adam":
            chosen = keras.optimizers.Adam(rate, **extra)
        case "muon":
            chosen = Muon(rate, **extra)
        case "rmsprop":
            chosen = keras.optimizers.RMSprop(rate, **extra)
    if settings.weight_decay:
        chosen.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return chosen


def cosine(peak: float, warmup: int, total: int) -> keras.optimizers.schedules.LearningRateSchedule:
    """Return a linear rise to `peak` over `warmup` steps, if any, then a cosine to zero at step `total`."""
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0 if warmup else peak,
        decay_steps=max(1, total - warmup),
        warmup_target=peak if warmup else None,
        warmup_steps=warmup,
    )


def adamw(settings: Captioner | OwnDetector, steps: int, **more: Any) -> keras.optimizers.AdamW:
    """Return AdamW with a rise and a cosine of the rate, for `steps` steps an epoch; `more` is what else it is given.

    Biases, what normalisation has learnt and embeddings do not decay.
    """
    warmup = max(1, round(settings.warmup_epochs * steps))
    rate = cosine(float(settings.learning_rate), warmup, settings.epochs * steps)
    chosen = keras.optimizers.AdamW(rate, weight_decay=settings.weight_decay, **more)
    chosen.exclude_from_weight_decay(var_names=["bias", "gamma", "beta", "embeddings"])
    return chosen


def with_rate_shares(chosen: keras.optimizers.Optimizer, shares: dict[str, float]) -> keras.optimizers.Optimizer:
    """Return an optimiser whose steps use, for a weight whose path is in `shares`, that share of the learning rate."""
    step = chosen.update_step

    def scaled(gradient, variable, learning_rate) -> None:
        known = chosen._trainable_variables[chosen._get_variable_index(variable)]  # TensorFlow's own has no path
        step(gradient, variable, learning_rate * shares.get(known.path, 1.0))

    if shares:
        chosen.update_step = scaled
    return chosen


class WarmUpLinear(keras.optimizers.schedules.LearningRateSchedule):
    """A linear rise from zero to `peak` over `warmup` steps, then a straight line to `end` at step `total`."""

    def __init__(self, peak: float, warmup: int, total: int, end: float):
        self.peak, self.warmup, self.total, self.end = peak, warmup, total, end

    def __call__(self, step):
        step = keras.ops.cast(step, "float32")
        rise = step / max(1, self.warmup)
        fall = (step - self.warmup) / max(1, self.total - self.warmup)
        decayed = self.peak + (self.end - self.peak) * keras.ops.clip(fall, 0.0, 1.0)
        return keras.ops.where(step < self.warmup, self.peak * rise, decayed)

    def get_config(self) -> dict:
        return {"peak": self.peak, "warmup": self.warmup, "total": self.total, "end": self.end}
