"""What is said before the first job, and as the last lines of a run that failed."""

import os
import shutil
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from PIL import Image
from support import ROOT, snakemake

from assignment06.config.check import check_config
from assignment06.data.image_files import class_folders, find_photographs
from assignment06.orchestration import preflight
from assignment06.orchestration.failures import failures, print_failures, told_in
from assignment06.orchestration.run_lock import check_writable
from assignment06.shared.errors import AssignmentError

SHIPPED = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))


def study(**changes: object):
    return check_config({**SHIPPED, **changes})


@pytest.fixture
def folder(tmp_path) -> Path:
    for number in range(5):
        Image.new("RGB", (20, 20)).save(tmp_path / f"{number}.jpg")
    return tmp_path


def test_five_photographs_need_no_word(folder) -> None:
    assert preflight.warnings(study(photographs=str(folder)), images=5) == []


@pytest.mark.parametrize(
    ("images", "words"), [(0, "holds no photographs: seven stand-ins"), (4, "holds 4 photographs, and the assignment")]
)
def test_too_few_photographs(folder, images: int, words: str) -> None:
    assert words in preflight.warnings(study(photographs=str(folder)), images)[0]


def test_more_than_ten_photographs_are_said_to_be_more(folder) -> None:
    assert any("holds 11 photographs" in one for one in preflight.warnings(study(photographs=str(folder)), 11))


def test_formats_that_nobody_reads_are_named(folder) -> None:
    for name in ("a.mov", "b.cr2", "c.pdf", "d.psd", "e.HEIC"):
        (folder / name).write_bytes(b"x")
    said = preflight.warnings(study(photographs=str(folder)), images=10)
    assert len(said) == 1
    assert said[0].startswith("a.mov, b.cr2, c.pdf and 1 more in ")
    assert "save as JPEG or PNG" in said[0]


def test_only_what_may_be_a_photograph_is_counted(folder) -> None:
    (folder / "notes.txt").write_text("x")
    assert not any("asks for" in one for one in preflight.warnings(study(photographs=str(folder)), images=6))
    (folder / "4.jpg").unlink()
    assert any("holds 4 photographs" in one for one in preflight.warnings(study(photographs=str(folder)), images=5))


