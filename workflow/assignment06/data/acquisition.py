"""Get official files and verify each before anything opens it.

A file is looked for in `data/raw`, then in a mirror directory, then on the network. Whatever has another
digest than the published one is refused, wherever it came from.
"""

import hashlib
import logging
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from assignment06.data.assets import IMAGENET_CLASSES, Asset
from assignment06.data.imagenet import WEIGHTS
from assignment06.data.receipts import Receipt
from assignment06.shared import registry
from assignment06.shared.console import progress_bar
from assignment06.shared.errors import AssignmentError
from assignment06.shared.explanations import explain
from assignment06.shared.files import atomic_path, sha256_file

ATTEMPTS = 3
TIMEOUT_SECONDS = 30
LARGEST = 2_000_000_000  # bytes, where nobody states a length; the largest published weights have 1.4 GB
log = logging.getLogger(__name__)


class Unavailable(AssignmentError):
    """No source could give the file; with `data_source: auto` the sample stands in."""


def obtain(asset: Asset, raw: Path, mirror: Path | None, network: bool) -> Path:
    """Make sure that `asset` lies verified under `raw`, and return its path.

    Raises AssignmentError for a file with the wrong digest in `raw` or in the mirror, Unavailable where no
    source has it.
    """
    target = raw / asset.path
    if target.exists():
        _verify(asset, target, "delete it, or put the official file there")
        return target
    if mirror and (mirror / asset.path).exists():
        with atomic_path(target) as part:
            shutil.copyfile(mirror / asset.path, part)
            _verify(asset, part, f"replace {mirror / asset.path} with the official file", mirror / asset.path)
        return target
    if network:
        return _download(asset, target)
    raise Unavailable(f"{asset.path} is neither in {raw} nor in a mirror directory; put it there.")


def acquire_dataset(
    dataset: str, data_source: str, raw: str, mirror: str | None, receipt: str, network: bool = True
) -> None:
    """Get one official data set and write a `Receipt`, which says what was got.

    `data_source` is `official` (fail where the data cannot be had), `sample` (never look), or `auto`
    (official where it can be had, else the sample, with a loud warning).
    """
    files: dict[str, str] = {}
    if data_source != "sample":
        try:
            paths = _first_available(
                registry.find(registry.DATASETS, dataset).FORMS, Path(raw), mirror_folder(mirror), network
            )
            files = {path.relative_to(raw).as_posix(): sha256_file(path) for path in paths}
        except Unavailable as error:
            if data_source == "official":
                raise AssignmentError(
                    f"The official {dataset} data could not be had: {error} Get online and run again, or "
                    "set `data_source: sample` in config.yaml to try the workflow without them."
                ) from None
            log.warning(
                "!! SAMPLE DATA: %s could not be had (%s). This run goes on with sample data, is stamped so "
                "everywhere, and is NOT for submission. Later: snakemake --forcerun acquire_dataset",
                dataset,
                error,
            )
    Receipt(name=dataset, data_source="official" if files else "sample", files=files).write(receipt)


def acquire_classifier(
    architecture: str, weights: str, data_source: str, raw: str, mirror: str | None, receipt: str,
    network: bool = True,
) -> None:  # fmt: skip
    """Get the pretrained weights and ImageNet's class index, and write a receipt as `acquire_dataset` does.

    `weights` is `imagenet` for the published file of `architecture`, or the name of a file in `raw/imagenet`
    (or in the mirror's folder of that name) that the user vouches for. Where they cannot be had,
    `data_source` decides as for a data set; the stand-in is an untrained net.
    """
    folder, files = Path(raw), {}
    try:
        network = network and data_source != "sample"
        if weights == "imagenet":
            if architecture not in WEIGHTS:
                raise AssignmentError(
                    f"Keras states no digest of the published weights of {architecture}, so they are not fetched: put "
                    "the file into data/raw/imagenet and name it as `classifier: weights:` in config.yaml."
                )
            path = obtain(WEIGHTS[architecture], folder, mirror_folder(mirror), network)
        else:
            path = own_weights(weights, folder, mirror_folder(mirror))
        classes = obtain(IMAGENET_CLASSES, folder, mirror_folder(mirror), network)
        files = {"weights": path, "classes": classes}
    except Unavailable as error:
        if data_source == "official":
            raise AssignmentError(
                f"The weights of {architecture} could not be had: {error} Get online and run again, or put the "
                "file into data/raw/imagenet."
            ) from None
        log.warning(
            "!! UNTRAINED CLASSIFIER: the weights of %s could not be had (%s). 6.3 runs with random weights, is "
            "stamped so, and is NOT for submission. Later: snakemake --forcerun acquire_classifier",
            architecture,
            error,
        )
    listed = {path.relative_to(folder).as_posix(): sha256_file(path) for path in files.values()}
    roles = {role: path.relative_to(folder).as_posix() for role, path in files.items()}
    source = "official" if files else "sample"
    Receipt(name=architecture, data_source=source, files=listed, roles=roles).write(receipt)


