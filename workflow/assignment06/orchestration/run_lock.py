"""Before a run: is there room, may it write, and does another go on here, or was it killed?

Every Snakemake and every job holds a shared lock on one file (flock), which the system takes away however they end.
Who can have that lock alone is alone; the lock that a killed Snakemake left behind is then nobody's, and is removed,
so that the same command goes on. On a file system without such locks Snakemake's own lock is all there is.
"""

import _thread
import contextlib
import os
import platform
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from assignment06.orchestration.snakemake_internals import FOLDER, LOCKS
from assignment06.shared.errors import AssignmentError
from assignment06.shared.explanations import explain
from assignment06.shared.files import is_alive

try:
    import fcntl
except ImportError:  # Windows, where Snakemake's own lock is all there is
    fcntl = None

VARIABLE = "ASSIGNMENT06_RUN"  # for jobs: which process started them
LEAST_ROOM = 1_000_000  # bytes, without which Snakemake cannot even note what it does
PATIENCE = 3  # seconds in which the jobs of a killed Snakemake notice that
_held = []  # files that stay open, and so locked, until the process ends


def enter(folder: Path = FOLDER) -> None:
    """Count this process among those at work here; remove Snakemake's lock where it is nobody's any more.

    Raises AssignmentError where Snakemake could not keep its notes.
    """
    inside = VARIABLE in os.environ  # a Snakemake that a job started
    os.environ[VARIABLE] = f"{os.getpid()} {_machine()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = open(folder / "alive", "a+", encoding="utf-8")  # noqa: SIM115
        if shutil.disk_usage(folder).free < LEAST_ROOM:
            where = f"The disk that holds {folder.resolve()} is full"
            raise AssignmentError(f"{where}: make room and run the same command again.")
    except OSError as error:
        raise AssignmentError(explain(error) or f"{folder} cannot be used ({error}): remove it.") from None
    _held.append(file)
    with contextlib.suppress(OSError):  # not every file system has locks
        if fcntl and not inside and _alone(file, folder):
            _remove_locks(file, folder)
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_SH)


def check_writable(zip_folder: str | os.PathLike, results: Iterable[str | os.PathLike]) -> None:
    """Raise AssignmentError if the zip's folder, or one of `results` or a folder in it, may not be written.

    Of a folder that does not exist yet, the one that it will lie in counts. A file in its place is no better.
    """
    for folder, deep in [(Path(zip_folder), False), *((Path(one), True) for one in results)]:
        there = existing(folder)
        if not there.is_dir():
            raise AssignmentError(f"{there} is a file, where a folder is to be: rename or remove it.")
        inside = [path for path in there.rglob("*") if os.path.isdir(path)] if deep and there == folder else []
        for place in (there, *inside):
            if not os.access(place, os.W_OK | os.X_OK):
                own = not hasattr(os, "getuid") or place.stat().st_uid == os.getuid()
                remedy = f"chmod u+w '{place}'" if own else f"sudo chown -R $(id -un) '{place}'"
                raise AssignmentError(f"{place} may not be written by this user: allow it, as with {remedy}.")


def existing(folder: Path) -> Path:
    """Return a folder, or of one that does not exist yet the one that it will lie in; a file that stands there too."""
    return next(place for place in (folder, *folder.absolute().parents) if os.path.exists(place))


def follow(folder: Path = FOLDER) -> None:
    """In a job: be counted too, and end this job when the Snakemake that started it was killed.

    It could not end its jobs itself. What they had finished is kept, and the same command goes on from there.
    """
    with contextlib.suppress(OSError):
        file = open(folder / "alive", "rb")  # noqa: SIM115
        _held.append(file)
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_SH)
    process, _, machine = os.environ.get(VARIABLE, "").partition(" ")
    if machine and machine == _machine():
        threading.Thread(target=_end_with, args=(int(process),), daemon=True).start()


def _end_with(process: int) -> None:
    while is_alive(process):
        time.sleep(0.5)
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:  # as it is behind `nohup` or `&`
        if os.name == "nt":
            _thread.interrupt_main()  # os.kill ends the process there
        else:
            os.kill(os.getpid(), signal.SIGINT)  # as Ctrl-C: temporary files are removed
        time.sleep(10)
    os._exit(130)


def _alone(file: TextIO, folder: Path) -> bool:
    """Tell whether no other process is at work here; where a lock says so, give one that is ending a moment."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            if fcntl:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > end or not _locks(folder):
                return False
            time.sleep(0.1)


def _remove_locks(file: TextIO, folder: Path) -> None:
    """Remove Snakemake's locks, if they were made on this machine: another's processes cannot be seen from here."""
    file.seek(0)
    node, boot, *_ = [*file.read().split("\n"), "", ""]
    if _locks(folder) and (node == platform.node() or boot == _boot() != ""):
        for lock in _locks(folder):
            lock.unlink()
        print("The last run here was killed. Its lock is removed, and this run goes on from there.", file=sys.stderr)
    if not _locks(folder):
        file.truncate(0)
        file.write(f"{platform.node()}\n{_boot()}\n")
        file.flush()


def _locks(folder: Path) -> list[Path]:
    return list(folder.glob(LOCKS))


def _boot() -> str:
    """Return what this start of the machine is called, or "": containers have other names, but the same of these."""
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return ""


def _machine() -> str:
    """Return what tells apart places whose process numbers mean different things."""
    with contextlib.suppress(OSError):
        return f"{_boot()} {os.readlink('/proc/self/ns/pid')}"
    return platform.node()
