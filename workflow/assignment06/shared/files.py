"""Files that are either whole or not there, and the SHA-256 of files and of values."""

import hashlib
import json
import os
import platform
import re
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psutil

from assignment06.shared.errors import AssignmentError


@contextmanager
def atomic_path(path: str | os.PathLike) -> Generator[Path]:
    """Yield a temporary name beside `path`, with the same suffix; rename it to `path` when the block ends well.

    Whatever stands under the temporary name is removed when the block raises, and `path` keeps its old content;
    what a killed process left there is removed by the next that writes `path`. The data are flushed to the disk
    before the rename, so a crash leaves the old file or the new one.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.stem}.{machine()}.{os.getpid()}.part{path.suffix}")
    _remove_left_over(path)
    try:
        yield part
        if part.is_file():
            with open(part, "rb+") as file:
                os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        _remove(part)
        raise


def _remove_left_over(path: Path) -> None:
    """Remove the temporary files of `path` that no process of this machine writes any more.

    In a container a job may well have the number of the one that was killed. Another machine's processes cannot be
    seen from here: its files stay.
    """
    temporary = re.compile(rf"\.{re.escape(path.stem)}\.{machine()}\.(\d{{1,9}})\.part{re.escape(path.suffix)}")
    for name in os.listdir(path.parent):
        found = temporary.fullmatch(name)
        if found and (int(found[1]) == os.getpid() or not is_alive(int(found[1]))):
            _remove(path.with_name(name))


@cache
def machine() -> str:
    """Return eight letters for this start of this machine, the same in all its containers."""
    try:
        start = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
    except OSError:
        start = platform.node()
    return hashlib.sha256(start.encode()).hexdigest()[:8]


def is_alive(process: int) -> bool:
    """Tell whether a process of this machine runs, whoever's it is."""
    return psutil.pid_exists(process)  # os.kill(process, 0) is Ctrl-C on Windows


def _remove(part: Path) -> None:
    if part.is_dir():
        shutil.rmtree(part, ignore_errors=True)
    else:
        part.unlink(missing_ok=True)


def sha256_file(path: str | os.PathLike) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits; memory stays flat whatever its size."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_unchanged(path: str | os.PathLike, sha256: str) -> None:
    """Raise AssignmentError where a file has gone, or is not what it was when this digest was taken."""
    try:
        same = sha256_file(path) == sha256
    except OSError:
        same = False
    if not same:
        raise AssignmentError(f"{path} is gone or has changed while the workflow ran: run it again.")


def sha256_json(value: object) -> str:
    """Return the SHA-256 of a value that JSON can hold, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
