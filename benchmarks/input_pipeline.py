"""Images a second of the augmentation alone, against the training step alone: it must not be what limits.

Both are the workflow's own functions with all its threads. `together` is training with the augmentation, as the
workflow does it; on a processor the two share the cores, so it is slower than the step alone.
"""

import time
from statistics import median

from assignment06.shared import registry
from benchmarks.measuring import DEFAULTS, THREADS, Options, column, fresh, in_turn
from benchmarks.ratios import ratio
from benchmarks.training_throughput import SHAPES, train


def pipeline(settings: dict, seconds: float, threads: int) -> dict:
    """Draw augmented batches, epoch after epoch, for about so many seconds of each of three rounds.

    Returns images a second without an epoch's first batch, and the seconds that this first one takes.
    """
    import numpy as np

    from assignment06.backend import compute
    from assignment06.config.experiment import Experiment
    from assignment06.experiments import batches

    row = Experiment(**settings)
    compute.configure(threads, row.seed)
    rng, images = np.random.default_rng(row.seed), 4096
    x = rng.integers(0, 256, (images, *SHAPES[row.dataset]), np.uint8)
    y = np.eye(10, dtype=np.float32)[np.arange(images) % 10]
    rates, firsts = [], []
    for epoch in range(3):
        began, done = time.perf_counter(), 0
        endless = iter(batches.of_epoch(x, y, row, epoch).repeat())
        next(endless)
        first = time.perf_counter()
        while (elapsed := time.perf_counter() - first) < seconds or not done:
            done += len(next(endless)[1])
        rates.append(done / elapsed)
        firsts.append(first - began)
    return {"images_per_second": median(rates), "first_batch_seconds": median(firsts), "rounds": rates}


def measure(quick: bool, options: Options = DEFAULTS) -> dict:
    """Compare each policy with the step of every experiment that augments; `quick` takes the policy in use."""
    rounds, pairs, seconds = (1, 1, 0.5) if quick else (2, options.pairs or 3, 2.0)
    measurements, ratios = [], []
    for experiment, settings in options.chosen().items():
        in_use = settings["augmentation"]
        if in_use == "none" or settings["dataset"] not in SHAPES:
            continue
        for policy in [in_use] if quick else sorted(registry.names(registry.POLICIES), key=lambda name: name != in_use):
            augmented, bare = settings | {"augmentation": policy}, settings | {"augmentation": "none"}
            arms = {
                "augmentation alone": lambda pair, row=augmented: fresh(
                    pipeline, settings=row, seconds=seconds, threads=THREADS
                ),
                "step alone": lambda pair, row=bare: fresh(train, settings=row, rounds=rounds, threads=THREADS),
                "together": lambda pair, row=augmented: fresh(train, settings=row, rounds=rounds, threads=THREADS),
            }
            rows = in_turn(f"{experiment}: {policy}", arms, pairs)
            measurements += rows
            alone, step, together = ((arm, column(rows, arm, "images_per_second")) for arm in arms)
            target = 1.0 if policy == in_use and not quick else None
            name = f"{experiment}: `{policy}` alone / training step alone"
            ratios.append(ratio(name, alone, step, "images/s", at_least=target))
            name = f"{experiment}: training with `{policy}` / without"
            ratios.append(ratio(name, together, step, "images/s"))
    return {"measurements": measurements, "ratios": ratios}
