"""One shard of photographs through a detector, into tables; memory does not grow with the number of photographs."""

import csv
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import TypeVar

import numpy as np

from assignment06.data.image_files import UnreadableImage, read_measured_image
from assignment06.detection.found import Found
from assignment06.photographs.archives import at_hand, unpacked
from assignment06.photographs.manifest import printable, read_shard
from assignment06.shared.documents import Document
from assignment06.shared.files import atomic_path

T = TypeVar("T")
FOUND_COLUMNS = ["image", "label", "score", "x", "y", "width", "height"]
IMAGE_COLUMNS = ["image", "number", "width", "height", "found"]
SKIPPED_COLUMNS = ["image", "reason"]


class ShardFacts(Document):
    """What one shard took: photographs looked at, skipped, boxes found, seconds; and how it was done."""

    detector: str
    classes: list[str]
    images: int
    skipped: int
    found: int
    seconds: float
    settings: dict[str, float]
    files: dict[str, str]
    stamps: list[str]


@contextmanager
def shard_rows(manifest: str, shard: int, shard_size: int, archive: str = "") -> Generator[Iterator[dict]]:
    """Yield the manifest's rows of one shard (from 0), each with its "number" in the list, from an archive if given."""
    with ExitStack() as stack:
        rows = read_shard(manifest, shard * shard_size, shard_size)
        if archive:
            rows = at_hand(rows, stack.enter_context(unpacked(archive)))
        yield (row | {"number": number} for number, row in enumerate(rows, start=shard * shard_size))


def find_in_shard(
    rows: Iterator[dict], find: Callable[[np.ndarray], Found], names: list[str], size: int, threads: int,
    predictions: str, images: str, skipped: str,
) -> tuple[int, int, int, float]:  # fmt: skip
    """Look through the photographs and write three CSV files; return (looked at, skipped, found, seconds).

    `find` takes uint8 RGB [h, w, 3] whose shorter side has `size` pixels or more where the photograph has, and must
    bear being called from `threads` threads. `predictions` has a row a box (image, label, score, and x, y, width,
    height in pixels of the upright photograph); `images` a row a photograph (its number in the list from 0, its width
    and height, how many were found); `skipped` one for each that could not be read, with the reason.
    """
    began, looked, lost, boxes = time.monotonic(), 0, 0, 0

    def look(row: dict) -> tuple[Found, tuple[int, int]] | str:
        try:
            pixels, (width, height) = read_measured_image(row["path"], size)
        except UnreadableImage as error:
            return str(error)
        return find(pixels).scaled(width / pixels.shape[1], height / pixels.shape[0]), (width, height)

    with ExitStack() as stack:
        writers = []
        for path, columns in ((predictions, FOUND_COLUMNS), (images, IMAGE_COLUMNS), (skipped, SKIPPED_COLUMNS)):
            part = stack.enter_context(atomic_path(path))
            file = stack.enter_context(open(part, "w", newline="", encoding="utf-8"))
            writers.append(csv.writer(file, lineterminator="\n"))
            writers[-1].writerow(columns)
        for row, result in in_order(look, rows, threads):
            name = printable(row["name"])
            if isinstance(result, str):
                writers[2].writerow([name, result])
                lost += 1
                continue
            found, (width, height) = result
            writers[0].writerows(
                [name, names[label], f"{score:.5f}", *(f"{value:.2f}" for value in box)]
                for box, score, label in zip(found.boxes, found.scores, found.classes, strict=True)
            )
            writers[1].writerow([name, row["number"], width, height, len(found)])
            looked, boxes = looked + 1, boxes + len(found)
    return looked, lost, boxes, time.monotonic() - began


def in_order(function: Callable[[dict], T], rows: Iterator[dict], threads: int) -> Iterator[tuple[dict, T]]:
    """Yield (row, function(row)) in the rows' order, from `threads` threads; few results wait to be taken."""
    with ThreadPoolExecutor(max(1, threads)) as pool:
        waiting: deque[tuple[dict, Future[T]]] = deque()
        for row in rows:
            waiting.append((row, pool.submit(function, row)))
            if len(waiting) >= 4 * max(1, threads):
                first, future = waiting.popleft()
                yield first, future.result()
        for row, future in waiting:
            yield row, future.result()
