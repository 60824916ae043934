"""The commands of the Makefile: what each runs, and what is refused before anything runs.

Nothing but the standard library, and no newer syntax than an old Python reads: `make` asks `check` before there is an
environment.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import glob
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

CONTAINERS = Path("workflow", "containers")
ENGINES = ("docker", "podman", "apptainer")
EXTRAS = "detection, onnx, captions, openvino, tensorboard or mlflow"
SAY_WHICH = "say which: make predict MODEL=results/models/x.keras IMAGES=folder/ OUTPUT=folder/"
LINT = (
    "snakefmt --check Snakefile workflow/rules",
    "ruff check .",
    "ruff format --check .",
    "ty check --python {prefix} workflow/assignment06",
    "lint-imports",
    "deptry workflow",
    "codespell",
    "snakemake --lint",
)
# The whole suite in two processes, file by file, in the order of tests/conftest.py: the longest first
IN_TWO = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
FORMAT = ("snakefmt Snakefile workflow/rules", "ruff check --fix .", "ruff format .")


class Refused(Exception):
    """A command that cannot be run; its text is one sentence for the user."""


def check(profile: str, extras: str, cores: str) -> None:
    """Raise Refused if there is no such profile, no Slurm for it, nothing of the name to be added, or no core."""
    _check_cores(cores)
    if profile == "slurm" and not shutil.which("sbatch"):
        raise Refused(
            "no Slurm on this machine (no sbatch on PATH): run this on a login node, or leave PROFILE=slurm out"
        )
    if profile not in (known := sorted(path.name for path in Path("workflow", "profiles").glob("*"))):
        raise Refused(f"no profile {profile}: known are {' '.join(known)}")
    if any(not Path("envs", f"{extra}.lock").is_file() for extra in extras.split()):
        raise Refused(f"EXTRAS={extras} is not known: add {EXTRAS}, several in quotes")


def _check_cores(cores: str) -> None:
    if not re.fullmatch("all|0*[1-9][0-9]*", cores):
        raise Refused(f"CORES={cores} is no number of cores: give all, or a whole number from 1")


def submission(given: argparse.Namespace, rest: list[str]) -> int:
    """Run everything and pack the zip; `rest` goes to snakemake."""
    check(given.profile, given.extras, given.cores)
    for name in (given.profile, *given.extras.split()):
        _check_installed(Path("envs", f"{name}.lock"))
    _check_words(given.cores, rest)
    command = [sys.executable, "-m", "snakemake", "--logger", "concise", "--cores", given.cores]
    command += ["--workflow-profile", f"workflow/profiles/{given.profile}"]
    if os.environ.get("NO_COLOR"):
        command.append("--nocolor")
    if given.container:
        if os.name == "nt":
            raise Refused("Windows cannot run each rule in its own container: run all in one, as README.md says")
        if status := image(given, []):
            return status
        command += _in_container(given.container, given.gpu)
    return _become([*command, *rest])


def _check_installed(lock: Path) -> None:
    """Raise Refused if a package of the lock, where there is one, is missing here. `make` installs it by itself."""
    lines = lock.read_text(encoding="utf-8").splitlines() if lock.is_file() else []
    try:
        for line in lines:
            if "==" in line and ";" not in line:
                metadata.distribution(line.partition("==")[0])
    except metadata.PackageNotFoundError as missing:
        pip = f"{Path(sys.executable).name} -m pip install --require-hashes --no-deps -r {lock.as_posix()}"
        raise Refused(f"{missing.name} is not installed here: run `{pip}`") from None


def _check_words(cores: str, rest: list[str]) -> None:
    """Raise Refused if Snakemake would wait for ever, or would read a config file that it cannot."""
    parser = argparse.ArgumentParser(prog="python -m assignment06 submission", add_help=False, allow_abbrev=False)
    parser.add_argument("--cores", "-c", default=cores)
    parser.add_argument("--configfile", "--configfiles", nargs="+", type=Path, default=[])
    asked, _ = parser.parse_known_args(rest)
    _check_cores(asked.cores)
    for path in asked.configfile:
        _check_config_file(path)


def _check_config_file(path: Path) -> None:
    """Raise Refused if there is no such file, or it is no YAML: Snakemake reads it before the Snakefile can look."""
    from assignment06.config.yaml_files import check_yaml  # needs the environment
    from assignment06.shared.errors import AssignmentError

    if path.is_dir() or not path.exists():
        names = [one.name for one in path.parent.glob("*") if one.suffix in (".yaml", ".yml", ".json")]
        near = difflib.get_close_matches(path.name, names, n=1, cutoff=0.7)
        remedy = f"did you mean {path.with_name(near[0])}?" if near else "correct the name after --configfile"
        raise Refused(f"there is no file {path}: {remedy}")
    try:
        check_yaml(path)
    except AssignmentError as error:
        raise Refused(str(error)) from None


def _in_container(runtime: str, gpu: bool) -> list[str]:
    """Return snakemake's options for containers; Docker and Podman answer as `apptainer`, which goes first on PATH."""
    mirror = os.environ.get("ASSIGNMENT06_MIRROR")
    options = ["--nv"] if gpu else []
    if runtime == "apptainer":  # it sees no mirror of its own accord; the adapter mounts it for the rules that download
        options += ["--bind", f'"{mirror}"'] if mirror else []
    else:
        places = [os.path.abspath(CONTAINERS / "bin"), sysconfig.get_path("scripts"), os.environ.get("PATH", "")]
        os.environ.update(ASSIGNMENT06_ENGINE=runtime, PATH=os.pathsep.join(places))
    words = ["--sdm", "apptainer", "--apptainer-prefix", f".snakemake/containers/{runtime}"]
    return words + ([f"--apptainer-args={' '.join(options)}"] if options else [])


