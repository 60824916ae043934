"""The features of a data set's images: computed once for each backbone, in shards, training and test apart."""

import keras
import numpy as np

from assignment06.backend import compute
from assignment06.data.prepared import coloured, load_split
from assignment06.experiments import batches
from assignment06.shared.files import atomic_path, sha256_file
from assignment06.transfer.prepared import BackboneDescription

BATCH = 64


def extract_features(
    backbone: str, backbone_description: str, images: str, shard: int, shards: int, features: str, threads: int
) -> None:
    """Write the features of one shard (numbered from 0) of a prepared .npz of images.

    The file has `features` (float32 [n, k]), `labels` (uint8 [n]), and the SHA-256 of the backbone's weights and of
    the images, so that nothing is ever trained on those of another net. Memory does not grow with the images.
    """
    compute.configure(threads, seed=0)
    described = BackboneDescription.read(backbone_description)
    x, y = load_split(images)
    first, last = len(y) * shard // shards, len(y) * (shard + 1) // shards
    net = keras.saving.load_model(backbone, safe_mode=True, compile=False)
    net.compile(jit_compile=compute.compile_with_xla())
    found = np.empty((last - first, described.features), np.float32)
    for start in range(first, last, 50 * BATCH):
        rgb = coloured(x[start : min(last, start + 50 * BATCH)])
        found[start - first : start - first + len(rgb)] = net.predict(batches.in_order(rgb, BATCH), verbose=0)
    with atomic_path(features) as temporary:
        np.savez(
            temporary,
            features=found,
            labels=y[first:last],
            backbone=np.array(described.weights_sha256),
            images=np.array(sha256_file(images)),
        )
