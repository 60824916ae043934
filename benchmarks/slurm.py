"""Slurm against this machine alone: python benchmarks/slurm.py [--photographs 120] [--pairs 3]

1. How much faster two single-core workers classify photographs than one (shards as jobs; in turn, by pairs).
2. What a job costs in Slurm that costs next to nothing here: a rule that only touches a file.

Needs a Slurm that answers, the plugin (PYTHONPATH=$PWD/.venv/plugins/slurm) and a shared folder to work in; prints
JSON. Slurm's partition needs two cores. What else runs on them falls on both sides of a pair.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
PROFILE = ["--workflow-profile", str(PROJECT / "workflow/profiles/slurm")]
SWIFT = [
    "--slurm-init-seconds-before-status-checks",
    "1",
    "--seconds-between-status-checks",
    "1",
    "--latency-wait",
    "5",
]
TRIVIAL = """
rule all:
    input: expand("{i}.txt", i=range(4))

rule tiny:
    output: "{i}.txt"
    script: "tiny.py"
"""


def run(folder: Path, *arguments: str) -> float:
    """Run snakemake in `folder`; return its wall time in seconds. Raises CalledProcessError where it fails."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "snakemake", *arguments, "--quiet", "all"], cwd=folder, check=True, capture_output=True
    )
    return time.perf_counter() - start


def clone(folder: Path) -> Path:
    """Copy the project without its results and data."""
    left_out = {".git", ".venv", ".snakemake", "results", "data", "__pycache__"}
    shutil.copytree(PROJECT, folder, ignore=lambda _, names: left_out & set(names))
    return folder


def photographs(folder: Path, count: int) -> None:
    """Write `count` JPEG crops of scikit-image's and scikit-learn's photographs, each another one."""
    from PIL import Image
    from sklearn.datasets import load_sample_images

    folder.mkdir(parents=True)
    pictures = [Image.fromarray(pixels) for pixels in load_sample_images().images]
    for number in range(count):
        picture = pictures[number % len(pictures)]
        left, top = number * 3 % (picture.width - 400), number * 7 % (picture.height - 400)
        picture.crop((left, top, left + 400, top + 400)).save(folder / f"{number:05}.jpg", quality=90)


def workers(scratch: Path, count: int, pairs: int, status: list[str]) -> dict:
    """Time 6.3 with one and with two workers of one core, by pairs."""
    tree = clone(scratch / "workflow")
    photographs(tree / "data/raw/images", count)
    settings = {"data_source": "sample", "classifier": {"shard_size": -(-count // 4)}}
    (tree / "overlay.yaml").write_text(json.dumps(settings))
    common = ["--configfile", "overlay.yaml", "--set-threads", "classify_shard=1", *PROFILE, *SWIFT, *status]
    target = "results/predictions/resnet50/predictions.csv"
    run(tree, target, *common, "--jobs", "2")
    seconds = {"1": [], "2": []}
    for pair in range(pairs):
        for jobs in ("1", "2") if pair % 2 else ("2", "1"):
            seconds[jobs].append(run(tree, target, *common, "--jobs", jobs, "--forcerun", "classify_shard"))
    ratios = [one / two for one, two in zip(seconds["1"], seconds["2"], strict=True)]
    return {"photographs": count, "shards": 4, "seconds": seconds, "speedup": ratios}


def overhead(scratch: Path, pairs: int, status: list[str]) -> dict:
    """Time four trivial jobs one after the other here and in Slurm; the difference a job, in seconds."""
    tree = scratch / "trivial"
    tree.mkdir()
    (tree / "Snakefile").write_text(TRIVIAL)
    (tree / "tiny.py").write_text("open(snakemake.output[0], 'w').close()\n")
    local, remote = [], []
    for _ in range(pairs):
        local.append(run(tree, "--cores", "1", "--forceall"))
        remote.append(run(tree, *PROFILE, *SWIFT, *status, "--jobs", "1", "--forceall"))
    return {
        "local_seconds": local,
        "slurm_seconds": remote,
        "seconds_a_job": [(there - here) / 4 for here, there in zip(local, remote, strict=True)],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("--photographs", type=int, default=120)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--status-command", default="sacct", help="squeue where there is no accounting database")
    parser.add_argument("--scratch", type=Path, help="a folder that all nodes see (default: here)")
    options = parser.parse_args()
    status = ["--slurm-status-command", options.status_command]
    with tempfile.TemporaryDirectory(dir=options.scratch or Path.cwd()) as folder:
        result = {
            "cores": os.cpu_count(),
            "overhead": overhead(Path(folder), options.pairs, status),
            "workers": workers(Path(folder), options.photographs, options.pairs, status),
        }
    result["speedup_median"] = statistics.median(result["workers"]["speedup"])
    result["seconds_a_job_median"] = statistics.median(result["overhead"]["seconds_a_job"])
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
