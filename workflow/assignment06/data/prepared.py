"""A prepared data set: two files of arrays, and what they are."""

import os

import numpy as np
from pydantic import Field

from assignment06.shared.documents import Document


class DatasetDescription(Document):
    """What a prepared data set holds, and what it was made from."""

    name: str
    classes: list[str]
    data_source: str
    """official, sample, or folder."""
    files: dict[str, str]
    """SHA-256 of what it was made from."""
    shape: tuple[int, int, int]
    """Height, width and channels of an image."""
    train: int
    """Training images."""
    test: int
    """Test images."""
    skipped: dict[str, str] = Field(default_factory=dict)
    """Of a folder: files that could not be read, with the reason."""
    names: dict[str, list[str]] = Field(default_factory=dict)
    """Of a folder: the files of the training images (`train`) and of the test images (`test`), in the arrays' order."""
    resize: str = "crop"
    """Of a folder: how its images became squares: crop, letterbox or stretch."""

    @property
    def stamps(self) -> list[str]:
        """What must be written on everything made from this data set, if anything."""
        return [f"sample data ({self.name})"] if self.data_source == "sample" else []

    def image_name(self, part: str, place: int) -> str:
        """Return what an image of `part` (train or test) is called: its file, or its part and its place from 0."""
        return self.names[part][place] if self.names else f"{part} {place}"


def load_split(path: str | os.PathLike) -> tuple[np.ndarray, np.ndarray]:
    """Return images (uint8 [n, height, width, channels]) and labels (uint8 [n]) of a prepared .npz file."""
    with np.load(path, allow_pickle=False) as arrays:
        return arrays["x"], arrays["y"]


def coloured(images: np.ndarray) -> np.ndarray:
    """Return images [..., 1 or 3] with three channels, grey ones with the same in each."""
    return np.repeat(images, 3, axis=-1) if images.shape[-1] == 1 else images
