"""What Snakemake asks of Apptainer, done by Docker or Podman.

Snakemake runs `container:` through a command named `apptainer`, in three ways: `--version`; `pull --name FILE
URL`, in the folder it keeps images in; `exec OPTIONS IMAGE COMMAND...`. `bin/apptainer` is a command of that
name; with that folder first on PATH, every rule runs in its own Docker or Podman container. The engine is
ASSIGNMENT06_ENGINE (docker or podman), or whichever is there. The grammar is that of `apptainer help exec`,
as far as Snakemake and this project use it; another option is refused.
"""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from engine import PROJECT, EngineError, ask, explain, find_engine, image_exists

VERSION = "apptainer version 1.3.0"  # the grammar's version; Snakemake asks for 1.0.0 or later
VALUE_OPTIONS = {
    "--home": "home", "-H": "home", "--pwd": "pwd", "--cwd": "pwd", "--bind": "bind", "-B": "bind",
    "--env": "env", "--memory": "memory", "--pids-limit": "pids", "--drop-caps": "drop",
}  # fmt: skip
# Docker and Podman do these anyway: nothing of the caller's environment, home or /tmp is in the container.
IMPLIED = {
    "--cleanenv", "-e", "--contain", "-c", "--containall", "-C", "--no-home", "--writable-tmpfs", "--ipc",
    "-i", "--pid", "-p", "--no-privs", "--quiet", "-q", "--silent", "-s",
}  # fmt: skip
# Snakemake sets the first six for each job, from its threads; the rest are for GPUs and reproducible files.
PASSED_ON = (
    "OMP_NUM_THREADS", "GOTO_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS", "CUDA_VISIBLE_DEVICES", "SOURCE_DATE_EPOCH",
)  # fmt: skip
# A download rule also gets these: where the data may lie, and how to get out of a closed network.
PASSED_ON_WITH_NETWORK = (
    "ASSIGNMENT06_MIRROR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
)  # fmt: skip
# Snakemake copies a rule's script to .snakemake/scripts/<random>.<its name>; a download's name says so.
DOWNLOAD_SCRIPT = re.compile(r"\.snakemake/scripts/[^/\s'\"]+\.download\.py\b")
TEMPORARY = "/tmp:rw,exec,mode=1777"  # noqa: S108  (the container's own, in memory)


@dataclass
class Job:
    """One `exec` call: the image's file, the command, the folder it runs in, mounts and variables."""

    image_file: str
    command: list[str]
    workdir: Path
    mounts: dict[Path, tuple[Path, bool]] = field(default_factory=dict)  # inside: (outside, read-only)
    environment: dict[str, str] = field(default_factory=dict)
    gpu: bool = False
    network: bool = False
    limits: list[str] = field(default_factory=list)  # the engine's own options
    no_capabilities: bool = False

    def mount(self, outside: Path, inside: Path | None = None, read_only: bool = False) -> None:
        """Mount a folder or file, unless a mounted folder holds it already; writable wins over read-only."""
        inside = inside or outside
        for parent in (inside, *inside.parents):
            if parent in self.mounts:
                source, locked = self.mounts[parent]
                if source / inside.relative_to(parent) == outside and (read_only or not locked):
                    return
        self.mounts[inside] = (outside, read_only)


def parse_exec(arguments: list[str], environment: dict[str, str], cwd: Path) -> Job:
    """Parse what follows `exec`. Raises EngineError, one sentence, for anything it does not know."""
    values: list[tuple[str, str]] = []
    flags: set[str] = set()
    rest = deque(arguments)
    while rest and rest[0].startswith("-"):
        option, has_value, value = rest.popleft().partition("=")
        if option == "--":
            break
        if option in VALUE_OPTIONS:
            if not has_value and not rest:
                raise EngineError(f"{option} needs a value: write {option} VALUE.")
            values.append((VALUE_OPTIONS[option], value if has_value else rest.popleft()))
        elif option in IMPLIED or option == "--nv":
            flags.add(option)
        else:
            raise EngineError(
                f"the option {option} means nothing to Docker or Podman here: take it out of "
                "--apptainer-args, or use CONTAINER=apptainer."
            )
    image, command = _split_image(list(rest), cwd)
    single = dict(values)
    home = Path(single.get("home", cwd))
    job = Job(image, command, Path(single.get("pwd", home)), gpu="--nv" in flags)
    job.limits = [f"--{'pids-limit' if n == 'pids' else n}={v}" for n, v in values if n in ("memory", "pids")]
    job.no_capabilities = single.get("drop", "").lower() == "all"
    job.network = any(DOWNLOAD_SCRIPT.search(word) for word in command)
    job.mount(home)
    job.mount(job.workdir)
    binds = [environment.get(name, "") for name in ("SINGULARITY_BIND", "APPTAINER_BIND", "APPTAINER_BINDPATH")]
    for specification in binds + [value for name, value in values if name == "bind"]:
        for outside, inside, read_only in parse_binds(specification, cwd):
            # Snakemake's own modules are for reading only.
            job.mount(outside, inside, read_only or str(inside).startswith("/mnt/snakemake"))
    job.mount(PROJECT / "workflow", read_only=True)
    job.environment = _job_environment(environment, job.network)
    if mirror := job.environment.get("ASSIGNMENT06_MIRROR"):
        job.environment["ASSIGNMENT06_MIRROR"] = str(cwd / mirror)
        job.mount(cwd / mirror, read_only=True)
    for name, value in values:
        if name == "env":
            job.environment.update(_assignment(pair) for pair in value.split(","))
    return job


