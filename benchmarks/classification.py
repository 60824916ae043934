"""Photographs a second of 6.3, decoding included, against a student's loops and the matrix-product bound.

The net has random weights: the speed is the same, and none need be downloaded. Rates are of the middle batches:
loading the net, the first batch (in which functions are set up) and the last are left out, on all sides alike.
"""

import json
import logging
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image

from assignment06.data import acquisition, stand_ins
from assignment06.photographs import manifest as photographs
from benchmarks.measuring import CONFIG, DEFAULTS, THREADS, Options, column, fresh, in_turn
from benchmarks.ratios import ratio

BATCH = CONFIG.classifier.batch_size
NET, SIZE, SEED = "ResNet50", 224, 0


def crops(folder: Path, count: int) -> None:
    """Write `count` JPEG files into `folder`: crops of the sample photographs, 70 to 100 % of each side."""
    originals, rng = folder.parent / "originals", np.random.default_rng(SEED)
    images = [Image.open(originals / name).convert("RGB") for name in stand_ins.write_stand_ins(str(originals))]
    folder.mkdir()
    for number in range(count):
        image = images[number % len(images)]
        width, height = (round(side * rng.uniform(0.7, 1)) for side in image.size)
        left, top = rng.integers(0, image.width - width + 1), rng.integers(0, image.height - height + 1)
        image.crop((left, top, left + width, top + height)).save(folder / f"{number:06d}.jpg", quality=90)


def net_operations() -> dict:
    """Return the floating-point operations of one photograph."""
    from assignment06.photographs import classification
    from benchmarks import operations

    return {"operations": operations.forward_operations(classification.load_classifier(NET, None)[0])}


def workflow(folder: str, count: int, threads: int, bounded: bool = False, compute_dtype: str = "float32") -> dict:
    """Classify the first `count` photographs with the workflow's function, as one shard.

    With `bounded`, the matrix-product rate right before and after is taken too, in the same number format, which
    costs memory.
    """
    from assignment06.backend import compute
    from assignment06.photographs import classification
    from benchmarks import operations

    compute.configure(threads)
    stamps, decoded = [], classification.decoded_batches

    def stamped(*arguments):
        for batch in decoded(*arguments):
            yield batch
            stamps.append((time.perf_counter(), len(batch[0])))  # by now it has been classified and written

    classification.decoded_batches = stamped
    with tempfile.TemporaryDirectory() as name, compute.computing_in(compute_dtype):
        rates = [operations.matrix_product_rate(1.0)] if bounded else []
        out = {key: f"{name}/{key}" for key in ("predictions", "skipped", "facts")}
        classification.classify_shard(
            f"{folder}/manifest.jsonl", 0, count, NET, f"{folder}/source.json", f"{folder}/raw",
            CONFIG.classifier.top, BATCH, threads=threads, compute_dtype=compute_dtype, **out,
        )  # fmt: skip
        facts = json.loads(Path(out["facts"]).read_text(encoding="utf-8"))
        rates += [operations.matrix_product_rate(1.0)] if bounded else []
    return {
        "images_per_second": _rate(stamps[:-1]),
        "images": facts["images"],
        "compute_dtype": facts["compute_dtype"],
        "whole_seconds": facts["seconds"],
        "matrix_product_rates": rates,
    }


def student(folder: str, count: int, batch: int, threads: int) -> dict:
    """Classify the first `count` photographs with `predict`, `batch` at a time, as textbooks show it."""
    from assignment06.backend import compute

    compute.configure(threads)
    from keras.applications.resnet50 import ResNet50, preprocess_input
    from keras.utils import img_to_array, load_img

    model = ResNet50(weights=None)
    paths, stamps = sorted(Path(folder, "images").iterdir())[:count], []
    for start in range(0, len(paths), batch):
        images = [img_to_array(load_img(path, target_size=(SIZE, SIZE))) for path in paths[start : start + batch]]
        model.predict(preprocess_input(np.stack(images)), verbose=0)
        stamps.append((time.perf_counter(), len(images)))
    return {"images_per_second": _rate(stamps[:-1]), "images": len(paths)}


