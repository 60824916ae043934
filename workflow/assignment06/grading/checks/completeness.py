"""Is everything there that the assignment asks for?"""

import re
from pathlib import Path, PurePosixPath

from .. import names, notebooks, photographs, pictures, recognise, tables, workbooks
from ..names import NETS
from ..predictions import read as read_predictions
from ..registry import FAILED, Evidence, Outcome, advise, check, failed, not_applicable, passed, unconfirmed
from ..unpack import ARCHIVE
from . import displayed

# What may hold an answer and is not read here.
UNREAD = re.compile(
    r"\.(xlsx?|ods|parquet|feather|arrow|pkl|pickle|p|joblib|docx?|odt|rtf|tex|pdf|npz|npy|mat|rds|rda|rdata|db|sqlite|"
    r"ya?ml|xml|html?|h5|hdf5|gz|bz2|xz|zip|7z|tfevents.*|jsonl?|csv|txt|log)$",
    re.I,
)
_MODEL = re.compile(r"\.(h5|hdf5)$", re.I)  # which a folder called predictions may hold as well
_OF_METRICS = re.compile(r"metric|eval|report|score|summary|result", re.I)

_LONG = 10_000  # bytes: less than ten thousand predictions take
_PACKED = 4_000  # bytes: less than they take in a packed form
_DOCUMENT = re.compile(r"\.(?:pdf|docx?|odt|rtf|pptx?|odp|pages|key)$", re.I)
_FIGURE = re.compile(r"\d[.,]\d|\d ?%|% ?\d")
_CODE = re.compile(
    r"\.(?:py|ipynb|html?|r|rmd|sh|bat|ps1|m|js|css|toml|lock)(?: copy)?$|(?:^|/)(?:requirements|environment)[^/]*$",
    re.I,
)
_READ_BY_PEOPLE = re.compile(r"(^|/)(?:readme|discussion)[^/]{0,20}$", re.I)
_CURVES = re.compile(r"epoch|valida|learning|lernkurve|(?<![a-z])loss|perte|history", re.I)
_LEFT_BEHIND = re.compile(r"(?:^|/)(?:__MACOSX/|\._|\.ipynb_checkpoints/)")
_PHOTOGRAPH = re.compile(r"(?:^|/)(?:images?|photo(?:graph)?s?|pictures?)/", re.I)
_A_MODEL = re.compile(r"\.(?:keras|h5|hdf5?|he5|pb|pth?|tflite|onnx)$", re.I)
_IN_A_NAME = re.compile(r"acc[a-z]{0,6}[^a-z0-9]{0,2}[01]?\.\d{2}", re.I)


def _unread(e: Evidence, task: str, words: re.Pattern, other: re.Pattern | None = None) -> list[str]:
    """Files whose names speak of an answer to `task`, and that were taken for none, perhaps for their form."""
    used = set(e.found.used()) | {source for stated in e.found.metrics.values() for source in stated.sources}
    hits = []
    for name in e.found.scope:
        last = PurePosixPath(name).name
        if name in used or name in e.found.resnet or not UNREAD.search(last) or _is_empty(e.found.scope[name]):
            continue
        binary = not re.search(r"\.(jsonl?|csv|txt|log)$", e.found.scope[name].name, re.I)
        said = "/".join(PurePosixPath(name).parts[-2:])  # its folder, too, says what cannot be read in it
        if _MODEL.search(last):
            said = PurePosixPath(name).parent.name
        if not binary and not (words.search(said) and _is_long_and_strange(name, e.found.scope[name])):
            said = last
        if words.search(said) and not (other and other.search(last)) and names.task(name)[0] in (task, task[:3], ""):
            hits.append(name)
    hits = sorted(hits, key=lambda name: (names.task(name)[0] != task, len(name)))
    if hits or e.found.manifest is not None:  # this workflow's own names leave nothing open
        return hits
    return [name for name in sorted(_left(e, task)) if _may_be(e, name, words is names.PREDICTIONS)]


def _left(e: Evidence, task: str) -> list[str]:
    """Files that may belong to a task, taken for no answer: no code, no picture, no model."""
    used = set(e.found.used())
    models = {model.name for spare in e.found.spare.values() for model in spare}
    return [
        name
        for name in e.found.scope
        if names.certain(name) in (task, "")
        and names.task(name)[0] in (task, task[:3], "")
        and name not in used
        and name not in e.found.resnet
        and not _READ_BY_PEOPLE.search(name)
        and name not in models
        and not _CODE.search(name)
        and not photographs.PICTURE.search(name)
        and PurePosixPath(name).suffix.lower() not in {*names.MODEL_SUFFIXES, *names.OTHER_MODELS, ".svg", ".pdf"}
    ]


