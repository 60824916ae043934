"""What is found in data by their features: made duplicates, swapped labels, odd pictures, and little in clean data."""

import io
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from support import run_python

from assignment06.data.datasets import prepare_folder, write_dataset
from assignment06.data.prepared import DatasetDescription, load_split
from assignment06.shared.files import sha256_file
from assignment06.transfer.inspection import COLUMNS, Inspection, inspect_data
from assignment06.transfer.prepared import BackboneDescription

CLASSES = ["cat", "dog", "owl"]
DEEP = 128


def made_features(rng: np.random.Generator, labels: np.ndarray) -> np.ndarray:
    """Non-negative features [n, DEEP] as a net with ReLU makes them: a centre for each class, and much else."""
    centres = np.random.default_rng(7).uniform(0, 1, (len(CLASSES), DEEP))
    return np.maximum(centres[labels] + rng.normal(0, 0.45, (len(labels), DEEP)), 0).astype(np.float32)


class World:
    """A data set of three classes as features, which a test changes before it is looked at."""

    def __init__(self, folder: Path):
        rng = np.random.default_rng(0)
        self.folder = folder
        self.y = {"train": np.arange(240) % 3, "test": np.arange(60) % 3}
        self.x = {part: made_features(rng, labels) for part, labels in self.y.items()}

    def inspect(self) -> tuple[Inspection, pd.DataFrame]:
        folder, arrays = self.folder, {}
        for part, labels in self.y.items():
            arrays |= {f"x_{part}": np.zeros((len(labels), 4, 4, 3), np.uint8), f"y_{part}": labels.astype(np.uint8)}
        files = {name: str(folder / name) for name in ("train.npz", "test.npz", "dataset.json")}
        write_dataset("made", arrays, CLASSES, "folder", {}, *files.values())
        BackboneDescription(net="N", input_size=32, features=DEEP, weights_sha256="ab", files={"a": "b"}).write(
            folder / "net.json"
        )
        for part, labels in self.y.items():
            images = np.array(sha256_file(files[f"{part}.npz"]))
            np.savez(
                folder / f"{part}_features.npz", features=self.x[part], labels=labels, backbone=np.array("ab"),
                images=images,
            )  # fmt: skip
        table, figures = folder / "table.csv", folder / "figures.json"
        inspect_data(
            [str(folder / "train_features.npz")], [str(folder / "test_features.npz")], str(folder / "net.json"),
            *files.values(), str(table), str(figures),
        )  # fmt: skip
        return Inspection.read(figures), pd.read_csv(table)


@pytest.fixture
def world(tmp_path) -> World:
    return World(tmp_path)


def test_clean_data_yield_nothing(world) -> None:
    found, table = world.inspect()
    assert table.empty and list(table.columns) == COLUMNS
    assert found.images == {"train": 240, "test": 60}
    assert found.near_duplicates == {"train": 0, "test": 0, "between": 0}
    assert found.labels == found.outliers == {"train": 0, "test": 0}


def test_duplicates_are_found_within_and_across_the_parts_and_vote_for_nobody(world) -> None:
    world.x["test"][5] = world.x["train"][17] * 3 + 0.01  # its length does not count
    world.x["train"][100] = world.x["train"][30]
    world.x["test"][8], world.y["test"][9] = world.x["test"][9], 0
    world.y["test"][8] = 2
    found, table = world.inspect()
    assert found.near_duplicates == {"train": 1, "test": 1, "between": 1}
    assert (found.tests_in_training, found.of_two_classes) == (1, 2), "one pair of two of a class"
    pairs = table[table["finding"] == "near-duplicate"]
    assert set(zip(pairs["image"], pairs["other_image"], strict=True)) == {
        ("train 17", "test 5"), ("train 30", "train 100"), ("test 8", "test 9"),
    }  # fmt: skip
    assert pairs["score"].is_monotonic_decreasing and pairs["score"].min() > 0.99


def test_many_copies_of_one_image_do_not_outvote_the_others(world) -> None:
    """Eleven copies of an image with a wrong label lie next to it: they are left out, and its label is doubted."""
    world.x["train"][:12] = world.x["train"][0]
    world.y["train"][:12] = 1
    _, table = world.inspect()
    assert set(range(12)) <= set(table.loc[(table["finding"] == "label") & (table["part"] == "train"), "index"])


def test_swapped_labels_are_found_with_the_class_they_should_have(world) -> None:
    swapped = {"train": [4, 50, 90, 133, 201], "test": [7, 40]}
    right = {part: world.y[part][places].copy() for part, places in swapped.items()}
    for part, places in swapped.items():
        world.y[part][places] = (world.y[part][places] + 1) % 3
    found, table = world.inspect()
    doubted = table[table["finding"] == "label"]
    assert found.labels == {"train": 5, "test": 2}
    for part, places in swapped.items():
        rows = doubted[doubted["part"] == part].set_index("index")
        assert sorted(rows.index) == places
        assert rows.loc[places, "other_class"].tolist() == [CLASSES[label] for label in right[part]]
    assert set(doubted["other_part"]) == {"train"}, "labels of test images tell nothing"


def test_odd_pictures_are_outliers(world) -> None:
    odd = np.zeros(DEEP, np.float32)
    odd[:3] = 5
    world.x["train"][11] = odd
    world.x["test"][22] = odd[::-1]
    found, table = world.inspect()
    assert found.outliers == {"train": 1, "test": 1}
    assert set(table.loc[table["finding"] == "outlier", "image"]) == {"train 11", "test 22"}


