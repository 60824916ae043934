"""What a student keeps in the course's folder beside the results: it goes into the zip as the student's own."""

import os
from collections.abc import Iterator
from pathlib import Path

MOST_BYTES = 10_000_000
DROPPINGS = {".ipynb_checkpoints", "__pycache__", "node_modules", "venv", "env"}
DATA = (".npz", ".npy", ".gz", ".tar", ".tgz", ".zip", ".h5", ".hdf5", ".parquet", ".pkl", ".pickle")
MADE = "results"  # the workflow's own


def own_files(folder: str | os.PathLike) -> tuple[dict[str, Path], dict[str, str]]:
    """Return ({name: path} of the files to pack, {name: reason} of those to leave out), by names below `folder`.

    Left out without a word are the results, droppings of tools (`.ipynb_checkpoints`, `__pycache__`, environments) and
    what is hidden; with a reason data sets, links, and files above 10 MB.
    """
    root = Path(folder)
    packed: dict[str, Path] = {}
    left_out: dict[str, str] = {}
    for path in _below(root):
        name = path.relative_to(root).as_posix()
        if path.is_symlink():
            left_out[name] = "a link"
        elif path.suffix.lower() in DATA:
            left_out[name] = "data"
        elif (size := path.stat().st_size) > MOST_BYTES:
            left_out[name] = f"{size / 1e6:,.0f} MB, more than {MOST_BYTES // 10**6}"
        else:
            packed[name] = path
    return packed, left_out


def own_digest(folder: str | os.PathLike) -> list[str]:
    """Return the names, sizes and times of the files to pack."""
    facts = ((name, path.stat()) for name, path in own_files(folder)[0].items())
    return [f"{name} {one.st_size} {one.st_mtime_ns}" for name, one in facts]


def _below(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        top = Path(folder) == root
        folders[:] = sorted(
            name for name in folders
            if not name.startswith(".") and name not in DROPPINGS and not (top and name == MADE)
        )  # fmt: skip
        yield from (Path(folder, name) for name in sorted(files) if not name.startswith("."))
