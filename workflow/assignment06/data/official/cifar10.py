"""CIFAR-10: A. Krizhevsky's Python version, as the published tar or as the files inside it."""

from assignment06.data.assets import Asset
from assignment06.data.formats import parse_cifar10 as parse
from assignment06.data.stand_ins import objects as stand_in

__all__ = ["FORMS", "SMALLEST_CLASS", "parse", "stand_in"]


def _batch(name: str, sha256: str, size: int) -> Asset:
    return Asset(f"cifar-10-batches-py/{name}", f"sha256:{sha256}", size)


TAR = Asset(
    "cifar-10-python.tar.gz",
    "sha256:6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    170_498_071,
    (
        "https://dataset.bj.bcebos.com/cifar/cifar-10-python.tar.gz",
        "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    ),
)

BATCHES = (
    _batch("batches.meta", "f962466ef690d46b226450fb9aadc74ba4bc64a76aa526b5827fe4bc5c7125cb", 158),
    _batch("data_batch_1", "54636561a3ce25bd3e19253c6b0d8538147b0ae398331ac4a2d86c6d987368cd", 31_035_704),
    _batch("data_batch_2", "766b2cef9fbc745cf056b3152224f7cf77163b330ea9a15f9392beb8b89bc5a8", 31_035_320),
    _batch("data_batch_3", "0f00d98ebfb30b3ec0ad19f9756dc2630b89003e10525f5e148445e82aa6a1f9", 31_035_999),
    _batch("data_batch_4", "3f7bb240661948b8f4d53e36ec720d8306f5668bd0071dcb4e6c947f78e9682b", 31_035_696),
    _batch("data_batch_5", "d91802434d8376bbaeeadf58a737e3a1b12ac839077e931237e0dcd43adcb154", 31_035_623),
    _batch("test_batch", "f53d8d457504f7cff4ea9e021afcf0e0ad8e24a91f3fc42091b8adef61157831", 31_035_526),
)

FORMS = ((TAR,), BATCHES)

SMALLEST_CLASS = 5000  # training images
