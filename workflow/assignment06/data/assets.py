"""The official files this project uses: where they may be had, and what they must be.

MNIST's digests are those of the four files Y. LeCun, C. Cortes and C. Burges publish; CIFAR-10's of
A. Krizhevsky's Python version; the ImageNet files carry the MD5 sums that Keras itself checks.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Asset:
    """One official file. `path` is its place under `data/raw` and in a mirror directory."""

    path: str
    digest: str  # "sha256:<hex>" or "md5:<hex>"
    bytes: int
    urls: tuple[str, ...] = ()


def _mnist(name: str, sha256: str, size: int) -> Asset:
    servers = (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    )
    return Asset(f"mnist/{name}", f"sha256:{sha256}", size, tuple(server + name for server in servers))


def _cifar10(name: str, sha256: str, size: int) -> Asset:
    return Asset(f"cifar-10-batches-py/{name}", f"sha256:{sha256}", size)


MNIST = (
    _mnist(
        "train-images-idx3-ubyte.gz",
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        9_912_422,
    ),
    _mnist(
        "train-labels-idx1-ubyte.gz",
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        28_881,
    ),
    _mnist(
        "t10k-images-idx3-ubyte.gz",
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        1_648_877,
    ),
    _mnist(
        "t10k-labels-idx1-ubyte.gz",
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        4_542,
    ),
)

CIFAR10_TAR = Asset(
    "cifar-10-python.tar.gz",
    "sha256:6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    170_498_071,
    (
        "https://dataset.bj.bcebos.com/cifar/cifar-10-python.tar.gz",
        "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    ),
)

CIFAR10_BATCHES = (
    _cifar10("batches.meta", "f962466ef690d46b226450fb9aadc74ba4bc64a76aa526b5827fe4bc5c7125cb", 158),
    _cifar10("data_batch_1", "54636561a3ce25bd3e19253c6b0d8538147b0ae398331ac4a2d86c6d987368cd", 31_035_704),
    _cifar10("data_batch_2", "766b2cef9fbc745cf056b3152224f7cf77163b330ea9a15f9392beb8b89bc5a8", 31_035_320),
    _cifar10("data_batch_3", "0f00d98ebfb30b3ec0ad19f9756dc2630b89003e10525f5e148445e82aa6a1f9", 31_035_999),
    _cifar10("data_batch_4", "3f7bb240661948b8f4d53e36ec720d8306f5668bd0071dcb4e6c947f78e9682b", 31_035_696),
    _cifar10("data_batch_5", "d91802434d8376bbaeeadf58a737e3a1b12ac839077e931237e0dcd43adcb154", 31_035_623),
    _cifar10("test_batch", "f53d8d457504f7cff4ea9e021afcf0e0ad8e24a91f3fc42091b8adef61157831", 31_035_526),
)

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

# A data set may be had in several forms, any one of which is enough.
DATASETS: dict[str, tuple[tuple[Asset, ...], ...]] = {
    "mnist": (MNIST,),
    "cifar10": ((CIFAR10_TAR,), CIFAR10_BATCHES),
}

# Published ImageNet weights by the name of their keras.applications architecture.
WEIGHTS: dict[str, Asset] = {"ResNet50": RESNET50}
