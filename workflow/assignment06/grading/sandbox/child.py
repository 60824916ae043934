"""What happens in the process that a submission has for itself: walls first, then the submission."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from .. import official, probe, progress
from ..examine import examine
from ..probe import ModelFacts
from ..result import plain
from ..trial import ModelFile
from .walls import raise_walls


class NeedsModels(BaseException):
    """Models are to be tried, and TensorFlow is not loaded in this process."""


def work(request: dict, answer: int) -> None:
    """Examine `request["source"]` and write lines of JSON to the file descriptor `answer`, the grade as the last."""
    folder, data = Path(request["folder"]), [Path(path) for path in request["data"]]
    readable = [Path(request["source"]), *data]
    if labels := os.environ.get(official.LABELS_VARIABLE):
        readable.append(Path(labels))
    standing = raise_walls(folder, readable, request["memory_bytes"], request["cpu_seconds"])

    def say(**words: object) -> None:
        os.write(answer, json.dumps(words).encode() + b"\n")

    say(walls=standing)
    progress.listen(lambda kind, name: say(at=[kind, name[:300]]))
    failed = request["failed_models"]

    def try_models(files: list[ModelFile], tests: dict[str, official.TestSet]) -> dict[str, ModelFacts]:
        known = {
            file.name: ModelFacts(file.name, "failed", failed.get(file.name, failed.get("", "")))
            for file in files
            if file.name in failed or "" in failed
        }
        left = [file for file in files if file.name not in known]
        if left and "tensorflow" not in sys.modules:
            raise NeedsModels
        return known | probe.try_models(left, tests, folder)

    try:
        grade = examine(Path(request["source"]), data, try_models if request["models"] else None, request["unread"])
    except NeedsModels:
        say(needs="models")
        return
    grade.walls = standing
    text = plain(grade).model_dump_json().encode()
    with os.fdopen(os.dup(answer), "wb") as file:
        file.write(b'{"grade": ' + text + b"}\n")
