"""Ask for submissions to be examined behind the walls, and make a grade of whatever comes of it."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from ..left_overs import PREFIX, remove_left_overs
from ..official import LABELS_VARIABLE
from ..result import Grade, from_plain

MEMORY_BYTES = 8 << 30  # of addresses, of which TensorFlow reserves several GiB without using them
CPU_SECONDS = 900
WALL_SECONDS = 300.0  # for one submission, whatever is in it
SILENT_SECONDS = 100.0  # for one file, or for one batch of images that a model predicts
LAST_SECONDS = 60.0  # for the rest of a submission whose models took all its time
_ATTEMPTS = 5
_KEPT = ("PATH", "LANG", "LD_LIBRARY_PATH", LABELS_VARIABLE)


@dataclass
class _Outcome:
    """What came of one child: its lines, and how it ended ("" if well)."""

    lines: list[dict]
    ended: str
    grade: str = ""

    def last(self) -> tuple[str, str]:
        """The kind and the name of what was begun last."""
        at = next((line["at"] for line in reversed(self.lines) if "at" in line), None)
        if isinstance(at, list) and len(at) == 2 and all(isinstance(word, str) for word in at):
            return at[0], at[1]
        return "", ""


class Workers:
    """A context in which submissions can be examined, each in a process of its own, several at a time from threads.

    `seconds` is the time that one submission has in all. Without `models` none is tried and TensorFlow never starts;
    `warm`, it starts before the first submission, and not when that one turns out to have models.
    """

    def __init__(
        self, *, threads: int = 2, models: bool = True, warm: bool = False, seconds: float = WALL_SECONDS
    ) -> None:
        self.threads, self.models, self.seconds, self.memory_bytes = threads, models, seconds, MEMORY_BYTES
        self._lock = threading.Lock()
        self._process: subprocess.Popen | None = None
        self._root: Path | None = None
        self._numbers = itertools.count()
        self._waiting: dict[int, queue.SimpleQueue] = {}
        self._warm = warm
        self._closed = False

    def __enter__(self) -> Workers:
        remove_left_overs()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End all that is under way, at once, and remove what was unpacked."""
        with self._lock:  # none is started after this
            self._closed = True
        self._stop()

    def examine(self, source: Path, data_folders: list[Path]) -> Grade:
        """Grade one zip or folder. A file or model that ends its process is left out, and the rest is tried again."""
        from .. import examine

        started, reason, walls, gone = time.monotonic(), "", [], False
        unread: dict[str, str] = {}
        failed: dict[str, str] = {}
        for _ in range(_ATTEMPTS):
            left = self.seconds - (time.monotonic() - started)
            last, warm = "" in failed, self._warm
            outcome = self._ask(source, data_folders, unread, failed, LAST_SECONDS if last else max(left, 1.0), warm)
            walls = next((line["walls"] for line in outcome.lines if "walls" in line), walls)
            if outcome.grade:
                try:
                    grade = from_plain(source, outcome.grade)
                except ValueError:
                    reason = "the process that read it answered with something that is no grade"
                    break
                grade.seconds = time.monotonic() - started
                return grade
            if any("needs" in line for line in outcome.lines) and not warm:
                self._warm = True  # another submission may have said so meanwhile
                started = time.monotonic()  # loading TensorFlow is not the submission's doing
                continue
            if outcome.ended == "gone" and not gone:
                gone = True  # perhaps another submission's doing
                continue
            kind, name = outcome.last()
            reason = self._reason(outcome.ended)
            if kind == "model" and outcome.ended == "time" and not last:
                failed[""] = f"the submission's models took more than {self.seconds:.0f} s"
            elif kind == "model" and not last:
                failed[name] = reason
            elif kind == "file" and outcome.ended not in ("time", "gone"):
                unread[name] = reason
            else:
                reason = f"{reason}{f' at {name}' if name else ''}"
                break
        grade = examine.unreadable(source, reason)
        grade.seconds, grade.walls = time.monotonic() - started, walls
        return grade

    def _reason(self, ended: str) -> str:
        return {
            "time": f"it was stopped after {self.seconds:.0f} s",
            "silence": f"it was stopped after {min(SILENT_SECONDS, self.seconds):.0f} s",
            "size": "it makes more results than are taken",
            "status -24": "it used up its processor time",
            "status -9": "it was killed, for time or memory",
            "gone": "the process that reads submissions ended",
        }.get(ended, f"it broke the process that opened it ({ended})")

    def _ask(self, source: Path, data: list[Path], unread: dict, failed: dict, seconds: float, warm: bool) -> _Outcome:
        number, answer = next(self._numbers), queue.SimpleQueue()
        request = {
            "id": number,
            "source": os.path.abspath(source),
            "data": [os.path.abspath(folder) for folder in data],
            "models": self.models,
            "warm": warm,
            "unread": unread,
            "failed_models": failed,
            "seconds": seconds,
            "silence": SILENT_SECONDS,
            "memory_bytes": self.memory_bytes,
            "cpu_seconds": CPU_SECONDS,
        }
        try:
            with self._lock:
                if self._closed:
                    raise OSError("closed")
                process = self._start()
                self._waiting[number] = answer
                requests = cast("IO[bytes]", process.stdin)
                requests.write(json.dumps(request).encode() + b"\n")
                requests.flush()
            ended, data_bytes = answer.get()
        except OSError:
            ended, data_bytes = "gone", b""
        self._waiting.pop(number, None)
        return _read(ended, data_bytes)

    def _start(self) -> subprocess.Popen:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._root = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
        home = self._root / "home"
        home.mkdir()
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ} | {
            "HOME": str(home),
            "KERAS_HOME": str(home),
            "TMPDIR": str(self._root),
            "KERAS_BACKEND": "tensorflow",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "NO_GCE_CHECK": "true",  # TensorFlow looks for Google's servers otherwise
            "HDF5_PLUGIN_PATH": str(home),  # HDF5 loads filters from a folder of the system otherwise
            "CUDA_VISIBLE_DEVICES": "-1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "TF_NUM_INTRAOP_THREADS": str(self.threads),
            "TF_NUM_INTEROP_THREADS": "1",
            "OMP_NUM_THREADS": str(self.threads),
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONPATH": str(Path(__file__).resolve().parents[3]),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "assignment06.grading.sandbox.zygote", str(self._root)],
            env=environment,
            cwd=home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()
        return self._process

    def _listen(self, process: subprocess.Popen) -> None:
        answers = cast("IO[bytes]", process.stdout)
        with contextlib.suppress(OSError, ValueError, KeyError):
            while line := answers.readline():
                words = json.loads(line)
                data = answers.read(words["size"])
                ended = words["ended"] or (f"status {words['status']}" if words["status"] else "")
                self._waiting[words["id"]].put((ended, data))
        for answer in list(self._waiting.values()):
            answer.put(("gone", b""))

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(OSError):
                cast("IO[bytes]", process.stdin).close()
            try:
                process.wait(3)  # TensorFlow may be loading, which hears nothing
            except subprocess.TimeoutExpired:
                with contextlib.suppress(OSError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if self._root is not None:
            shutil.rmtree(self._root, ignore_errors=True)


def _read(ended: str, data: bytes) -> _Outcome:
    """The lines of a child's answer. What is no line of JSON counts as nothing."""
    outcome = _Outcome([], ended)
    for line in data.splitlines():
        if line.startswith(b'{"grade": ') and line.endswith(b"}"):
            outcome.grade = line[len(b'{"grade": ') : -1].decode("utf-8", "replace")
            continue
        try:
            words = json.loads(line) if len(line) < 4000 else None
        except (ValueError, RecursionError):
            continue
        if isinstance(words, dict):
            outcome.lines.append(words)
    return outcome
