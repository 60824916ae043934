"""What Windows and macOS lack is taken away (tests/elsewhere), on whatever system the tests run."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from support import ROOT, copy_tree, library_path

EVERY_MODULE = """
import importlib, pkgutil, assignment06
for module in pkgutil.walk_packages(assignment06.__path__, "assignment06."):
    importlib.import_module(module.name)
print("all")
"""
NO_PRCTL = """
import ctypes, sys
from pathlib import Path
from assignment06.grading.sandbox import walls
ctypes.CDLL = lambda *_, **__: object()
sys.platform = "darwin"
print(walls.raise_walls(Path(sys.argv[1]), [], 8 << 30, 60))
try:
    open("written", "w")
except PermissionError as error:
    print(error)
"""


def python(*words: str, lacking: str = "windows", folder: Path = ROOT) -> subprocess.CompletedProcess:
    """Run Python, and all the Pythons that it starts, without what a system lacks."""
    path = library_path(folder if (folder / "workflow").is_dir() else ROOT, ROOT / "tests/elsewhere")
    hidden = ("ASSIGNMENT06_MIRROR", "ASSIGNMENT06_RUN")
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.run(
        [sys.executable, *words], cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        env=kept | {"PYTHONPATH": path, "ELSEWHERE": lacking, "USERNAME": "Ada"},
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("system", ["windows", "macos"])
def test_every_module_can_be_imported(system: str) -> None:
    done = python("-c", EVERY_MODULE, lacking=system)
    assert done.stdout == "all\n", done.stderr[-3000:]


@pytest.mark.slow
def test_the_whole_run_ends_with_a_zip_that_proved_itself(tmp_path: Path) -> None:
    folder = copy_tree(tmp_path / "my assignment")
    shutil.copy(ROOT / "tests/small.yaml", folder)
    done = python("-m", "assignment06", "submission", "--cores", "2", "--configfile", "small.yaml", folder=folder)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    with zipfile.ZipFile(folder / "assignment06_LovelaceAda.zip") as packed:
        assert "assignment06/manifest.json" in packed.namelist()
    # Whoever gets it grades it elsewhere: here that is refused, with the way to do it
    done = python("-m", "assignment06", "grade", "--submissions", "assignment06_LovelaceAda.zip", folder=folder)
    assert done.returncode == 2
    assert done.stderr.startswith("error: strangers' files are read in a process forked for each")
    assert done.stderr.count("\n") == 1
    assert not (folder / "grades.csv").exists()


def test_without_linux_no_call_of_linux_is_made_and_writing_is_shut_off(tmp_path: Path) -> None:
    done = python("-c", NO_PRCTL, str(tmp_path / "unpacked"), lacking="macos", folder=tmp_path)
    assert done.stdout == "[]\nwriting is shut off while a submission is read\n", done.stderr
    assert not (tmp_path / "written").exists()
