"""Is it a zip (or folder) that can be opened safely, named and laid out as the assignment asks?"""

import re
from pathlib import PurePosixPath

from .. import people, source
from ..registry import Evidence, Outcome, advise, check, failed, first_few, not_applicable, passed
from ..unpack import ARCHIVE, MAX_FILES, MAX_TOTAL_BYTES

_NAME = r"[A-ZÀ-Þ][^\W\d_A-ZÀ-Þ]+"
_FOLDER = re.compile(  # named after its author as the zip should be, or the other way round
    rf"(?i:assignment)_?0?6_(?:{_NAME}){{2,4}}|(?:{_NAME}){{2,4}}_(?i:assignment)_?0?6"
)
_ZIP_NAME = re.compile(  # learning platforms put their own words before it and a number behind it
    r"(?:.*[_ -])?assignment06_(?P<name>(?:[^\W\d_]|[^\x00-\x7f])(?:[^\W_]|[^\x00-\x7f]|['.-])*?)"
    r"(?: ?\(\d+\)|-\d+)?\.zip$"
)
_TEXTS = (*source.CODE, ".json", ".csv", ".txt", ".sh", ".yaml", ".yml", ".md", ".log")
_OWN_DISK = re.compile(
    r"(?:(?<![\w./-])/home/|(?<![\w./-])/Users/)[A-Za-z0-9._-]{2,32}(?=[\\/\"'])"
    r"|(?<![A-Za-z])[A-Za-z]:(?:\\{1,4}|/(?!/))(?!\s)[\w .()$-]{1,60}[\\/]"
    r"|(?<![\w.])/(?:content/(?:drive|gdrive)|Volumes|mnt/[a-z]/Users|kaggle/(?:input|working))/[\w .-]{1,60}"
)


def some(items: list[str]) -> str:
    """The first few names of a list, for a sentence."""
    return first_few([item[:100] for item in items])


@check(
    "packaging.intact",
    required=True,
    reason="What cannot be read cannot be graded.",
    remedy="Make the zip anew, try to open it, and hand in that file.",
)
def intact(e: Evidence, task: str) -> Outcome:
    if e.unpacked.corrupt:
        return failed(f"could not be read: {some(e.unpacked.corrupt)}")
    return passed(f"{len(e.unpacked.files):,} files were read")


@check(
    "packaging.not_encrypted",
    required=True,
    reason="A grader has no password.",
    remedy="Make the zip without a password.",
)
def not_encrypted(e: Evidence, task: str) -> Outcome:
    if e.unpacked.encrypted:
        return failed(f"encrypted: {some(e.unpacked.encrypted)}")
    return passed("no entry is encrypted")


@check(
    "packaging.no_bomb",
    required=True,
    reason="A zip that swells when it is unpacked fills the grader's disk.",
    remedy="Leave out data sets and virtual environments; hand in the results only.",
)
def no_bomb(e: Evidence, task: str) -> Outcome:
    if e.unpacked.bomb:
        return failed(f"reading stopped: {e.unpacked.bomb}")
    return passed(f"below {MAX_FILES:,} files and {MAX_TOTAL_BYTES >> 20:,} MiB unpacked")


@check(
    "packaging.no_traversal",
    required=True,
    reason="An entry with `..` in its path would be written outside the folder it is unpacked to.",
    remedy="Zip the folder `assignment06` itself, from the folder that holds it.",
)
def no_traversal(e: Evidence, task: str) -> Outcome:
    if e.unpacked.traversal:
        return failed(f"refused, they lead outside: {some(e.unpacked.traversal)}")
    return passed("no entry leads outside")


@check(
    "packaging.no_absolute_paths",
    required=True,
    reason="An absolute path is one of the author's own disk.",
    remedy="Zip with paths relative to the folder that holds `assignment06`.",
)
def no_absolute_paths(e: Evidence, task: str) -> Outcome:
    if e.unpacked.absolute:
        return failed(f"absolute: {some(e.unpacked.absolute)}")
    return passed("all paths are relative")


