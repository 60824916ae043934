"""Where a result came from: versions, machine, container, digests."""

import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

PACKAGES = (
    "tensorflow", "tensorflow-cpu", "keras", "keras-cv", "numpy", "pandas", "matplotlib", "scikit-learn", "pillow",
    "snakemake",
)  # fmt: skip


def versions() -> dict[str, str]:
    """Return the versions of the packages that matter, of those that are installed; nothing is imported."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def provenance() -> dict:
    """Return versions, Python, platform, container (None outside one) and the time, for a metrics file."""
    from assignment06.image import container_identity

    return {
        "versions": versions(),
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "container": container_identity(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
