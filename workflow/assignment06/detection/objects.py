"""Find the objects of one shard of photographs."""

from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from assignment06.backend import compute
from assignment06.data.receipts import Receipt
from assignment06.detection.classes import NAMES
from assignment06.detection.keras_net import KerasDetector, open_trained
from assignment06.detection.nets import NETS
from assignment06.detection.onnx_net import OnnxDetector, open_detector
from assignment06.detection.results import DetectorFacts
from assignment06.detection.shards import ShardFacts, find_in_shard, shard_rows
from assignment06.photographs.archives import unpacked
from assignment06.shared.files import sha256_file


class Opened(NamedTuple):
    """A detector with its name, its classes in order, its files' digests, and what must be written on what it finds."""

    find: OnnxDetector | KerasDetector
    name: str
    classes: list[str]
    files: dict[str, str]
    stamps: list[str]


def detect_objects(
    manifest: str, shard: int, shard_size: int, raw: str, preprocessing: str, classes: list[str], score: float,
    iou: float, threads: int, predictions: str, images: str, skipped: str, facts: str, receipt: str = "",
    model: str = "", training: str = "", photographs_archive: str = "", detector_archive: str = "",
) -> None:  # fmt: skip
    """Find objects in the photographs of one shard (numbered from 0) and write what `shards` describes.

    The detector is the one of `receipt`, or a `model` that was trained here, with its `training`. `preprocessing` and
    `classes` are those of an own ONNX file (without classes, COCO's). Boxes below `score` are left out, and of two of
    one class that overlap by more than `iou` the better stays. Photographs are decoded and looked at in `threads`
    threads, each of which runs the net by itself. On a machine that sees neither the photographs nor `raw`, they come
    as the zips that `photographs.archives` makes.
    """
    with ExitStack() as stack:
        rows = stack.enter_context(shard_rows(manifest, shard, shard_size, photographs_archive))
        files = stack.enter_context(unpacked(detector_archive)) if detector_archive else Path(raw)
        opened = open_either(receipt, files, preprocessing, classes, model, training, score, iou, threads)
        size = max(opened.find.size) // 2  # what is read has no less than twice that, as the net takes
        counts = find_in_shard(rows, opened.find, opened.classes, size, threads, predictions, images, skipped)
    ShardFacts(
        detector=opened.name, classes=opened.classes, images=counts[0], skipped=counts[1], found=counts[2],
        seconds=counts[3], settings={"score": score, "iou": iou}, files=opened.files, stamps=opened.stamps,
    ).write(facts)  # fmt: skip


def open_either(
    receipt: str, raw: str | Path, preprocessing: str, classes: list[str], model: str, training: str, score: float,
    iou: float, threads: int,
) -> Opened:  # fmt: skip
    """Open the `model` that was trained here or, where that is "", the detector of `receipt`."""
    if model:
        return open_own(model, training, score, iou, threads)
    return open_receipt(receipt, raw, preprocessing, classes, score, iou)


def open_own(model: str, training: str, score: float, iou: float, threads: int) -> Opened:
    """Open a detector that was trained here, whose `DetectorFacts` lie in `training`, for so many threads."""
    compute.configure(threads, seed=0)
    told = DetectorFacts.read(training)
    files = {"/".join(Path(model).parts[-2:]): sha256_file(model)}
    return Opened(open_trained(model, told, score, iou), told.detector, told.classes, files, told.stamps)


def open_receipt(
    receipt: str, raw: str | Path, preprocessing: str, classes: list[str], score: float, iou: float
) -> Opened:
    """Open the detector that a receipt names, below `raw`, for `classes`, or COCO's where none are given.

    `preprocessing` is that of an own file; a registered net has its own.
    """
    got, names = Receipt.read(receipt), list(classes or NAMES)
    preprocessing = NETS[got.name].preprocessing if got.name in NETS else preprocessing
    [(path, sha256)] = got.files.items()
    found = open_detector(Path(raw) / path, sha256, preprocessing, len(names), score, iou)
    return Opened(found, got.name, names, got.files, [])
