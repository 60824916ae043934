"""The list of photographs, and its shards."""

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from assignment06.data.image_files import find_photographs
from assignment06.shared.files import atomic_path, sha256_file


class Listing(NamedTuple):
    """What lies in a folder of images, without having read any."""

    images: int
    """How many files."""
    digest: str
    """Of their names, sizes and times."""


def fingerprint(source: str | os.PathLike) -> Listing:
    """List a folder, or a text file of paths, by its files' names, sizes and times; none of them is read."""
    digest, images = hashlib.sha256(), 0
    for name, path in find_photographs(source):
        try:
            facts = os.stat(path)
            size, time = facts.st_size, facts.st_mtime_ns
        except (OSError, ValueError):
            size = time = None
        digest.update(f"{name!r} {size} {time}\n".encode("utf-8", "backslashreplace"))
        images += 1
    return Listing(images, digest.hexdigest()[:16])


def list_photographs(source: str, manifest: str) -> None:
    """List the photographs once: a JSON object {"name", "path", "bytes", "sha256"} a line.

    A listed file that does not exist or cannot be read stays in the list with null for its size, and is skipped
    later with the reason. JSON keeps odd file names (line breaks, bytes that are not UTF-8) intact.
    """
    with atomic_path(manifest) as part, open(part, "w", encoding="ascii") as file:
        for name, path in find_photographs(source):
            size, sha256 = _measured(path)
            file.write(json.dumps({"name": name, "path": str(path), "bytes": size, "sha256": sha256}) + "\n")


def _measured(path: Path) -> tuple[int, str] | tuple[None, None]:
    """Return a file's size and SHA-256, or (None, None) for what is no file or cannot be read."""
    try:
        facts = os.stat(path)
        return (facts.st_size, sha256_file(path)) if stat.S_ISREG(facts.st_mode) else (None, None)
    except (OSError, ValueError):
        return None, None


def read_shard(manifest: str | os.PathLike, start: int = 0, count: int | None = None) -> Iterator[dict]:
    """Yield `count` rows of a manifest from row `start` on, or all of these; those before are passed over."""
    with open(manifest, encoding="ascii") as file:
        yield from map(json.loads, islice(file, start, None if count is None else start + count))


def read_spread(manifest: str | os.PathLike, count: int) -> Iterator[dict]:
    """Yield at most `count` rows of a manifest, spread evenly over it; all of them where it has no more."""
    with open(manifest, "rb") as file:
        step = -(-sum(1 for _ in file) // count)
    with open(manifest, encoding="ascii") as file:
        yield from map(json.loads, islice(file, 0, None, max(1, step)))


def printable(name: str) -> str:
    """Return a file name that any CSV reader and terminal can take: undecodable bytes become \\xNN."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
