"""Images a second in training, against what the processor's matrix products would allow, setting by setting.

Every measurement trains an experiment's net on random pixels, with its own optimiser and augmentation, and takes
the matrix-product rate right before each round, in the same process. A round's first sixteen steps, in which
pipeline and functions are set up, are not in its rate.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.measuring import CORES, DEFAULTS, THREADS, Options, column, fresh, fresh_together, in_turn
from benchmarks.ratios import ratio

SHAPES = {"mnist": (28, 28, 1), "cifar10": (32, 32, 3)}
IMAGES = {"mnist": 8192, "cifar10": 4096}  # in the part of a round that counts, but for what is over a whole batch
LEFT_OUT = 16  # steps at a round's beginning
# what is changed -> keys of the experiment's row, or arguments of `train`
VARIANTS = {
    "batch 64": {"batch_size": 64},
    "batch 256": {"batch_size": 256},
    "XLA": {"xla": True},
    "1 step an execution": {"steps_per_execution": 1},
    "not deterministic": {"deterministic": False},
    "float32": {"compute_dtype": "float32"},
    "1 thread": {"threads": 1},
}


def train(
    settings: dict, rounds: int, threads: int, xla: bool | None = None, steps_per_execution: int | None = None,
    deterministic: bool = True, meeting: str | None = None, partners: int = 1, images: int | None = None,
) -> dict:  # fmt: skip
    """Train an experiment's net for some rounds; None stands for what the workflow does, for `images` for `IMAGES`.

    Returns images a second, what the bound would be (both as medians of the rounds, and round by round), the
    operations of one image, and the number format of training and bound. With a folder as `meeting`, it waits
    there until all `partners` are ready.
    """
    import keras
    import numpy as np

    from assignment06.backend import compute
    from assignment06.config.experiment import Experiment
    from assignment06.experiments import batches, fitting, networks
    from assignment06.experiments.normalisation import fuse
    from assignment06.experiments.optimizers import optimizer
    from benchmarks import operations

    row = Experiment(**settings | {"low_resolution_share": 0.0})  # the later epochs, at full size
    compute.configure(threads, row.seed if deterministic else None)
    batch, shape = row.batch_size, SHAPES[row.dataset]
    counted = max(1, (images or IMAGES[row.dataset]) // batch)  # steps
    images = (LEFT_OUT + counted) * batch
    rng = np.random.default_rng(row.seed)
    x, y = rng.integers(0, 256, (images, *shape), np.uint8), np.eye(10, dtype=np.float32)[np.arange(images) % 10]
    model = networks.build(row.model, shape, 10, row.dropout, row.seed)
    fuse(model)
    model.compile(
        optimizer=optimizer(row, LEFT_OUT + counted),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=row.label_smoothing),
        metrics=["accuracy"],
        jit_compile=compute.compile_with_xla() if xla is None else xla,
        steps_per_execution=steps_per_execution or fitting.STEPS_PER_EXECUTION,
    )
    each = operations.TRAINING * operations.forward_operations(model)
    stamps: dict[int, float] = {}

    def note(step: int, logs: dict) -> None:
        stamps[step] = time.perf_counter()

    noting = keras.callbacks.LambdaCallback(on_train_batch_end=note)
    first = slice(LEFT_OUT * batch)
    with compute.computing_in(row.compute_dtype) as dtype:
        model.fit(batches.of_epoch(x[first], y[first], row, 0), verbose=0)
        operations.matrix_product_rate(0.1)
        if meeting:
            Path(meeting, f"{time.monotonic_ns()}").touch()
            while len(list(Path(meeting).iterdir())) < partners:
                time.sleep(0.01)
        rates, bounds = [], []
        for number in range(rounds):
            bounds.append(operations.matrix_product_rate(0.4) / each)
            stamps.clear()
            model.fit(batches.of_epoch(x, y, row, number + 1), verbose=0, callbacks=[noting])
            rates.append(counted * batch / (max(stamps.values()) - stamps[LEFT_OUT - 1]))
    return {
        "images_per_second": median(rates),
        "bound_images_per_second": median(bounds),
        "rounds": list(zip(rates, bounds, strict=True)),
        "operations_per_image": each,
        "compute_dtype": dtype,
    }


def train_in_two(settings: dict, rounds: int) -> dict:
    """Train in two processes of one thread each at the same time; their rates are added."""
    with tempfile.TemporaryDirectory() as meeting:
        arguments = {"settings": settings, "rounds": rounds, "threads": 1, "meeting": meeting, "partners": 2}
        both = fresh_together(train, [arguments] * 2)
    added = {key: sum(one[key] for one in both) for key in both[0] if key.endswith("_per_second")}
    return {**added, "processes": both, "peak_rss_mb": sum(one["peak_rss_mb"] for one in both)}


def measure(quick: bool, options: Options = DEFAULTS) -> dict:
    """Compare each variant with the settings in use, in pairs; `quick` takes the first net and two variants."""
    rounds, pairs = (1, 1) if quick else (2, options.pairs or 3)
    chosen = [(name, row) for name, row in options.chosen().items() if row["dataset"] in SHAPES]
    measurements, ratios = [], []
    for experiment, settings in chosen[:1] if quick else chosen:
        arms = {name: _arm(settings, rounds, change) for name, change in VARIANTS.items()}
        if CORES > 1:
            arms["two processes of 1 thread"] = lambda pair, row=settings: train_in_two(row, rounds)
        usual, rows = _arm(settings, rounds, {}), []
        for name, arm in list(arms.items())[:2] if quick else arms.items():
            title = f"{experiment}: {name}"
            rows += in_turn(title, {"in use": usual, name: arm}, pairs)
            base, other = ((one, column(rows, one, "images_per_second", title)) for one in ("in use", name))
            ratios.append(ratio(f"{title} / in use", other, base, "images/s"))
        rates, bounds = (column(rows, "in use", key) for key in ("images_per_second", "bound_images_per_second"))
        name = f"{experiment}: training / matrix-product bound"
        ratios.append(ratio(name, ("in use", rates), ("bound", bounds), "images/s"))
        measurements += rows
    return {"measurements": measurements, "ratios": ratios}


def _arm(settings: dict, rounds: int, change: dict) -> Callable[[int], dict]:
    """Return the measurement with some keys of the row, or arguments of `train`, changed."""
    row = settings | {key: value for key, value in change.items() if key in settings}
    arguments = {"threads": THREADS} | {key: value for key, value in change.items() if key not in settings}
    return lambda pair: fresh(train, settings=row, rounds=rounds, **arguments)
