"""Does this workflow's own zip tell the truth about where it comes from? Other submissions have no manifest."""

import hashlib
from pathlib import Path

from ..registry import Evidence, Outcome, check, failed, not_applicable, passed

_FOREIGN = "no manifest of this workflow"


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files(e: Evidence) -> dict[str, Path]:
    prefix = f"{e.found.base}/" if e.found.base else ""
    return {name[len(prefix) :]: path for name, path in e.unpacked.files.items() if name.startswith(prefix)}


@check(
    "provenance.manifest",
    required=True,
    reason="The manifest has the SHA-256 of every file, so that a change after the run shows.",
    remedy="Do not change files in the zip; run the workflow again.",
)
def manifest(e: Evidence, task: str) -> Outcome:
    if e.found.manifest is None:
        return not_applicable(_FOREIGN)
    listed, files = e.found.manifest["files"], _files(e)
    wrong = [f"{name} is missing" for name in listed if name not in files]
    wrong += [f"{name} is not listed" for name in files if name not in listed and name != "manifest.json"]
    for name, entry in listed.items():
        if name in files and (not isinstance(entry, dict) or _digest(files[name]) != entry.get("sha256")):
            wrong.append(f"{name} was changed")
    return failed("; ".join(sorted(wrong)[:4])) if wrong else passed(f"the digests of {len(listed)} files are right")


@check(
    "provenance.models",
    required=True,
    reason="The metrics name the digest of the model they were measured with.",
    remedy="Run the workflow again, so that metrics and model are of one training.",
)
def models(e: Evidence, task: str) -> Outcome:
    if e.found.manifest is None:
        return not_applicable(_FOREIGN)
    files, wrong, right = _files(e), [], 0
    for experiment, recording in e.found.recordings.items():
        wanted = (recording.get("provenance") or {}).get("model_sha256")
        path = files.get(f"results/models/{experiment}.keras")
        if not wanted or path is None or _digest(path) != wanted:
            wrong.append(experiment)
        else:
            right += 1
    if not e.found.recordings:
        return failed("there is no results/metrics/NAME.json")
    if wrong:
        return failed(f"not the measured model: {', '.join(sorted(wrong))}")
    return passed(f"{right} models as measured")


@check(
    "provenance.settings",
    required=True,
    needs=("provenance.models",),
    reason="Seed and versions are what another run needs to give the same.",
    remedy="Run the workflow again without changing its metrics files.",
)
def settings(e: Evidence, task: str) -> Outcome:
    if e.found.manifest is None:
        return not_applicable(_FOREIGN)
    wrong, experiments = [], e.found.manifest.get("experiments") or {}
    for name, recording in e.found.recordings.items():
        seed = (recording.get("training") or {}).get("seed")
        versions = (recording.get("provenance") or {}).get("versions")
        listed = experiments.get(name) if isinstance(experiments, dict) else None
        if not isinstance(seed, int):
            wrong.append(f"{name} has no seed")
        elif not isinstance(versions, dict) or not versions:
            wrong.append(f"{name} has no versions")
        elif isinstance(listed, dict) and listed.get("seed") not in (None, seed):
            wrong.append(f"{name} has seed {seed} in its metrics and {listed['seed']} in the manifest")
        elif isinstance(listed, dict) and listed.get("test_accuracy") not in (None, recording["test"]["accuracy"]):
            wrong.append(f"{name} has another accuracy in its metrics than in the manifest")
    return failed("; ".join(wrong[:4])) if wrong else passed("seed and versions are recorded")


@check(
    "provenance.for_submission",
    required=True,
    needs=("provenance.manifest",),
    reason="A run on sample data, or with untrained weights, tries the workflow out; it answers nothing.",
    remedy="Run the workflow with the official data and weights, and hand in that zip.",
)
def for_submission(e: Evidence, task: str) -> Outcome:
    manifest = e.found.manifest or {}
    stamps = [str(stamp) for stamp in manifest.get("stamps") or []]
    stamps += [str(s) for r in e.found.recordings.values() for s in r.get("stamps") or [] if str(s) not in stamps]
    if stamps or not manifest.get("for_submission", True):
        return failed(f"sound, but not for submission: {'; '.join(stamps)[:300] or 'the manifest says so'}")
    return passed("made of official data")
