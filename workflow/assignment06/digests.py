"""SHA-256 of files and of values."""

import hashlib
import json
import os


def sha256_file(path: str | os.PathLike) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits; memory stays flat whatever its size."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_json(value: object) -> str:
    """Return the SHA-256 of a value that JSON can hold, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
