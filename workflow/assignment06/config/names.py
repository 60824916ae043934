"""The student's name, and what the zip is called."""

import re
import unicodedata

from assignment06.config.model import Student
from assignment06.config.sentences import refusal

APOSTROPHES = "'’‘ʼ`´"
SEPARATORS = '/\\:*?"<>|{}'  # of these, Snakemake takes braces for a wildcard
# Letters that Unicode does not take apart into a plain one and an accent
LETTERS = {
    "Ł": "L", "ł": "l", "Ø": "O", "ø": "o", "Đ": "D", "đ": "d", "Þ": "Th", "þ": "th", "Æ": "Ae", "æ": "ae", "Œ": "Oe",
    "œ": "oe", "ß": "ss", "ı": "i",
}  # fmt: skip
LONGEST_NAME = 200  # bytes; file systems take 255, and a file that is being written has a longer name


def zip_name(last_name: str, first_name: str) -> str:
    """Return `assignment06_LastnameFirstname.zip` for a student.

    Spaces and signs become "-", accents and apostrophes are dropped; AssignmentError for an empty name, a path, or a
    name that no file can have.
    """
    name = f"assignment06_{_name_part('last_name', last_name)}{_name_part('first_name', first_name)}.zip"
    if len(name.encode()) > LONGEST_NAME:
        raise refusal(
            f"`student` makes a file name of {len(name.encode())} bytes, more than {LONGEST_NAME}: shorten it."
        )
    return name


def is_placeholder(student: Student) -> bool:
    """Tell whether the name is still the one the config came with."""
    return (student.last_name, student.first_name) == ("Lastname", "Firstname")


def _name_part(key: str, name: str) -> str:
    plain = unicodedata.normalize("NFKD", "".join(LETTERS.get(c, c) for c in name if c not in APOSTROPHES))
    plain = unicodedata.normalize("NFC", "".join(c for c in plain if not unicodedata.combining(c)))
    # What is written in full width, or as one sign for two, may hold a separator only once it is plain.
    bad = [c for c in name + plain if c in SEPARATORS or unicodedata.category(c) in ("Cc", "Cs")]
    if bad or (plain.strip().strip(".") == "" and plain.strip()):
        shown = bad[0] if bad else name
        raise refusal(f"`student: {key}` contains {shown!r}, which cannot stand in a file name: leave it out.")
    # Of signs a name keeps full stops and hyphens; commas, brackets, quotes and the like part words as spaces do.
    words = "".join(c if c in ".-" or unicodedata.category(c)[0] in "LNM" else " " for c in plain).split()
    part = re.sub("-+", "-", "-".join(words)).strip(".-")
    if not part:
        raise refusal(f"`student: {key}` is empty: write your name there.")
    if unicodedata.category(part[0])[0] != "L":
        raise refusal(f"`student: {key}` begins with {part[0]!r}: a name begins with a letter.")
    return part
