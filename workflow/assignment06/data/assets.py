"""Official files: where they may be had, and what they must be. Those of the data sets are in
`data.official`, those of the pretrained nets in `data.imagenet`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Asset:
    """One official file. `path` is its place under `data/raw` and in a mirror directory."""

    path: str
    digest: str  # "sha256:<hex>" or "md5:<hex>"
    bytes: int | None  # None where only the digest is published
    urls: tuple[str, ...] = ()


IMAGENET_CLASSES = Asset(
    "imagenet/imagenet_class_index.json",
    "sha256:a1e7a966a1f601d39e4b43e119b3e7dd4a2ad3ea08cf69847cbaf021013767bc",
    35_363,
    (
        "https://storage.googleapis.com/download.tensorflow.org/data/imagenet_class_index.json",
        "https://s3.amazonaws.com/deep-learning-models/image-models/imagenet_class_index.json",
    ),
)