def test_folders_and_weights_that_are_not_there(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ASSIGNMENT06_MIRROR", raising=False)
    row = {"dataset": "pets", "model": "lean"}

    def check(**changes: object) -> None:
        preflight.check_files(study(**changes))

    pets = {"datasets": {"pets": {"folder": "pets"}}, "experiments": {"a": row}}
    with pytest.raises(AssignmentError, match="is pets, which does not exist"):
        check(**pets)
    (tmp_path / "pets").touch()
    with pytest.raises(AssignmentError, match="is pets, which is a file and no folder: correct the path"):
        check(**pets)
    (tmp_path / "pets").unlink()
    (tmp_path / "pets/cat").mkdir(parents=True)
    with pytest.raises(AssignmentError, match="pets has 1 sub-folder; make one for each class"):
        check(**pets)
    (tmp_path / "pets/dog").mkdir()
    check(**pets)
    own = {"classifier": {"architecture": "MobileNetV2", "weights": "own.h5"}}
    with pytest.raises(AssignmentError, match="`classifier: weights` in config.yaml is own.h5"):
        check(**own)
    with pytest.raises(AssignmentError, match="has no such file"):
        check(**own, data_source="sample")  # a file of one's own is asked for there too
    (tmp_path / "data/raw/imagenet").mkdir(parents=True)
    (tmp_path / "data/raw/imagenet/own.h5").touch()
    check(**own)


@pytest.mark.skipif(os.name == "nt", reason="its folders are others")
@pytest.mark.parametrize("place", ["/", "/proc", "/sys/class"])
def test_the_systems_own_folders_are_not_walked(place: str, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(place)
    for named in (place, "link"):
        with pytest.raises(AssignmentError, match="name the folder of images itself"):
            find_photographs(named)
        with pytest.raises(AssignmentError, match="name the folder of images itself"):
            class_folders(Path(named))


def test_a_file_in_the_place_of_a_folder(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "README.md").touch()
    for folder in ("README.md", "README.md/x"):
        with pytest.raises(AssignmentError, match=rf"`assignment_dir: {folder}` in .* is no folder, as .*README.md is"):
            preflight.check_files(study(assignment_dir=folder))
    preflight.check_files(study(assignment_dir="new/folder"))
    with pytest.raises(AssignmentError, match="README.md is a file, where a folder is to be: rename or remove it"):
        check_writable(".", ["README.md"])


def test_packages_that_jobs_will_not_find(monkeypatch) -> None:
    plain, objects = study(), study(detector={"weights": "yolox_tiny"})
    faces, classical = study(faces={"detector": "mtcnn"}), study(faces={"detector": "lbp"})
    monkeypatch.setattr(preflight, "find_spec", lambda name: None)
    for fine in (plain, classical):
        preflight.check_packages(fine, in_containers=False)
        preflight.check_packages(fine, in_containers=True)
    for asked, words in ((objects, "yolox_tiny, which needs onnxruntime"), (faces, "mtcnn, which needs mtcnn")):
        with pytest.raises(AssignmentError, match=f"{words}: run `make submission EXTRAS=detection`"):
            preflight.check_packages(asked, in_containers=False)
        preflight.check_packages(asked, in_containers=True)  # the image has them
    with pytest.raises(AssignmentError) as caught:
        preflight.check_packages(study(classifier={"engine": "openvino"}), in_containers=False)
    assert str(caught.value) == (
        "`classifier: engine` in config.yaml is openvino, which needs openvino: run `make submission EXTRAS=openvino`, "
        "or leave it out."
    )
    monkeypatch.setattr(preflight, "find_spec", lambda name: None if name == "nncf" else name)
    with pytest.raises(AssignmentError, match="is int8, which needs nncf: run `make submission EXTRAS=openvino`"):
        preflight.check_packages(study(classifier={"engine": "openvino", "compute_dtype": "int8"}), in_containers=False)
    monkeypatch.setattr(preflight, "find_spec", lambda name: name)
    preflight.check_packages(objects, in_containers=False)


def test_the_post_and_the_classifier(folder) -> None:
    (folder / "discussion.md").write_text("# Transfer Learning\n\nshort\n", encoding="utf-8")
    given = study(photographs=str(folder), classifier={"architecture": "MobileNetV2", "weights": "own.h5"})
    said = preflight.warnings(given, 5, str(folder / "discussion.md"))
    assert any("has 3 words, and the post needs 250 to 750: add at least 247" in one for one in said)
    assert any("6.3 will be done by MobileNetV2, into results/predictions/mobilenetv2" in one for one in said)


def test_little_room_on_the_disk(folder, monkeypatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda place: SimpleNamespace(free=300_000_000))
    assert any(
        "only 0.3 GB of the disk are free" in one for one in preflight.warnings(study(photographs=str(folder)), 5)
    )


def job(rule: str, log: Path, *wildcards: str):
    return SimpleNamespace(rule=SimpleNamespace(name=rule), wildcards=wildcards, log=[str(log)])


def test_last_lines_say_what_why_and_where(tmp_path, capsys) -> None:
    (tmp_path / "a.log").write_text(
        "epoch 1\nerror: old\nerror: The loss is no number.\nTraceback ...\n  error: not it\n"
    )
    (tmp_path / "b.log").write_text("all is well\n")
    (tmp_path / "c.log").write_text("error: of an earlier run\n")
    os.utime(tmp_path / "c.log", (1, 1))
    jobs = [job("train", tmp_path / "a.log", "mnist"), *(job(name, tmp_path / f"{name}.log") for name in "bcd")]
    found = failures(jobs, since=time.time() - 60)
    assert [one.job for one in found] == ["train mnist"]
    print_failures(found, ["snakemake.log"])
    lines = capsys.readouterr().err.strip().splitlines()
    assert lines[0] == "train mnist failed."
    assert lines[1] == "error: The loss is no number."
    assert lines[2] == f"  log: {tmp_path / 'a.log'}"
    assert lines[-1].endswith("run the same command again.")
    assert told_in([str(tmp_path / "a.log")]) and not told_in([str(tmp_path / "b.log"), str(tmp_path / "d.log")])
    print_failures([], ["snakemake.log"])
    assert "snakemake.log" in capsys.readouterr().err


@pytest.mark.slow
def test_a_run_that_fails_tells_its_error_once_and_last(tree) -> None:
    (tree / "discussion.md").write_text("# Face Detection\n\ntoo short\n", encoding="utf-8")
    arguments = ("--workflow-profile", "workflow/profiles/default", "--logger", "concise", "--config")
    try:
        done = snakemake(tree, "data/prepared/mnist/source.json", *arguments, "data_source=official")
    finally:
        (tree / "discussion.md").unlink()
    assert done.returncode == 1
    assert done.stderr.count("The official mnist data could not be had") == 1
    last = done.stderr.strip().splitlines()[-4:]
    assert last[0] == "acquire_dataset mnist failed."
    assert last[1].startswith("error: The official mnist data could not be had")
    assert last[2] == "  log: results/logs/acquire_dataset/mnist.log"
    assert "warning: discussion.md has 4 words" in done.stderr
    assert "Traceback" not in done.stderr and "CalledProcessError" not in done.stderr
