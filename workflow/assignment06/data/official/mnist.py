"""MNIST: Y. LeCun, C. Cortes, C. Burges; the digests are those of the four files they publish."""

from assignment06.data.assets import Asset
from assignment06.data.formats import parse_mnist as parse
from assignment06.data.stand_ins import digits as stand_in

__all__ = ["FORMS", "SMALLEST_CLASS", "parse", "stand_in"]


def _file(name: str, sha256: str, size: int) -> Asset:
    servers = (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    )
    return Asset(f"mnist/{name}", f"sha256:{sha256}", size, tuple(server + name for server in servers))


FILES = (
    _file(
        "train-images-idx3-ubyte.gz",
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        9_912_422,
    ),
    _file(
        "train-labels-idx1-ubyte.gz",
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        28_881,
    ),
    _file(
        "t10k-images-idx3-ubyte.gz",
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        1_648_877,
    ),
    _file(
        "t10k-labels-idx1-ubyte.gz",
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        4_542,
    ),
)

FORMS = (FILES,)

SMALLEST_CLASS = 5421  # training images
