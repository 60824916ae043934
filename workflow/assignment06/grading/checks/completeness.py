"""Is everything there that the assignment asks for?"""

import csv
import io
import re
from pathlib import Path, PurePosixPath

from ..names import NETS, NOT_VALIDATION
from ..registry import Evidence, Outcome, check, failed, not_applicable, passed
from ..tables import parse_table, read_text

_IMAGE = re.compile(r"\.(?:jpe?g|png|webp|bmp|gif|tiff?)\b", re.I)
_SEPARATORS = re.compile(r"[\\/,;|\"'\[\](){}<>:\t\n]")
_WORDNET = re.compile(r"n\d{8}")
_NO_PHOTO = re.compile(r"contact|sheet|plot|chart|montage|summary|collage", re.I)


@check(
    "completeness.model",
    required=True,
    tasks=NETS,
    reason="The assignment asks for the trained model.",
    remedy="Save it with model.save('results/models/NAME.keras').",
)
def model(e: Evidence, task: str) -> Outcome:
    found = e.found.models.get(task)
    return passed(f"{found.name}") if found else failed("no model was found")


@check(
    "completeness.predictions",
    required=True,
    tasks=NETS,
    reason="The assignment asks for the predictions of the test images.",
    remedy="Save the predictions of all 10,000 test images as a CSV in results/predictions/.",
)
def predictions(e: Evidence, task: str) -> Outcome:
    found = e.found.predictions.get(task)
    return passed(f"{found.name}, {found.rows:,} rows") if found else failed("no predictions were found")


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
        return failed("no metrics were found")
    if not found.figures:
        return failed(f"{found.sources[0]} states neither an accuracy nor a loss")
    return passed(f"{', '.join(found.sources[:3])}: {len(found.figures)} figures")


@check(
    "completeness.plots",
    required=True,
    tasks=NETS,
    reason="The assignment asks for plots of training and validation.",
    remedy="Save the plots of loss and accuracy against the epoch as PNG in results/plots/.",
)
def plots(e: Evidence, task: str) -> Outcome:
    found = e.found.plots.get(task, [])
    if not found:
        return failed("no plot was found")
    curves = [p for p in found if not NOT_VALIDATION.search(PurePosixPath(p.name).stem)]
    if not curves:
        return failed(f"no plot of training and validation among {', '.join(p.name for p in found[:3])}")
    return passed(", ".join(p.name for p in curves[:3]))


@check(
    "completeness.in_results",
    required=False,
    needs=("packaging.layout",),
    reason="The answers belong in results/.",
    remedy="Save models, predictions, metrics and plots below results/.",
)
def in_results(e: Evidence, task: str) -> Outcome:
    outside = [name for name in e.found.used() if not name.lower().startswith("results/")]
    return failed(f"outside results/: {', '.join(outside[:3])}") if outside else passed("all answers are in results/")


def _directory(e: Evidence) -> str:
    """The directory of 6.3's predictions, "" if there is none. This workflow names it by the architecture, so a run
    with another one, which is never for submission, has it elsewhere.
    """
    wanted = "results/predictions/resnet50/"
    for name in e.found.scope:
        if name.lower().startswith(wanted):
            return name[: len(wanted)]
    if e.found.manifest is not None and e.found.manifest.get("for_submission") is False:
        for name in e.found.scope:
            match = re.match(r"results/predictions/[^/]+/(?=metadata\.json$)", name)
            if match:
                return match[0]
    return ""


@check(
    "completeness.resnet50_directory",
    required=True,
    reason="The assignment asks for 6.3's predictions in the directory results/predictions/resnet50.",
    remedy="Make the directory results/predictions/resnet50 and save the predictions in it.",
)
def resnet50_directory(e: Evidence, task: str) -> Outcome:
    directory = _directory(e)
    if directory:
        return passed(f"{directory} holds {sum(n.startswith(directory) for n in e.found.scope)} files")
    if e.found.resnet_is_file:
        return failed(f"{e.found.resnet_is_file} is a file, not a directory")
    if e.found.resnet:
        return failed(f"there is no such directory; 6.3 seems to be in {min(e.found.resnet)}")
    return failed("there is no output of 6.3 at all")


