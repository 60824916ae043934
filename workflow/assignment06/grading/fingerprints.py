"""What is kept of a submission to compare it with others: plain data, no file of it."""

from __future__ import annotations

import base64
import hashlib
import zlib
from pathlib import Path

import numpy as np

from . import progress, recognise, source
from .names import NETS
from .registry import Evidence

# Winnowing (S. Schleimer, D. S. Wilkerson, A. Aiken, "Winnowing: local algorithms for document fingerprinting", SIGMOD
# 2003): every match of at least GRAM + WINDOW - 1 tokens is found, none of fewer than GRAM.
GRAM, WINDOW = 12, 8
_MAX_TOKENS = 60_000
_MAX_LINES = 5_000
_MAX_ROWS = 400_000
_NAME = 300
_LEAST_BYTES = 40  # smaller files may be equal by accident


def take(e: Evidence) -> dict:
    """The fingerprint of a submission, as plain JSON: digests of its answers, its predictions, and of its code.

    `files` maps roles such as "6.1 metrics" to {digest: name}; `predictions` maps tasks to a name, the packed
    classes and the packed errors; `weights` maps tasks to a name and `weights.digests`; `lines` maps digests of code
    lines and `grams` those of winnowed runs of tokens to the place where they first stand.
    """
    files: dict[str, dict[str, str]] = {}
    for task in NETS:
        if (model := e.found.models.get(task)) is not None and model.path.stat().st_size >= _LEAST_BYTES:
            files[f"{task} model"] = {_digest(model.path): model.name}
        plots = [p for p in recognise.curves(e.found.plots.get(task, [])) if p.digest and not p.blank and not p.problem]
        if plots:
            files[f"{task} plot"] = {plot.digest[:32]: plot.name for plot in plots}
        if (stated := e.found.metrics.get(task)) is not None:
            paths = {name: e.found.scope[name] for name in stated.sources if name in e.found.scope}
            found = {_digest(path): name for name, path in paths.items() if path.stat().st_size >= _LEAST_BYTES}
            if found:
                files[f"{task} metrics"] = found
    if e.found.resnet:
        texts = {n: p for n, p in e.found.resnet.items() if p.suffix.lower() in (".csv", ".txt", ".json")}
        files["6.3 predictions"] = {_digest(p): n for n, p in texts.items() if p.stat().st_size >= _LEAST_BYTES}
    lines, grams = _code(e.unpacked.files)
    return {
        "files": {role: _cut(found) for role, found in files.items() if found},
        "predictions": {t: _predictions(e, t) for t in NETS if t in e.found.predictions},
        "weights": {t: (m.name[-_NAME:], m.weights) for t, m in e.found.models.items() if m.weights},
        "lines": _cut(lines),
        "grams": _cut(grams),
        "own": e.found.manifest is not None,
    }


def _cut(places: dict[str, str]) -> dict[str, str]:
    """Names short enough for a table: their ends, which tell files apart."""
    return {digest: place[-_NAME:].encode("utf-8", "replace").decode() for digest, place in places.items()}


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def _predictions(e: Evidence, task: str) -> tuple[str, str, str]:
    """Name, classes uint8 [n] packed as text, and which rows are wrong (packed bits; "" where it is not known)."""
    found, test = e.found.predictions[task], e.test(task)
    classes = np.where(found.labels < 0, 255, found.labels).astype(np.uint8)
    known = test is not None and len(test.labels) == found.rows
    wrong = pack(np.packbits(found.labels != test.labels)) if known else ""
    return (found.name[-_NAME:].encode("utf-8", "replace").decode(), pack(classes), wrong)


def pack(values: np.ndarray) -> str:
    return base64.b64encode(zlib.compress(values.tobytes(), 6)).decode()


def unpack(text: str) -> np.ndarray:
    """The uint8 [n] that `pack` was given; empty where it is not of `pack`'s making, or longer than any answer is."""
    try:
        reader = zlib.decompressobj()
        data = reader.decompress(base64.b64decode(text), _MAX_ROWS)
    except (ValueError, zlib.error):
        data = b""
    return np.frombuffer(b"" if not data or reader.unconsumed_tail else data, np.uint8)


def _code(files: dict[str, Path]) -> tuple[dict[str, str], dict[str, str]]:
    lines: dict[str, str] = {}
    grams: dict[str, str] = {}
    for name, path in sorted(files.items()):
        if Path(name).suffix.lower() not in source.CODE:
            continue
        progress.at("file", name)
        stream: list[tuple[str, str]] = []
        for line in source.lines(name, path):
            plain = source.plain(line.text)
            if plain and len(lines) < _MAX_LINES:
                lines.setdefault(_short(plain), line.place)
            if len(stream) < _MAX_TOKENS and len(line.text) < 2000:
                stream += [(token, line.place) for token in source.tokens(line.text)]
        for digest, place in winnow(stream):
            grams.setdefault(digest, place)
    return lines, grams


def winnow(stream: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The least digest of every window of `WINDOW` runs of `GRAM` tokens, with the place where the run begins."""
    digests = [
        _short(" ".join(token for token, _ in stream[i : i + GRAM])) for i in range(max(0, len(stream) - GRAM + 1))
    ]
    chosen: list[tuple[str, str]] = []
    last = -1
    for start in range(max(0, len(digests) - WINDOW + 1)):
        window = range(start, start + WINDOW)
        best = min(window, key=lambda i: (digests[i], -i))
        if best != last:
            chosen.append((digests[best], stream[best][1]))
            last = best
    return chosen


def _short(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()
