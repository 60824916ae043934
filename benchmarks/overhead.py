"""What a run of the workflow costs besides training, and what its parts cost on this machine.

A finished run, given as `--results DIR`, tells by Snakemake's own records (`.snakemake/metadata` beside DIR) when
each job ran, and by its benchmark files how much memory each took. Setting up the environment is not part of it.
"""

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from assignment06.shared.errors import AssignmentError
from benchmarks.measuring import DEFAULTS, PROJECT, Options, column, in_turn
from benchmarks.ratios import quantity, ratio

TRAINING, MEMORY_GB = "train_convnet", 3.0
PAUSE = 60.0  # seconds; a longer gap between two jobs is between two sittings
IMPORTS = ("tensorflow", "keras_cv", "snakemake.cli")
SNAKEMAKE = [sys.executable, "-m", "snakemake", "--cores", "2"]
NOT_COPIED = (".git", ".venv", ".snakemake", "results", "data")
JOBS = 10
SNAKEFILE = """
rule all:
    input: expand("{{number}}.txt", number=range({jobs}))

rule tiny:
    output: "{{number}}.txt"
    script: "tiny.py"
"""
TINY = "open(snakemake.output[0], 'w').close()\n"


def jobs_of(results: Path) -> list[dict]:
    """Return [{"rule", "start", "end"}] (seconds of the epoch) of the jobs that made what lies in `results`.

    Raises AssignmentError where Snakemake's records are not beside it, or hold no training.
    """
    folder = results.resolve().parent / ".snakemake/metadata"
    records = [json.loads(path.read_text(encoding="utf-8")) for path in folder.rglob("*") if path.is_file()]
    jobs = {
        (record["rule"], *record["log"]): {
            "rule": record["rule"], "start": record["starttime"], "end": record["endtime"],
        }
        for record in records
        if not record.get("incomplete") and record.get("endtime")
    }  # fmt: skip
    if TRAINING not in {job["rule"] for job in jobs.values()}:
        raise AssignmentError(f"{folder} holds no record of a training: name the results folder of a finished run.")
    return sorted(jobs.values(), key=lambda job: job["start"])


def covered(jobs: Iterable[dict], bridged: float = 0.0) -> float:
    """Return for how many seconds at least one of the jobs ran; gaps of up to `bridged` seconds count as well."""
    total, until = 0.0, float("-inf")
    for job in sorted(jobs, key=lambda job: job["start"]):
        if job["start"] - until > bridged:
            until = job["start"]
        total += max(0.0, job["end"] - until)
        until = max(until, job["end"])
    return total


def peak_memory(results: Path) -> dict[str, float]:
    """Return the peak resident memory in GB of each job that wrote a benchmark file."""
    peaks = {}
    for path in sorted((results / "benchmarks").rglob("*.tsv")):
        with open(path, newline="", encoding="utf-8") as file:
            rows = [row["max_rss"] for row in csv.DictReader(file, delimiter="\t")]
        measured = [float(value) for value in rows if value not in ("-", "NA")]  # a job of no time has none
        if measured:
            peaks[path.relative_to(results / "benchmarks").as_posix()] = max(measured) * 2**20 / 1e9
    return peaks


def timed(command: list[str], folder: Path) -> dict:
    """Run a command in `folder`, with the library of that copy of the project where it is one; return {"seconds"}.

    Raises RuntimeError with its last words where it fails.
    """
    own = os.environ | {"PYTHONPATH": str(folder / "workflow")}
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    seconds = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr)[-3000:]}")
    return {"seconds": seconds, "nothing_to_do": "Nothing to be done" in done.stdout + done.stderr}


def copied(folder: Path) -> Path:
    """Return a copy of the project in `folder`, as a fresh clone has it: without data, results and environment."""
    tree = folder / "tree"
    made = shutil.ignore_patterns("__pycache__")
    at_top = shutil.ignore_patterns(*NOT_COPIED)  # the library has a package `data`
    shutil.copytree(PROJECT, tree, ignore=lambda at, names: (at_top if Path(at) == PROJECT else made)(at, names))
    (tree / "data/raw/images").mkdir(parents=True)
    return tree


