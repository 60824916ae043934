"""The process that opens strangers' models: `python -m assignment06.grading.model_probe`, started by `probe.py`.

It imports TensorFlow once, then takes one job a line on standard input (JSON: a submission's models and where to write)
and forks a child for each, with limits on memory, processor time and file size, in which sockets, programs, pickles and
writing outside its folder are shut off. The child writes what it learns, model by model, to `facts.jsonl`.
"""

import contextlib
import json
import os
import resource
import sys
import tempfile
import traceback
from pathlib import Path

import numpy as np

from . import trial
from .rebuild import loading
from .rebuild.refusal import Refused, Unsupported

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


def lock_down(folder: Path, memory_bytes: int, cpu_seconds: int) -> None:
    """Limit this process for good: memory, processor time, file size, no sockets, programs, pickles or stray writes."""
    for limit, value in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 2 << 30),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # not on this platform, or a stricter limit is set already
            resource.setrlimit(limit, (value, value))
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None
    allowed = (str(folder.resolve()) + os.sep, "/dev/")
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

    def refuse(event: str, arguments: tuple) -> None:
        if event in _SHUT:
            raise PermissionError(f"{event} is shut off while a model is tried")
        changes = event in _CHANGING or (event == "open" and arguments[2] and arguments[2] & writing)
        named = changes and isinstance(arguments[0], str | bytes | os.PathLike)
        if named and not os.path.realpath(os.fsdecode(arguments[0])).startswith(allowed):
            raise PermissionError("writing is shut off while a model is tried")

    sys.addaudithook(refuse)


def probe(job: dict, data: dict, folder: Path) -> dict:
    """All facts about one model. `job` has its name, path, family, expected labels and stated accuracy."""
    facts: dict = {"name": job["name"], "status": "ok", "reason": "", "format": job["format"]}
    try:
        model = loading.load(Path(job["path"]), job["format"], folder, facts)
        _shapes(model, facts)
        family = facts["family"] or job["family"]
        images = data.get(family) if facts["family"] else None
        if facts["family"] and len(facts["outputs"]) == 1:
            facts |= trial.run(model, job, facts, images, folder)
    except Refused as refusal:
        facts |= {"status": "refused", "reason": str(refusal)}
    except Unsupported as refusal:
        facts |= {"status": "unsupported", "reason": str(refusal)}
    except MemoryError:
        facts |= {"status": "failed", "reason": "it needs more memory than it is given"}
    except Exception as error:  # noqa: BLE001  whatever Keras or HDF5 raise for a broken or hostile file
        first = (str(error).strip().splitlines() or [""])[0]
        facts |= {"status": "failed", "reason": f"{type(error).__name__}: {first[:200]}"}
        (folder / "trace.txt").write_text(traceback.format_exc())
    return facts


def _shapes(model: object, facts: dict) -> None:
    shapes = [[None if d is None else int(d) for d in t.shape[1:]] for t in model.inputs]
    outputs = [[None if d is None else int(d) for d in t.shape[1:]] for t in model.outputs]
    facts |= {"inputs": shapes, "outputs": outputs, "parameters": int(model.count_params()), "family": ""}
    if len(shapes) == 1:
        for family, shape in trial.SHAPES.items():
            if trial.fits(shapes[0], shape):
                facts["family"] = family
                break
    weights = model.get_weights()
    facts["finite"] = bool(all(np.isfinite(w).all() for w in weights if w.dtype.kind == "f"))


def _do(job: dict) -> None:
    folder = Path(job["folder"])
    lock_down(folder, job["memory_bytes"], job["cpu_seconds"])
    with open(folder / "facts.jsonl", "a", encoding="utf-8") as file:
        for model in job["models"]:
            print(json.dumps({"started": model["name"]}), file=file, flush=True)
            facts = probe(model, job["data"], folder)
            print(json.dumps(facts), file=file, flush=True)


def main() -> None:
    """Serve jobs until standard input ends; the reply to each is the child's exit status."""
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    import keras  # noqa: F401  (imported once, before the forks)
    import tensorflow  # noqa: F401

    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                os.close(0)
                _do(json.loads(line))
                os._exit(0)
            except BaseException:  # noqa: BLE001  the child must never return into the parent's loop
                traceback.print_exc()
                os._exit(1)
        _, status = os.waitpid(child, 0)
        print(json.dumps({"status": os.waitstatus_to_exitcode(status)}), file=replies, flush=True)


if __name__ == "__main__":
    main()
