"""Grade submissions: each is examined by a process of its own behind the walls of `sandbox`."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from .result import Grade, exit_status
from .sandbox.workers import Workers

__all__ = ["Grade", "exit_status", "grade", "grade_all"]


def grade_all(
    sources: list[Path], data_folders: list[Path], workers: Workers, *, jobs: int = 1
) -> Iterator[tuple[int, Grade]]:
    """Grade zips and folders, `jobs` at a time; yield each one's number and grade as soon as it is there.

    One that breaks, stalls or fills its process does not stop the others. `data_folders` are looked through for test
    images (see `official`).
    """
    with ThreadPoolExecutor(max(jobs, 1)) as pool:
        waiting = {pool.submit(grade, source, data_folders, workers): number for number, source in enumerate(sources)}
        try:
            for done in as_completed(waiting):
                yield waiting[done], done.result()
        except BaseException:
            for future in waiting:
                future.cancel()
            workers.close()
            raise


def grade(source: Path, data_folders: list[Path], workers: Workers) -> Grade:
    """Grade one zip or folder. Never raises for what the submission holds or does to the process that reads it."""
    return workers.examine(Path(source), data_folders)
