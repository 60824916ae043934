"""Turn verified raw files into arrays: uint8 images [n, height, width, channels] and uint8 labels [n].

Training and test images are written into separate files, so that a training job never holds a test image.
"""

import gzip
import json
import pickle
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from assignment06.acquisition import read_receipt, verify_receipt
from assignment06.atomic import atomic_path
from assignment06.digests import sha256_file
from assignment06.errors import AssignmentError

DIGITS = [str(digit) for digit in range(10)]
CIFAR10_CLASSES = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
]  # fmt: skip
Arrays = dict[str, np.ndarray]  # "x_train", "y_train", "x_test", "y_test"


def prepare_dataset(dataset: str, receipt: str, raw: str, train: str, test: str, description: str) -> None:
    """Write one official data set, or its sample, as two .npz files and a JSON description.

    `train` and `test` hold `x` (uint8 [n, height, width, channels]) and `y` (uint8 [n]); the description is
    {"name", "classes", "data_source", "files" (SHA-256 of what it was made from), "shape", "train", "test"}.
    """
    got = read_receipt(receipt)
    if got["data_source"] == "sample":
        from assignment06 import sample

        arrays, classes = sample.MAKERS[dataset]()
    else:
        verify_receipt(got, raw)
        arrays, classes = PARSERS[dataset](Path(raw), list(got["files"]))
    write_dataset(dataset, arrays, classes, got["data_source"], got["files"], Path(train), Path(test), description)


def prepare_folder(
    dataset: str, folder: str, image_size: int, test_split: float, seed: int, train: str, test: str,
    description: str, listing: dict | None = None,
) -> None:  # fmt: skip
    """Write a folder with one sub-folder of images a class as `prepare_dataset` writes an official data set.

    Every image is cropped to a square and resized to `image_size` pixels; `test_split` of each class, drawn
    with `seed`, becomes the test set. Files that cannot be read are named in the description. `listing` ties the
    data set to the folder's state; it is not read.
    """
    from sklearn.model_selection import train_test_split

    from assignment06.photographs import UnreadableImage, find_photographs, read_image

    root = Path(folder)
    if not root.is_dir():
        raise AssignmentError(f"Data set {dataset}: the folder {folder} does not exist: create it or correct its path.")
    classes = sorted(path.name for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    if not 2 <= len(classes) <= 256:
        raise AssignmentError(
            f"Data set {dataset}: {folder} has {len(classes)} sub-folders; make one for each class, from 2 to 256."
        )
    images, labels, skipped, files = [], [], {}, {}
    for label, name in enumerate(classes):
        for path in sorted(path for _, path in find_photographs(root / name)):
            relative = path.relative_to(root).as_posix()
            try:
                images.append(_square(read_image(path, image_size), image_size))
                labels.append(label)
                files[relative] = sha256_file(path)
            except UnreadableImage as error:
                skipped[relative] = str(error)
    counts = np.bincount(labels, minlength=len(classes))
    if counts.min() < 4:
        raise AssignmentError(
            f"Data set {dataset}: class {classes[int(counts.argmin())]} has {counts.min()} readable images; "
            "every class needs at least 4, so that training, validation and test each get one."
        )
    x, y = np.stack(images), np.array(labels, np.uint8)
    x_train, x_test, y_train, y_test = train_test_split(
        x, y, test_size=max(test_split, len(classes) / len(y)), stratify=y, random_state=seed
    )
    arrays = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    write_dataset(dataset, arrays, classes, "folder", files, Path(train), Path(test), description, skipped=skipped)


def write_dataset(
    name: str, arrays: Arrays, classes: list[str], data_source: str, files: dict[str, str], train: Path,
    test: Path, description: str, **more: object,
) -> None:  # fmt: skip
    """Write the arrays of one data set and its description; each file is whole or not there."""
    for path, part in ((train, "train"), (test, "test")):
        with atomic_path(path) as temporary:
            np.savez(temporary, x=arrays[f"x_{part}"], y=arrays[f"y_{part}"])
    facts = {
        "name": name,
        "classes": classes,
        "data_source": data_source,
        "files": files,
        "shape": list(arrays["x_train"].shape[1:]),
        "train": len(arrays["x_train"]),
        "test": len(arrays["x_test"]),
        **more,
    }
    with atomic_path(description) as temporary:
        temporary.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


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
                if member.isfile() and "_batch" in member.name:
                    yield Path(member.name).name, load(tar.extractfile(member).read())
    else:
        for name in names:
            if "_batch" in name:
                yield Path(name).name, load((raw / name).read_bytes())


def _square(image: np.ndarray, size: int) -> np.ndarray:
    from PIL import Image, ImageOps

    return np.asarray(ImageOps.fit(Image.fromarray(image), (size, size), Image.Resampling.LANCZOS))


PARSERS = {"mnist": parse_mnist, "cifar10": parse_cifar10}