@check(
    "completeness.photographs",
    required=True,
    needs=("completeness.resnet50_directory",),
    reason="The assignment asks for five to ten photographs.",
    remedy="Classify at least five photographs and at most ten.",
)
def photographs(e: Evidence, task: str) -> Outcome:
    directory = _directory(e)
    files = {n: p for n, p in e.found.scope.items() if n.startswith(directory)}
    count, where = count_photographs(files)
    recorded = ((e.found.manifest or {}).get("classifier") or {}).get("images")
    if count == 0 and isinstance(recorded, int) and any(name.endswith(".parquet") for name in files):
        count, where = recorded, "manifest.json"  # this workflow writes a table of very many photographs as Parquet
    if count == 0:
        return failed(f"{directory} holds no predictions of photographs")
    if 5 <= count <= 10:
        return passed(f"{count} photographs in {where}")
    return failed(f"{count} photograph{'s' if count > 1 else ''} in {where}; five to ten are asked for")


def count_photographs(files: dict[str, Path]) -> tuple[int, str]:
    """How many photographs were classified, and the file or folder that says so."""
    texts = {}
    for name, path in sorted(files.items()):
        if PurePosixPath(name).suffix.lower() in (".csv", ".tsv", ".txt", ".json", ".md", ".log", ""):
            text = read_text(path, limit=64 << 20)
            if text and not re.search(r"skipped|metadata", PurePosixPath(name).name, re.I):
                texts[name] = text
    named = {}
    for name, text in texts.items():
        column = _image_column(text)
        named[name] = column or _image_names(text)
    everything = set().union(*named.values()) if named else set()
    if everything:
        return len(everything), next(iter(named)) if len(named) == 1 else f"{len(named)} files"
    predicted = [n for n, text in texts.items() if _WORDNET.search(text) or re.search(r"\d\.\d", text)]
    if len(predicted) > 1:
        return len(predicted), f"{len(predicted)} files of predictions"
    images = [
        n
        for n in files
        if re.search(r"\.(jpe?g|png|webp|bmp|gif|tiff?)$", n, re.I) and not _NO_PHOTO.search(PurePosixPath(n).name)
    ]
    if images:
        return len(images), f"{len(images)} pictures"
    if predicted:
        lines = [line for line in texts[predicted[0]].splitlines() if line.strip()]
        groups = len(re.findall(r"predicted", texts[predicted[0]], re.I))
        with_label = sum(bool(_WORDNET.search(line)) for line in lines)
        paragraphs = sum(1 for part in re.split(r"\n[^\S\n]*\n", texts[predicted[0]]) if part.strip())
        return groups or with_label or (paragraphs if paragraphs > 1 else len(lines)), predicted[0]
    return 0, ""


def _image_names(text: str) -> set[str]:
    """The names of image files in a text, without their folders."""
    hits = (_SEPARATORS.split(text[max(0, m.start() - 200) : m.end()])[-1] for m in _IMAGE.finditer(text))
    return {hit.strip().lower() for hit in hits}


def _image_column(text: str) -> set[str]:
    """The different values of a column called image, file or photo."""
    first = text.lstrip("\ufeff").split("\n", 1)[0]
    try:
        header = next(csv.reader(io.StringIO(first)), [])
    except csv.Error:
        return set()
    for number, cell in enumerate(header):
        if re.search(r"^(image|img|file|photo|picture|filename|path|name)", cell.strip(), re.I):
            table = parse_table(text)
            if table is not None and table.rows and number < table.width:
                return {row[number] for row in table.rows if row[number]}
    return set()


@check(
    "completeness.resnet50_classes",
    required=False,
    needs=("completeness.photographs",),
    reason="ResNet50 tells ImageNet's classes apart; its answer is a class and a probability.",
    remedy="Save decode_predictions' WordNet id, label and probability for each photograph.",
)
def resnet50_classes(e: Evidence, task: str) -> Outcome:
    directory = _directory(e)
    for name, path in sorted(e.found.scope.items()):
        if name.startswith(directory) and "metadata" not in name:
            text = read_text(path, limit=16 << 20) or ""
            if _WORDNET.search(text) or re.search(r"\b0?\.\d{2,}|\d\s?%", text):
                return passed(f"{name} has classes with probabilities")
    if all(re.search(r"\.(jpe?g|png)$", n, re.I) for n in e.found.scope if n.startswith(directory)):
        return not_applicable("the predictions are pictures, which are not read")
    return failed(f"no file in {directory} has a probability or a WordNet id")
