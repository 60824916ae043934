"""Helpers that tests import."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLUGINS = Path(sys.prefix) / "plugins"  # of Snakemake: `make test` puts them there
NOT_COPIED = {".git", ".venv", ".snakemake", "__pycache__", ".pytest_cache", ".ruff_cache", ".hypothesis"}
MADE = {"data", "results"}  # at the top


def copy_tree(target: Path) -> Path:
    """Copy the project as a fresh clone would hold it: no environment, no data, no results."""
    shutil.copytree(ROOT, target, ignore=_left_out)
    (target / "data/raw/images").mkdir(parents=True)
    (target / "results").mkdir()
    return target


def _left_out(folder: str, names: list[str]) -> set[str]:
    zips = {name for name in names if name.startswith("assignment06_") and name.endswith(".zip")}
    return (NOT_COPIED | zips | (MADE if Path(folder) == ROOT else set())) & set(names)


def library_path(folder: Path, *more: str | Path) -> str:
    """Return a PYTHONPATH with the library of a copy of the project, and with plugins."""
    return os.pathsep.join(map(str, (folder / "workflow", *more)))


def snakemake(folder: Path, *arguments: str, cores: int = 2, **environment: str) -> subprocess.CompletedProcess:
    """Run snakemake in `folder` and return what it printed; without a mirror unless one is given."""
    clean = {key: value for key, value in os.environ.items() if key != "ASSIGNMENT06_MIRROR"} | environment
    clean["PYTHONPATH"] = library_path(folder, *filter(None, [environment.get("PYTHONPATH")]))
    return subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", str(cores), *arguments],
        cwd=folder, env=clean, capture_output=True, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def run_python(code: str, folder: Path, **environment: str) -> subprocess.CompletedProcess:
    """Run a piece of Python that imports the library in a process of its own (TensorFlow is set up once a process)."""
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": str(ROOT / "workflow")} | environment,
    )  # fmt: skip