def image(given: argparse.Namespace, rest: list[str]) -> int:
    """Make the container image."""
    command = [sys.executable, str(CONTAINERS / "build.py"), given.container or "docker"]
    return _run([*command, *(["--gpu"] if given.gpu else []), *shlex.split(given.build_args), *rest])


def cloud_image(given: argparse.Namespace, rest: list[str]) -> int:
    """Make the image for jobs of a cloud; print its name."""
    command = [sys.executable, str(CONTAINERS / "cloud.py"), given.container or "docker"]
    return _become([*command, *shlex.split(given.build_args), *rest])


def test(given: argparse.Namespace, rest: list[str]) -> int:
    """Run the tests, all of them in two processes; `rest` goes to pytest."""
    return _become([sys.executable, "-m", "pytest", *(rest or IN_TWO)])


def grade(given: argparse.Namespace, rest: list[str]) -> int:
    """Grade zips and folders; what is not known goes to the grader. After `--` no name is taken for an option."""
    command = [sys.executable, "-m", "assignment06.grading"]
    if given.container:
        if status := image(given, []):
            return status
        command = [sys.executable, str(CONTAINERS / "grade.py"), given.container]
    command += ["--output", given.output, *([] if given.cores == "all" else ["--jobs", given.cores]), *rest]
    submissions = [*given.submissions, *given.after]
    return _become([*command, "--", *(path for name in submissions for path in _expanded(name))])


def _expanded(name: str) -> list[str]:
    """Return the paths of a pattern, which not every shell looks for; a name that is no pattern as it is."""
    return [name] if os.path.lexists(name) else sorted(glob.glob(name)) or [name]


def predict(given: argparse.Namespace, rest: list[str]) -> int:
    """Classify a folder with a model that was trained here."""
    if not given.model or not given.images:
        raise Refused(SAY_WHICH)
    where = [given.model, given.images, given.output]
    return _become([sys.executable, "-m", "assignment06.orchestration.predict", *where, *rest])


def dag(given: argparse.Namespace, rest: list[str]) -> int:
    """Draw the graph of jobs and of rules: results/dag."""
    return _become([sys.executable, "-m", "assignment06.orchestration.graphs", "results/dag", *rest])


def watch(given: argparse.Namespace, rest: list[str]) -> int:
    """Show the run of this folder in a browser while it goes on."""
    return _become([sys.executable, "-m", "assignment06.tracking.server", *rest])


def lint(given: argparse.Namespace, rest: list[str]) -> int:
    """Check the style of rules and code."""
    return _each(LINT)


def format_code(given: argparse.Namespace, rest: list[str]) -> int:
    """Put rules and code into that style."""
    return _each(FORMAT)


