"""The container engine, docker or podman: finding it, and saying in one sentence what is wrong with it."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

ENGINES = ("podman", "docker")
PROJECT = Path(__file__).resolve().parents[2]


class EngineError(Exception):
    """Something the user can mend. Its text is one sentence: what is wrong, where, and what to do."""


def find_engine(environment: dict[str, str] | None = None) -> str:
    """Return the engine named by ASSIGNMENT06_ENGINE, else the first of podman and docker that is installed.

    Raises EngineError where it is unknown or not on PATH.
    """
    environment = os.environ if environment is None else environment
    wanted = environment.get("ASSIGNMENT06_ENGINE")
    if wanted and wanted not in ENGINES:
        raise EngineError(
            f"ASSIGNMENT06_ENGINE is {wanted!r}, which is no engine known here: set it to docker or podman."
        )
    for engine in (wanted,) if wanted else ENGINES:
        if shutil.which(engine, path=environment.get("PATH")):
            return engine
    install = {
        "docker": "install Docker (https://docs.docker.com/get-docker/)",
        "podman": "install Podman (Debian, Ubuntu: sudo apt-get install podman)",
        None: "install one of them (Debian, Ubuntu: sudo apt-get install podman)",
    }[wanted or None]
    missing = f"{wanted} is not installed" if wanted else "neither podman nor docker is installed"
    raise EngineError(f"{missing} or on PATH: {install}.")


def ask(engine: str, *arguments: str) -> subprocess.CompletedProcess:
    """Run the engine with `arguments`, quietly; return the completed process, whatever its status."""
    return subprocess.run([engine, *arguments], capture_output=True, text=True, errors="replace", check=False)


def image_exists(engine: str, image: str) -> bool:
    """Say whether the engine has `image`. Raises EngineError where the engine does not answer."""
    answer = ask(engine, "image", "inspect", "--format", "{{.Id}}", image)
    missing = re.search("no such image|image not known|unable to inspect|failed to find", answer.stderr.lower())
    if answer.returncode and not missing:
        raise EngineError(explain(answer.stderr, engine, image))
    return answer.returncode == 0


class Complaint(NamedTuple):
    """What an engine prints (a pattern, lower case), and what to say of it.

    {engine}, {image} and {last}, the line that the pattern was found in, are filled in.
    """

    printed: str
    sentence: str


COMPLAINTS = (
    Complaint(
        r"permission denied.*(docker|podman)\.sock|permission denied.*daemon socket",
        "you may not talk to {engine}'s daemon: add yourself to its group with `sudo usermod -aG docker "
        "$USER` and log in again, or use CONTAINER=podman.",
    ),
    Complaint(
        r"cannot connect to the docker daemon|is the docker daemon running|cannot connect to podman|"
        r"error during connect|docker\.sock: connect",
        "{engine} is installed but not running: start it (Linux: sudo systemctl start docker; Docker "
        "Desktop: open it; Podman on macOS or Windows: podman machine start).",
    ),
    Complaint(
        r"no space left on device|disk quota exceeded",
        "the disk that holds {engine}'s images is full: make room, for instance with `{engine} system "
        "prune`, and run the same command again.",
    ),
    Complaint(
        r"no such host|name resolution|network is unreachable|i/o timeout|connection refused|"
        r"connection timed out|tls handshake timeout|deadline exceeded|pinging container registry",
        "{image} is not on this machine and no registry answers: get online and run again, or bring the "
        "image over with `{engine} save` there and `{engine} load` here.",
    ),
    Complaint(
        r"could not select device driver|unresolvable cdi|nvidia\.com/gpu|nvidia-container",
        "{engine} cannot pass the GPU through: install the NVIDIA Container Toolkit and set it up for "
        "{engine}, or run without a GPU.",
    ),
    Complaint(
        r"mounts denied|not shared from|bind source path does not exist|statfs .*(permission denied|"
        r"no such file)|error while creating mount source|mkdir .*permission denied|error mounting",
        "{engine} may not mount one of the job's folders ({last}): share it (Docker Desktop: Settings, "
        "Resources, File sharing), or move the assignment under your home folder.",
    ),
    Complaint(
        r"no such image|image not known|manifest unknown|not found.*manifest|repository does not exist|"
        r"requested access to the resource is denied|authentication required|unauthorized",
        "{engine} has no image {image}: make it with `make image CONTAINER={engine}`, or correct the "
        "published image's name in config.yaml.",
    ),
)


OTHERWISE = "{engine} could not do its part for {image} ({last}): try `{engine} info`, and mend what it complains of."


def explain(output: str, engine: str, image: str, otherwise: str = OTHERWISE) -> str:
    """Return one sentence about what the engine printed when it failed, and the command that mends it."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for pattern, sentence in COMPLAINTS:
        if re.search(pattern, output.lower()):
            named = [line for line in lines if re.search(pattern, line.lower())] or lines
            return sentence.format(engine=engine, image=image, last=named[-1].rstrip("."))
    errors = [
        line for line in lines if re.match("error", line, re.IGNORECASE) and "building at step" not in line.lower()
    ]
    last = (errors or lines or ["it printed nothing"])[-1]
    return otherwise.format(engine=engine, image=image, last=last if len(last) < 200 else f"{last[:200]}...")
