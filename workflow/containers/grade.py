"""Grade submissions inside the project's image: grade.py ENGINE [--output DIR] [OPTION...] -- SUBMISSION...

The submissions, the data and the program are mounted read-only. The only place that can be written is a folder made
for this one call, of which nothing but the grades is taken out. There is no network (Apptainer as an ordinary user
cannot take it away; the grader's own processes do), no capability, and a limit on memory and on processes.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from build import PREFIX
from engine import PROJECT

from assignment06.orchestration.container_image import container_url, image_file

MEMORY, PROCESSES = "16g", "512"
_GRADES = ("grades.csv", "grades.html", ".grades.jsonl")


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
    limits = ["--drop-caps", "all"]
    if runtime != "apptainer":  # where an ordinary user may not set limits, Apptainer would not start at all
        limits += ["--memory", MEMORY, "--pids-limit", PROCESSES]
    return [
        "apptainer", "exec", "--containall", "--no-privs", *limits, "--home", str(output),
        *(word for bind in escaped for word in ("--bind", bind)),
        "--env", "PYTHONPATH=/project/workflow", image, "python", "-m", "assignment06.grading",
        "--output", str(output), *(word for place in found for word in ("--data", place)), *options, "--", *inside,
    ]  # fmt: skip


def _escaped(path: object) -> str:
    return str(path).replace(":", "\\:").replace(",", "\\,")


def main(arguments: list[str]) -> int:
    """Run the grader in a container and return its exit status; 2 where a submission is not there."""
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("runtime", choices=["docker", "podman", "apptainer"])
    parser.add_argument("--output", type=Path, default=Path("."))
    given, submissions = _split(arguments)
    asked, options = parser.parse_known_args(given)
    asked.submissions = [Path(name) for name in submissions]
    if not asked.submissions:
        print("error: no submission is given: name zips or folders in SUBMISSIONS.", file=sys.stderr)
        return 2
    missing = [path for path in asked.submissions if not path.exists()]
    if missing:
        print(f"error: there is no {missing[0]}: correct the path in SUBMISSIONS.", file=sys.stderr)
        return 2
    asked.output.mkdir(parents=True, exist_ok=True)
    environment = dict(os.environ)
    if asked.runtime != "apptainer":
        environment["ASSIGNMENT06_ENGINE"] = asked.runtime
        environment["PATH"] = f"{PROJECT / 'workflow/containers/bin'}{os.pathsep}{environment['PATH']}"
    program = shutil.which("apptainer", path=environment["PATH"])
    if program is None:
        print("error: apptainer is not installed or on PATH: install it, or use CONTAINER=podman.", file=sys.stderr)
        return 2
    output = asked.output.resolve()
    with tempfile.TemporaryDirectory(prefix=".grading-", dir=output) as made:
        staged = Path(made)
        _copy(output, staged, (_GRADES[-1],))  # what an earlier call has graded
        line = command(asked.runtime, staged, asked.submissions, options, environment.get("ASSIGNMENT06_MIRROR"))
        try:
            return subprocess.run([program, *line[1:]], cwd=staged, env=environment, check=False).returncode
        finally:
            _copy(staged, output, _GRADES)


def _copy(source: Path, target: Path, names: tuple[str, ...]) -> None:
    """Copy those of `names` that are ordinary files: the container may have put a link in their place."""
    for name in names:
        path = source / name
        if path.is_file() and not path.is_symlink():
            part = target / f"{name}.part"
            part.unlink(missing_ok=True)
            shutil.copyfile(path, part, follow_symlinks=False)
            part.replace(target / name)


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Return what stands before and after the first `--`."""
    if "--" not in arguments:
        return arguments, []
    place = arguments.index("--")
    return arguments[:place], arguments[place + 1 :]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
