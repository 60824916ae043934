"""Find the submissions in what a learning platform hands out: a zip of zips, a folder of zips, a folder a student."""

from __future__ import annotations

import os
import re
import stat
import tempfile
import zipfile
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath

from . import people
from .left_overs import PREFIX

MAX_SUBMISSIONS = 2_000
MAX_BYTES = 8 << 30
_CHUNK = 1 << 20
_MARK = "-handed-in-"


@contextmanager
def expanded(sources: Sequence[Path]) -> Generator[list[Path]]:
    """The submissions in `sources`, each a zip or a folder; what was unpacked for it is gone when the block ends.

    A zip that holds nothing but zips (and the notes that platforms put beside them) gives those; so does a folder. A
    platform's folder for each student gives the zip in it, or itself. Anything else is one submission as it is.
    """
    with ExitStack() as stack:

        def scratch() -> Path:
            prefix = f"{PREFIX}{os.getpid()}{_MARK}"  # what a killed process leaves, the next grader removes
            return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=prefix)))

        found: list[Path] = []
        for source in sources:
            found += _in_folder(source) if source.is_dir() else _in_zip(source, scratch) or [source]
        yield found


def label(source: Path) -> str:
    """A submission's path for a table: what was unpacked here is named by what stood in the zip."""
    for number, part in enumerate(source.parts):
        if part.startswith(PREFIX) and _MARK in part:
            return "/".join(source.parts[number + 2 :])
    return str(source)


def _in_folder(folder: Path) -> list[Path]:
    """The submissions in a folder: zips at its top, or platforms' folders of students; else the folder itself."""
    try:
        entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError:
        return [folder]
    zips = [e for e in entries if e.suffix.lower() == ".zip" and e.is_file() and not e.is_symlink()]
    students = [e for e in entries if e.is_dir() and not e.is_symlink() and people.platform(e.name)]
    if students:
        inner: list[Path] = []
        for student in students:
            own = sorted(p for p in student.glob("*.zip") if p.is_file() and not p.is_symlink())
            inner += own or [student]
        return inner + zips
    others = [e for e in entries if e not in zips and not _is_note(e.name)]
    return zips if zips and not others else [folder]


def _is_note(name: str) -> bool:
    """What platforms put beside a submission: Blackboard's text about it, a comment."""
    return name.lower().endswith((".txt", ".html", ".htm")) or name in ("Thumbs.db", "desktop.ini")


def _in_zip(path: Path, scratch: Callable[[], Path]) -> list[Path]:
    """The zips in a zip of zips, unpacked under their own last names; empty if it is none such."""
    if not path.is_file():  # a pipe would be waited for
        return []
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [i for i in archive.infolist() if not i.is_dir() and _ordinary(i)]
            zips = [i for i in infos if i.filename.lower().endswith(".zip")]
            rest = [i for i in infos if i not in zips and not _is_note(PurePosixPath(i.filename).name)]
            in_folders = all(people.platform(part) for i in rest for part in PurePosixPath(i.filename).parts[:1])
            if not zips or (rest and not in_folders) or len(zips) > MAX_SUBMISSIONS:
                return []
            return _unpack(archive, sorted(zips, key=lambda info: info.filename), scratch())
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError):
        return []


def _ordinary(info: zipfile.ZipInfo) -> bool:
    """No link, nothing encrypted, nothing that editors and systems leave behind."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    name = PurePosixPath(info.filename.replace("\\", "/"))
    left_behind = "__MACOSX" in name.parts or name.name.startswith((".", "~"))
    return kind in (0, stat.S_IFREG) and not info.flag_bits & 1 and not left_behind


def _unpack(archive: zipfile.ZipFile, zips: list[zipfile.ZipInfo], scratch: Path) -> list[Path]:
    found, left = [], MAX_BYTES
    for number, info in enumerate(zips):
        parts = PurePosixPath(info.filename.replace("\\", "/")).parts
        # A platform's folder tells whose it is, so its name is kept; both names are made plain ones first.
        home = next((_plain(part) for part in parts[:-1] if people.platform(part)), "")
        target = scratch / str(number) / home / _plain(parts[-1])
        target.parent.mkdir(parents=True)
        with archive.open(info) as packed, open(target, "xb") as file:
            while block := packed.read(_CHUNK):
                left -= len(block)
                if left < 0:
                    raise ValueError("the zip of zips is too large")
                file.write(block)
        found.append(target)
    return found


def _plain(name: str) -> str:
    """A file name of letters, digits and a few signs; never a path, an option or a hidden file."""
    plain = re.sub(r"[^\w. ()'’-]", "_", name)
    return plain.lstrip(".-")[-150:] or "submission.zip"
