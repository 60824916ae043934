"""Grade submissions inside the project's image: grade.py ENGINE [--output DIR] SUBMISSION... [-- OPTION...].

The submissions and the data are mounted read-only, the output folder is the only place that can be written, and
there is no network (Apptainer as an ordinary user cannot take it away; the grader's own process for models does).
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from build import PREFIX
from engine import PROJECT

from assignment06.orchestration.container_image import container_url, image_file


def command(runtime: str, output: Path, submissions: list[Path], options: list[str], mirror: str | None) -> list[str]:
    """Return the `apptainer exec` call; with Docker and Podman the adapter of that name answers it."""
    binds, inside = [], []
    for number, submission in enumerate(submissions):
        place = f"/submissions/{number}/{submission.name}"  # the name is graded too; two may have the same
        binds.append((submission.resolve(), place))
        inside.append(place)
    data = {"/data/prepared": PROJECT / "data/prepared", "/data/raw": PROJECT / "data/raw", "/data/mirror": mirror}
    found = {place: Path(folder).resolve() for place, folder in data.items() if folder and Path(folder).is_dir()}
    binds += [(folder, place) for place, folder in found.items()]
    binds.append((PROJECT / "workflow", "/project/workflow"))
    image = container_url() if runtime != "apptainer" else str(PREFIX / "apptainer" / image_file(container_url()))
    escaped = [f"{_escaped(outside)}:{_escaped(place)}:ro" for outside, place in binds]
    return [
        "apptainer", "exec", "--containall", "--home", str(output),
        *(word for bind in escaped for word in ("--bind", bind)),
        "--env", "PYTHONPATH=/project/workflow", image, "python", "-m", "assignment06.grading", *inside,
        "--output", str(output), *(word for place in found for word in ("--data", place)), *options,
    ]  # fmt: skip


def _escaped(path: object) -> str:
    return str(path).replace(":", "\\:").replace(",", "\\,")


def main(arguments: list[str]) -> int:
    """Run the grader in a container and return its exit status; 2 where a submission is not there."""
    given, options = _split(arguments)
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("runtime", choices=["docker", "podman", "apptainer"])
    parser.add_argument("--output", type=Path, default=Path("."))
    parser.add_argument("submissions", nargs="+", type=Path)
    asked = parser.parse_args(given)
    missing = [path for path in asked.submissions if not path.exists()]
    if missing:
        print(f"error: there is no {missing[0]}: correct the path in SUBMISSIONS.", file=sys.stderr)
        return 2
    asked.output.mkdir(parents=True, exist_ok=True)
    environment = dict(os.environ)
    if asked.runtime != "apptainer":
        environment["ASSIGNMENT06_ENGINE"] = asked.runtime
        environment["PATH"] = f"{PROJECT / 'workflow/containers/bin'}{os.pathsep}{environment['PATH']}"
    output = asked.output.resolve()
    line = command(asked.runtime, output, asked.submissions, options, environment.get("ASSIGNMENT06_MIRROR"))
    program = shutil.which("apptainer", path=environment["PATH"])
    if program is None:
        print("error: apptainer is not installed or on PATH: install it, or use CONTAINER=podman.", file=sys.stderr)
        return 2
    return subprocess.run([program, *line[1:]], cwd=output, env=environment, check=False).returncode


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Return what stands before and after `--`."""
    if "--" not in arguments:
        return arguments, []
    place = arguments.index("--")
    return arguments[:place], arguments[place + 1 :]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
