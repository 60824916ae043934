"""Make the image that the jobs of a cloud run in: python workflow/containers/cloud.py docker|podman

It is the project's image with Snakemake's storage plugins from envs/cloud.lock. Push it to a registry that the
cloud can reach, and write its name into the profile.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile

from build import build
from engine import PROJECT, EngineError, explain, image_exists

from assignment06.orchestration.container_image import image_name
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import sha256_json

SOURCES = ("envs/cloud.lock", "workflow/containers/cloud.Dockerfile")
FAILED = "the image for the cloud does not build with {engine} ({last}): mend that and run `make cloud-image` again."


def cloud_image_name() -> str:
    """Return the image's name: that of the project's image, and a digest of what is added to it."""
    added = sha256_json([(PROJECT / source).read_text(encoding="utf-8") for source in SOURCES])
    return f"{image_name()}-cloud-{added[:8]}"


def build_cloud(engine: str, extra: list[str]) -> str:
    """Build the image unless the engine has it, and return its name. Raises EngineError with one sentence."""
    name = cloud_image_name()
    if image_exists(engine, name):
        return name
    build(engine, False, extra)
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        wanted = ["--require-hashes", "--only-binary", ":all:", "--python-version", "3.11", "--implementation", "cp"]
        lock = ["--dest", f"{folder}/wheels", "-r", str(PROJECT / "envs/cloud.lock")]
        if subprocess.run([*pip, *wanted, *lock], check=False).returncode:
            raise EngineError("the storage plugins of envs/cloud.lock cannot be downloaded: see the lines above.")
        shutil.copy(PROJECT / "workflow/containers/cloud.Dockerfile", f"{folder}/Dockerfile")
        command = [engine, "build", "--tag", name, "--build-arg", f"BASE_IMAGE={image_name()}", folder]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        if done.returncode:
            raise EngineError(explain(done.stdout + done.stderr, engine, "what the image is made from", FAILED))
    return name


def main() -> int:
    """Make the image and print its name; print `error: <sentence>` and return 1 where that fails."""
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0], allow_abbrev=False)
    parser.add_argument("engine", choices=["docker", "podman"])
    options, extra = parser.parse_known_args()
    try:
        print(build_cloud(options.engine, extra))
    except (EngineError, AssignmentError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
