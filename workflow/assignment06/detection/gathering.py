"""Put the shards of a detection together again: one table, COCO's results format, and what it took."""

import csv
import json
from collections import Counter
from collections.abc import Iterator

from assignment06.detection.classes import categories
from assignment06.detection.results import DetectionMetadata, DetectionProvenance
from assignment06.detection.shards import ShardFacts
from assignment06.photographs.gathering import join_tables
from assignment06.shared.files import atomic_path
from assignment06.shared.provenance import provenance


def gather_detections(
    predictions: list[str], images: list[str], skipped: list[str], facts: list[str], photographs: str,
    stand_in: bool, gathered: str, gathered_images: str, gathered_skipped: str, coco: str,
    metadata: str,
) -> None:  # fmt: skip
    """Join the shards' tables, in order; write them in COCO's results format too (`coco`), and the counts.

    COCO's results know images and classes by number: an image's is that of `gathered_images`, a class's that of
    COCO or, for a detector of other classes, its place among them, from 1.
    """
    for parts, target in ((predictions, gathered), (images, gathered_images), (skipped, gathered_skipped)):
        join_tables(parts, target)
    shards = [ShardFacts.read(path) for path in facts]
    names = {label: number for number, label in categories(shards[0].classes).items()}
    boxes, seen, with_any = _write_results(gathered, gathered_images, names, coco)
    DetectionMetadata(
        detector=shards[0].detector,
        photographs=photographs,
        stamps=[*(["stand-in photographs (data/raw/images is empty)"] if stand_in else []), *shards[0].stamps],
        images=sum(shard.images for shard in shards),
        skipped=sum(shard.skipped for shard in shards),
        found=sum(shard.found for shard in shards),
        images_with=with_any,
        boxes_by_label=dict(boxes.most_common()),
        images_by_label=dict(seen.most_common()),
        seconds=sum(shard.seconds for shard in shards),
        settings=shards[0].settings,
        provenance=DetectionProvenance(files=shards[0].files, **provenance()),
    ).write(metadata)


def read_table(path: str) -> Iterator[dict[str, str]]:
    """Yield a CSV file's rows."""
    with open(path, newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _write_results(gathered: str, images: str, names: dict[str, int], coco: str) -> tuple[Counter, Counter, int]:
    """Write COCO's results line by line; count boxes by label, images by label, and images with any box.

    Both tables are in the list's order, so they are read side by side and no name is kept.
    """
    boxes, seen, with_any = Counter(), Counter(), 0
    numbers = read_table(images)
    current, image, first = None, {}, True
    labels: set[str] = set()
    with atomic_path(coco) as part, open(part, "w", encoding="utf-8") as file:
        file.write("[")
        for row in read_table(gathered):
            if row["image"] != current:
                seen.update(sorted(labels))
                current, labels, with_any = row["image"], set(), with_any + 1
                image = next(one for one in numbers if one["image"] == current)
            boxes[row["label"]] += 1
            labels.add(row["label"])
            result = {
                "image_id": int(image["number"]),
                "category_id": names[row["label"]],
                "bbox": [float(row[key]) for key in ("x", "y", "width", "height")],
                "score": float(row["score"]),
            }
            file.write(("\n" if first else ",\n") + json.dumps(result))
            first = False
        seen.update(sorted(labels))
        file.write("\n]\n")
    return boxes, seen, with_any
