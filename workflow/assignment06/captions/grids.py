"""The grid of features that a frozen net makes of a photograph, before they are averaged: computed once, in shards."""

import keras
import numpy as np
from keras import layers

from assignment06.backend import compute
from assignment06.captions.prepared import CaptionSet
from assignment06.data.datasets import squared
from assignment06.data.image_files import find_photographs, read_image
from assignment06.experiments import batches
from assignment06.shared.documents import Document
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import atomic_path, check_unchanged
from assignment06.transfer.backbones import FEATURES, tapped
from assignment06.transfer.prepared import BackboneDescription

BATCH = 32


class GridFacts(Document):
    """What a file of grids is of (beside it), so that nothing is ever trained on those of another net."""

    weights_sha256: str
    """Of the backbone."""
    photographs: str
    """The digest of the set."""
    first: int
    """The place of the first photograph in the set."""


def grid_net(backbone: keras.Model) -> keras.Model:
    """Return a net from raw pixels [n, h, w, 3] to float32 features [n, places, k], of a backbone of `transfer`.

    The backbone's last layer averages the last feature map over its places; this stops before.
    """
    inner = backbone.layers[-1]
    if not isinstance(inner.layers[-1], layers.GlobalAveragePooling2D):
        raise TypeError(f"{inner.name} does not end with an average over places")
    before = tapped(backbone, [inner.layers[-1].input])
    [found] = before.outputs
    return keras.Model(before.inputs, layers.Reshape((-1, found.shape[-1]))(found), name=FEATURES)


def photograph_pixels(path: str, size: int) -> np.ndarray:
    """Return uint8 pixels [size, size, 3] of a photograph: scaled, and cut to its middle."""
    return squared(read_image(path, size), size)


def compute_grids(net: keras.Model, paths: list[str], size: int, mirrored: bool = False) -> np.ndarray:
    """Return the grids of photographs (float16 [n, places, k]); with `mirrored` [n, 2, places, k], the mirrored second.

    Half the bytes of float32: a set of thousands is gigabytes.
    """
    found = []
    for start in range(0, len(paths), BATCH):
        pixels = np.stack([photograph_pixels(path, size) for path in paths[start : start + BATCH]])
        both = [pixels, pixels[:, :, ::-1]] if mirrored else [pixels]
        grids = [net.predict(batches.in_order(one, BATCH), verbose=0).astype(np.float16) for one in both]
        found.append(np.stack(grids, axis=1) if mirrored else grids[0])
    return np.concatenate(found)


def extract_grids(
    backbone: str, backbone_description: str, prepared: str, images: str, shard: int, shards: int, mirrored: bool,
    grids: str, facts: str, threads: int,
) -> None:  # fmt: skip
    """Write the grids of one shard (numbered from 0) of a `CaptionSet`, as .npy, and their `GridFacts`.

    Memory does not grow with the photographs of the set, but with those of a shard. Raises AssignmentError where a
    photograph has changed since the set was prepared.
    """
    compute.configure(threads, seed=0)
    described, captioned = BackboneDescription.read(backbone_description), CaptionSet.read(prepared)
    count = len(captioned.photographs)
    first, last = count * shard // shards, count * (shard + 1) // shards
    chosen = captioned.photographs[first:last]
    found = dict(find_photographs(images))
    paths = [str(found.get(one.image, one.image)) for one in chosen]
    for one, path in zip(chosen, paths, strict=True):
        check_unchanged(path, one.sha256)
    net = grid_net(keras.saving.load_model(backbone, safe_mode=True, compile=False))
    with atomic_path(grids) as part:
        np.save(part, compute_grids(net, paths, described.input_size, mirrored))
    GridFacts(
        weights_sha256=described.weights_sha256,
        photographs=captioned.digest,
        first=first,
    ).write(facts)


def load_grids(grids: list[str], facts: list[str], backbone: BackboneDescription, captioned: CaptionSet) -> np.ndarray:
    """Return the grids of all shards in order, [n, 1 or 2, places, k], float16; what the disk holds is mapped.

    Raises AssignmentError where a shard is of other weights or other photographs.
    """
    parts = []
    for path, told in zip(grids, map(GridFacts.read, facts), strict=True):
        wanted = (backbone.weights_sha256, captioned.digest, sum(map(len, parts)))
        if (told.weights_sha256, told.photographs, told.first) != wanted:
            raise AssignmentError(f"{path} has features of other weights or photographs: delete it and run again.")
        parts.append(np.load(path, mmap_mode="r", allow_pickle=False))
    found = parts[0] if len(parts) == 1 else np.concatenate(parts)
    return found if found.ndim == 4 else found[:, None]
