"""Make the project's image if it is not there: python workflow/containers/build.py docker|podman|apptainer.

What follows the engine's name and is not known here goes to `docker build` or `podman build`, for instance
`--build-arg BASE_IMAGE=python@sha256:...`. For Apptainer the image is made with Podman or Docker and turned
into the file that Snakemake looks for in its --apptainer-prefix.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from engine import PROJECT, EngineError, ask, explain, find_engine, image_exists

from assignment06.orchestration.container_image import container_url, image_file, image_name
from assignment06.shared.errors import AssignmentError

PREFIX = PROJECT / ".snakemake" / "containers"
FAILED = (
    "the Dockerfile does not build with {engine} ({last}): mend the step that the lines above end in, and "
    "run `make image CONTAINER={engine}` again."
)

FAILED_SIF = "apptainer could not make {image} ({last}): mend that and run `make image CONTAINER=apptainer` again."


def revision() -> str:
    """Return the commit that is checked out, or "unknown" outside a repository or where git is not installed."""
    if not shutil.which("git"):
        return "unknown"
    command = ["git", "rev-parse", "--quiet", "--verify", "HEAD"]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


def build(engine: str, gpu: bool, extra: list[str]) -> None:
    """Build the image unless the engine has it. Raises EngineError with one sentence."""
    name = image_name(gpu=gpu)
    if image_exists(engine, name):
        print(f"{name} is there already")
        return
    command = [engine, "build", "--tag", name, "--build-arg", f"IMAGE_TAG={name.rpartition(':')[2]}"]
    command += ["--build-arg", f"REVISION={revision()}"]
    command += ["--build-arg", "VARIANT=gpu"] if gpu else []
    print(f"building {name} with {engine} (some minutes, about 5 GB of disk)", flush=True)
    process = subprocess.Popen(
        [*command, *extra, "."],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    tail: list[str] = []
    for line in process.stdout:
        print(line, end="", flush=True)
        tail = [*tail[-40:], line]
    if process.wait():
        raise EngineError(explain("".join(tail), engine, "what the image is made from", FAILED))


def published_image() -> str | None:
    """Return the image that config.yaml names instead of the project's own, if any."""
    import yaml

    path = PROJECT / "config.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None
    return (config or {}).get("image")


def make_sif(prefix: Path, gpu: bool, extra: list[str]) -> None:
    """Write the image as an Apptainer file where Snakemake looks for it. Raises EngineError."""
    target = prefix / image_file(container_url(gpu=gpu))
    if re.search(r"\s", str(target)):
        raise EngineError(
            f"Snakemake cannot use the Apptainer image {target}, which has a space in its path: move the assignment "
            "to a folder without one, or use CONTAINER=podman or docker."
        )
    if target.exists():
        print(f"{target} is there already")
        return
    if not shutil.which("apptainer"):
        raise EngineError(
            "apptainer is not installed or on PATH: install it (https://apptainer.org/docs/admin/latest/"
            "installation.html), or use CONTAINER=podman."
        )
    try:
        engine = find_engine()
    except EngineError:
        raise EngineError(
            "Apptainer cannot build a Dockerfile and neither podman nor docker is here: run `make image "
            f"CONTAINER=apptainer` where one of them is and copy {target} here, or name a "
            "published image in config.yaml."
        ) from None
    build(engine, gpu, extra)
    prefix.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=prefix) as folder:  # as large as the image, so not in /tmp
        archive, part = Path(folder) / "image.tar", Path(folder) / "image.sif"
        save = ["save", "--format", "oci-archive"] if engine == "podman" else ["save"]
        saved = ask(engine, *save, "--output", str(archive), image_name(gpu=gpu))
        if saved.returncode:
            raise EngineError(explain(saved.stderr, engine, image_name(gpu=gpu)))
        kind = "oci-archive" if engine == "podman" else "docker-archive"
        compression = ["--mksquashfs-args", "-comp zstd -Xcompression-level 1"]
        made = ask("apptainer", "build", *compression, str(part), f"{kind}:{archive}")
        if made.returncode:
            print(made.stderr, file=sys.stderr)
            raise EngineError(explain(made.stderr, "apptainer", target.name, FAILED_SIF))
        os.replace(part, target)
    print(f"{target}: {target.stat().st_size / 1e6:,.0f} MB")


def main(arguments: list[str] | None = None) -> int:
    """Make the image for one runtime; print `error: <sentence>` and return 1 where that fails."""
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0], allow_abbrev=False)
    parser.add_argument("runtime", choices=["docker", "podman", "apptainer"])
    parser.add_argument("--gpu", action="store_true", help="the variant for NVIDIA GPUs")
    parser.add_argument("--prefix", type=Path, default=PREFIX / "apptainer", help="Snakemake's --apptainer-prefix")
    options, extra = parser.parse_known_args(arguments)
    if published := published_image():
        print(f"config.yaml names the image {published}: there is nothing to build")
        return 0
    try:
        if options.runtime == "apptainer":
            make_sif(options.prefix.resolve(), options.gpu, extra)
        else:
            build(find_engine(os.environ | {"ASSIGNMENT06_ENGINE": options.runtime}), options.gpu, extra)
    except (EngineError, AssignmentError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
