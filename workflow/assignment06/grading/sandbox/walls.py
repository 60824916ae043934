"""Put up every wall that this system has around the present process, and try each before it counts as standing."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import site
import socket
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from pathlib import Path

from . import landlock, namespaces, seccomp

try:
    import resource
except ImportError:  # Windows, where nothing is graded
    resource = None

NETWORK, FILES, CALLS, CAPABILITIES = "network namespace", "Landlock", "seccomp", "no capabilities"
ALL = (NETWORK, CAPABILITIES, FILES, CALLS)
_NO_NEW_PRIVILEGES, _DEATH_SIGNAL = 38, 1
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
_MACHINE = (
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/self/cmdline",  # TensorFlow ends the process where it cannot read this
    "/sys/devices/system",
    "/etc/localtime",
)
_SHUT = (
    "socket.connect",
    "socket.bind",
    "socket.getaddrinfo",
    "socket.sendto",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "pty.spawn",
    "pickle.find_class",
    "ctypes.dlopen",
)
_CHANGING = ("os.remove", "os.rename", "os.rmdir", "os.symlink", "os.link", "os.chmod", "os.truncate", "os.mkdir")


def raise_walls(folder: Path, readable: list[Path], memory_bytes: int, cpu_seconds: int) -> list[str]:
    """Shut this process in for good: it may write in `folder`, and read there, in `readable` and in Python's libraries.

    Returns those of `ALL` that stand here; each has been tried. Limits of memory (of addresses), processor time, file
    size and open files, and a second line within Python (an audit hook), are put up besides.
    """
    _end_with_parent()
    _limits(memory_bytes, cpu_seconds)
    os.umask(0o077)
    standing = _walls_of_linux(folder, readable) if sys.platform == "linux" else []  # its calls' numbers are its own
    _second_line(folder)
    return standing


def _walls_of_linux(folder: Path, readable: list[Path]) -> list[str]:
    standing, libraries = [], _libraries()
    library = ctypes.CDLL(None, use_errno=True)
    for name, put_up, holds in (
        (NETWORK, namespaces.leave_network, _no_network),
        (CAPABILITIES, namespaces.drop_capabilities, _no_capabilities),
        (FILES, lambda: landlock.restrict([folder], [*readable, *libraries]), _no_other_files),
        (CALLS, seccomp.restrict, _no_calls),
    ):
        library.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        with contextlib.suppress(OSError, AttributeError):  # not on this system
            put_up()
            if holds():
                standing.append(name)
    return standing


def _end_with_parent() -> None:
    with contextlib.suppress(OSError, AttributeError):
        parent = os.getppid()
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def _limits(memory_bytes: int, cpu_seconds: int) -> None:
    if resource is None:
        return
    for limit, value in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, (1 << 30) + (1 << 20)),
        (resource.RLIMIT_NOFILE, 512),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # not on this platform, or a stricter limit is set already
            resource.setrlimit(limit, (value, value))


def _libraries() -> list[Path]:
    """What Python may still want to import, and what the C libraries read of the machine."""
    paths = sysconfig.get_paths()
    found = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")} | set(site.getsitepackages())
    here = str(Path(__file__).resolve().parents[2])  # this library
    return [Path(path) for path in (*sorted(found), here, *_DEVICES, *_MACHINE, "/lib", "/lib64", "/usr/lib")]


def _no_network() -> bool:
    """A network of its own has one interface, which is down; it is looked at before files are shut off."""
    lines = Path("/proc/self/net/dev").read_text(encoding="ascii").splitlines()[2:]
    return [line.split(":")[0].strip() for line in lines] in (["lo"], [])


def _no_capabilities() -> bool:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return all(int(line.split()[1], 16) == 0 for line in lines if line.startswith(("CapEff", "CapPrm")))


def _no_other_files() -> bool:
    return _refused(lambda: os.listdir("/")) and _refused(lambda: Path("/proc/self/environ").read_bytes())


def _no_calls() -> bool:
    return _refused(lambda: socket.socket().close()) and _refused(lambda: os.execv(sys.executable, [sys.executable]))


def _refused(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except PermissionError:
        return True
    return False


def _second_line(folder: Path) -> None:
    """Refuse in Python, too: no wall, but it names what was tried, and it is all there is on systems without walls."""
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None
    allowed = (str(folder.resolve()) + os.sep, "/dev/null")
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

    def refuse(event: str, arguments: tuple) -> None:
        if event in _SHUT:
            raise PermissionError(f"{event} is shut off while a submission is read")
        changes = event in _CHANGING or (event == "open" and arguments[2] and arguments[2] & writing)
        named = changes and isinstance(arguments[0], str | bytes | os.PathLike)
        if named and not os.path.realpath(os.fsdecode(arguments[0])).startswith(allowed):
            raise PermissionError("writing is shut off while a submission is read")

    sys.addaudithook(refuse)
