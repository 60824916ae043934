"""Photographs and classifier files as zips, for jobs on machines that do not see this one's folders.

A shard is one archive of files, as in WebDataset (A. Aizman, G. Maltby, T. Breuel, 2019, "High performance I/O for
large scale deep learning"), but a zip, whose members Python keeps inside the folder on every version; nothing is
compressed. A photograph's name in it is its SHA-256.
"""

import tempfile
import zipfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from assignment06.data.receipts import Receipt
from assignment06.photographs.manifest import read_shard
from assignment06.shared.files import atomic_path, sha256_file


def pack_shard(manifest: str, shard: int, shard_size: int, archive: str) -> None:
    """Write the photographs of one shard (numbered from 0) into one zip; those that do not exist are left out."""
    digests = set()
    with atomic_path(archive) as part, zipfile.ZipFile(part, "w", strict_timestamps=False) as packed:
        for row in read_shard(manifest, shard * shard_size, shard_size):
            if row["sha256"] and row["sha256"] not in digests and Path(row["path"]).is_file():
                packed.write(row["path"], arcname=row["sha256"])
                digests.add(row["sha256"])


def pack_classifier(receipt: str, raw: str, archive: str) -> None:
    """Write the files that a classifier's receipt names, under their names below `raw`, into one zip."""
    with atomic_path(archive) as part, zipfile.ZipFile(part, "w", strict_timestamps=False) as packed:
        for name in Receipt.read(receipt).files:
            packed.write(Path(raw, name), arcname=name)


@contextmanager
def unpacked(archive: str) -> Generator[Path]:
    """Yield a temporary folder with the files of an archive; no member can leave it."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
        yield Path(folder)


def at_hand(rows: Iterator[dict], folder: Path) -> Generator[dict]:
    """Yield a manifest's rows with the paths of their files in an unpacked shard, each with the listed digest."""
    for row in rows:
        path = folder / str(row["sha256"])
        yield row | {"path": str(path if path.is_file() and sha256_file(path) == row["sha256"] else folder / "missing")}
