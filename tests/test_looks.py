"""The history of looks at test images."""

import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from support import ROOT

from assignment06.experiments.looks import Look, read_looks, record_look
from assignment06.shared.errors import AssignmentError

TEST, NET = "aa" * 32, "bb" * 32


def test_looks_are_counted_by_images_and_by_nets(tmp_path: Path) -> None:
    folder = str(tmp_path / "looks")
    assert read_looks(folder) == {}
    record_look(folder, "mnist", TEST, NET)
    assert (read_looks(folder)[TEST].times, read_looks(folder)[TEST].nets) == (1, 1)
    record_look(folder, "mnist", TEST, NET)
    assert (read_looks(folder)[TEST].times, read_looks(folder)[TEST].nets) == (2, 1), "the same net twice"
    record_look(folder, "mnist", TEST, "cc" * 32)
    record_look(folder, "cifar10", "dd" * 32, NET)
    found = read_looks(folder)
    assert {test: (one.times, one.nets) for test, one in found.items()} == {TEST: (3, 2), "dd" * 32: (1, 1)}


def test_the_first_look_says_since_when(tmp_path: Path) -> None:
    for name, time in (("b", "2026-02-01T00:00:00+00:00"), ("a", "2026-03-01T00:00:00+00:00")):
        Look(dataset="mnist", test_sha256=TEST, weights_sha256=NET, time=time).write(tmp_path / f"{name}.json")
    assert read_looks(str(tmp_path))[TEST].since == "2026-02-01T00:00:00+00:00"


def test_a_result_proves_a_look_that_no_file_tells_of(tmp_path: Path) -> None:
    proved = [("mnist", TEST, NET), ("mnist", TEST, "cc" * 32), ("mnist", TEST, NET)]
    assert read_looks(str(tmp_path), proved)[TEST].times == 2
    assert read_looks(str(tmp_path), proved)[TEST].times == 2, "what was added once is known from then on"
    assert read_looks(str(tmp_path))[TEST].nets == 2


def test_looks_at_the_same_moment_are_all_kept(tmp_path: Path) -> None:
    looking = [threading.Thread(target=record_look, args=(str(tmp_path), "mnist", TEST, NET)) for _ in range(20)]
    for one in looking:
        one.start()
    for one in looking:
        one.join()
    assert read_looks(str(tmp_path))[TEST].times == 20


def test_half_written_files_are_no_looks_and_damaged_ones_are_refused(tmp_path: Path) -> None:
    record_look(str(tmp_path), "mnist", TEST, NET)
    (tmp_path / ".x.part.json").write_text("{")
    assert read_looks(str(tmp_path))[TEST].times == 1
    (tmp_path / "y.json").write_text("{")
    with pytest.raises(AssignmentError, match=r"y\.json is damaged"):
        read_looks(str(tmp_path))


def test_cleaning_keeps_them(tmp_path: Path) -> None:
    """Whoever trains until the test images please would otherwise only have to clean in between."""
    if not shutil.which("make"):
        pytest.skip("make is not installed")
    shutil.copy(ROOT / "Makefile", tmp_path)
    record_look(str(tmp_path / "results/looks"), "mnist", TEST, NET)
    for name in ("results/.gitkeep", "results/report.html", "results/plots/a b.png", "data/raw/images/a.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    subprocess.run(["make", "clean"], cwd=tmp_path, check=True, capture_output=True)
    assert read_looks(str(tmp_path / "results/looks"))[TEST].times == 1
    assert sorted(path.name for path in (tmp_path / "results").iterdir()) == [".gitkeep", "looks"]
    assert (tmp_path / "data/raw/images/a.jpg").exists()