def mirror_folder(mirror: str | None) -> Path | None:
    """Return the mirror directory; AssignmentError where there is no such folder."""
    if not mirror:
        return None
    folder = Path(mirror).expanduser()
    if not folder.is_dir():
        raise AssignmentError(f"ASSIGNMENT06_MIRROR names {mirror}, which is not a folder: correct or unset it.")
    return folder


def _first_available(forms: Sequence[Sequence[Asset]], raw: Path, mirror: Path | None, network: bool) -> list[Path]:
    """Return the verified files of the first form that is at hand, else of the first that can be downloaded."""
    for place in filter(None, (raw, mirror)):
        for form in forms:
            if all((place / asset.path).exists() for asset in form):
                return [obtain(asset, raw, mirror, network=False) for asset in form]
    return [obtain(asset, raw, mirror, network) for asset in forms[0]]


def own_weights(name: str, raw: Path, mirror: Path | None, key: str = "classifier: weights") -> Path:
    """Return a weights file of the user's own below `raw`; AssignmentError where it is in neither place."""
    if Path(name).name != name:
        raise AssignmentError(f"`{key}: {name}` must be a bare file name; put the file into data/raw/imagenet.")
    target = raw / "imagenet" / name
    if target.exists():
        return target
    if mirror and (mirror / "imagenet" / name).exists():
        with atomic_path(target) as part:
            shutil.copyfile(mirror / "imagenet" / name, part)
        return target
    raise AssignmentError(f"The weights file {name} is not in {raw / 'imagenet'}: put it there.")


def _verify(asset: Asset, path: Path, remedy: str, shown: Path | None = None) -> None:
    algorithm, expected = asset.digest.split(":")
    with open(path, "rb") as file:
        actual = hashlib.file_digest(file, algorithm).hexdigest()
    if actual != expected:
        size = path.stat().st_size
        what = "is truncated" if asset.bytes and size < asset.bytes else "is not the official file"
        length = f", {asset.bytes} bytes" if asset.bytes else ""
        raise AssignmentError(
            f"{shown or path} {what} ({algorithm.upper()} {actual[:12]}..., {size} bytes; expected "
            f"{expected[:12]}...{length}): {remedy}."
        )


def _download(asset: Asset, target: Path) -> Path:
    import pooch

    reasons = []
    for attempt in range(ATTEMPTS):
        for url in asset.urls:
            try:
                with (
                    atomic_path(target) as part,
                    progress_bar(asset.bytes, target.name, unit="B", unit_scale=True) as bar,
                ):
                    with open(part, "wb") as file:
                        limited = _UpTo(asset.bytes or LARGEST, file)
                        pooch.HTTPDownloader(progressbar=bar, timeout=TIMEOUT_SECONDS)(url, limited, None)
                    _verify(asset, part, "it is not kept")
                return target
            except Exception as error:  # noqa: BLE001  (whatever a server does, the next one is tried)
                reasons.append(f"{url.split('/')[2]}: {_cause(error)}")
                log.debug("attempt %d of %d, %s: %s", attempt + 1, ATTEMPTS, url, error)
        time.sleep(2**attempt if attempt + 1 < ATTEMPTS else 0)
    raise Unavailable(
        f"{asset.path} could not be downloaded ({'; '.join(dict.fromkeys(reasons))}); put it into {target.parent}."
    )


class _UpTo:
    """A file that takes no more bytes than it should: a server that sends on is cut off."""

    def __init__(self, limit: int, file: BinaryIO):
        self.left, self.file = limit, file

    def write(self, data: bytes) -> int:
        self.left -= len(data)
        if self.left < 0:
            raise AssignmentError("more bytes than the official file has")
        return self.file.write(data)

    def flush(self) -> None:
        self.file.flush()


def _cause(error: Exception) -> str:
    """Say in a few words why a download failed; raise AssignmentError where no other server would help."""
    text = str(error)
    if sentence := explain(error):
        raise AssignmentError(sentence) from None
    if isinstance(error, AssignmentError):
        return "wrong content"
    for sign, words in {
        "timed out": "no answer in time",
        "resolve": "name not resolved, no network?",
    }.items():
        if sign in text:
            return words
    return text.splitlines()[0][:80] if text else type(error).__name__
