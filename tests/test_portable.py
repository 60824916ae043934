"""The zip names no folder of this machine, holds what the student keeps in the course's folder, and no droppings."""

import os
from pathlib import Path

import pytest

from assignment06.submission.own_files import own_digest, own_files
from assignment06.submission.portable import portable_config, portable_name


@pytest.mark.parametrize("path", ["/home/ada/holiday", "~/holiday", "../../holiday", "data/../../x"])
def test_paths_that_lead_out_are_not_packed(path: str, tmp_path) -> None:
    config = {
        "photographs": path, "assignment_dir": "/home/ada/dsc650", "datasets": {"own": {"folder": path, "seed": 1}},
        "student": {"last_name": "x"},
    }  # fmt: skip
    assert portable_config(config, tmp_path) == {
        "photographs": "data/raw/images", "assignment_dir": None, "student": {"last_name": "x"},
        "datasets": {"own": {"folder": "data/raw/own", "seed": 1}},
    }  # fmt: skip
    assert portable_name(path, tmp_path) == Path(path).name
    assert config["photographs"] == path, "the caller's config is not changed"


def test_paths_inside_stay(tmp_path) -> None:
    config = {"photographs": "data/raw/images", "datasets": {"own": {"folder": "images"}}, "assignment_dir": None}
    assert portable_config(config, tmp_path) == config
    assert portable_name("data/raw/images", tmp_path) == "data/raw/images"
    assert portable_config({"datasets": None}, tmp_path) == {"datasets": None}


def test_own_files_without_droppings(tmp_path) -> None:
    kept = ["__init__.py", "assignment06.ipynb", "notes/thoughts.md", "scripts/run.py", "data/labels.csv"]
    dropped = [
        ".ipynb_checkpoints/assignment06-checkpoint.ipynb", "__pycache__/x.pyc", "results/models/mnist.keras", ".env",
        "venv/lib/x.py", "notes/.ipynb_checkpoints/x.md",
    ]  # fmt: skip
    for name in [*kept, *dropped, "data/cifar.npz"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    with open(tmp_path / "film.mp4", "wb") as file:
        file.truncate(10_000_001)
    os.symlink("/etc/passwd", tmp_path / "link.txt")
    packed, left_out = own_files(tmp_path)
    assert sorted(packed) == sorted(kept)
    assert left_out == {"data/cifar.npz": "data", "film.mp4": "10 MB, more than 10", "link.txt": "a link"}
    before = own_digest(tmp_path)
    (tmp_path / "notes/thoughts.md").write_text("other thoughts")
    assert own_digest(tmp_path) != before
    assert own_files(tmp_path / "nowhere") == ({}, {})