def _may_be(e: Evidence, name: str, predictions: bool) -> bool:
    """Whether a file whose name does not say what it is may hold predictions, or else metrics, that are not read."""
    last, path = PurePosixPath(name).name, e.found.scope[name]
    with open(path, "rb") as file:
        packed = b"\0" in file.read(8192)
    if predictions:
        return packed and path.stat().st_size > _PACKED and not names.METRICS.search(last)
    text = tables.read_text(path, limit=1 << 20) or ""
    return not names.PREDICTIONS.search(last) and (packed or _FIGURE.search(text) is not None)


def _is_empty(path: Path) -> bool:
    return path.stat().st_size < 4096 and not path.read_bytes().strip()


def _is_long_and_strange(name: str, path: Path) -> bool:
    """Whether a text has the length of predictions, and is no table of them that is read."""
    if not _LONG < path.stat().st_size <= tables.MAX_TEXT_BYTES or path.read_bytes().count(b"\n") > tables.MAX_ROWS:
        return False
    return read_predictions(name, path) is None


@check(
    "completeness.model",
    required=True,
    tasks=NETS,
    reason="The assignment asks for the trained model.",
    remedy="Save it with model.save('results/models/NAME.keras').",
)
def model(e: Evidence, task: str) -> Outcome:
    found = e.found.models.get(task)
    if found is not None:
        return passed(f"{found.name}{_guess(e, task, 'model')}")
    left = [m.name for _, m in e.found.open_models]
    if left:
        return unconfirmed(f"no model names this task; {left[0]} may be it")
    nets = (
        name
        for name, path in e.found.scope.items()
        if name.lower().endswith(".json") and recognise.is_architecture(path)
    )
    if net := next(nets, ""):
        return unconfirmed(f"{net} describes a net, and its weights were not found in a form that is read")
    return _missing(e, task, "no model was found", _A_MODEL)


def _missing(e: Evidence, task: str, sentence: str, words: re.Pattern) -> Outcome:
    """The outcome where a task lacks something: a failure, unless an archive within the archive, or a file outside the
    folder of the other answers whose name has one of `words`, may be it.
    """
    mine = [n for n in sorted(e.unpacked.files) if names.task(n)[0] in (task, task[:3], "")]
    inner = min(filter(ARCHIVE.search, mine), key=lambda name: names.task(name)[0] != task, default="")
    if inner:
        return not_opened(inner)
    within = {f"{e.found.base}/{name}" if e.found.base else name for name in e.found.scope}
    outside = [n for n in mine if n not in within and not _LEFT_BEHIND.search(n) and not _CODE.search(n)]
    outside = [n for n in outside if words.search(PurePosixPath(n).name) and not _PHOTOGRAPH.search(n)]
    if outside and e.found.manifest is None:
        return unconfirmed(f"{outside[0]} may be it, and does not lie where the other answers do: {e.found.base}/")
    return failed(sentence)


def not_opened(archive: str) -> Outcome:
    return unconfirmed(f"{archive} may hold it, and is not opened: hand in one zip, without others in it")


def _guess(e: Evidence, task: str, what: str) -> str:
    return ", by elimination: its name does not say so" if f"{task} {what}" in e.found.guesses else ""


@check(
    "completeness.predictions",
    required=True,
    tasks=NETS,
    reason="The assignment asks for the predictions of the test images.",
    remedy="Save the predictions of all 10,000 test images as a CSV in results/predictions/.",
)
def predictions(e: Evidence, task: str) -> Outcome:
    found = e.found.predictions.get(task)
    if found is not None:
        return passed(f"{found.name}, {found.rows:,} rows")
    hits = _unread(e, task, names.PREDICTIONS)
    if hits:
        return unconfirmed(f"{hits[0]} may be them, in a form that is not read or with a task that is not named")
    if e.found.unplaced:
        return unconfirmed(f"{e.found.unplaced[0].name} may be them, and names no task")
    named = [n for n in e.found.scope if names.PREDICTIONS.search(n) and names.task(n)[0] in (task, task[:3])]
    empty = min((n for n in named if _is_empty(e.found.scope[n])), default="")
    sibling = e.found.predictions.get({"6.2a": "6.2b", "6.2b": "6.2a"}.get(task, ""))
    if sibling is not None and sibling.others and names.certain(sibling.name) == "6.2":
        return unconfirmed(f"{sibling.name} may hold those of both nets; its headings do not say which is which")
    return _missing(e, task, f"{empty} is empty" if empty else "no predictions were found", names.PREDICTIONS)


