"""The formats in which the official data sets are published: IDX (MNIST) and pickled batches (CIFAR-10)."""

import gzip
import pickle
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from assignment06.shared.errors import AssignmentError

DIGITS = [str(digit) for digit in range(10)]
CIFAR10_CLASSES = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
]  # fmt: skip
Arrays = dict[str, np.ndarray]  # "x_train", "y_train", "x_test", "y_test"


def parse_mnist(raw: Path, names: list[str]) -> tuple[Arrays, list[str]]:
    """Parse the four IDX files (format: Y. LeCun's page of the data set)."""
    files = {Path(name).name: raw / name for name in names}

    def read(name: str, magic: int, header: int) -> np.ndarray:
        with gzip.open(files[name]) as file:
            data = file.read()
        if int.from_bytes(data[:4], "big") != magic:
            raise AssignmentError(f"{files[name]} is not an IDX file of the expected kind: replace it.")
        return np.frombuffer(data, np.uint8, offset=header)

    return {
        "x_train": read("train-images-idx3-ubyte.gz", 0x803, 16).reshape(-1, 28, 28, 1),
        "y_train": read("train-labels-idx1-ubyte.gz", 0x801, 8),
        "x_test": read("t10k-images-idx3-ubyte.gz", 0x803, 16).reshape(-1, 28, 28, 1),
        "y_test": read("t10k-labels-idx1-ubyte.gz", 0x801, 8),
    }, DIGITS


def parse_cifar10(raw: Path, names: list[str]) -> tuple[Arrays, list[str]]:
    """Parse the official Python batches, from the tar or as files; their digests were verified before.

    A batch is a pickled dict with b"data", uint8 [10000, 3072] in channel-first order, and b"labels".
    """
    batches = dict(_cifar10_batches(raw, names))

    def images(batch: dict) -> np.ndarray:
        return np.ascontiguousarray(batch[b"data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))

    training = [batches[f"data_batch_{number}"] for number in range(1, 6)]
    return {
        "x_train": np.concatenate([images(batch) for batch in training]),
        "y_train": np.concatenate([np.array(batch[b"labels"], np.uint8) for batch in training]),
        "x_test": images(batches["test_batch"]),
        "y_test": np.array(batches["test_batch"][b"labels"], np.uint8),
    }, CIFAR10_CLASSES


def _cifar10_batches(raw: Path, names: list[str]) -> Iterator[tuple[str, dict]]:
    """Yield (name, batch) of the six batches; nothing is written to the disk."""

    def load(data: bytes) -> dict:
        return pickle.loads(data, encoding="bytes")  # noqa: S301  (verified against the published digest)

    if names == ["cifar-10-python.tar.gz"]:
        with tarfile.open(raw / names[0], "r:gz") as tar:
            for member in tar:
                if "_batch" in member.name and (file := tar.extractfile(member)):  # None for what is no file
                    yield Path(member.name).name, load(file.read())
    else:
        for name in names:
            if "_batch" in name:
                yield Path(name).name, load((raw / name).read_bytes())
