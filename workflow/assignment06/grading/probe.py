"""Ask the probe's process about models; keep it alive from one submission to the next, and outlive its deaths."""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

from . import official, trial

MEMORY_BYTES = 8 << 30  # of addresses, of which TensorFlow reserves several GiB without using them
CPU_SECONDS = 900
WALL_SECONDS = 300  # for one submission's models
START_SECONDS = 180


@dataclass
class ModelFile:
    """One model to try: its `family` ("mnist" or "cifar10") where known, the accuracy it should give, and, by family,
    the labels int [n] that it may have predicted; `scalings` are those to try.
    """

    name: str
    path: Path
    format: str
    family: str = ""
    expected: dict[str, list[np.ndarray]] = field(default_factory=dict)
    stated: float | None = None
    scalings: tuple[str, ...] = trial.SCALINGS


@dataclass
class ModelFacts:
    """What was learnt about a model. `status`: ok, refused, unsupported or failed, with the `reason`.

    `outputs` maps a scaling's name to the float32 [n, 10] outputs for all test images.
    """

    name: str
    status: str = "failed"
    reason: str = ""
    facts: dict = field(default_factory=dict)
    outputs: dict[str, np.ndarray] = field(default_factory=dict)


@cache
def isolation() -> list[str]:
    """The command that starts a program without a network, or nothing where the system does not allow it."""
    for command in (["unshare", "--map-root-user", "--net"], ["unshare", "--net"]):
        program = shutil.which(command[0])
        if program and subprocess.run([program, *command[1:], "true"], capture_output=True).returncode == 0:
            return [program, *command[1:]]
    return []


class Prober:
    """A context in which models can be tried. TensorFlow starts with the first model, in another process."""

    def __init__(self, threads: int = 2, wall_seconds: float = WALL_SECONDS) -> None:
        self.threads, self.wall_seconds = threads, wall_seconds
        self._process: subprocess.Popen | None = None
        self._root: Path | None = None
        self._data: dict[str, dict[str, str]] = {}

    def __enter__(self) -> "Prober":
        self._root = Path(tempfile.mkdtemp(prefix="assignment06-models-"))
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop()
        shutil.rmtree(self._root, ignore_errors=True)

    def probe(self, models: list[ModelFile], tests: dict[str, official.TestSet]) -> dict[str, ModelFacts]:
        """Try the models of one submission; the answer has an entry for each, by name."""
        answers: dict[str, ModelFacts] = {}
        left = list(models)
        data = {family: paths for family, test in tests.items() if (paths := self._images(test))}
        while left:
            folder = Path(tempfile.mkdtemp(dir=self._root))
            try:
                ended = self._run(left, data, folder)
                answers |= self._collect(folder, left, ended)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
            left = [model for model in left if model.name not in answers]
        return answers

    def _images(self, test: official.TestSet) -> dict[str, str] | None:
        """The test images as files that the probe maps into memory."""
        if test.images is None:
            return None
        key = f"{test.family}-{'official' if test.official else 'sample'}"
        if key not in self._data:
            paths = {part: str(self._root / f"{key}-{part}.npy") for part in ("pixels", "labels")}
            np.save(paths["pixels"], test.pixels)
            np.save(paths["labels"], test.labels)
            self._data[key] = paths
        return self._data[key]

    def _run(self, models: list[ModelFile], data: dict, folder: Path) -> str:
        """Send one job and wait; return "" if it ended well, else what happened to the process."""
        jobs = []
        for number, model in enumerate(models):
            job = {
                "name": model.name,
                "path": str(model.path.resolve()),
                "format": model.format,
                "number": number,
                "family": model.family,
                "stated": model.stated,
                "scalings": list(model.scalings),
            }
            job["expected"] = {}
            for family, arrays in model.expected.items():
                paths = [folder / f"expected-{number}-{family}-{i}.npy" for i in range(len(arrays))]
                for path, labels in zip(paths, arrays, strict=True):
                    np.save(path, labels)
                job["expected"][family] = [str(path) for path in paths]
            jobs.append(job)
        request = {
            "folder": str(folder),
            "models": jobs,
            "data": data,
            "memory_bytes": MEMORY_BYTES,
            "cpu_seconds": CPU_SECONDS,
        }
        seconds = self.wall_seconds + (0 if self._process else START_SECONDS)
        try:
            process = self._start()
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            if not select.select([process.stdout], [], [], seconds)[0]:
                self._stop()
                return f"it was stopped after {self.wall_seconds:.0f} s"
            status = json.loads(process.stdout.readline() or '{"status": -9}')["status"]
        except (OSError, ValueError) as error:
            self._stop()
            return f"the probe could not be started ({error})"
        if self._process and self._process.poll() is not None:
            self._stop()
        return {0: "", -24: "it used up its processor time", -9: "it was killed, for time or memory"}.get(
            status, f"it broke the process that opened it (exit status {status})"
        )

    def _collect(self, folder: Path, models: list[ModelFile], ended: str) -> dict[str, ModelFacts]:
        answers: dict[str, ModelFacts] = {}
        started = models[0].name
        log = folder / "facts.jsonl"
        for line in log.read_text(encoding="utf-8").splitlines() if log.exists() else []:
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if "started" in entry:
                started = entry["started"]
                continue
            outputs = {
                scaling: np.load(folder / values["outputs"], allow_pickle=False)
                for scaling, values in entry.get("scalings", {}).items()
                if "outputs" in values
            }
            answers[entry["name"]] = ModelFacts(entry["name"], entry["status"], entry["reason"], entry, outputs)
        if started not in answers or not answers:
            answers[started] = ModelFacts(started, "failed", ended or "the probe ended without an answer")
        return answers

    def _start(self) -> subprocess.Popen:
        if self._process is None:
            keep = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
            scratch = self._root / "home"
            scratch.mkdir(exist_ok=True)
            environment = keep | {
                "HOME": str(scratch),
                "KERAS_HOME": str(scratch),
                "TMPDIR": str(self._root),
                "KERAS_BACKEND": "tensorflow",
                "TF_CPP_MIN_LOG_LEVEL": "3",
                "CUDA_VISIBLE_DEVICES": "-1",
                "PYTHONDONTWRITEBYTECODE": "1",
                "TF_NUM_INTRAOP_THREADS": str(self.threads),
                "TF_NUM_INTEROP_THREADS": "1",
                "OMP_NUM_THREADS": str(self.threads),
                "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
            }
            self._process = subprocess.Popen(
                [*isolation(), sys.executable, "-P", "-m", "assignment06.grading.model_probe"],
                env=environment,
                cwd=scratch,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                start_new_session=True,
            )
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                stream.close()
        process.wait()
