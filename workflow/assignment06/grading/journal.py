"""What has been graded already: a call that was interrupted goes on where it was."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import stat
from pathlib import Path

from . import official
from .result import Grade, from_plain, plain

NAME = ".grades.jsonl"
_MAX_LINE = 40 << 20


class Journal:
    """A file with a line for each graded submission: a digest of everything the grade depends on, and the grade.

    A line that a killed process left unfinished is passed over.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: dict[str, str] = {}
        try:
            with open(path, encoding="utf-8") as file:
                while line := file.readline(_MAX_LINE):
                    self._take(line)
        except (OSError, UnicodeDecodeError):
            pass

    def _take(self, line: str) -> None:
        key, _, text = line.partition(" ")
        if len(key) == 64 and text.endswith("\n"):
            self._known[key] = text

    def get(self, key: str, source: Path) -> Grade | None:
        """The grade kept under `key`, or None. `source` is what the submission is called now."""
        try:
            return from_plain(source, self._known[key]) if key in self._known else None
        except ValueError:
            return None

    def add(self, key: str, grade: Grade) -> None:
        """Keep a grade; it is on the disk when this returns. Raises OSError."""
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(f"{key} {plain(grade).model_dump_json()}\n")
            file.flush()
            os.fsync(file.fileno())


def key(source: Path, grader: str) -> str:
    """SHA-256, in hexadecimal, of a submission (its name too, which is graded) and of the grader's digest."""
    found = hashlib.sha256(f"{grader}\0{source.name}\0".encode("utf-8", "surrogateescape"))
    try:
        if source.is_dir():
            for line in sorted(_contents(source)):
                found.update(line.encode("utf-8", "surrogateescape"))
        elif stat.S_ISREG(source.stat().st_mode):
            with open(source, "rb") as file:
                while block := file.read(1 << 20):
                    found.update(block)
    except OSError as error:
        found.update(str(error).encode("utf-8", "surrogateescape") + os.urandom(8))  # never the same again
    return found.hexdigest()


def _contents(folder: Path) -> list[str]:
    """A line for each file of a folder: its name, size, time of change and mode. Contents are not read."""
    lines = []
    for root, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(root, name)
            status = path.lstat()
            lines.append(f"{path.relative_to(folder)}\0{status.st_size}\0{status.st_mtime_ns}\0{status.st_mode}\n")
    return lines


def grader_digest(data_folders: list[Path], **options: object) -> str:
    """SHA-256 of what grades depend on besides the submission: this package, its libraries, data and options."""
    found = hashlib.sha256()
    here = Path(__file__).parent
    for path in sorted(here.rglob("*.py")):
        found.update(f"{path.relative_to(here)}\0".encode() + path.read_bytes())
    labels = {name: hashlib.sha256(array.tobytes()).hexdigest() for name, array in official.official_labels().items()}
    tests = {family: official.find(family, data_folders) for family in official.SHAPES}
    images = {family: str(test.images) for family, test in tests.items() if test is not None}
    versions = {name: _version(name) for name in ("keras", "tensorflow-cpu", "tensorflow", "numpy", "pillow", "h5py")}
    folders = [os.path.abspath(folder) for folder in data_folders]
    found.update(json.dumps([labels, images, versions, folders, options], sort_keys=True, default=str).encode())
    return found.hexdigest()


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
