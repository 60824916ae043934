"""Name of the container image, made from what decides its content; standard library only, a few milliseconds.

`python -m assignment06.orchestration.container_image` (with `workflow` on PYTHONPATH) prints the name; `--gpu`,
`--url` and `--file` change what is printed.
"""

import argparse
import hashlib
import os
import sys
from pathlib import Path

from assignment06.shared.errors import AssignmentError

ROOT = Path(__file__).parents[3]
NAME = "localhost/assignment06"  # `localhost`: made on this machine, no registry is asked for it
LOCKS = ("envs/workflow.lock", "envs/detection.lock", "envs/onnx.lock", "envs/captions.lock", "envs/openvino.lock")
SOURCES = ("Dockerfile", *LOCKS, "workflow/containers/entrypoint.py")
GPU_SOURCES = ("workflow/containers/gpu.lock",)


def image_name(root: str | os.PathLike = ROOT, gpu: bool = False) -> str:
    """Return the image's name, `localhost/assignment06:<digest>` with 16 hexadecimal digits.

    The digest covers the Dockerfile, the locks of the Python packages and the entry point (and the GPU lock
    for the GPU variant, whose tag ends in `-gpu`). Line ends do not count, so a checkout on Windows gives the
    same name. Raises AssignmentError if a file is missing.
    """
    digest = hashlib.sha256()
    for source in SOURCES + (GPU_SOURCES if gpu else ()):
        try:
            content = (Path(root) / source).read_bytes().replace(b"\r\n", b"\n")
        except OSError as error:
            raise AssignmentError(
                f"{source} is part of the image's name but cannot be read in {root} ({error.strerror}): "
                "get it back with `git checkout -- " + source + "`."
            ) from None
        digest.update(f"{source} {len(content)}\n".encode() + content)
    return f"{NAME}:{digest.hexdigest()[:16]}" + ("-gpu" if gpu else "")


def container_url(published: str | None = None, gpu: bool = False, root: str | os.PathLike = ROOT) -> str:
    """Return what a rule's `container:` needs: `published` as it stands, or the local image as `docker://...`.

    The same URL serves Docker, Podman and Apptainer, so changing the runtime makes nothing out of date.
    """
    return published or f"docker://{image_name(root, gpu)}"


def image_file(url: str) -> str:
    """Return the file name under which Snakemake looks for the image of `url` in its --apptainer-prefix."""
    return hashlib.md5(url.encode(), usedforsecurity=False).hexdigest() + ".simg"


def main(arguments: list[str] | None = None) -> int:
    """Print the image's name, its URL (`--url`) or the file Snakemake keeps it in (`--file`)."""
    parser = argparse.ArgumentParser(
        prog="python -m assignment06.orchestration.container_image", description=__doc__.split(";")[0]
    )
    parser.add_argument("--gpu", action="store_true", help="the variant for NVIDIA GPUs")
    parser.add_argument("--published", metavar="URL", help="a published image instead of the local one")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--url", action="store_true", help="as `container:` wants it")
    shape.add_argument("--file", action="store_true", help="its file name in Snakemake's --apptainer-prefix")
    options = parser.parse_args(arguments)
    try:
        url = container_url(options.published, options.gpu)
    except AssignmentError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(image_file(url) if options.file else url if options.url else url.removeprefix("docker://"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
