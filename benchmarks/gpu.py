"""What a GPU gives: training with XLA and without, 6.3 beside the processor, and how far its results are the same.

It needs a GPU that TensorFlow sees, and `--results`, the results folder of a finished run, whose nets and test sets it
takes. Every measurement is a process of its own; one without a GPU has the same machine's processor.
"""

import os
import tempfile
from pathlib import Path
from unittest.mock import patch

from assignment06.shared.errors import AssignmentError
from benchmarks import classification, training_throughput
from benchmarks.measuring import CORES, DEFAULTS, THREADS, Options, column, fresh, in_turn
from benchmarks.ratios import quantity, ratio

PHOTOGRAPHS = 1000
IMAGES = 40_000  # in the part of a training's round that counts
EPOCHS = 2  # of the trainings whose weights are compared


def seen() -> dict:
    """Return the names of the GPUs that TensorFlow sees."""
    import tensorflow as tf

    from assignment06.backend import compute

    compute.configure(1)  # which helps TensorFlow to find its libraries
    return {"gpus": [gpu.name for gpu in tf.config.list_physical_devices("GPU")]}


def on_processor(function, **arguments) -> dict:
    """Call a function in a new process that sees no GPU."""
    with patch.dict(os.environ, {"CUDA_VISIBLE_DEVICES": "-1"}):
        return fresh(function, **arguments)


def trained(settings: dict, train: str, description: str, threads: int) -> dict:
    """Train a row for a few epochs with the workflow's function; return the digest of its weights and its seconds."""
    from assignment06.config.experiment import Experiment
    from assignment06.experiments.results import TrainingFacts
    from assignment06.experiments.training import train_convnet

    with tempfile.TemporaryDirectory() as name:
        files = {key: f"{name}/{key}" for key in ("summary", "history", "facts", "checkpoints")}
        row = Experiment(**settings | {"epochs": EPOCHS})
        train_convnet("gpu", row, train, description, f"{name}/net.keras", **files, threads=threads, code="")
        facts = TrainingFacts.read(files["facts"])
    return {"weights": facts.weights_sha256, "seconds": facts.seconds, "device": facts.device}


def probabilities(model: str, test: str, to: str, threads: int, tensor_float: bool = True) -> dict:
    """Predict a prepared test set with a saved net, as the workflow does, into an .npy file; say on what device."""
    import keras
    import numpy as np
    import tensorflow as tf

    from assignment06.backend import compute
    from assignment06.data.prepared import load_split
    from assignment06.experiments import batches

    compute.configure(threads, seed=0)
    tf.config.experimental.enable_tensor_float_32_execution(tensor_float)  # the workflow's own predictions do without
    net = keras.saving.load_model(model, safe_mode=True)
    net.compile(jit_compile=compute.compile_with_xla())
    np.save(to, net.predict(batches.in_order(load_split(test)[0]), verbose=0))
    return {"device": compute.device()}


def agreement(results: Path, experiment: str, dataset: str, threads: int) -> list[dict]:
    """Compare a net's predictions of its test set on the GPU, with TensorFloat-32 and without, with the processor's."""
    import numpy as np

    with tempfile.TemporaryDirectory() as name:
        given = {
            "model": str(results / f"models/{experiment}.keras"),
            "test": str(results.parent / f"data/prepared/{dataset}/test.npz"),
            "threads": threads,
        }
        on_processor(probabilities, **given, to=f"{name}/cpu.npy")
        reference = np.load(f"{name}/cpu.npy")
        found = []
        for arm, wanted in (("TensorFloat-32", True), ("float32", False)):
            fresh(probabilities, **given, to=f"{name}/gpu.npy", tensor_float=wanted)
            other = np.load(f"{name}/gpu.npy")
            found.append(
                {
                    "title": f"{experiment}: GPU against processor",
                    "arm": arm,
                    "pair": 0,
                    "largest_difference": float(np.abs(other - reference).max()),
                    "other_labels": int((other.argmax(axis=1) != reference.argmax(axis=1)).sum()),
                    "images": len(reference),
                }
            )
    return found


def measure(quick: bool, options: Options = DEFAULTS) -> dict:
    """Measure all of it; raises AssignmentError where there is no GPU or no finished run."""
    if not fresh(seen)["gpus"]:
        raise AssignmentError("TensorFlow sees no GPU here: `benchmarks/run.py gpu` has nothing to measure.")
    if not options.results:
        raise AssignmentError("`benchmarks/run.py gpu` needs `--results`, the results folder of a finished run.")
    pairs, threads = (1 if quick else options.pairs or 3), min(8, CORES)
    results = options.results.resolve()
    measurements, ratios, quantities = [], [], []
    for experiment, settings in options.chosen().items():
        dataset = settings["dataset"]
        if dataset not in training_throughput.SHAPES:
            continue

        def training(row=settings, threads=threads, **more) -> dict:
            return fresh(training_throughput.train, settings=row, rounds=2, threads=threads, images=IMAGES, **more)

        title = f"{experiment}: training"
        arms = {
            "with XLA": lambda pair, go=training: go(),
            "without XLA": lambda pair, go=training: go(xla=False),
            "two threads": lambda pair, go=training: go(threads=THREADS),
            "without augmentation": lambda pair, go=training, row=settings: go(row=row | {"augmentation": "none"}),
        }
        rows = in_turn(title, arms, pairs)
        with_xla, without, two, plain = ((arm, column(rows, arm, "images_per_second")) for arm in arms)
        ratios.append(ratio(f"{title}, with XLA / without", with_xla, without, "images/s"))
        ratios.append(ratio(f"{title}, {threads} threads / {THREADS}", with_xla, two, "images/s"))
        if settings["augmentation"] != "none":
            ratios.append(ratio(f"{title} / without augmentation", with_xla, plain, "images/s"))
        prepared = results.parent / f"data/prepared/{dataset}"
        given = {
            "settings": settings,
            "train": str(prepared / "train.npz"),
            "description": str(prepared / "dataset.json"),
            "threads": threads,
        }
        twice = in_turn(f"{experiment}: weights", {"GPU": lambda pair, given=given: fresh(trained, **given)}, 2)
        same = twice[0]["weights"] == twice[1]["weights"]
        quantities.append(quantity(f"{experiment}: equal weights of two trainings with one seed (1: yes)", [same], ""))
        compared = agreement(results, experiment, dataset, threads)
        for row in compared:
            name = f"{row['title']}, {row['arm']}"
            quantities.append(quantity(f"{name}: largest difference", [row["largest_difference"]], ""))
            quantities.append(quantity(f"{name}: other first labels", [row["other_labels"]], f"of {row['images']:,}"))
        measurements += [*rows, *twice, *compared]
    with tempfile.TemporaryDirectory() as folder:
        count = 100 if quick else PHOTOGRAPHS
        classification._set_up(Path(folder), count)

        def photographs(call, **more) -> dict:
            return call(classification.workflow, folder=folder, count=count, threads=threads, **more)

        title = "6.3"
        arms = {"GPU": lambda pair: photographs(fresh), "processor": lambda pair: photographs(on_processor)}
        rows = in_turn(title, arms, pairs)
    gpu, processor = ((arm, column(rows, arm, "images_per_second")) for arm in arms)
    ratios.append(ratio(f"{title}: GPU / processor, {threads} threads", gpu, processor, "images/s"))
    measurements += rows
    return {"measurements": measurements, "ratios": ratios, "quantities": quantities}
