"""Turn verified raw files into arrays: uint8 images [n, height, width, channels] and uint8 labels [n].

Training and test images are written into separate files, so that a training job never holds a test image.
"""

from pathlib import Path
from typing import Any

import numpy as np

from assignment06.data.formats import Arrays
from assignment06.data.prepared import DatasetDescription
from assignment06.data.receipts import Receipt
from assignment06.shared import registry
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import atomic_path, sha256_file

MOST_CLASSES = 256  # labels are bytes
GREY = (114, 114, 114)  # of the bars of a letterbox, as detectors have it


def prepare_dataset(dataset: str, receipt: str, raw: str, train: str, test: str, description: str) -> None:
    """Write one official data set, or its sample, as two .npz files and a `DatasetDescription`.

    `train` and `test` hold `x` (uint8 [n, height, width, channels]) and `y` (uint8 [n]). Raises AssignmentError where
    the files of the receipt have changed since.

    Example:
        >>> prepare_dataset("mnist", "source.json", "data/raw", "train.npz", "test.npz", "dataset.json")
        >>> load_split("train.npz")[0].shape
        (60000, 28, 28, 1)
    """
    got, official = Receipt.read(receipt), registry.find(registry.DATASETS, dataset)
    if got.data_source == "sample":
        arrays, classes = official.stand_in()
    else:
        got.verify(raw)
        arrays, classes = official.parse(Path(raw), list(got.files))
    write_dataset(dataset, arrays, classes, got.data_source, got.files, train, test, description)


def prepare_folder(
    dataset: str, folder: str, image_size: int, test_split: float, seed: int, train: str, test: str,
    description: str, resize: str = "crop",
) -> None:  # fmt: skip
    """Write a folder with one sub-folder of images a class as `prepare_dataset` writes an official data set.

    Every image is made a square of `image_size` pixels as `squared` does; `test_split` of each class, drawn
    with `seed`, becomes the test set. Files that cannot be read are named in the description. Raises
    AssignmentError where there is no such folder, it has fewer than two classes, or one has fewer than four images.
    """
    from sklearn.model_selection import train_test_split

    from assignment06.data.image_files import UnreadableImage, class_folders, find_photographs, read_image

    root = Path(folder)
    if not root.is_dir():
        raise AssignmentError(f"Data set {dataset}: the folder {folder} does not exist: create it or correct its path.")
    classes = [path.name for path in class_folders(root)]
    if not 2 <= len(classes) <= MOST_CLASSES:
        raise AssignmentError(
            f"Data set {dataset}: {folder} has {len(classes)} sub-folders; make one for each class, from 2 to "
            f"{MOST_CLASSES}."
        )
    images, labels, skipped, files = [], [], {}, {}
    for label, name in enumerate(classes):
        for path in sorted(path for _, path in find_photographs(root / name)):
            relative = path.relative_to(root).as_posix()
            try:
                images.append(squared(read_image(path, image_size), image_size, resize))
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
    x_train, x_test, y_train, y_test, names_train, names_test = train_test_split(
        x, y, list(files), test_size=max(test_split, len(classes) / len(y)), stratify=y, random_state=seed
    )
    arrays = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    more: dict[str, Any] = {"skipped": skipped, "names": {"train": names_train, "test": names_test}}
    more |= {"resize": resize} if resize != "crop" else {}
    write_dataset(dataset, arrays, classes, "folder", files, train, test, description, **more)


def write_dataset(
    name: str, arrays: Arrays, classes: list[str], data_source: str, files: dict[str, str], train: str,
    test: str, description: str, **more: Any,
) -> None:  # fmt: skip
    """Write the arrays of one data set and its description, which holds `more`; each file is whole or not there."""
    for path, part in ((train, "train"), (test, "test")):
        with atomic_path(path) as temporary:
            np.savez(temporary, x=arrays[f"x_{part}"], y=arrays[f"y_{part}"])
    DatasetDescription(
        name=name,
        classes=classes,
        data_source=data_source,
        files=files,
        shape=arrays["x_train"].shape[1:],
        train=len(arrays["x_train"]),
        test=len(arrays["x_test"]),
        **more,
    ).write(description)


def squared(image: np.ndarray, size: int, resize: str = "crop") -> np.ndarray:
    """Return uint8 pixels [h, w, 3] as a square of `size` a side (Lanczos).

    `resize`: `crop` to a square around the middle; `letterbox`, the whole image between grey bars; `stretch`, the whole
    image in another shape.
    """
    from PIL import Image, ImageOps

    picture, side, kind = Image.fromarray(image), (size, size), Image.Resampling.LANCZOS
    if resize == "letterbox":
        return np.asarray(ImageOps.pad(picture, side, kind, color=GREY))
    return np.asarray(picture.resize(side, kind) if resize == "stretch" else ImageOps.fit(picture, side, kind))
