"""First on PYTHONPATH, this takes from Python what Windows (or macOS) has not: modules, calls, signals, /proc."""

import asyncio  # noqa: F401  (these take for granted, at their import, what goes away below)
import os
import selectors  # noqa: F401
import shutil  # noqa: F401
import signal
import socket  # noqa: F401
import subprocess  # noqa: F401
import sys
import tempfile  # noqa: F401
import uuid  # noqa: F401

import platformdirs  # noqa: F401  (these choose what they use by the system's name)
import psutil  # noqa: F401

MODULES = ("fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty")
# By what their names begin with
CALLS = (
    "O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK", "O_PATH", "chown", "chroot", "fchown", "fork", "getegid",
    "geteuid", "getgid", "getgroups", "getloadavg", "getpg", "getpriority", "getres", "getsid", "getuid", "initgroups",
    "killpg", "lchown", "lockf", "memfd_create", "mkfifo", "mknod", "nice", "openpty", "posix_", "pread", "pwrite",
    "sched_", "set", "sync", "sysconf", "tcgetpgrp", "ttyname", "wait",
)  # fmt: skip
SIGNALS = ("SIGALRM", "SIGCHLD", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGSTOP", "SIGTSTP", "SIGUSR", "alarm")
MACOS_LACKS = ("O_PATH", "memfd_create", "posix_fadvise", "sched_getaffinity", "sched_setaffinity")
PROC = ("/proc/self/", "/proc/sys/", "/proc/cpuinfo")  # psutil, which has ways of its own elsewhere, reads others
KEPT = ("waitpid", "waitstatus_to_exitcode")  # Windows has these


def _no_proc(event: str, arguments: tuple) -> None:
    path = arguments[0] if event in ("open", "os.listdir") else None
    if isinstance(path, str) and path.startswith(PROC):
        raise FileNotFoundError(2, "No such file or directory", path)


def _take_away(module: object, names: tuple[str, ...]) -> None:
    for name in dir(module):
        if name.startswith(names) and name not in KEPT:
            delattr(module, name)


ELSEWHERE = os.environ.get("ELSEWHERE")
if ELSEWHERE == "windows":
    sys.modules.update(dict.fromkeys(MODULES))
    _take_away(os, CALLS)
    _take_away(signal, SIGNALS)
if ELSEWHERE == "macos":
    _take_away(os, MACOS_LACKS)
if ELSEWHERE:
    sys.addaudithook(_no_proc)
