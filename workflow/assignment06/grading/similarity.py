"""What two submissions have in common. A reason to look at both, never a verdict, and never in the points.

Students share a book, a course and its examples, so much is alike in all of them; what many submissions have is left
out, and what is left must be more than a class shares by itself.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from . import fingerprints, weights

COMMON = 0.3  # code that more than this share of the submissions has is everybody's (of at least `MANY` of them)
MANY = 6
LINES, GRAMS = 0.85, 0.85  # shares of the shorter one's code from which a pair is reported
LEAST_LINES, LEAST_GRAMS = 25, 20
SAME_ERRORS = 0.9  # of the rows that either has wrong, the share where both give the same wrong class
LEAST_ERRORS = 20


@dataclass(frozen=True)
class Likeness:
    """One thing that two submissions share: what, how much of it (a share, or "identical"), and where in each."""

    what: str
    amount: str
    place: str
    other_place: str


@dataclass(frozen=True)
class Pair:
    """Two submissions, by name, and what they share; `other_is_earlier` where the second is one of `--against`."""

    one: str
    other: str
    likenesses: tuple[Likeness, ...]
    other_is_earlier: bool = False


def pairs(current: dict[str, dict], earlier: dict[str, dict] | None = None) -> list[Pair]:
    """All pairs of `current` submissions, and of each with the `earlier` ones, that have something to look at.

    Both map a submission's name to its `fingerprints.take`.
    """
    earlier = earlier or {}
    everything = list(current.values()) + list(earlier.values())
    usual = {kind: _usual(everything, kind) for kind in ("lines", "grams")}
    shared_files = _usual_files(everything)
    found = []
    for one, other in combinations(current, 2):
        likenesses = compare(current[one], current[other], usual, shared_files)
        if likenesses:
            found.append(Pair(one, other, tuple(likenesses)))
    for one, other in product(current, earlier):
        likenesses = compare(current[one], earlier[other], usual, shared_files)
        if likenesses:
            found.append(Pair(one, other, tuple(likenesses), other_is_earlier=True))
    return sorted(found, key=lambda pair: -len(pair.likenesses))


def _usual(everything: list[dict], kind: str) -> frozenset[str]:
    """What so many submissions have that it says nothing of two of them."""
    if len(everything) < MANY:
        return frozenset()
    counts = Counter(digest for print_ in everything for digest in print_.get(kind, {}))
    return frozenset(digest for digest, count in counts.items() if count > COMMON * len(everything))


def _usual_files(everything: list[dict]) -> frozenset[str]:
    """Files that more than a few have were handed out."""
    counts = Counter(d for print_ in everything for role in print_.get("files", {}).values() for d in role)
    return frozenset(digest for digest, count in counts.items() if len(everything) >= MANY and count > 4)


def compare(a: dict, b: dict, usual: dict[str, frozenset[str]], handed_out: frozenset[str]) -> list[Likeness]:
    """What two fingerprints share.

    ResNet50 gives the same answers to all who were handed the same photographs, so those alone say nothing.
    """
    found = _files(a, b, handed_out)
    named = {(like.place, like.other_place) for like in found}
    found += [like for like in _weights(a, b) if (like.place, like.other_place) not in named]
    found += _predictions(a, b)
    if not (a.get("own") and b.get("own")):  # two zips of one workflow have one code
        found += _code(a, b, "lines", "lines of code", LINES, LEAST_LINES, usual)
        found += _code(a, b, "grams", "code, names and texts aside", GRAMS, LEAST_GRAMS, usual)
    return found if any(like.what != "6.3 predictions" for like in found) else []


def _files(a: dict, b: dict, handed_out: frozenset[str]) -> list[Likeness]:
    found, seen = [], set(handed_out)
    roles = sorted(product(a["files"].items(), b["files"].items()), key=lambda pair: pair[0][0] != pair[1][0])
    for (role, ours), (other, theirs) in roles:
        if role.split()[1] != other.split()[1]:
            continue
        for digest in sorted((set(ours) & set(theirs)) - seen):
            seen.add(digest)
            found.append(
                Likeness(role if role == other else f"{role}, {other}", "identical", ours[digest], theirs[digest])
            )
    return found


def _weights(a: dict, b: dict) -> list[Likeness]:
    found = []
    for (task, (name, ours)), (_, (other, theirs)) in product(a["weights"].items(), b["weights"].items()):
        share, arrays = weights.shared(ours, theirs)
        if share >= 0.5:
            found.append(Likeness(f"{task} model's weights", f"{share:.0%} in {arrays} arrays", name, other))
    return found


def _predictions(a: dict, b: dict) -> list[Likeness]:
    found = []
    for task, (name, packed, wrong) in a["predictions"].items():
        if task not in b["predictions"]:
            continue
        other, other_packed, other_wrong = b["predictions"][task]
        ours, theirs = fingerprints.unpack(packed), fingerprints.unpack(other_packed)
        if len(ours) != len(theirs) or len(ours) < 500:
            continue
        equal = float(np.mean(ours == theirs))
        if not wrong or not other_wrong:
            if equal >= 0.999:
                found.append(Likeness(f"{task} predictions", f"{equal:.2%} equal", name, other))
            continue
        either = (_bits(wrong, len(ours)) | _bits(other_wrong, len(ours))).astype(bool)
        errors = int(either.sum())
        same = float(np.mean(ours[either] == theirs[either])) if errors else 1.0
        one_class = np.bincount(ours).max() > 0.9 * len(ours)  # two dead nets are alike by themselves
        if not one_class and (equal == 1.0 or (errors >= LEAST_ERRORS and same >= SAME_ERRORS)):
            found.append(
                Likeness(f"{task} predictions", f"{equal:.2%} equal, of the errors {same:.0%} the same", name, other)
            )
    return found


def _bits(packed: str, count: int) -> np.ndarray:
    return np.unpackbits(fingerprints.unpack(packed))[:count]


def _code(
    a: dict, b: dict, kind: str, what: str, least_share: float, least: int, usual: dict[str, frozenset[str]]
) -> list[Likeness]:
    """Code is compared with what the class shares and, where too little is left, with all of it."""
    for leave_out in (usual[kind], frozenset()):
        ours, theirs = set(a[kind]) - leave_out, set(b[kind]) - leave_out
        if min(len(ours), len(theirs)) >= least:
            break
    else:
        return []
    both = sorted(ours & theirs, key=lambda digest: _position(a[kind][digest]))
    shorter = min(len(ours), len(theirs))
    share = len(both) / shorter
    if share < (least_share if leave_out or not usual[kind] else max(least_share, 0.95)):
        return []
    first = both[0]
    return [Likeness(what, f"{len(both)} of {shorter} ({share:.0%})", a[kind][first], b[kind][first])]


def _position(place: str) -> tuple:
    return tuple((part.zfill(8) if part.isdigit() else part) for part in place.split(":"))
