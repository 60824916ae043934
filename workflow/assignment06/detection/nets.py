"""The detectors that are known by name, and the weights of others that the config vouches for.

Nothing but a file with the registered digest, or with the one that stands in the config, is given to onnxruntime:
an ONNX file is a program, and its parser has had security holes. What has another digest is refused unread.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from assignment06.data.acquisition import Unavailable, obtain
from assignment06.data.assets import Asset
from assignment06.data.receipts import Receipt
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import atomic_path, sha256_file

FOLDER = "detection"  # of the weights, below `data/raw` and in a mirror
RELEASE = "https://github.com/Megvii-BaseDetection/YOLOX/releases/download/0.1.1rc0/"


@dataclass(frozen=True)
class Net:
    """A published detector: its ONNX file, licence, how its input is prepared (`boxes.PREPARATIONS`), side and AP."""

    asset: Asset
    licence: str
    preprocessing: str
    size: int  # pixels of its square input
    published_ap: float  # on COCO val2017, as its authors say
    source: str = "Z. Ge, S. Liu, F. Wang, Z. Li, J. Sun, 2021, YOLOX: Exceeding YOLO Series in 2021"


def _yolox(name: str, sha256: str, size: int, published_ap: float) -> Net:
    asset = Asset(f"{FOLDER}/{name}.onnx", f"sha256:{sha256}", size, (f"{RELEASE}{name}.onnx",))
    return Net(asset, "Apache-2.0", "yolox", 416, published_ap)


NETS = {
    "yolox_nano": _yolox(
        "yolox_nano", "c789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d", 3_659_407, 0.258
    ),
    "yolox_tiny": _yolox(
        "yolox_tiny", "427cc366d34e27ff7a03e2899b5e3671425c262ea2291f88bb942bc1cc70b0f7", 20_219_662, 0.328
    ),
}


def acquire_detector(
    weights: str, sha256: str | None, data_source: str, raw: str, mirror: str | None, receipt: str,
    network: bool = True,
) -> None:  # fmt: skip
    """Get a detector's weights and write a `Receipt`.

    `weights` is a name of `NETS`, or the name of a file in `raw/detection` (or in the mirror's folder of that name)
    with the digest `sha256`. There is no stand-in for a detector: who asks for one gets that one; with `data_source`
    sample it is not looked for on the network. Raises AssignmentError where it cannot be had or has another digest.
    """
    folder = Path(mirror) if mirror else None
    try:
        if weights in NETS:
            path = obtain(NETS[weights].asset, Path(raw), folder, network and data_source != "sample")
        else:
            path = _own_file(weights, sha256, Path(raw), folder)
    except Unavailable as error:
        raise AssignmentError(
            f"The detector {weights} could not be had: {error} Get online and run again, or set "
            "`detector: weights: none` in config.yaml."
        ) from None
    name = path.relative_to(raw).as_posix()
    source = "official" if weights in NETS else "own"
    Receipt(name=weights, data_source=source, files={name: sha256_file(path)}, roles={"weights": name}).write(receipt)


def _own_file(name: str, sha256: str | None, raw: Path, mirror: Path | None) -> Path:
    known = ", ".join(NETS)
    if Path(name).name != name or not name.endswith(".onnx"):
        raise AssignmentError(
            f"`detector: weights: {name}` in config.yaml is neither a known net ({known}) nor the bare name of an ONNX "
            "file in data/raw/detection: correct it."
        )
    target = raw / FOLDER / name
    if not target.exists() and mirror and (mirror / FOLDER / name).exists():
        with atomic_path(target) as part:
            shutil.copyfile(mirror / FOLDER / name, part)
    if not target.exists():
        raise AssignmentError(f"The detector's file {name} is not in {raw / FOLDER}: put it there.")
    actual = sha256_file(target)
    if not sha256:
        raise AssignmentError(
            f"`detector:` in config.yaml names the file {name} without its digest: if you trust where it came from, "
            f"add `sha256: {actual}`."
        )
    if actual != sha256.lower():
        raise AssignmentError(
            f"{target} has the SHA-256 {actual[:12]}..., and `detector: sha256:` in config.yaml says "
            f"{sha256[:12].lower()}...: put the right file there, or correct the digest if you trust this one."
        )
    return target