@check(
    "packaging.no_links",
    required=True,
    reason="A link points at something that is not in the submission, or at the grader's own files.",
    remedy="Put the file itself in place of the link.",
)
def no_links(e: Evidence, task: str) -> Outcome:
    if e.unpacked.links:
        return failed(f"refused, links or special files: {some(e.unpacked.links)}")
    return passed("only ordinary files")


@check(
    "packaging.no_duplicates",
    required=True,
    reason="Of two entries with one name, different programs unpack different ones.",
    remedy="Delete the zip and make it anew instead of adding to it; do not tell names apart by capitals alone.",
)
def no_duplicates(e: Evidence, task: str) -> Outcome:
    if e.unpacked.duplicates:
        return failed(f"more than one entry is called: {some(e.unpacked.duplicates)}")
    return passed("every name is there once")


@check(
    "packaging.zip_name",
    required=True,
    reason="The assignment asks for assignment06_LastnameFirstname.zip.",
    remedy="Rename the zip: assignment06_, then the last name, then the first name, nothing between them.",
)
def zip_name(e: Evidence, task: str) -> Outcome:
    if not e.unpacked.is_zip:
        return not_applicable("a folder was given, not a zip")
    match = _ZIP_NAME.match(e.source.name)
    if not match:
        if re.search(_ZIP_NAME.pattern, e.source.name, re.I):
            return advise(f"{e.source.name} has other capitals than assignment06_LastnameFirstname.zip")
        return failed(f"{e.source.name} is not assignment06_LastnameFirstname.zip")
    return passed(f"{e.source.name}, by {match['name']}")


@check(
    "packaging.name_order",
    required=True,
    needs=("packaging.zip_name",),
    reason="Submissions are sorted by last name.",
    remedy="Put the last name first.",
)
def name_order(e: Evidence, task: str) -> Outcome:
    match = _ZIP_NAME.match(e.source.name)
    if not match:
        return not_applicable("the zip's name has other capitals")
    given = people.letters(match["name"])
    known = people.author(e.unpacked.files, e.found.manifest)
    if known:
        first, last, where = known
        right = {b + a for a in people.spellings(first) for b in people.spellings(last)}
        wrong = {a + b for a in people.spellings(first) for b in people.spellings(last)}
        if given in wrong - right:
            return failed(f"{e.source.name} has the first name first: {where} names {first} {last}")
        if given in right:
            return passed(f"agrees with {where}")
        parts = people.spellings(first) | people.spellings(last)
        # Chollet wrote the book, and stands in what is copied from it.
        if f"{first[:1]}{last[:1]}".isupper() and last != "Chollet" and not any(part in given for part in parts):
            return advise(f"{where} names {first} {last}, of whose name nothing is in the zip's")
    folder = next((n.split("/")[0] for n in sorted(e.unpacked.files) if _FOLDER.fullmatch(n.split("/")[0])), "")
    named = [] if known else re.findall(_NAME, re.sub("assignment", "", folder, flags=re.I))
    if len(named) > 1 and not any(part in given for name in named for part in people.spellings(name)):
        return advise(f"the folder {folder} is of {' '.join(named)}, of whose name nothing is in the zip's")
    user = people.platform(e.source.name).get("user", "")
    habit = people.reversed_by_habit(match["name"], user) if not known else ""
    if habit:
        return advise(f"{e.source.name} seems to have the first name first: {habit}")
    if known:
        return not_applicable(f"{known[2]} names {known[0]} {known[1]}, whose letters are not those of the zip's name")
    return not_applicable("no file says what the author is called")


