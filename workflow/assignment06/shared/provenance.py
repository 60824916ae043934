"""Where a result came from: versions, machine, container, digests."""

import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from assignment06.shared.documents import Document

PACKAGES = (
    "tensorflow", "tensorflow-cpu", "keras", "keras-cv", "numpy", "pandas", "matplotlib", "scikit-learn", "pillow",
    "snakemake", "openvino", "nncf",
)  # fmt: skip
BAKED = Path("/etc/assignment06-image")  # written while the image is built, from the files that went into it


def versions() -> dict[str, str]:
    """Return the versions of the packages that matter, of those that are installed; nothing is imported."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


class Provenance(Document):
    """Where a result was made, and with what."""

    versions: dict[str, str]
    python: str
    platform: str
    container: dict[str, str | None] | None
    """{"runtime", "image"}, or null outside any container."""
    created: str
    """UTC, ISO 8601."""


def provenance() -> dict:
    """Return the fields of a `Provenance` for this process and this moment."""
    return {
        "versions": versions(),
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "container": container_identity(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def container_identity(root: str | os.PathLike = "/") -> dict[str, str | None] | None:
    """Return {"runtime", "image"} of the container this process runs in, or None outside any container.

    Both are read from what stands inside (`root` is `/` but in tests): the runtime's own marker files and
    variables (Podman leaves its file out of a read-only container but sets `container`); the name that
    was written into the image when it was built. `image` is None in a container made from some other image;
    `runtime` is "unknown" in one of ours started by something else.
    """
    root = Path(root)
    baked = root / BAKED.relative_to("/")
    image = baked.read_text(encoding="utf-8").strip() if baked.exists() else None
    # An Apptainer image made from a Docker one may still hold /.dockerenv: ask for Apptainer first.
    if os.environ.get("APPTAINER_CONTAINER") or (root / ".singularity.d").exists():
        runtime = "apptainer"
    elif (root / "run/.containerenv").exists() or os.environ.get("container") == "podman":
        runtime = "podman"
    elif (root / ".dockerenv").exists():
        runtime = "docker"
    elif image:
        runtime = "unknown"
    else:
        return None
    return {"runtime": runtime, "image": image}
