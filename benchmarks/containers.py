"""What a container costs: python benchmarks/containers.py podman|docker|apptainer [--pairs N]

Runs the same tiny rule, and the same `import tensorflow`, outside and inside in turn, so that whatever else the
machine does falls on both; prints JSON. On a machine that does other things too, look at the lowest figures. The
image must be there (`make image CONTAINER=...`).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "workflow"))

from assignment06.orchestration.container_image import container_url, image_name

SNAKEFILE = """
container: {url!r}

rule tiny:
    output: "tiny.txt"
    script: "tiny.py"

rule tensorflow:
    output: "tensorflow.txt"
    script: "tensorflow_import.py"
"""
TINY = "open(snakemake.output[0], 'w').close()\n"
IMPORT = """import time
start = time.perf_counter()
import tensorflow
open(snakemake.output[0], "w").write(str(time.perf_counter() - start))
"""


def run_rule(folder: Path, rule: str, arguments: list[str], environment: dict[str, str]) -> float:
    """Run one rule anew; return the seconds that the whole call of snakemake took."""
    command = ["snakemake", rule, "--cores", "1", "--force", "--quiet", "all", *arguments]
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("engine", choices=["podman", "docker", "apptainer"])
    parser.add_argument("--pairs", type=int, default=7)
    options = parser.parse_args()
    path = [str(Path(sys.executable).parent), os.environ["PATH"]]
    if options.engine != "apptainer":
        path.insert(0, str(PROJECT / "workflow" / "containers" / "bin"))
    environment = os.environ | {"PATH": os.pathsep.join(path), "ASSIGNMENT06_ENGINE": options.engine}
    prefix = PROJECT / ".snakemake" / "containers" / options.engine
    contained = ["--sdm", "apptainer", "--apptainer-prefix", str(prefix)]
    rules: dict[str, list[tuple[float, float]]] = {"tiny": [], "tensorflow": []}
    imports = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "Snakefile").write_text(SNAKEFILE.format(url=container_url()), encoding="utf-8")
        (folder / "tiny.py").write_text(TINY, encoding="utf-8")
        (folder / "tensorflow_import.py").write_text(IMPORT, encoding="utf-8")
        for rule in rules:  # once unmeasured: what is read first from a cold disk, and the image's file
            run_rule(folder, rule, [], environment)
            run_rule(folder, rule, contained, environment)
        for number in range(options.pairs):
            for rule, pairs in rules.items():
                times = {}
                for inside in (False, True) if number % 2 else (True, False):
                    times[inside] = run_rule(folder, rule, contained if inside else [], environment)
                    if rule == "tensorflow":
                        times[inside, "import"] = float((folder / "tensorflow.txt").read_text())
                pairs.append((times[False], times[True]))
            imports.append((times[False, "import"], times[True, "import"]))

    def summary(pairs: list[tuple[float, float]]) -> dict[str, object]:
        outside, inside = zip(*pairs, strict=True)
        differences = [b - a for a, b in pairs]
        return {
            "outside_seconds": {"median": round(statistics.median(outside), 2), "lowest": round(min(outside), 2)},
            "inside_seconds": {"median": round(statistics.median(inside), 2), "lowest": round(min(inside), 2)},
            "median_difference_seconds": round(statistics.median(differences), 2),
            "differences_seconds": sorted(round(difference, 2) for difference in differences),
        }

    report = {
        "engine": options.engine,
        "image": image_name(),
        "pairs": options.pairs,
        "rule_that_does_nothing": summary(rules["tiny"]),
        "import_tensorflow": summary(imports),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
