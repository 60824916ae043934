"""The zip: same content, same bytes; everything listed with its digest; nothing that does not belong."""

import hashlib
import json
import zipfile
from pathlib import Path

import pytest
import yaml
from made_documents import classifier, metrics, training
from support import copy_tree

from assignment06.config.model import Student
from assignment06.submission.packaging import pack_submission, source_files

STUDENT = Student(last_name="Lovelace", first_name="Ada")


@pytest.fixture
def packed(tmp_path) -> dict:
    """Arguments of `pack_submission` for a copy of the project with a few results."""
    root = copy_tree(tmp_path / "project")
    results = {
        "results/metrics/mnist.json": metrics(stamps=["sample data (mnist)"], training=training(seed=7)),
        "results/predictions/resnet50/metadata.json": classifier(),
    }
    for name, document in results.items():
        document.write(root / name)
    for junk in ("workflow/.DS_Store", "workflow/__pycache__/x.pyc", "workflow/.ipynb_checkpoints/a.py", "notes.txt"):
        (root / junk).parent.mkdir(exist_ok=True)
        (root / junk).write_text("junk")
    paths = [str(root / name) for name in results]
    config = yaml.safe_load((root / "config.yaml").read_text())
    return {
        "results": paths, "root": str(root), "config": config, "student": STUDENT, "image": "i:1",
        "metrics": paths[:1], "classifier": paths[1], "zip_path": str(tmp_path / "assignment06_LovelaceAda.zip"),
    }  # fmt: skip


def test_same_content_same_bytes(packed) -> None:
    pack_submission(**packed)
    first = Path(packed["zip_path"]).read_bytes()
    for path in packed["results"]:
        Path(path).touch()
    pack_submission(**packed | {"results": packed["results"][::-1]})
    assert Path(packed["zip_path"]).read_bytes() == first


def test_content_and_manifest(packed, tmp_path) -> None:
    pack_submission(**packed)
    with zipfile.ZipFile(packed["zip_path"]) as archive:
        names = archive.namelist()
        assert names == sorted(names)
        assert all(name.startswith("assignment06/") for name in names)
        assert not [
            name
            for name in names
            if "junk" in name
            or "__pycache__" in name
            or "/." in name.replace("/.dockerignore", "").replace("/.gitkeep", "")
        ]
        assert {"assignment06/Snakefile", "assignment06/results/metrics/mnist.json"} < set(names)
        assert "assignment06/notes.txt" not in names
        assert {"assignment06/data/raw/images/.gitkeep", "assignment06/results/.gitkeep"} < set(names)
        manifest = json.loads(archive.read("assignment06/manifest.json"))
        listed = {f"assignment06/{name}" for name in manifest["files"]}
        assert listed == set(names) - {"assignment06/manifest.json"}
        for name, facts in manifest["files"].items():
            data = archive.read(f"assignment06/{name}")
            assert (hashlib.sha256(data).hexdigest(), len(data)) == (facts["sha256"], facts["bytes"])
        assert str(tmp_path).encode() not in b"".join(archive.read(name) for name in names)
    assert manifest["student"] == STUDENT.plain()
    assert manifest["for_submission"] is False
    assert manifest["stamps"] == ["sample data (mnist)"]
    assert manifest["experiments"]["mnist"]["seed"] == 7


def test_a_config_changed_on_the_command_line_is_the_one_that_is_packed(packed) -> None:
    packed["config"] = packed["config"] | {"data_source": "official"}
    pack_submission(**packed)
    with zipfile.ZipFile(packed["zip_path"]) as archive:
        assert yaml.safe_load(archive.read("assignment06/config.yaml"))["data_source"] == "official"


def test_sources_hold_every_rule_and_script(tmp_path) -> None:
    root = copy_tree(tmp_path / "project")
    names = {path.relative_to(root).as_posix() for path in source_files(root)}
    for folder in ("workflow/rules", "workflow/scripts", "workflow/report", "envs"):
        assert {path.relative_to(root).as_posix() for path in (root / folder).glob("*.*")} <= names


def test_what_lies_in_the_courses_folder_is_packed_and_never_overwritten(packed, tmp_path, caplog) -> None:
    course = tmp_path / "course/assignment06"
    (course / "results/metrics").mkdir(parents=True)
    (course / "__init__.py").write_text("")
    (course / "assignment06.ipynb").write_text("{}")
    (course / "Snakefile").write_text("my own")
    (course / "results/metrics/mine.json").write_text("{}")
    (course / "images.npz").write_bytes(b"x")
    with caplog.at_level("WARNING", logger="assignment06"):
        pack_submission(**packed, course_folder=str(course))
    with zipfile.ZipFile(packed["zip_path"]) as archive:
        names = archive.namelist()
        assert archive.read("assignment06/Snakefile") == b"my own"
        manifest = json.loads(archive.read("assignment06/manifest.json"))
    assert manifest["own"] == ["Snakefile", "__init__.py", "assignment06.ipynb"]
    assert "assignment06/assignment06.ipynb" in names and "assignment06/images.npz" not in names
    assert "assignment06/results/metrics/mine.json" not in names
    assert "not packed: images.npz (data)" in caplog.text
    assert "packed is your own Snakefile, not the workflow's file of that name" in caplog.text
