"""Pack the submission: one zip, the same bytes for the same content, with a manifest of every file."""

import hashlib
import logging
import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path

import yaml
from pydantic import Field

from assignment06.config.model import Student
from assignment06.experiments.results import Metrics
from assignment06.grading.verified import Verification
from assignment06.photographs.results import ClassifierMetadata
from assignment06.shared.documents import Document
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import atomic_path, sha256_file, sha256_json
from assignment06.shared.provenance import versions
from assignment06.submission.own_files import own_files
from assignment06.submission.portable import portable_config

log = logging.getLogger(__name__)
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
    "SECURITY.md",
    "pyproject.toml",
)
SOURCE_FOLDERS = ("workflow", "envs", "docs", "examples")
PLACES = ("data/raw/images/.gitkeep", "results/.gitkeep")  # folders that a run looks for


def source_files(root: str | Path) -> list[Path]:
    """Return the workflow's own files under `root` that go into the zip, sorted; no caches, nothing hidden."""
    root = Path(root)
    found = [root / name for name in SOURCES if (root / name).is_file()]
    for folder in SOURCE_FOLDERS:
        for path in (root / folder).rglob("*"):
            inside = path.relative_to(root).parts
            if path.is_file() and not any(_is_made(part) for part in inside):
                found.append(path)
    return sorted(found)


def _is_made(part: str) -> bool:
    return part.startswith((".", "__pycache__")) or part.endswith(".egg-info")


def sources_digest(root: str | Path) -> str:
    """Return a digest of the names and contents of `source_files(root)`."""
    return sha256_json({path.relative_to(root).as_posix(): sha256_file(path) for path in source_files(root)})


class PackedFile(Document):
    """One file of the zip."""

    sha256: str
    bytes: int


class PackedExperiment(Document):
    """What the manifest says of an experiment."""

    test_accuracy: float
    seed: int
    weights_sha256: str
    data_source: str


class PackedClassifier(Document):
    """What the manifest says of 6.3."""

    architecture: str
    images: int
    skipped: int


class Manifest(Document):
    """The zip's list of contents (manifest.json)."""

    ascii = False
    assignment: str
    student: Student
    for_submission: bool
    stamps: list[str]
    """Why it is not for submission, if it is not."""
    image: str
    """Of the containers that the run may have used."""
    versions: dict[str, str]
    experiments: dict[str, PackedExperiment]
    classifier: PackedClassifier
    files: dict[str, PackedFile]
    own: list[str] = Field(default_factory=list)
    """Of these, the files of the student's own that lay in the course's folder."""


def pack_submission(
    results: Iterable[str], root: str, config: dict, student: Student, image: str, metrics: Iterable[str],
    classifier: str, zip_path: str, own: Iterable[str] = (), course_folder: str | None = None,
) -> None:  # fmt: skip
    """Write the zip: `results` (stored from the folder `results` on), the sources under `root`, and its `Manifest`.

    `metrics` are the experiments' metrics files and `classifier` the metadata of 6.3: their stamps decide
    whether the manifest calls the zip fit for submission. `config` is the one the run used; it replaces the
    file where a command-line option changed it, without paths that lead out of the working directory. `own` are files
    of the student's that the config names, by their paths in the working directory; those in `course_folder` come
    besides, under their own paths, which no file of the workflow's takes.
    """
    files = {path.relative_to(root).as_posix(): path for path in source_files(root)}
    kept, left_out = own_files(course_folder) if course_folder else ({}, {})
    for name, reason in left_out.items():
        log.warning(f"not packed: {name} ({reason})")
    for name in sorted(files.keys() & kept.keys()):
        log.warning(f"packed is your own {name}, not the workflow's file of that name")
    files |= kept | {Path(path).as_posix(): Path(path) for path in own}
    files |= {_from_results(path): Path(path) for path in results}
    contents: dict[str, bytes] = {name: b"" for name in PLACES if name not in files}
    anywhere = portable_config(config)
    if "config.yaml" not in kept and _differs(files.get("config.yaml"), anywhere):
        contents["config.yaml"] = yaml.safe_dump(anywhere, allow_unicode=True, sort_keys=False).encode()
    experiments, photographs = [Metrics.read(path) for path in metrics], ClassifierMetadata.read(classifier)
    stamps = sorted({stamp for one in [*experiments, photographs] for stamp in one.stamps})
    manifest = Manifest(
        assignment="DSC 650, Assignment 6: Computer Vision",
        student=student,
        for_submission=not stamps,
        stamps=stamps,
        image=image,
        versions=versions(),
        experiments={one.experiment: _experiment(one) for one in experiments},
        classifier=PackedClassifier(**photographs.model_dump(include=set(PackedClassifier.model_fields))),
        files={name: _packed(files.get(name), contents.get(name)) for name in sorted({*files, *contents})},
        **({"own": sorted(kept)} if kept else {}),
    )
    contents["manifest.json"] = manifest.text().encode()
    with atomic_path(zip_path) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted({*files, *contents}):
            entry = zipfile.ZipInfo(f"{TOP}/{name}", DATE)
            entry.external_attr, entry.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, wherever it is made
            archive.writestr(entry, contents[name] if name in contents else files[name].read_bytes())


def deliver_submission(packed: str, verification: str, zip_path: str) -> None:
    """Copy the packed zip to its final place, once its verification says that it is sound."""
    if not Verification.read(verification).sound:
        raise AssignmentError(f"{packed} does not prove itself: see {verification}.")
    with atomic_path(zip_path) as part:
        shutil.copyfile(packed, part)


def _differs(path: Path | None, config: dict) -> bool:
    """Tell whether a config file says something else than the config that is packed, or there is none."""
    return path is None or yaml.safe_load(path.read_text(encoding="utf-8")) != config


def _packed(path: Path | None, content: bytes | None) -> PackedFile:
    if content is not None or path is None:
        return PackedFile(sha256=hashlib.sha256(content or b"").hexdigest(), bytes=len(content or b""))
    return PackedFile(sha256=sha256_file(path), bytes=path.stat().st_size)


def _from_results(path: str) -> str:
    """Return the part of a path that begins with its last folder `results`, wherever storage keeps the file."""
    parts = Path(path).parts
    return "/".join(parts[len(parts) - 1 - parts[::-1].index("results") :])


def _experiment(metrics: Metrics) -> PackedExperiment:
    return PackedExperiment(
        test_accuracy=metrics.test.accuracy,
        seed=metrics.training.seed,
        weights_sha256=metrics.provenance.weights_sha256,
        data_source=metrics.provenance.data_source,
    )
