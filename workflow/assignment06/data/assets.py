"""Official files: where they may be had, and what they must be. Those of the data sets are in `data.official`.

The ImageNet files carry the MD5 sums that Keras itself checks.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Asset:
    """One official file. `path` is its place under `data/raw` and in a mirror directory."""

    path: str
    digest: str  # "sha256:<hex>" or "md5:<hex>"
    bytes: int
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

RESNET50 = Asset(
    "imagenet/resnet50_weights_tf_dim_ordering_tf_kernels.h5",
    "md5:2cb95161c43110f7111970584f804107",
    102_967_424,
    (
        "https://storage.googleapis.com/tensorflow/keras-applications/resnet/"
        "resnet50_weights_tf_dim_ordering_tf_kernels.h5",
        "https://github.com/keras-team/keras-applications/releases/download/resnet/"
        "resnet50_weights_tf_dim_ordering_tf_kernels.h5",
    ),
)

# Published ImageNet weights by the name of their keras.applications architecture.
WEIGHTS: dict[str, Asset] = {"ResNet50": RESNET50}
