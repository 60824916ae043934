"""Find the objects of one shard of photographs."""

from contextlib import ExitStack
from pathlib import Path

from assignment06.data.receipts import Receipt
from assignment06.detection.classes import categories
from assignment06.detection.nets import NETS
from assignment06.detection.onnx_net import OnnxDetector, open_detector
from assignment06.detection.shards import ShardFacts, find_in_shard, shard_rows
from assignment06.photographs.archives import unpacked


def detect_objects(
    manifest: str, shard: int, shard_size: int, receipt: str, raw: str, preprocessing: str, classes: list[str],
    score: float, iou: float, threads: int, predictions: str, images: str, skipped: str, facts: str,
    photographs_archive: str = "", detector_archive: str = "",
) -> None:  # fmt: skip
    """Find objects in the photographs of one shard (numbered from 0) and write what `shards` describes.

    `preprocessing` and `classes` are those of an own file (without classes, COCO's). Boxes below `score` are left out,
    and of two of one class that overlap by more than `iou` the better stays. Photographs are decoded and looked at in
    `threads` threads, each of which runs the net by itself. On a machine that sees neither the photographs nor `raw`,
    they come as the zips that `photographs.archives` makes.
    """
    with ExitStack() as stack:
        rows = stack.enter_context(shard_rows(manifest, shard, shard_size, photographs_archive))
        files = stack.enter_context(unpacked(detector_archive)) if detector_archive else Path(raw)
        names = list(categories(classes).values())
        detector = open_receipt(receipt, files, preprocessing, names, score, iou)
        size = max(detector.size) // 2  # what is read has no less than twice that, as the net takes
        counts = find_in_shard(rows, detector, names, size, threads, predictions, images, skipped)
    got = Receipt.read(receipt)
    ShardFacts(
        detector=got.name, images=counts[0], skipped=counts[1], found=counts[2], seconds=counts[3],
        settings={"score": score, "iou": iou}, files=got.files,
    ).write(facts)  # fmt: skip


def open_receipt(
    receipt: str, raw: str | Path, preprocessing: str, names: list[str], score: float, iou: float
) -> OnnxDetector:
    """Open the detector that a receipt names, below `raw`, for classes of those names.

    `preprocessing` is that of an own file; a registered net has its own.
    """
    got = Receipt.read(receipt)
    preprocessing = NETS[got.name].preprocessing if got.name in NETS else preprocessing
    [(path, sha256)] = got.files.items()
    return open_detector(Path(raw) / path, sha256, preprocessing, len(names), score, iou)
