"""Names of people: in zips' names as the assignment and the learning platforms write them, and in files."""

import re
import unicodedata
from pathlib import Path, PurePosixPath

from . import source
from .plain_text import squeezed

# First names common enough to tell, in a name of two, which part is the first; if both are in it, it tells nothing.
_FIRST = frozenset(Path(__file__).with_name("first_names.txt").read_text(encoding="utf-8").split())
_AUTHOR = re.compile(
    r"(?:^|\n|\")[#\s\"'*_]{0,12}(?:author|student|name|by|submitted by|prepared by|aut[eo]u?r[ae]?|"
    r"verfasser(?:in)?|nombre|nome|naam|navn|namn|f(?:ö|ø)r?fatt(?:are|er)|haz(?:ı|i)rlayan|imi(?:ę|e) i nazwisko|"
    r"penulis|nama|автор|étudiante?|estudiante)[*_]{0,3}"
    r"\s{0,3}[:=][*_]{0,3}\s{0,3}[*_\"']{0,3}"
    r"([^\W\d_][\w'’-]{0,40})[ \t]+(?:[^\W\d_]\.?[ \t]+)?([^\W\d_][\w'’-]{1,40})",
    re.I,
)
_ROOT = re.compile(r"[\W\d_]")
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe"})
_STROKES = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "æ": "ae", "œ": "oe", "ß": "ss"})
# What learning platforms put before the file's name: Blackboard, Moodle, Canvas.
_BLACKBOARD = re.compile(r"(?P<title>.{1,120}?)_(?P<user>[^_\s]{1,60})_attempt_\d{4}(?:-\d\d){5}_?(?P<rest>.*)", re.S)
_MOODLE = re.compile(r"(?P<name>.{1,120}?)_(?P<id>\d{3,12})_assignsubmission_(?:file|onlinetext)_?(?P<rest>.*)", re.S)
_CANVAS = re.compile(r"(?P<name>[^\W_]{2,80})_(?:LATE_)?(?P<id>\d{2,18})_(?P<submission>\d{2,18})_(?P<rest>.+)", re.S)


def letters(name: str) -> str:
    """A name's letters without case and accents: `Zoë Müller` and `ZoeMuller` are the same."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_STROKES))
    return _ROOT.sub("", "".join(c for c in plain if not unicodedata.combining(c)))


def spellings(name: str) -> set[str]:
    """The ways to write a name without accents: Müller as muller, mueller, or with the accent dropped altogether."""
    composed = unicodedata.normalize("NFC", name)
    bare = "".join(c for c in composed if ord(c) < 128)
    return {letters(name), letters(composed.casefold().translate(_GERMAN)), letters(bare)}


def platform(name: str) -> dict[str, str]:
    """What a learning platform wrote into a file's name: `platform`, `user`, `id`, `name`, and the `rest`."""
    for kind, pattern in (("blackboard", _BLACKBOARD), ("moodle", _MOODLE), ("canvas", _CANVAS)):
        match = pattern.fullmatch(name)
        if match:
            return {"platform": kind} | {key: value for key, value in match.groupdict().items() if value}
    return {}


def author(files: dict[str, Path], manifest: dict | None) -> tuple[str, str, str] | None:
    """First name, last name and the file that says so: this workflow's manifest, else a heading in a source file."""
    student = (manifest or {}).get("student")
    if isinstance(student, dict) and student.get("last_name"):
        return str(student.get("first_name", "")), str(student["last_name"]), "manifest.json"
    if manifest is not None:
        return None
    for name, path in sorted(files.items()):
        if PurePosixPath(name).suffix.lower() in (".py", ".ipynb", ".md", ".txt") and path.stat().st_size < 4 << 20:
            match = _AUTHOR.search(squeezed(source.text(name, path)[:5000]))
            if match:
                return match[1], match[2], name
    return None


def reversed_by_habit(given: str, user: str = "") -> str:
    """Why a name such as `JaneDoe` seems to have the first name first, "" if nothing says so.

    `user` is a platform's user name: `jdoe` is of a Doe. Otherwise a list of common first names has one part and not
    the other.
    """
    parts = re.findall(
        r"(?:(?:O|Mc|Mac|De|Di|La|Le|Van|Von)(?=[A-Z]))?[^\W\d_][^\WA-Z\d_]*", re.sub(r"['’.-]", "", given)
    )
    if len(parts) != 2:
        return ""
    first, last = (letters(part) for part in parts)
    if user and re.sub(r"\d", "", user.casefold()) == first[:1] + last != last[:1] + first:
        return f"the user name {user} is that of a {parts[1]}"
    if first in _FIRST and last not in _FIRST:
        return f"{parts[0]} is a common first name"
    return ""


def zip_student(name: str) -> str:
    """`DoeJane` of `assignment06_DoeJane.zip`, whatever stands before it; "" where the name is not of that form."""
    match = re.search(r"assignment06_([^\W\d_][^\W_]*(?:['’.-][^\W_]+)*)(?: ?\(\d+\)|-\d+)?\.zip$", name)
    return match[1] if match else ""
