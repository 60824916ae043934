"""The process that forks one child for each submission: `python -m assignment06.grading.sandbox.zygote FOLDER`.

It has the libraries loaded, reads nothing of a submission, and passes on what a child writes, as bytes, up to a limit.
It ends a child that takes too long in all, is silent too long or writes too much; and when its own standard input ends,
whatever ended the process there, it ends all children and removes FOLDER, in which they worked.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import selectors
import shutil
import signal
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path

MAX_ANSWER_BYTES = 32 << 20
_BLOCK = 1 << 16


@dataclass
class _Job:
    request: dict
    process: int
    pipe: int
    folder: Path
    deadline: float
    heard: float
    answer: bytearray = field(default_factory=bytearray)
    ended: str = ""

    def next_limit(self) -> float:
        return min(self.deadline, self.heard + self.request["silence"])


class _Zygote:
    def __init__(self, root: Path, replies: int) -> None:
        self.root, self.replies = root, replies
        self.jobs: dict[int, _Job] = {}
        self.waits = selectors.DefaultSelector()
        self.waits.register(0, selectors.EVENT_READ)
        self.unread = b""
        self.seen: set[tuple[str, ...]] = set()

    def run(self) -> None:
        while True:
            limits = [job.next_limit() for job in self.jobs.values()]
            timeout = max(0.0, min(limits) - time.monotonic()) if limits else None
            for key, _ in self.waits.select(timeout):
                if key.fd != 0:
                    self._hear(self.jobs[key.fd])
                elif not self._take_orders():
                    return
            now = time.monotonic()
            for job in list(self.jobs.values()):
                if now >= job.next_limit():
                    self._stop(job, "time" if now >= job.deadline else "silence")

    def _take_orders(self) -> bool:
        block = os.read(0, _BLOCK)
        self.unread += block
        while b"\n" in self.unread:
            line, _, self.unread = self.unread.partition(b"\n")
            self._begin(json.loads(line))
        return bool(block)

    def _begin(self, request: dict) -> None:
        _prepare(request, self.seen)
        folder = Path(tempfile.mkdtemp(dir=self.root))
        request["folder"] = str(folder)
        heard, told = os.pipe()
        gc.collect()
        gc.freeze()
        process = os.fork()
        if process == 0:
            _child(request, told)
        os.close(told)
        now = time.monotonic()
        job = _Job(request, process, heard, folder, now + request["seconds"], now)
        self.jobs[heard] = job
        self.waits.register(heard, selectors.EVENT_READ)

    def _hear(self, job: _Job) -> None:
        block = os.read(job.pipe, _BLOCK)
        if not block:
            self._finish(job)
            return
        job.heard = time.monotonic()
        job.answer += block
        if len(job.answer) > MAX_ANSWER_BYTES:
            job.answer.clear()
            self._stop(job, "size")

    def _stop(self, job: _Job, why: str) -> None:
        job.ended = why
        os.kill(job.process, signal.SIGKILL)
        self._finish(job)

    def _finish(self, job: _Job) -> None:
        self.waits.unregister(job.pipe)
        os.close(job.pipe)
        del self.jobs[job.pipe]
        _, status = os.waitpid(job.process, 0)
        code = os.waitstatus_to_exitcode(status)
        shutil.rmtree(job.folder, ignore_errors=True)
        words = {"id": job.request["id"], "ended": job.ended, "status": code, "size": len(job.answer)}
        _write(self.replies, json.dumps(words).encode() + b"\n" + bytes(job.answer))

    def end(self) -> None:
        for job in self.jobs.values():
            with contextlib.suppress(OSError):
                os.kill(job.process, signal.SIGKILL)
                os.waitpid(job.process, 0)
        shutil.rmtree(self.root, ignore_errors=True)


def _prepare(request: dict, seen: set[tuple[str, ...]]) -> None:
    """Load once, for all children, what is trusted: TensorFlow, and the official test sets of the data folders."""
    from .. import official

    if request["warm"] and "tensorflow" not in sys.modules:
        gc.disable()  # a third of the time goes into rounds of the collector, which find next to nothing
        import keras  # noqa: F401
        import tensorflow  # noqa: F401

        from ..rebuild import building, loading, weights  # noqa: F401

        gc.enable()
    data = tuple(request["data"])
    if data not in seen:
        seen.add(data)
        folders = [Path(path) for path in data]
        official.look_in(folders)
        for family in official.SHAPES:
            test = official.find(family, folders)
            if request["models"] and test is not None and test.images is not None:
                _ = test.pixels  # read here, once


def _child(request: dict, told: int) -> None:
    status = 1
    try:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.closerange(3, told)
        os.closerange(told + 1, 4096)
        from .child import work

        work(request, told)
        status = 0
    except BaseException:  # noqa: BLE001  the child must never return into the parent's loop
        traceback.print_exc()
    finally:
        os._exit(status)


def _write(to: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(to, view) :]


def main() -> None:
    """Serve until standard input ends or a signal comes."""
    replies = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    from . import child  # noqa: F401  (loads what every child needs, once)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    zygote = _Zygote(Path(sys.argv[1]), replies)
    try:
        zygote.run()
    finally:
        zygote.end()


if __name__ == "__main__":
    main()
