"""Classify photographs with a pretrained net of keras.applications, in batches, shard by shard (6.3)."""

import csv
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

import keras
import numpy as np
from numpy.typing import ArrayLike

from assignment06.backend import compute, kerascv
from assignment06.data.image_files import UnreadableImage, read_image
from assignment06.data.imagenet import PRETRAINED
from assignment06.data.receipts import Receipt
from assignment06.photographs.archives import at_hand, unpacked
from assignment06.photographs.engines import predictor
from assignment06.photographs.manifest import printable, read_shard
from assignment06.photographs.results import ShardFacts
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import atomic_path, sha256_file

PREDICTION_COLUMNS = ["image", "rank", "wordnet_id", "label", "probability"]
SKIPPED_COLUMNS = ["image", "reason"]
Batches = Iterator[tuple[list[str], np.ndarray, list[tuple[str, str]]]]  # see decoded_batches


def classify_shard(
    manifest: str, shard: int, shard_size: int, architecture: str, receipt: str, raw: str, top: int, batch_size: int,
    predictions: str, skipped: str, facts: str, threads: int, compute_dtype: str = "float32",
    engine: str = "keras", photographs_archive: str = "", classifier_archive: str = "", quantised_archive: str = "",
) -> None:  # fmt: skip
    """Classify the photographs of one shard (numbered from 0) and write three files.

    `predictions` has `top` rows an image (image, rank from 1, wordnet_id, label, probability); `skipped` one
    row for each image that could not be read, with the reason; `facts` is `ShardFacts`.
    `compute_dtype` is what `compute.computing_in` takes, `engine` what `engines.predictor` does; OpenVINO computes on
    the processor, in int8 where the zip is given that `quantisation` makes.
    Images are decoded in threads while the net works; memory does not grow with the number of images. On a
    machine that sees neither the photographs nor `raw`, they come as the zips that `archives` makes.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(unpacked(photographs_archive)) if photographs_archive else None
        files = stack.enter_context(unpacked(classifier_archive)) if classifier_archive else Path(raw)
        rows = read_shard(manifest, shard * shard_size, shard_size)
        rows = at_hand(rows, folder) if folder else rows
        compute.configure(threads, gpu=engine == "keras")
        dtype = "int8" if quantised_archive else stack.enter_context(compute.computing_in(compute_dtype))
        quantised = stack.enter_context(unpacked(quantised_archive)) if quantised_archive else None
        how = architecture, receipt, files, top, batch_size, threads, dtype, engine, quantised
        _classify(rows, *how, predictions, skipped, facts)


def _classify(
    rows: Iterator[dict], architecture: str, receipt: str, raw: Path, top: int, batch_size: int, threads: int,
    dtype: str, engine: str, quantised: Path | None, predictions: str, skipped: str, facts: str,
) -> None:  # fmt: skip
    began = time.monotonic()
    got = Receipt.read(receipt)
    got.verify(raw)
    model, preprocess = load_classifier(architecture, raw / got.roles["weights"] if got.roles else None)
    predict = predictor(model, engine, dtype, threads, quantised)
    names = class_names(raw / got.roles["classes"] if got.roles else None, model.output_shape[-1])
    done, lost = write_batches(
        decoded_batches(rows, model.input_shape[1], batch_size, threads),
        lambda images, batch: ranked(images, predict(preprocess(batch)), names, top),
        predictions, PREDICTION_COLUMNS, skipped,
    )  # fmt: skip
    ShardFacts(
        images=done,
        skipped=lost,
        seconds=time.monotonic() - began,
        device=compute.device(),
        compute_dtype=dtype,
        engine=engine,
        files=got.files,
        trained=bool(got.roles),
    ).write(facts)


def write_batches(
    batches: Batches, rows_of: Callable[[list[str], np.ndarray], Iterable], table: str, columns: list[str],
    skipped: str,
) -> tuple[int, int]:  # fmt: skip
    """Write as CSV what `rows_of` makes of the names and pixels of each of `decoded_batches`, and the unreadable.

    Returns how many images there were, and how many unreadable ones. Memory does not grow with them.
    """
    done = lost = 0
    with (
        atomic_path(table) as table_part,
        atomic_path(skipped) as skipped_part,
        open(table_part, "w", newline="", encoding="utf-8") as table_file,
        open(skipped_part, "w", newline="", encoding="utf-8") as skipped_file,
    ):
        writer, refuser = (csv.writer(file, lineterminator="\n") for file in (table_file, skipped_file))
        writer.writerow(columns)
        refuser.writerow(SKIPPED_COLUMNS)
        for names, pixels, refused in batches:
            refuser.writerows(refused)
            lost += len(refused)
            if names:
                writer.writerows(rows_of(names, pixels))
                done += len(names)
    return done, lost


def ranked(images: list[str], probabilities: np.ndarray, names: Sequence[Sequence[str]], top: int) -> Iterator[list]:
    """Yield the rows of `PREDICTION_COLUMNS` of some images: the `top` best of their probabilities [n, classes].

    `names` has the WordNet id and the label of each class.
    """
    for image, p in zip(images, probabilities, strict=True):
        for rank, k in enumerate(np.argsort(-p, kind="stable")[:top], start=1):
            yield [image, rank, *names[k], f"{p[k]:.7g}"]


def decoded_batches(
    rows: Iterator[dict], size: int, batch_size: int, threads: int,
    resize: Callable[[np.ndarray], ArrayLike] | None = None,
) -> Batches:  # fmt: skip
    """Yield (names, float32 pixels [n, size, size, 3] in 0..255, [(name, reason)] of the unreadable).

    While one batch is used, the next is decoded. `resize` makes uint8 [h, w, 3] the pixels of one image; KerasCV's
    centre crop if nothing is given.
    """
    resize = resize or kerascv.resizer(size)

    def decode(row: dict) -> np.ndarray | str:
        try:
            image = read_image(row["path"], size)
            if row["sha256"] and sha256_file(row["path"]) != row["sha256"]:
                return "it has changed since it was listed: run again"
            return np.asarray(resize(image))
        except UnreadableImage as error:
            return str(error)
        except OSError as error:
            return f"cannot be read ({error.strerror})"

    with ThreadPoolExecutor(max(1, threads)) as pool:

        def submit() -> list[tuple[dict, Future]]:
            return [(row, pool.submit(decode, row)) for row in islice(rows, batch_size)]

        waiting = submit()
        while waiting:
            following = submit()
            results = [(printable(row["name"]), future.result()) for row, future in waiting]
            read = [(name, pixels) for name, pixels in results if not isinstance(pixels, str)]
            refused = [(name, reason) for name, reason in results if isinstance(reason, str)]
            yield [name for name, _ in read], np.array([pixels for _, pixels in read], np.float32), refused
            waiting = following


def load_classifier(architecture: str, weights: Path | None) -> tuple[keras.Model, Callable]:
    """Return a keras.applications classifier and its own preprocessing; without `weights` it is untrained.

    Raises AssignmentError where there is no such classifier, or the weights are of another one.
    """
    if architecture not in PRETRAINED:
        raise AssignmentError(
            f"`classifier: architecture: {architecture}` is no classifier of keras.applications: choose one of "
            f"{', '.join(PRETRAINED)}."
        )
    keras.utils.set_random_seed(0)
    try:
        model = getattr(keras.applications, architecture)(weights=str(weights) if weights else None)
    except (ValueError, OSError, KeyError) as error:
        raise AssignmentError(
            f"{weights} does not hold weights of {architecture} ({str(error).splitlines()[0][:120]}): name the right "
            "file as `classifier: weights:` in config.yaml."
        ) from None
    model.compile(jit_compile=compute.compile_with_xla())
    return model, getattr(keras.applications, PRETRAINED[architecture].family).preprocess_input


def class_names(path: Path | None, classes: int) -> list[tuple[str, str]]:
    """Return (WordNet id, label) of each output; without the class index, labels that nobody takes for real."""
    if path is None:
        return [("untrained", f"class {number} (untrained)") for number in range(classes)]
    index = json.loads(path.read_text(encoding="utf-8"))
    if len(index) != classes:
        raise AssignmentError(f"{path} names {len(index)} classes, the net has {classes}: use the net's own list.")
    return [tuple(index[str(number)]) for number in range(classes)]
