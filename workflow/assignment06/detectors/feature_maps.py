"""Two maps of features that a frozen net makes of an image, fine and coarse: computed once, in shards, on the disk."""

from pathlib import Path

import keras
import numpy as np

from assignment06.backend import compute
from assignment06.data.image_files import read_image
from assignment06.detection.boxes import letterbox
from assignment06.detectors.prepared import AnnotatedImage, AnnotatedSet
from assignment06.experiments import batches
from assignment06.shared.documents import Document
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import atomic_path, check_unchanged
from assignment06.transfer.backbones import tapped
from assignment06.transfer.prepared import BackboneDescription

STRIDES = (8, 16)  # pixels of the input for each cell of the fine and of the coarse map
BATCH = 32


class MapFacts(Document):
    """What two files of maps are of (beside them), so that nothing is ever trained on those of another net."""

    weights_sha256: str
    """Of the backbone."""
    images: str
    """The digest of the set."""
    first: int
    """The place of the first image among those that are seen."""


class Maps:
    """The maps of all shards, in order. They stay on the disk, so memory does not grow with the images."""

    def __init__(self, fine: list[str], coarse: list[str], facts: list[str], backbone: str, annotated: AnnotatedSet):
        """Open them. Raises AssignmentError where a shard is of other weights (`backbone`, a digest) or images."""
        self._parts = [[np.load(path, mmap_mode="r", allow_pickle=False) for path in paths] for paths in (fine, coarse)]
        self._begins = np.cumsum([0, *map(len, self._parts[0])])
        images = annotated.digest
        for path, told, first in zip(fine, map(MapFacts.read, facts), self._begins[:-1], strict=True):
            if (told.weights_sha256, told.images, told.first) != (backbone, images, first):
                raise AssignmentError(f"{path} has features of other weights or images: delete it and run again.")

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """(rows, columns, features) of both."""
        return [parts[0].shape[2:] for parts in self._parts]

    def of(self, places: np.ndarray, sides: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return both maps of these images, float32 [n, rows, columns, k]; side 1 is the mirrored one."""
        shards = np.searchsorted(self._begins, places, side="right") - 1
        wanted = list(zip(shards, places - self._begins[shards], sides, strict=True))
        fine, coarse = (
            np.stack([_read(parts[shard], place, side) for shard, place, side in wanted]) for parts in self._parts
        )
        return fine, coarse


def _read(array: np.memmap, place: int, side: int) -> np.ndarray:
    """Return `array[place, side]` as float32, read from the file: pages of a mapped file would count as memory."""
    shape = array.shape[2:]
    count = int(np.prod(shape))
    offset = array.offset + int(place * array.shape[1] + side) * count * array.itemsize
    return np.fromfile(str(array.filename), array.dtype, count, offset=offset).reshape(shape).astype(np.float32)


def feature_maps(backbone: keras.Model) -> keras.Model:
    """Return a net from letterboxed pixels [n, side, side, 3], 0..255, to two maps of features (see `STRIDES`).

    Each is the last that a backbone of `transfer` computes at its resolution. Raises AssignmentError for one that does
    not halve evenly.
    """
    inner = backbone.layers[-1]
    side = inner.input_shape[1]
    outputs = []
    for stride in STRIDES:
        wanted = (None, side // stride, side // stride)
        found = [one.output for one in inner.operations if getattr(one.output, "shape", ())[:3] == wanted]
        if not found:
            raise AssignmentError(f"{inner.name} has no grid of {wanted[1]} x {wanted[1]} features: choose ResNet50.")
        outputs.append(found[-1])
    return tapped(backbone, outputs, side)


def canvases(images: list[AnnotatedImage], folder: str, side: int, mirrored: bool) -> np.ndarray:
    """Return images as a net takes them: letterboxed uint8 [1 or 2, n, side, side, 3], the second mirrored.

    Raises AssignmentError where one has gone or changed since the set was prepared.
    """
    found = []
    for one in images:
        path = Path(folder) / one.image
        check_unchanged(path, one.sha256)
        pixels = read_image(path, side // 2)
        looks = [pixels, pixels[:, ::-1]] if mirrored else [pixels]
        found.append([letterbox(look, side, side)[0] for look in looks])
    return np.stack(found, axis=1)


def extract_maps(
    backbone: str, backbone_description: str, prepared: str, shard: int, shards: int, mirrored: bool, fine: str,
    coarse: str, facts: str, threads: int,
) -> None:  # fmt: skip
    """Write both maps of one shard (from 0) of the images that training and validation see, and their `MapFacts`.

    The arrays are float16 [n, 1 or 2, rows, columns, k], with the mirrored image as the second. They are written as
    they are computed, so memory grows neither with the images nor with the shard.
    """
    compute.configure(threads, seed=0)
    described, annotated = BackboneDescription.read(backbone_description), AnnotatedSet.read(prepared)
    seen = annotated.seen
    count = len(seen)
    first, last = count * shard // shards, count * (shard + 1) // shards
    net = feature_maps(keras.saving.load_model(backbone, safe_mode=True, compile=False))
    with atomic_path(fine) as fine_part, atomic_path(coarse) as coarse_part:
        arrays = [
            np.lib.format.open_memmap(
                path, mode="w+", dtype=np.float16, shape=(last - first, 1 + mirrored, *output.shape[1:])
            )
            for path, output in zip((fine_part, coarse_part), net.outputs, strict=True)
        ]
        for start in range(first, last, BATCH):
            chosen = seen[start : min(last, start + BATCH)]
            here = slice(start - first, start - first + len(chosen))
            for look, pixels in enumerate(canvases(chosen, annotated.folder, described.input_size, mirrored)):
                for array, found in zip(arrays, net.predict(batches.in_order(pixels, BATCH), verbose=0), strict=True):
                    array[here, look] = found
        for array in arrays:
            array.flush()
    MapFacts(weights_sha256=described.weights_sha256, images=annotated.digest, first=first).write(facts)