@check(
    "packaging.layout",
    required=True,
    needs=("packaging.no_absolute_paths",),
    reason="The answers belong in results/, at the top or in the folder assignment06.",
    remedy="Zip the folder `assignment06` with `results` in it, or `results` itself.",
)
def layout(e: Evidence, task: str) -> Outcome:
    if not e.unpacked.files:
        return not_applicable("nothing could be read") if e.unpacked.unreadable else failed("there is no file in it")
    if not e.found.has_results:
        used = sorted(e.found.used())
        if used:
            return advise(f"there is no folder results/; the answers lie as {used[0][:150]}", credit=0.5)
        if inner := list(filter(ARCHIVE.search, e.unpacked.files)):
            return advise(f"there is no folder results/, only another archive: {some(inner)}", credit=0.0)
        return failed("there is no folder results/")
    apart = sorted(name for name in e.found.used() if re.match(r"[^/]+/results/", name, re.I))
    if apart and not any(name.lower().startswith("results/") for name in e.found.used()):
        return advise(f"each task has a results/ of its own, as {apart[0][:150]}", credit=0.5)
    if e.found.base in ("", "assignment06"):
        return passed(f"the answers are in {e.found.base + '/' if e.found.base else ''}results/")
    sentence = f"results/ lies in {e.found.base[:150]}/, and should lie at the top or in assignment06/"
    if re.fullmatch(r"[^/]*assign\w*[ _-]?0?6[^/]*", e.found.base, re.I):
        return advise(sentence)  # one folder, named otherwise: what unzips into `assignment06_DoeJane`, say
    return advise(sentence, credit=0.5)


@check(
    "packaging.no_droppings",
    required=False,
    reason="What editors and operating systems leave behind is no part of the work.",
    remedy="Delete such files and folders before zipping.",
)
def no_droppings(e: Evidence, task: str) -> Outcome:
    if e.unpacked.droppings:
        return failed(f"left behind: {some(sorted(set(e.unpacked.droppings)))}")
    return passed("nothing was left behind")


@check(
    "packaging.no_archives",
    required=False,
    reason="A zip in the zip takes a second step to open, and other archives are not opened at all.",
    remedy="Put the files themselves in the zip.",
)
def no_archives(e: Evidence, task: str) -> Outcome:
    if others := sorted(filter(ARCHIVE.search, e.unpacked.files)):
        return failed(f"not opened: {some(others)}")
    if e.unpacked.within:
        return failed(f"another zip is in it: {some(e.unpacked.within)}")
    return passed("no archive is in it")


@check(
    "packaging.no_pickles",
    required=False,
    reason="Opening a pickle runs whatever program it holds; only numbers, lists and texts are read of one here.",
    remedy="Save tables as CSV or JSON and models as .keras.",
)
def no_pickles(e: Evidence, task: str) -> Outcome:
    models = {model.name for model in e.found.models.values()}
    pickles = [n for n in e.found.scope if n not in models and re.search(r"\.(pkl|pickle|p|joblib|sav|dill)$", n, re.I)]
    return failed(f"not read: {some(pickles)}") if pickles else passed("there are none")


@check(
    "packaging.no_own_paths",
    required=False,
    reason="A path of the author's own disk makes a script stop on any other machine.",
    remedy="Use paths relative to the assignment's folder.",
)
def no_own_paths(e: Evidence, task: str) -> Outcome:
    hits = []
    graded = set(e.found.scope.values())
    code = e.unpacked.files.items() if e.found.manifest is None else ()
    beside = {n: p for n, p in code if p not in graded and PurePosixPath(n).suffix.lower() in source.CODE}
    for name, path in sorted({**e.found.scope, **beside}.items()):
        match = _OWN_DISK.search(f"/{name.lstrip('/')}") or _OWN_DISK.search(f"{e.found.base}/")
        if match is None and PurePosixPath(name).suffix.lower() in _TEXTS and path.stat().st_size < 8 << 20:
            match = _OWN_DISK.search(source.text(name, path))
        if match:
            hits.append(f"{name} has {match[0]}")
    return failed(some(hits)) if hits else passed("no path of anybody's disk")