def _rate(stamps: list[tuple[float, int]]) -> float:
    """Return images a second after the first stamp."""
    return sum(images for _, images in stamps[1:]) / (stamps[-1][0] - stamps[0][0])


def measure(quick: bool, options: Options = DEFAULTS) -> dict:
    """Compare the workflow with both loops and with the bound, then few photographs with many."""
    pairs = 1 if quick else options.pairs or 3
    few, singles = (4 * BATCH, 6) if quick else (10 * BATCH, 34)
    counts = (4 * BATCH, 6 * BATCH) if quick else (100, 1000, 10_000) if options.many else (100, 1000)
    with tempfile.TemporaryDirectory() as folder:
        _set_up(Path(folder), max(few, *counts))

        def ours(count: int, **more) -> dict:
            return fresh(workflow, folder=folder, count=count, threads=THREADS, **more)

        def theirs(count: int, batch: int) -> dict:
            return fresh(student, folder=folder, count=count, batch=batch, threads=THREADS)

        arms = {
            "this workflow": lambda pair: ours(few, bounded=True),
            "predict, one by one": lambda pair: theirs(singles, 1),
            "predict, batches": lambda pair: theirs(few, BATCH),
            "compute_dtype: auto": lambda pair: ours(few, bounded=True, compute_dtype="auto"),
        }
        loops = in_turn("loops", arms, pairs)
        sizes = in_turn("sizes", {str(count): lambda pair, n=count: ours(n) for count in counts[:2]}, pairs)
        if len(counts) > 2:
            sizes += in_turn("sizes", {str(counts[2]): lambda pair: ours(counts[2])}, 1)
    each = fresh(net_operations)["operations"]
    mine, one, plain, auto = ((arm, column(loops, arm, "images_per_second")) for arm in arms)
    bound, auto_bound = (
        ("bound", [median(rates) / each for rates in column(loops, arm, "matrix_product_rates")])
        for arm in ("this workflow", "compute_dtype: auto")
    )
    ratios = [
        ratio("6.3: this workflow / image by image", mine, one, "images/s", at_least=None if quick else 5),
        ratio(f"6.3: this workflow / batches of {BATCH}", mine, plain, "images/s"),
        ratio("6.3: this workflow / matrix-product bound", mine, bound, "images/s", at_least=None if quick else 0.7),
        ratio("6.3: with `compute_dtype: auto` / image by image", auto, one, "images/s", at_least=None if quick else 5),
        ratio("6.3: with `compute_dtype: auto` / matrix-product bound of its format", auto, auto_bound, "images/s"),
    ]
    for count in counts[1:]:
        name = f"6.3: {count:,} photographs / {counts[0]:,}"
        for key, unit, target in (("images_per_second", "images/s", "at_least"), ("peak_rss_mb", "MiB", "at_most")):
            many, base = (column(sizes, str(n), key) for n in (count, counts[0]))
            over, under = (f"{count:,}", many), (f"{counts[0]:,}", base[: len(many)])
            limit = None if quick else {"at_least": 0.9, "at_most": 1.1}[target]
            what = "speed" if unit == "images/s" else "peak memory"
            ratios.append(ratio(f"{name}, {what}", over, under, unit, **{target: limit}))
    return {"seed": SEED, "operations_per_image": each, "measurements": [*loops, *sizes], "ratios": ratios}


def _set_up(folder: Path, count: int) -> None:
    """Write the photographs, their manifest, and the receipt of an untrained net."""
    crops(folder / "images", count)
    photographs.list_photographs(str(folder / "images"), str(folder / "manifest.jsonl"))
    logging.getLogger("assignment06").setLevel(logging.ERROR)  # that the net is untrained is meant
    acquisition.acquire_classifier(
        NET, "imagenet", "sample", str(folder / "raw"), None, str(folder / "source.json"), network=False
    )
