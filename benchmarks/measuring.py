"""Run single measurements in turn, each in a process of its own, with threads as the workflow's jobs have them."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from assignment06.config.check import check_config
from assignment06.shared.provenance import provenance

PROJECT = Path(__file__).resolve().parents[1]
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
THREADS = min(2, CORES)  # what the rules that train and classify ask for, where the machine has it
CONFIG = check_config(yaml.safe_load((PROJECT / "config.yaml").read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Options:
    """What the command line may change; None for each benchmark's own choice."""

    results: Path | None = None  # the results folder of a finished run of the workflow
    pairs: int | None = None
    cap: float = 3.2  # a baseline is stopped after this multiple of this workflow's time
    many: bool = False  # classify 10,000 images as well
    experiments: tuple[str, ...] = ()  # of config.yaml; all if empty

    def chosen(self) -> dict[str, dict]:
        """Return the experiments' settings, as a training job gets them."""
        return {
            name: row.training()
            for name, row in CONFIG.experiments.items()
            if not self.experiments or name in self.experiments
        }


DEFAULTS = Options()


def in_turn(title: str, arms: dict[str, Callable[[int], dict]], pairs: int) -> list[dict]:
    """Measure A, B, A, B, ...; return every measurement, with its `title`, `arm` and `pair` (from 0).

    An arm is a function of the pair's number. What was measured is printed at once.
    """
    measured = []
    for pair in range(pairs):
        for arm, measure in arms.items():
            measured.append({"title": title, "arm": arm, "pair": pair, **measure(pair)})
            print(f"{time.strftime('%H:%M:%S')} {json.dumps(measured[-1])}", file=sys.stderr, flush=True)
    return measured


def column(measurements: list[dict], arm: str, key: str, title: str | None = None) -> list:
    """Return one value of every measurement of an arm, pair by pair."""
    return [row[key] for row in measurements if row["arm"] == arm and title in (None, row["title"])]


def fresh(function: Callable[..., dict], **arguments: object) -> dict:
    """Call a module's function in a new process; return its answer with `peak_rss_mb` (MiB) added.

    Arguments and answer must be what JSON can hold. Raises RuntimeError, with the end of what the process
    wrote, where it fails. An argument `threads` also sets what Snakemake sets for a job's libraries.
    """
    return fresh_together(function, [arguments])[0]


def fresh_together(function: Callable[..., dict], several: list[dict]) -> list[dict]:
    """Call a function in several new processes at the same time, as `fresh` does."""
    with tempfile.TemporaryDirectory() as name:
        processes, folder = [], Path(name)
        try:
            for number, arguments in enumerate(several):
                with open(folder / f"{number}.log", "w", encoding="utf-8") as log:
                    request = {"function": function.__name__, "module": function.__module__, "arguments": arguments}
                    (folder / f"{number}.json").write_text(json.dumps(request), encoding="utf-8")
                    command = [sys.executable, "-m", "benchmarks.child", str(folder / f"{number}.json")]
                    processes.append(
                        subprocess.Popen(
                            command, cwd=PROJECT, env=_environment(arguments.get("threads")), stdout=log,
                            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                        )
                    )  # fmt: skip
            for number, process in enumerate(processes):
                if process.wait() != 0:
                    text = (folder / f"{number}.log").read_text(encoding="utf-8", errors="replace")
                    raise RuntimeError(f"{function.__module__}.{function.__name__} failed:\n{text[-3000:]}")
        finally:
            for process in processes:
                process.kill()
                process.wait()
        return [json.loads((folder / f"{number}.json").read_text(encoding="utf-8")) for number in range(len(several))]


def reference() -> dict:
    """Return the device and its speed in dense float32 matrix products (run it with `fresh`)."""
    from assignment06.backend import compute
    from benchmarks import operations

    compute.configure(THREADS)
    return {"device": compute.device(), "matrix_product_gflops": operations.matrix_product_rate(1.0) / 1e9}


def circumstances() -> dict:
    """Return versions, date, processor, cores, memory and load of this machine."""
    import psutil

    return {
        **provenance(),
        "cores": CORES,
        "threads": THREADS,
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "load_before": [round(value, 2) for value in os.getloadavg()] if hasattr(os, "getloadavg") else None,
        **fresh(reference),
    }


def _environment(threads: int | None) -> dict[str, str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(PROJECT), str(PROJECT / "workflow")])}
    for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR") if threads else ():
        environment[f"{library}_NUM_THREADS"] = str(threads)
    return environment