def parse_binds(specification: str, cwd: Path) -> list[tuple[Path, Path, bool]]:
    """Parse `A[:B[:ro|rw]],...` into (outside, inside, read-only); `\\:` and `\\,` stand for themselves."""
    binds = []
    for part in filter(None, re.split(r"(?<!\\),", specification)):
        fields = [re.sub(r"\\([:,])", r"\1", piece) for piece in re.split(r"(?<!\\):", part)]
        if len(fields) > 3 or not fields[0] or fields[2:] not in ([], ["ro"], ["rw"]):
            raise EngineError(
                f"the bind {part!r} is not of the form OUTSIDE[:INSIDE[:ro]]: correct it in --apptainer-args."
            )
        outside = cwd / fields[0]
        binds.append((outside, Path(fields[1]) if len(fields) > 1 and fields[1] else outside, fields[2:] == ["ro"]))
    return binds


def _split_image(words: list[str], cwd: Path) -> tuple[str, list[str]]:
    # Snakemake does not quote the image's path, so one with spaces arrives in pieces.
    for length in range(1, len(words)):
        image = " ".join(words[:length])
        if image.startswith("docker://") or (cwd / image).is_file():
            return image, words[length:]
    shown = words[0] if words else "nothing"
    raise EngineError(
        f"an image and a command must follow exec's options, and {shown} is no image file: run snakemake "
        "again, it makes the file anew."
    )


def _job_environment(environment: dict[str, str], network: bool) -> dict[str, str]:
    names = PASSED_ON + (PASSED_ON_WITH_NETWORK if network else ())
    passed = {name: environment[name] for name in names if name in environment}
    for prefix in ("SINGULARITYENV_", "APPTAINERENV_"):
        passed |= {name.removeprefix(prefix): value for name, value in environment.items() if name.startswith(prefix)}
    return passed


def _assignment(pair: str) -> tuple[str, str]:
    name, sign, value = pair.partition("=")
    if not sign or not name:
        raise EngineError(f"--env {pair!r} is not of the form NAME=VALUE: correct it in --apptainer-args.")
    return name, value


def engine_command(engine: str, job: Job, image: dict, name: str) -> list[str]:
    """Return the `docker run` or `podman run` command of a job; `image` is what `pull` wrote."""
    rootless = image["rootless"]
    user = ["--userns=keep-id"] if engine == "podman" and rootless else []
    # In rootless Docker the caller is root inside; everywhere else the caller keeps number and group.
    ids = "0:0" if engine == "docker" and rootless else f"{os.getuid()}:{os.getgid()}"
    command = [
        engine, "run", "--rm", "--name", name, "--pull", "never", *user, "--user", ids, "--read-only",
        "--tmpfs", TEMPORARY, "--cap-drop", "all", "--security-opt", "no-new-privileges",
        "--security-opt", "label=disable", "--workdir", str(job.workdir),
    ]  # fmt: skip
    command += job.limits
    if ids.startswith("0:") and not job.no_capabilities:
        command += ["--cap-add", "DAC_OVERRIDE"]  # root may write where root may write outside
    if not job.network:
        command += ["--network", "none"]
    if job.gpu:
        command += ["--gpus", "all"] if engine == "docker" else ["--device", "nvidia.com/gpu=all"]
    for inside, (outside, read_only) in job.mounts.items():
        fields = ["type=bind", f"source={outside}", f"target={inside}"] + (["readonly"] if read_only else [])
        command += ["--mount", ",".join(_csv(piece) for piece in fields)]
    for variable, value in job.environment.items():
        command += ["--env", f"{variable}={value}"]
    return [*command, "--entrypoint", job.command[0], image["image"], *job.command[1:]]


def _csv(piece: str) -> str:
    return '"' + piece.replace('"', '""') + '"' if re.search('[",]', piece) else piece


