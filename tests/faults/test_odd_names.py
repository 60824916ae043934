"""Photographs whose names or places are at the limit of what a file system takes, through all of 6.3."""

import csv
import os
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from assignment06.backend import compute
from assignment06.data.image_files import find_photographs
from assignment06.data.receipts import Receipt
from assignment06.photographs import classification
from assignment06.photographs.gathering import gather_predictions
from assignment06.photographs.manifest import fingerprint, list_photographs
from assignment06.plots.contact_sheet import plot_contact_sheet
from assignment06.shared.errors import AssignmentError

LONGEST = "ü" * 125 + "x.jpg"  # 255 bytes


@pytest.fixture(autouse=True)
def small_net(monkeypatch) -> None:
    """A net of one layer in place of ResNet50, which has nothing to do with names."""

    def load(architecture: str, weights: Path | None) -> tuple:
        image = keras.Input((32, 32, 3))
        labels = keras.layers.Dense(3, activation="softmax")(keras.layers.GlobalAveragePooling2D()(image))
        return keras.Model(image, labels), lambda pixels: pixels

    monkeypatch.setattr(classification, "load_classifier", load)
    monkeypatch.setattr(compute, "configure", lambda threads, **_: None)


def classify(photographs: Path, out: Path) -> tuple[list[str], dict[str, str]]:
    """Run 6.3's steps as the rules do; return the names of the classified, and {name: reason} of the skipped."""
    files = {name: str(out / name) for name in ("predictions", "skipped", "facts")}
    Receipt(name="ResNet50", data_source="sample", files={}, roles={}).write(out / "receipt.json")
    list_photographs(str(photographs), str(out / "manifest"))
    classification.classify_shard(
        str(out / "manifest"), 0, 1000, "ResNet50", str(out / "receipt.json"), str(out), 3, 4, **files, threads=2
    )
    gathered, skipped, metadata = (str(out / name) for name in ("all.csv", "skipped.csv", "metadata.json"))
    gather_predictions(
        *([path] for path in files.values()), "ResNet50", str(photographs), False, gathered, skipped, metadata
    )
    plot_contact_sheet(str(out / "manifest"), gathered, metadata, str(out / "sheet.png"), dpi=50)
    Image.open(out / "sheet.png").load()
    with open(gathered, newline="", encoding="utf-8") as file:
        read = [row["image"] for row in csv.DictReader(file) if row["rank"] == "1"]
    with open(skipped, newline="", encoding="utf-8") as file:
        reasons = {row["image"]: row["reason"] for row in csv.DictReader(file)}
    assert sorted([*read, *reasons]) == sorted(name for name, _ in find_photographs(photographs))
    assert fingerprint(photographs).images == len(read) + len(reasons)
    return read, reasons


def photograph(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((40, 40, 3), 99, np.uint8)).save(path, "PNG")


@pytest.mark.slow
def test_long_names_and_names_that_differ_only_in_capitals_or_folder(tmp_path: Path) -> None:
    names = [LONGEST, "IMG.jpg", "img.jpg", "Img.JPG", "a/img.jpg", "b/img.jpg", "b/b/img.jpg", "-n.jpg", "{x}.jpg"]
    names += ["$HOME.jpg", "$\\frac$.jpg", "=1+1.jpg", "%s.jpg", "tab\there.jpg", "'\".jpg", " .jpg"]
    for name in names:
        photograph(tmp_path / "photographs" / name)
    read, reasons = classify(tmp_path / "photographs", tmp_path)
    assert sorted(read) == sorted(names)
    assert reasons == {}


@pytest.mark.slow
def test_a_path_longer_than_the_system_takes_is_said(tmp_path: Path) -> None:
    photographs, depth = tmp_path / "photographs", 20
    photograph(photographs / "near.jpg")
    here = os.open(photographs, os.O_RDONLY)
    for _ in range(depth):  # each folder is made from the last: no call sees the whole path of 5,000 bytes
        os.mkdir("d" * 250, dir_fd=here)
        below = os.open("d" * 250, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("far.jpg", os.O_WRONLY | os.O_CREAT, dir_fd=here))
    os.close(here)
    read, reasons = classify(photographs, tmp_path)
    assert read == ["near.jpg"]
    assert list(reasons.values()) == ["cannot be read (File name too long)"]
    (tmp_path / "list.txt").write_text(
        f"photographs/near.jpg\n{'x' * 300}.jpg\n{'y/' * 3000}\nno\0name.jpg\nphotographs\n"
    )
    read, reasons = classify(tmp_path / "list.txt", tmp_path)
    assert read == ["photographs/near.jpg"]
    words = ("cannot be read (File name too long)", "a folder, not an image", "embedded null byte")
    assert {word for word in words for reason in reasons.values() if word in reason} == set(words)
    assert len(reasons) == 4


@pytest.mark.slow
def test_what_is_no_file_neither_waits_nor_loops(tmp_path: Path) -> None:
    photographs = tmp_path / "photographs"
    photograph(photographs / "a/photo.jpg")
    os.mkfifo(photographs / "pipe.jpg")  # to open it is to wait for a writer
    (photographs / "a/back").symlink_to(photographs)
    (photographs / "b").symlink_to(photographs / "a")
    (photographs / "self.jpg").symlink_to("self.jpg")
    (photographs / "gone.jpg").symlink_to("nowhere.jpg")
    read, reasons = classify(photographs, tmp_path)
    assert read == ["a/photo.jpg", "b/photo.jpg"], "a link is followed, but not in a circle"
    assert reasons == {
        "gone.jpg": "the file does not exist",
        "pipe.jpg": "a device, not an image",
        "self.jpg": "cannot be read (Too many levels of symbolic links)",
    }
    with pytest.raises(AssignmentError, match="neither a folder nor a text file"):
        find_photographs(photographs / ("x" * 300))
