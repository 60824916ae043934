"""Pack the submission: one zip, the same bytes for the same content, with a manifest of every file."""

import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path

import yaml

from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import atomic_path, sha256_file, sha256_json
from assignment06.shared.provenance import versions

TOP = "assignment06"
DATE = (1980, 1, 1, 0, 0, 0)  # the zip format's first day: equal content gives equal bytes
SOURCES = (
    "Snakefile",
    "config.yaml",
    "discussion.md",
    "Dockerfile",
    ".dockerignore",
    "Makefile",
    "README.md",
    "LICENSE",
    "pyproject.toml",
)
SOURCE_FOLDERS = ("workflow", "envs", "docs")


def source_files(root: str | Path) -> list[Path]:
    """Return the workflow's own files under `root` that go into the zip, sorted; no caches, nothing hidden."""
    root = Path(root)
    found = [root / name for name in SOURCES if (root / name).is_file()]
    for folder in SOURCE_FOLDERS:
        for path in (root / folder).rglob("*"):
            inside = path.relative_to(root).parts
            if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in inside):
                found.append(path)
    return sorted(found)


def sources_digest(root: str | Path) -> str:
    """Return a digest of the names and contents of `source_files(root)`."""
    return sha256_json({path.relative_to(root).as_posix(): sha256_file(path) for path in source_files(root)})


def pack_submission(
    results: Iterable[str], root: str, config: dict, student: dict, image: str, metrics: Iterable[str],
    classifier: str, zip_path: str, sources: str = "",
) -> None:  # fmt: skip
    """Write the zip: `results` (stored from the folder `results` on), the sources under `root`, and manifest.json.

    `metrics` are the experiments' metrics files and `classifier` the metadata of 6.3: their stamps decide
    whether the manifest calls the zip fit for submission. `config` is the one the run used; it replaces the
    file where a command-line option changed it. `sources` ties the zip to the sources' state; it is not read.
    """
    files = {_from_results(path): Path(path) for path in results}
    files |= {path.relative_to(root).as_posix(): path for path in source_files(root)}
    contents: dict[str, bytes] = {}
    if "config.yaml" in files and yaml.safe_load(files["config.yaml"].read_text(encoding="utf-8")) != config:
        contents["config.yaml"] = yaml.safe_dump(config, allow_unicode=True, sort_keys=False).encode()
    experiments = [json.loads(Path(path).read_text(encoding="utf-8")) for path in metrics]
    photographs = json.loads(Path(classifier).read_text(encoding="utf-8"))
    stamps = sorted({stamp for one in [*experiments, photographs] for stamp in one["stamps"]})
    manifest = {
        "assignment": "DSC 650, Assignment 6: Computer Vision",
        "student": student,
        "for_submission": not stamps,
        "stamps": stamps,
        "image": image,
        "versions": versions(),
        "experiments": {one["experiment"]: _experiment(one) for one in experiments},
        "classifier": {name: photographs[name] for name in ("architecture", "images", "skipped")},
        "files": {},
    }
    for name, path in sorted(files.items()):
        data = contents.get(name)
        digest = hashlib.sha256(data).hexdigest() if data is not None else sha256_file(path)
        manifest["files"][name] = {"sha256": digest, "bytes": len(data) if data is not None else path.stat().st_size}
    contents["manifest.json"] = (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode()
    with atomic_path(zip_path) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted({*files, *contents}):
            entry = zipfile.ZipInfo(f"{TOP}/{name}", DATE)
            entry.external_attr, entry.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, wherever it is made
            archive.writestr(entry, contents[name] if name in contents else files[name].read_bytes())


def deliver_submission(packed: str, verification: str, zip_path: str) -> None:
    """Copy the packed zip to its final place, once its verification says that it is sound."""
    if not json.loads(Path(verification).read_text(encoding="utf-8"))["sound"]:
        raise AssignmentError(f"{packed} does not prove itself: see {verification}.")
    with atomic_path(zip_path) as part:
        shutil.copyfile(packed, part)


def _from_results(path: str) -> str:
    """Return the part of a path that begins with its last folder `results`, wherever storage keeps the file."""
    parts = Path(path).parts
    return "/".join(parts[len(parts) - 1 - parts[::-1].index("results") :])


def _experiment(metrics: dict) -> dict:
    return {
        "test_accuracy": metrics["test"]["accuracy"],
        "seed": metrics["training"]["seed"],
        "weights_sha256": metrics["provenance"]["weights_sha256"],
        "data_source": metrics["provenance"]["data_source"],
    }