def check_folders(job: Job) -> None:
    """Raise EngineError where a folder to mount is not there, or one to write in cannot be written."""
    for outside, read_only in job.mounts.values():
        if not outside.exists():
            raise EngineError(f"{outside} cannot be mounted, it does not exist: create it or correct its path.")
        for place in (outside, outside / "results", outside / ".snakemake"):
            if not read_only and place.is_dir() and not os.access(place, os.W_OK):
                raise EngineError(
                    f"{place} belongs to user {place.stat().st_uid} and you may not write there: take it "
                    f"back with `sudo chown -R \"$(id -u):$(id -g)\" '{place}'`."
                )


def pull(arguments: list[str], cwd: Path) -> None:
    """Do `pull --name FILE URL`: make sure that the engine has the image, and write FILE, which says so."""
    match arguments:
        case ["--name", name, url] if url.startswith("docker://"):
            image = url.removeprefix("docker://")
        case _:
            raise EngineError(
                f"pull {' '.join(arguments)} is not understood: name the image as docker://REGISTRY/NAME:TAG "
                "or docker://REGISTRY/NAME@sha256:DIGEST."
            )
    engine = find_engine()
    if not image_exists(engine, image):
        if image.startswith("localhost/"):
            raise EngineError(f"{engine} has no image {image}: make it with `make image CONTAINER={engine}`.")
        pulled = ask(engine, "pull", image)
        if pulled.returncode:
            raise EngineError(explain(pulled.stderr, engine, image))
    if engine == "podman":
        rootless = os.getuid() != 0
    else:
        rootless = "rootless" in ask(engine, "info", "--format", "{{.SecurityOptions}}").stdout
    part = cwd / f"{name}.{os.getpid()}.part"
    part.write_text(json.dumps({"image": image, "rootless": rootless}) + "\n", encoding="utf-8")
    part.replace(cwd / name)


def read_image_file(path: Path) -> dict:
    """Return what `pull` wrote: {"image": name, "rootless": bool}."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {"image": content["image"], "rootless": bool(content["rootless"])}
    except (ValueError, KeyError, TypeError, OSError):
        raise EngineError(
            f"{path} was not written by this project's adapter: delete it, or use CONTAINER=apptainer if it "
            "is an Apptainer image."
        ) from None


def run(job: Job, cwd: Path) -> int:
    """Run a job in a container of its own and return its exit status; its container ends with this one."""
    engine = find_engine()
    if job.image_file.startswith("docker://"):
        image = {
            "image": job.image_file.removeprefix("docker://"),
            "rootless": engine == "podman" and os.getuid() != 0,
        }
    else:
        image = read_image_file(cwd / job.image_file)
    check_folders(job)
    name = f"assignment06-{os.getpid()}-{time.time_ns()}"
    interrupts: list[int] = []
    stop = threading.Event()

    def interrupt(number: int, _frame: object) -> None:
        interrupts.append(number)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    parent = os.getppid()
    process = subprocess.Popen(
        engine_command(engine, job, image, name),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,  # an interrupt comes to this process, which ends the container
    )
    threading.Thread(target=_guard, args=(engine, name, process, stop, parent), daemon=True).start()
    tail = b""
    while chunk := process.stderr.read1(65536):
        tail = (tail + chunk)[-4000:]
        sys.stderr.buffer.write(chunk)
        sys.stderr.buffer.flush()
    status = process.wait()
    if interrupts:
        return 128 + interrupts[0]
    if status == 125:  # the engine's own failure; the job's own status comes through unchanged
        raise EngineError(explain(tail.decode(errors="replace"), engine, image["image"]))
    return status


def _guard(engine: str, name: str, process: subprocess.Popen, stop: threading.Event, parent: int) -> None:
    """End the container when `stop` is set, or when the process that started this one is gone."""
    while not stop.wait(1) and os.getppid() == parent:
        if process.poll() is not None:
            return
    for _ in range(50):  # the container may only just be starting
        if process.poll() is not None:
            return
        ask(engine, "kill", name)
        time.sleep(0.2)
    process.kill()


def main(arguments: list[str]) -> int:
    """Answer one call of Snakemake's; print `error: <sentence>` and return 255 where it cannot be done."""
    cwd = Path.cwd()
    rest = deque(arguments)
    while rest and rest[0] in ("--quiet", "-q", "--silent", "-s"):
        rest.popleft()
    try:
        match list(rest):
            case ["--version"] | ["version"]:
                find_engine()
                print(VERSION)
            case ["pull", *options]:
                pull(options, cwd)
            case ["exec", *options]:
                return run(parse_exec(options, dict(os.environ), cwd), cwd)
            case _:
                said = " ".join(arguments) or "a call without words"
                raise EngineError(
                    f"this `apptainer` knows --version, pull and exec, not {said}: use a real Apptainer for the rest."
                )
    except EngineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 255
    return 0