@check(
    "completeness.metrics",
    required=True,
    tasks=NETS,
    reason="The assignment asks for the metrics.",
    remedy="Save loss and accuracy as JSON, CSV or text in results/metrics/.",
)
def metrics(e: Evidence, task: str) -> Outcome:
    found = e.found.metrics.get(task)
    if found is None:
        told = [one for one in displayed.books(e, task, notebooks.printed) if displayed.measures(one.text)]
        mine = next((one.place for one in told if task in one.tasks), "")
        hits = _unread(e, task, names.METRICS, names.PREDICTIONS)
        if mine and hits:
            return advise(f"{hits[0]} may be them, in a form that is not read; the cell {mine} shows some")
        if mine:
            return advise(f"only below the cell {mine}: save them in results/metrics/", credit=0.5)
        if hits:
            return unconfirmed(f"{hits[0]} may be them, in a form that is not read or with a task that is not named")
        named = next((n for n in sorted(e.found.scope) if names.certain(n) == task and _IN_A_NAME.search(n)), "")
        if named:
            return unconfirmed(f"only the name of {named} states an accuracy: save loss and accuracy in a file")
        shown = next((p.name for p in _pictures(e, task) if _OF_METRICS.search(PurePosixPath(p.name).stem)), "")
        if shown:
            return unconfirmed(f"{shown} may show them; a picture is not read: save them as JSON, CSV or text")
        readme = _says(e, [n for n in e.found.scope if _READ_BY_PEOPLE.search(n)], displayed.MEASURE)
        if readme:
            return unconfirmed(f"{readme} may state them, and is not read: save them in results/metrics/")
        book = next((one.place for one in told if one.may_be_of(task)), "")
        if e.found.manifest is None and (book := book or displayed.page(e, task, displayed.shows_a_measure)):
            return unconfirmed(f"{book} may show them, and is not read: save them as JSON, CSV or text")
        others = next((f"; {one.place} shows another net's" for one in told), "")
        return _missing(e, task, f"no metrics were found{others}", names.METRICS)
    if not found.figures:
        other = _says(e, found.sources, _FIGURE, displayed.MEASURE)
        if other:
            return unconfirmed(f"{other} may state an accuracy or a loss in a form that is not read")
        return failed(f"{found.sources[0]} states neither an accuracy nor a loss")
    return passed(f"{', '.join(found.sources[:3])}: {len(found.figures)} figures")


def _pictures(e: Evidence, task: str) -> list[pictures.Picture]:
    given = [*e.found.plots.get(task, []), *e.found.pictures]
    return [p for p in given if not p.blank and names.task(p.name)[0] in (task, task[:3], "")]


def _says(e: Evidence, sources: list[str], *patterns: re.Pattern) -> str:
    """The first of these files in which one of the patterns is found; "" if none is such."""
    for name in sorted(sources):
        text = tables.read_text(e.found.scope[name], limit=4 << 20) if name in e.found.scope else None
        if text and any(pattern.search(text[: 1 << 18]) for pattern in patterns):
            return name
    return ""


