"""What all rows with a pretrained net share: what its backbone is, and the features that it made of the images."""

import numpy as np

from assignment06.shared.documents import Document
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import sha256_file


class BackboneDescription(Document):
    """What a prepared backbone is (beside it)."""

    net: str
    input_size: int
    features: int
    """How many numbers an image becomes."""
    weights_sha256: str
    """Of all its weights."""
    files: dict[str, str]
    """The weights file under data/raw and its SHA-256; empty for an untrained net."""

    @property
    def stamps(self) -> list[str]:
        """What must be written on everything made with it, if anything."""
        return [] if self.files else [f"untrained weights ({self.net})"]


def load_features(paths: list[str], backbone: BackboneDescription, images: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the features (float32 [n, k]) and labels (uint8 [n]) of all shards of one prepared .npz, in order.

    Raises AssignmentError where a shard is of other weights or other images.
    """
    sha256, parts, labels = sha256_file(images), [], []
    for path in paths:
        with np.load(path, allow_pickle=False) as shard:
            for what, of, wanted in (("weights", "backbone", backbone.weights_sha256), ("images", "images", sha256)):
                if str(shard[of]) != wanted:
                    raise AssignmentError(
                        f"{path} has features of other {what} (SHA-256 {str(shard[of])[:12]}..., not "
                        f"{wanted[:12]}...): delete it and run again."
                    )
            parts.append(shard["features"])
            labels.append(shard["labels"])
    return np.concatenate(parts), np.concatenate(labels)