def test_it_is_drawn_and_shown_whatever_was_found(world) -> None:
    from assignment06.plots.inspection import plot_inspection
    from assignment06.report.inspections import inspections
    from assignment06.report.page import data_uri

    for step in range(2):
        _, table = world.inspect()
        folder = world.folder
        files = [str(folder / name) for name in ("table.csv", "figures.json", "train.npz", "test.npz")]
        plot_inspection(*files, str(folder / "plot.png"), dpi=50)
        assert (folder / "plot.png").stat().st_size > 5000
        (shown,) = inspections([files[1]], [files[0]], files[2:], 2, data_uri)
        same = shown["kinds"]["same"]
        assert same["total"] == len(table) and len(same["rows"]) == min(2, len(table)) == 2 * step
        world.x["test"][:3] = world.x["train"][:3]
    assert same["rows"][0]["width"] > same["rows"][0]["height"]


def test_an_own_folder_keeps_the_names_of_its_files(tmp_path) -> None:
    rng = np.random.default_rng(0)
    for label, name in enumerate(("cat", "dog")):
        (tmp_path / "own" / name).mkdir(parents=True)
        for number in range(8):
            colour = (100 * label, 10 * number, int(rng.integers(256)))
            Image.new("RGB", (20, 20), colour).save(tmp_path / "own" / name / f"{number}.png")
    made = [str(tmp_path / name) for name in ("train.npz", "test.npz", "dataset.json")]
    prepare_folder("own", str(tmp_path / "own"), 16, 0.25, 0, *made)
    prepared = DatasetDescription.read(made[2])
    for part, path in zip(("train", "test"), made, strict=False):
        x, y = load_split(path)
        for place, (image, label) in enumerate(zip(x, y, strict=True)):
            name = prepared.image_name(part, place)
            assert name.split("/")[0] == prepared.classes[label]
            assert Image.open(tmp_path / "own" / name).getpixel((3, 3)) == tuple(image[3, 3])


STAMPS = """
import json, sys
from assignment06.backend import compute
from assignment06.data.datasets import prepare_folder
from assignment06.data.receipts import Receipt
from assignment06.transfer.backbones import prepare_backbone
from assignment06.transfer.features import extract_features
from assignment06.transfer.inspection import inspect_data
from pathlib import Path
images, mirror, out = sys.argv[1:]
compute.configure(2, seed=0)
compute.configure = lambda threads, seed=None: None
at = lambda name: str(Path(out, name))
weights = "imagenet/mobilenet_v2_1.0_224_from_ptq.weights.h5"
from assignment06.shared.files import sha256_file
Receipt(name="MobileNetV2", data_source="official", files={weights: sha256_file(Path(mirror, weights))},
        roles={"weights": weights}).write(at("receipt.json"))
prepare_backbone("MobileNetV2", 160, at("receipt.json"), mirror, at("backbone.keras"), at("backbone.json"))
prepare_folder("stamps", images, 160, 0.2, 0, at("train.npz"), at("test.npz"), at("dataset.json"))
for part in ("train", "test"):
    extract_features(at("backbone.keras"), at("backbone.json"), at(f"{part}.npz"), 0, 1, at(f"{part}_f.npz"), 2)
inspect_data([at("train_f.npz")], [at("test_f.npz")], at("backbone.json"), at("train.npz"), at("test.npz"),
             at("dataset.json"), at("table.csv"), at("figures.json"))
"""


@pytest.mark.slow
def test_real_photographs_show_what_was_done_to_them(mirror, tmp_path) -> None:
    """Copies that were compressed again, cropped and mirrored, photographs in the wrong folder, and noise."""
    given = os.environ.get("ASSIGNMENT06_STAMPS")
    if not given:
        pytest.skip("ASSIGNMENT06_STAMPS is not set: no folder of photographs by class to test with")
    own = tmp_path / "own"
    for folder in sorted(path for path in Path(given).iterdir() if path.is_dir()):
        (own / folder.name).mkdir(parents=True)
        for path in folder.iterdir():
            (own / folder.name / path.name).write_bytes(path.read_bytes())
    largest = max(own.iterdir(), key=lambda path: len(list(path.iterdir())))
    others = sorted(path for path in own.iterdir() if path != largest)
    photographs = sorted(largest.iterdir())
    for number, path in enumerate(photographs[:9]):
        image = Image.open(path).convert("RGB")
        data = io.BytesIO()
        image.save(data, "JPEG", quality=30)
        changed = [Image.open(data), image.crop((4, 4, 220, 220)), image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)]
        changed[number % 3].save(largest / f"copy_{number}_of_{path.stem}.png")
    for number, path in enumerate(photographs[20:25]):
        path.rename(others[number] / f"moved_{path.name}")
    noise = np.random.default_rng(0).integers(0, 256, (224, 224, 3)).astype(np.uint8)
    Image.fromarray(noise).save(largest / "noise.png")
    code = f"import sys; sys.argv[1:] = {[str(own), str(mirror), str(tmp_path)]!r}\n{STAMPS}"
    done = run_python(code, tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    table = pd.read_csv(tmp_path / "table.csv")
    names = {kind: set(rows["image"]) | set(rows["other_image"]) for kind, rows in table.groupby("finding")}
    copies = {name for name in names["near-duplicate"] if "copy_" in name}
    assert len(copies) >= 8, "of nine"
    assert len(table[table["finding"] == "near-duplicate"]) <= 14
    doubted = set(table.loc[table["finding"] == "label", "image"])
    assert len([name for name in doubted if "moved_" in name]) >= 3, "of five"
    assert len(doubted) <= 9
    assert f"{largest.name}/noise.png" in set(table.loc[table["finding"] == "outlier", "image"])