@check(
    "completeness.plots",
    required=True,
    tasks=NETS,
    reason="The assignment asks for plots of training and validation.",
    remedy="Save the plots of loss and accuracy against the epoch as PNG in results/plots/.",
)
def plots(e: Evidence, task: str) -> Outcome:
    found = e.found.plots.get(task, [])
    curves = recognise.curves(found)
    if curves:
        return passed(", ".join(p.name for p in curves[:3]) + _guess(e, task, "plots"))
    nameless = recognise.curves(e.found.pictures)
    if nameless:
        return unconfirmed(f"no plot names this task; {nameless[0].name} may be one")
    if not found:
        books = [one for one in displayed.books(e, task, notebooks.shown) if one.curve is not False]
        mine = next((one for one in books if one.tasks == {task} and one.curve), None)
        if mine is not None:
            return passed(f"{mine.place}, in a notebook")
        book = next((one.place for one in books if one.may_be_of(task)), "")
        book = book or displayed.page(e, task, displayed.has_pictures)
        if book:
            return unconfirmed(f"no plot is a file; {book} has pictures in it, which may show it: save them as PNG")
        shared = _compares_nets(e) if task != "6.1" else ""
        if shared:
            return unconfirmed(f"no plot is this task's alone; {shared} may show both nets of CIFAR-10")
        others = next((f"; {one.place} shows another training" for one in books if one.tasks), "")
        missing = _missing(e, task, f"no plot was found{others}", names.PLOT)
        page = _document(e, task) or _document(e, task[:3]) or _document(e, "")
        if page and missing.status == FAILED:
            return unconfirmed(f"no plot is a file of its own; {page} may show it: save it as PNG")
        return missing
    said = [p.name for p in found if _CURVES.search(PurePosixPath(p.name).stem)]
    if said and all(p.curve is False for p in found):
        return unconfirmed(f"{said[0]} does not look like curves, and its name says that it shows the training")
    if all(p.curve is False or re.search("confus", p.name, re.I) for p in found):
        if page := _document(e, task):
            return unconfirmed(f"{page} may show training and validation: its name does not say so")
        return failed(f"no plot of training and validation among {', '.join(p.name for p in found[:3])}", credit=0.3)
    return advise(f"whether {found[0].name} shows training and validation is not sure: its name says otherwise")


def _document(e: Evidence, task: str) -> str:
    """The first PDF, or document or workbook with pictures, whose name names a task beyond doubt, or none at all where
    `task` is ""; "" where there is none.
    """
    books = {name.removeprefix(f"{e.found.base}/") for name in e.unpacked.drawn}
    pages = sorted(books | {name for name in e.found.scope if _DOCUMENT.search(name)})
    mine = [name for name in pages if names.task(name) == (task, False)]
    return next((name for name in mine if name in books or workbooks.may_have_pictures(e.found.scope[name])), "")


def _compares_nets(e: Evidence) -> str:
    """A picture that may show both nets of CIFAR-10, "" where there is none: its name speaks of several nets at
    once, or of CIFAR-10 and of none of the two.
    """
    shown = sorted(p.name for plots in (*e.found.plots.values(), e.found.pictures) for p in plots)
    compared = [name for name in shown if names.COMPARED.search(PurePosixPath(name).stem)]
    both = [p.name for plots in e.found.plots.values() for p in recognise.curves(plots)]
    both = [name for name in both if names.task(name)[0] == "6.2" and name not in e.found.pairs]
    return next((name for name in [*compared, *both] if names.family(name) in ("6.2", "")), "")


@check(
    "completeness.in_results",
    required=False,
    needs=("packaging.layout",),
    reason="The answers belong in results/.",
    remedy="Save models, predictions, metrics and plots below results/.",
)
def in_results(e: Evidence, task: str) -> Outcome:
    if not e.found.has_results:
        return not_applicable("there is none, as packaging.layout says")
    inside = re.compile(r"(^|/)results/", re.I)
    apart = [files for files in e.found.answers() if not any(map(inside.search, files))]  # a log beside is no fault
    outside = [name for files in apart for name in files]
    if outside:
        return failed(f"outside results/: {', '.join(outside[:3])}")
    graded = {*e.found.used(), *e.found.resnet}
    beside = [name for name in e.found.scope if not name.lower().startswith("results/")]
    # the folders too, as a SavedModel is one
    left = [name for name in beside if graded.isdisjoint((name, *map(str, PurePosixPath(name).parents)))]
    stray = [name for name in left if _looks_like_an_answer(name)]
    if stray and e.found.manifest is None:
        return failed(f"beside results/ there are also {', '.join(stray[:3])}, which were not graded")
    return passed("all answers are in results/")


def _looks_like_an_answer(name: str) -> bool:
    path = PurePosixPath(name)
    if path.suffix.lower() in names.MODEL_SUFFIXES or path.name == "saved_model.pb":
        return True
    folder = any(
        re.search(r"^(models?|predictions?|metrics?|plots?)$|^results?.", part, re.I) for part in path.parts[:-1]
    )
    table = path.suffix.lower() in (".csv", ".npy", ".txt", ".json", ".png", ".jpg", ".svg")
    return table and (folder or bool(re.search(r"pred|metric|history|accuracy|(?<![a-z])loss", path.stem, re.I)))