def _each(commands: tuple[str, ...]) -> int:
    """Run programs of this environment until one fails; return its status."""
    for command in commands:
        print(command.format(prefix=Path(sys.prefix).name), flush=True)
        name, *words = (word.format(prefix=sys.prefix) for word in command.split())
        program = shutil.which(name, path=sysconfig.get_path("scripts"))
        if not program:
            raise Refused(f"{name} is not installed here: install envs/dev.lock")
        if status := _run([program, *words]):
            return status
    return 0


def _run(command: list[str]) -> int:
    """Run a program and return its status. It has Ctrl-C from the terminal itself, and ends as it likes to.

    Nothing is raised here meanwhile: a KeyboardInterrupt between the end of the program and the reading of its status
    would lose that, and Python then gives 0.
    """
    sys.stdout.flush()
    usual = signal.getsignal(signal.SIGINT)
    if usual != signal.SIG_IGN:  # as it is behind `nohup` or `&`, and stays for the program
        signal.signal(signal.SIGINT, lambda *_: None)
    try:
        status = subprocess.call(command)
    finally:
        signal.signal(signal.SIGINT, usual)
    return status if status >= 0 else 128 - status


def _become(command: list[str]) -> int:
    """Run the last program: as this process, with its signals and status; on Windows, which cannot, beside it."""
    if os.name == "nt":
        return _run(command)
    sys.stdout.flush()
    os.execv(command[0], command)


COMMANDS = {
    "submission": submission, "test": test, "grade": grade, "predict": predict, "dag": dag, "watch": watch,
    "lint": lint, "format": format_code, "image": image, "cloud-image": cloud_image,
}  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    """Each variable of the Makefile is an option of the same name."""
    parser = argparse.ArgumentParser(prog="python -m assignment06", description="The commands of the Makefile.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    words = {name: (command.__doc__ or "").split("\n")[0] for name, command in COMMANDS.items()}
    words["check"] = "Tell whether profile, extras and cores can be had; nothing else."
    found = {name: commands.add_parser(name, help=said, allow_abbrev=False) for name, said in words.items()}
    for name in ("submission", "check"):
        found[name].add_argument("--profile", default="default", help="a folder of workflow/profiles")
        found[name].add_argument("--extras", default="", help=f"added on request: {EXTRAS}")
    for name in ("submission", "grade", "check"):
        found[name].add_argument("--cores", default="all", help="how many cores; for grade, how many at a time")
    for name in ("submission", "grade", "image", "cloud-image"):
        found[name].add_argument("--container", choices=ENGINES, help="run in containers of this")
        found[name].add_argument("--gpu", action="store_true", help="with the image for NVIDIA GPUs")
        found[name].add_argument("--build-args", default="", help="for docker build or podman build")
    for name in ("grade", "predict"):
        found[name].add_argument("--output", default=".", help="the folder for what is written")
    found["grade"].add_argument("--submissions", nargs="*", default=[], help="zips and folders")
    found["predict"].add_argument("--model", help="a .keras file of results/models")
    found["predict"].add_argument("--images", help="a folder of photographs, or a text file with one path a line")
    return parser


def main(arguments: list[str]) -> int:
    """Run one command and return its exit status; what is not known, and all after `--`, goes to what it runs."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    given, rest = _parser().parse_known_args(arguments[:end])
    given.after = arguments[end + 1 :]
    if given.command != "grade":
        rest += given.after
    try:
        if not Path("Snakefile").is_file():
            raise Refused("there is no Snakefile here: run this in the folder of the project")
        if given.command == "check":
            check(given.profile, given.extras, given.cores)
            return 0
        _use_a_cache()
        if os.name == "nt":
            os.environ.setdefault("PYTHONUTF8", "1")  # what is printed has dashes and accents
        if getattr(given, "gpu", False):
            os.environ["ASSIGNMENT06_GPU"] = "1"
        return COMMANDS[given.command](given, rest)
    except Refused as refused:
        print(f"error: {refused}", file=sys.stderr)
        return 1


def _use_a_cache() -> None:
    """Snakemake keeps a cache at home; where nothing can be written there, keep it here."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    with contextlib.suppress(OSError):
        os.makedirs(cache, exist_ok=True)
    if not os.access(cache, os.W_OK):
        os.environ["XDG_CACHE_HOME"] = os.path.abspath(".snakemake/cache")