def measure(quick: bool, options: Options = DEFAULTS) -> dict:
    """Time imports, a dry run and small jobs; with `options.results`, take that finished run apart as well."""
    pairs = 1 if quick else options.pairs or 5
    finished = jobs_of(options.results) if options.results else None
    arms = {"python": lambda pair: timed([sys.executable, "-c", "pass"], PROJECT)}
    arms |= {
        f"import {name}": lambda pair, name=name: timed([sys.executable, "-c", f"import {name}"], PROJECT)
        for name in IMPORTS
    }
    rows = in_turn("imports", arms, pairs)
    with tempfile.TemporaryDirectory() as name:
        rows += _small_jobs(Path(name), pairs)
        tree = copied(Path(name))
        rows += in_turn("fresh clone", {"snakemake -n": lambda pair: timed([*SNAKEMAKE, "-n"], tree)}, pairs)
    jobs = [b - a for a, b in zip(_seconds(rows, "1 job"), _seconds(rows, f"{1 + JOBS} jobs"), strict=True)]
    quantities = [
        quantity(f"{arm}, on top of bare Python", _seconds(rows, arm, minus=_seconds(rows, "python")), "s")
        for arm in list(arms)[1:]
    ]
    quantities += [
        quantity("a job that does nothing", [seconds / JOBS for seconds in jobs], "s"),
        quantity("snakemake -n, fresh clone", _seconds(rows, "snakemake -n"), "s"),
    ]
    found = {"measurements": rows, "quantities": quantities, "ratios": []}
    if finished:
        _take_apart(options.results, finished, pairs, found)
    return found


def _take_apart(results: Path, jobs: list[dict], pairs: int, found: dict) -> None:
    """Add what a finished run tells. Where nothing is left to do in its tree, snakemake is timed there too."""
    tree = results.resolve().parent
    if timed([*SNAKEMAKE, "-n"], tree)["nothing_to_do"]:
        arms = {
            "dry": lambda pair: timed([*SNAKEMAKE, "-n"], tree),
            "nothing to do": lambda pair: timed(SNAKEMAKE, tree),
        }
        rows = in_turn("finished run", arms, pairs)
        found["measurements"] += rows
        found["quantities"] += [quantity(f"snakemake, finished run, {arm}", _seconds(rows, arm), "s") for arm in arms]
    starting = next(row["median"] for row in found["quantities"] if row["name"] == "snakemake -n, fresh clone")
    whole = covered(jobs, PAUSE) + starting
    training = covered(job for job in jobs if job["rule"] == TRAINING)
    rules = {job["rule"]: covered(other for other in jobs if other["rule"] == job["rule"]) for job in jobs}
    peaks = peak_memory(results)
    largest = max(peaks, key=peaks.get)
    found["jobs"], found["peak_memory_gb"] = jobs, peaks
    found["quantities"].append(quantity("the whole run, with a dry run for its start-up", [whole], "s"))
    found["quantities"] += [quantity(f"rule {rule}", [seconds], "s") for rule, seconds in rules.items()]
    found["ratios"] = [
        ratio("what is not training / the whole run", ("rest", [whole - training]), ("whole", [whole]), "s",
              at_most=0.15),
        ratio("largest job's peak memory / limit", (largest, [peaks[largest]]), ("limit", [MEMORY_GB]), "GB",
              at_most=1),
    ]  # fmt: skip


def _seconds(rows: list[dict], arm: str, minus: list[float] | None = None) -> list[float]:
    seconds = column(rows, arm, "seconds")
    return [a - b for a, b in zip(seconds, minus, strict=True)] if minus else seconds


def _small_jobs(folder: Path, pairs: int) -> list[dict]:
    """Time snakemake with few and with many jobs that do nothing."""
    (folder / "tiny.py").write_text(TINY, encoding="utf-8")

    def run(jobs: int) -> dict:
        (folder / "Snakefile").write_text(SNAKEFILE.format(jobs=jobs), encoding="utf-8")
        return timed([sys.executable, "-m", "snakemake", "--cores", "1", "--forceall", "--quiet", "all"], folder)

    arms = {"1 job": lambda pair: run(1), f"{1 + JOBS} jobs": lambda pair: run(1 + JOBS)}
    return in_turn("jobs that do nothing", arms, pairs)
