"""6.3's output, wherever it lies: which files it is, how many photographs it speaks of, and the probabilities in it."""

import json
import re
from pathlib import Path, PurePosixPath

from . import mappings, names
from .tables import Table, numbers, parse_table, read_text

PICTURE = re.compile(r"\.(?:jpe?g|png|webp|bmp|gif|tiff?)$", re.I)
_IMAGE = re.compile(r"\.(?:jpe?g|png|webp|bmp|gif|tiff?)\b", re.I)
_SEPARATORS = re.compile(r"[\\/,;|\"'\[\](){}<>:\t\n]")
_NO_BRACKETS = re.compile(r"[\\/,;|\"'{}<>:\t\n]")  # `photo (1).jpg`
_WITH_FOLDER = re.compile(
    r"[^\\/,;|\"'\[\](){}<>:\s*]{1,80}[\\/][^\\/,;|\"'\[\](){}<>:\t\n*]{1,80}\.(?:jpe?g|png|webp)\b", re.I
)
WORDNET = re.compile(r"(?<![0-9A-Za-z])n\d{8}(?!\d)")
# A task may have a results/ of its own, and another language another word for it.
DIRECTORY = re.compile(r"(?:[^/]{1,200}/){0,2}predictions/resnet50/", re.I)
NO_PHOTO = re.compile(r"contact|sheet|plot|chart|montage|summary|collage|overview|screenshot|logo", re.I)
_NO_ANSWER = re.compile(r"skipped|metadata|readme|requirements", re.I)
_IMAGE_HEADING = re.compile(  # of a column; `file: cat.png` is none
    rf"(?<![^\W_])(?:image|img|file|photo|picture|filename|path|name|bild)(?![^\n]{{0,200}}{_IMAGE.pattern})", re.I
)
_NET_HEADING = re.compile(r"model|net(?:work)?|arch\w{0,9}|backbone|cnn", re.I)
_FIGURE = re.compile(r"\d[.,]\d|\d ?%")
_MOST = 100_000
_COPIES = 4  # of a photograph, at most, itself among them
FEWEST, MOST = 5, 10  # photographs that are asked for
_WORDED = re.compile(r"predict|^[^\n:]{1,60}: {0,3}[a-z][a-z'-]*(?:[_ ,]+[a-z'-]+){0,20}$", re.I | re.M)  # labels alone
_SEVERAL, _MARKS = 3, " \t:;,|*-–=>#"  # photographs that show a form, and marks around an answer
_TOLD = re.compile(
    r"(?:\(?\d{1,2}[.):]\s{0,3})?(?P<label>[a-z][a-z_' -]{1,60}[a-z])[\s:,;|(=–-]{1,12}"
    r"(?P<share>\d{1,3}\.\d{1,20}|\d{1,3}(?= ?%))(?P<percent> ?%)?\)?",
    re.I,
)
_PROBABILITY = re.compile(r"prob|conf|score|likelihood|certainty", re.I)
_NO_LABEL = re.compile(r"prob|id$|true|truth|actual|expect|correct|real|should", re.I)
_PERCENT = re.compile(r"%|per_?cent|(?<![a-z])pct(?![a-z])", re.I)


def speaks_of_imagenet(path: Path) -> bool:
    """Whether a text has at least two WordNet ids, as `decode_predictions` gives them."""
    text = read_text(path, limit=8 << 20)
    return text is not None and len(WORDNET.findall(text[: 1 << 16])) >= 2


def output(files: dict[str, Path]) -> tuple[str, dict[str, Path]]:
    """Of the files that belong to 6.3, the ones that hold its answer, and the directory or file to name for it.

    The directory `results/predictions/resnet50` comes first, then texts with WordNet ids or probabilities, then other
    texts, then pictures (a photograph with its prediction drawn on it is an answer as well).
    """
    inside = {n: p for n, p in files.items() if DIRECTORY.match(n)}
    if inside and (place := DIRECTORY.match(next(iter(inside)))):
        return place[0], inside
    texts = {n: p for n, p in files.items() if _is_text(n)}
    telling = {n: p for n, p in texts.items() if tells(p)}
    chosen = telling or texts or {n: p for n, p in files.items() if PICTURE.search(n)} or files
    if not chosen:
        return "", {}
    best = min(chosen, key=lambda n: (not n.lower().startswith("results/"), "pred" not in n.lower(), len(n), n))
    folder = str(PurePosixPath(best).parent)
    together = {n: p for n, p in chosen.items() if str(PurePosixPath(n).parent) == folder}
    file, above = PurePosixPath(best).name, PurePosixPath(best).parents[1:2]
    paths = {name: PurePosixPath(name) for name in chosen}
    alike = {n: chosen[n] for n, path in paths.items() if path.name == file and path.parents[1:2] == above}
    if len(alike) > 2:  # a folder for each photograph
        return best, alike
    return best, together if len(together) > 1 and folder not in (".", "results") else {best: files[best]}


def _texts(files: dict[str, Path]) -> dict[str, str]:
    """The texts among 6.3's files that may hold answers, by name."""
    return {name: text for name in _text_names(files) if (text := read_text(files[name], limit=16 << 20))}


def _text_names(files: dict[str, Path]) -> list[str]:
    """The names of the texts among 6.3's files that may hold answers; a README where there is no other."""
    return [n for n in sorted(files) if _is_text(n)] or [n for n in sorted(files) if n.lower().endswith("readme.md")]


def _is_text(name: str) -> bool:
    path = PurePosixPath(name)
    return path.suffix.lower() in (*names.TEXTS, *names.WORKBOOKS) and not _NO_ANSWER.search(path.name)


def may_answer(name: str) -> bool:
    """Whether a file can hold an answer, read here or not: it is no picture, and its name does not speak against it."""
    return not PICTURE.search(name) and not _NO_ANSWER.search(PurePosixPath(name).name)


def tells(path: Path) -> bool:
    """Whether a text has a WordNet id or a probability."""
    text = read_text(path, limit=16 << 20) or ""
    return bool(WORDNET.search(text) or re.search(r"\b[01]?\.\d{2,}|\b0\.\d|\d\s?%|\d,\d", text))


def count(files: dict[str, Path]) -> tuple[int, str, bool]:
    """How many photographs were classified, the file or folder that says so, and whether that is sure.

    It is not where neither names of photographs nor a file each tell which of the answers are of one photograph.
    """
    texts = _texts(files)
    named = {name: _image_column(text) or _image_names(text) for name, text in texts.items()}
    everything = set().union(*named.values()) if named else set()
    if everything:
        sure = all(_in_folders(text) <= len(everything) for text in texts.values())
        if MOST < len(everything) <= _COPIES * MOST and FEWEST <= len(own := _without_copies(everything)) <= MOST:
            everything = own
        return len(everything), next(iter(named)) if len(named) == 1 else f"{len(named)} files", sure
    predicted = [n for n, text in texts.items() if WORDNET.search(text) or _FIGURE.search(text)]
    if len(predicted) > 1:
        return len(predicted), f"{len(predicted)} files of predictions", True
    images = [n for n in files if PICTURE.search(n) and not NO_PHOTO.search(PurePosixPath(n).name)]
    if images:
        return len(images), f"{len(images)} pictures", True
    worded = [name for name, text in texts.items() if len(_WORDED.findall(text[:_MOST])) >= _SEVERAL]
    if predicted:
        return _groups(texts[predicted[0]].strip(), predicted[0])
    return (_groups(texts[worded[0]].strip(), worded[0])[0], worded[0], False) if worded else (0, "", True)


def _without_copies(images: set[str]) -> set[str]:
    """The names without those of copies with the answer drawn on them, `cat_labelled.png` beside `cat.jpg`: several are
    called after another one, with the same word.
    """
    stems = {PurePosixPath(name).stem: name for name in images}
    words: dict[tuple[str, ...], set[str]] = {}
    for long in stems:
        for short in (one for one in stems if one != long and (long.startswith(one) or long.endswith(one))):
            word = ("", long.removeprefix(short)) if long.startswith(short) else (long.removesuffix(short), "")
            if re.fullmatch(r"[_. -][^\W\d]{2,40}|[^\W\d]{2,40}[_. -]", "".join(word)):
                words.setdefault(word, set()).add(long)
    return images - {stems[long] for group in words.values() if len(group) >= _SEVERAL for long in group}


def _groups(text: str, name: str) -> tuple[int, str, bool]:
    """The photographs of one text that names none: its groups of answers, at most as many as there are answers."""
    if entries := _entries(_data(name, text)):
        return entries, name, True
    lines = [line for line in text.splitlines() if line.strip()]
    if groups := len(re.findall(r"predicted", text, re.I)):
        return groups, name, True
    shares = [float(share) for share in re.findall(r"(?<![\d.])[01]?\.\d{2,20}(?:[eE]-\d{1,2})?(?!\d)", text)[:11]]
    if 2 <= len(shares) <= 10 and sum(shares) <= 1.001 and shares == sorted(shares, reverse=True):
        return 1, name, True  # the first few classes of one photograph
    with_label = sum(bool(WORDNET.search(line)) for line in lines)
    paragraphs = sum(bool(part.strip()) for part in re.split(r"\n[ \t]*\n", text))
    answers = len(WORDNET.findall(text)) or len(_FIGURE.findall(text)) or len(lines)
    return with_label or (paragraphs if paragraphs > 1 else len(lines)), name, answers < 5


def _data(name: str, text: str) -> dict | list | None:
    """What a text of JSON, YAML or TOML says; None of another one."""
    return mappings.parse(text, PurePosixPath(name).suffix)


def _table(name: str, text: str) -> Table | None:
    """The table in a text, None in one of JSON, YAML or TOML."""
    return None if PurePosixPath(name).suffix.lower() in mappings.SUFFIXES else parse_table(text)


def _entries(data: dict | list | None) -> int:
    """The entries of a list or mapping that has a photograph's answers in each; 0 where it is none such."""
    while isinstance(data, dict) and len(data) == 1 and isinstance(first := next(iter(data.values())), list | dict):
        data = first
    if isinstance(data, dict):
        return len(data) if all(isinstance(value, list | dict) for value in data.values()) else 0
    if not isinstance(data, list):
        return 0
    inner = [item.values() if isinstance(item, dict) else item for item in data if isinstance(item, list | dict)]
    nested = len(inner) == len(data) and all(any(isinstance(value, list | dict) for value in item) for item in inner)
    return len(data) if nested else 0


def _image_names(text: str) -> set[str]:
    """The names of image files in a text, without their folders."""
    before = [text[max(0, m.start() - 200) : m.end()] for m in _IMAGE.finditer(text)]
    hits = (_SEPARATORS.split(piece)[-1] for piece in before)
    whole = (_NO_BRACKETS.split(piece)[-1] for piece in before)
    return {(one if hit.startswith(".") else hit).strip().lower() for hit, one in zip(hits, whole, strict=True)}


def names_images(path: Path) -> bool:
    """Whether a text names image files."""
    return bool(_image_names(read_text(path, limit=8 << 20) or ""))


def _in_folders(text: str) -> int:
    """How many image files a text names, where those of one name in two folders are two."""
    return len({m[0].lower() for m in _WITH_FOLDER.finditer(text)})


def _image_column(text: str) -> set[str]:
    """The different values of a column called image, file or photo."""
    if not _IMAGE_HEADING.search(text.lstrip("\ufeff \n")[:1000].split("\n", 1)[0]):
        return set()
    table = parse_table(text)
    if table is None or not table.header or not table.rows:
        return set()
    of_classes = any(re.search("class|wnid|synset|id$", cell, re.I) for cell in table.header)
    for number, cell in enumerate(table.header[: table.width]):
        if _IMAGE_HEADING.match(cell.strip()) and not (of_classes and cell.strip().lower() == "name"):
            return {name for row in table.rows if row[number] for name in _image_names(row[number]) or (row[number],)}
    return set()


def answers(files: dict[str, Path]) -> dict[str, str]:
    """What was answered for each photograph, as it is written, by the photograph's name; empty where that is not told.

    From a table with a column of images, JSON with an entry for each, lines below the name of each, or else a text for
    each.
    """
    texts = _texts(files)
    for name, text in texts.items():
        found = _entries_by_name(_data(name, text))
        if len(found) < 2 and PurePosixPath(name).suffix.lower() != ".json":
            found = next((rows for way in (_rows_by_name, _lines_by_name) if len(rows := way(text)) > 1), {})
        if len(found) > 1:
            return {
                photograph: answer if isinstance(answer, str) else repr(answer) for photograph, answer in found.items()
            }
    paths = [PurePosixPath(name) for name in texts]
    titles = [one.stem for one in paths] if len({one.stem for one in paths}) > 1 else [one.parent.name for one in paths]
    return dict(zip(titles, map(str.strip, texts.values()), strict=True)) if len(texts) > 2 else {}


def _rows_by_name(text: str) -> dict[str, str]:
    """The cells beside each different cell of a table's column of images."""
    table = parse_table(text)
    if table is None or not table.header or not table.rows or table.width < 2:
        return {}
    column = next((n for n, cell in enumerate(table.header[: table.width]) if _IMAGE_HEADING.match(cell.strip())), None)
    if column is None:
        return {}
    found: dict[str, str] = {}
    for row in table.rows:
        beside = [cell for n, cell in enumerate(row) if n != column and not _IMAGE.search(cell)]
        found[row[column]] = f"{found.get(row[column], '')}{beside}"
    return found


def _lines_by_name(text: str) -> dict[str, str]:
    """What follows each name of an image, up to the next one."""
    found: dict[str, list[str]] = {}
    current = None
    for line in text.splitlines():
        if match := _IMAGE.search(line):
            current = _SEPARATORS.split(line[: match.end()])[-1].strip(" #*-")
        if current is not None:
            found.setdefault(current, []).append(line.replace(current, "").strip())
    return {name: "\n".join(lines) for name, lines in found.items()}


def _entries_by_name(data: object) -> dict[str, object]:
    """The values of a mapping whose keys are images, or the rest of each mapping in a list that names an image."""
    while isinstance(data, dict) and len(data) == 1 and not _IMAGE.search(str(next(iter(data)))):
        data = next(iter(data.values()))
    if isinstance(data, dict) and data and all(_IMAGE.search(str(name)) for name in data):
        return data
    found: dict[str, object] = {}
    for row in data if isinstance(data, list) else [data]:
        cells = row.items() if isinstance(row, dict) else ()
        key, name = next(
            ((key, cell) for key, cell in cells if isinstance(cell, str) and _IMAGE.search(cell)), ("", "")
        )
        if not name or name in found:
            return {}
        rest = {other: cell for other, cell in cells if other != key}
        found[name] = next(iter(rest.values())) if len(rest) == 1 else rest
    return found


def has_probabilities(files: dict[str, Path]) -> str:
    """The first file that has a WordNet id or a probability, "" if none has."""
    telling = (name for name in _text_names(files) if tells(files[name]))
    return next(telling, "") or next(iter(probabilities(files)), "")


def probabilities(files: dict[str, Path]) -> dict[str, list[float]]:
    """The numbers of every column headed as a probability, and those after a WordNet id and label, by file."""
    found: dict[str, list[float]] = {}
    for name, text in _texts(files).items():
        values: list[float] = []
        table = _table(name, text)
        if table is not None and table.header:
            for number, cell in enumerate(table.header):
                column = (
                    numbers([row[number].rstrip("% ") for row in table.rows]) if _PROBABILITY.search(cell) else None
                )
                percent = bool(_PERCENT.search(cell)) or any(row[number].endswith("%") for row in table.rows)
                if column is not None:
                    values += [float(v) / (100 if percent else 1) for v in column]
        if (data := _data(name, text)) is not None:
            values = _in_data(data)
        if not values:
            after = re.compile(
                r"n\d{8}['\"]?,\s{0,4}['\"]([\w' -]{1,60})['\"],\s{0,4}(?:np\.float32\()?([\d.eE+-]{1,24})"
            )
            for match in after.finditer(text):
                try:
                    values.append(float(match[2]))
                except ValueError:
                    continue
        if values:
            found[name] = values
    return found


def told(files: dict[str, Path]) -> dict[str, list[tuple[str, float]]]:
    """The labels and probabilities of each photograph in a text that has them in lines of its own making, as `label
    (0.93)` or `2. label: 93 %`; empty where an answer is of another form, or where they are not told by photographs.
    """
    found = {
        name: [
            _TOLD.fullmatch(line.strip(_MARKS))
            for line in answer.splitlines()
            if line.strip(_MARKS) and not PICTURE.search(line.strip(_MARKS))  # the photograph's own name above
        ]
        for name, answer in answers(files).items()
    }
    if len(found) < _SEVERAL or not all(lines and all(lines) for lines in found.values()):
        return {}
    return {
        name: [(line["label"], float(line["share"]) / (100 if line["percent"] else 1)) for line in lines if line]
        for name, lines in found.items()
    }


def sums(files: dict[str, Path]) -> dict[str, float]:
    """What the probabilities of each photograph add up to, by its name, of a table with a row an answer, or JSON with a
    list of answers for each; empty where they are not told so.
    """
    found: dict[str, float] = {}
    for name, text in _texts(files).items():
        entries = _entries_by_name(_data(name, text))
        answered = {one: _shares(rows) for one, rows in entries.items()} or _answers_in_rows(text)
        for photograph, shares in answered.items():
            if shares and max(shares.values()) <= 1:
                found[photograph] = sum(shares.values())
    return found


def _answers_in_rows(text: str) -> dict[str, dict[str, float]]:
    """The probability of each label of each photograph, of a table with one column of each."""
    table = parse_table(text)
    if table is None or not table.header or not table.rows:
        return {}
    columns = [table.column(number) for number in range(table.width)]
    headed = [
        [number for number, cell in enumerate(table.header[: table.width]) if pattern.search(cell.strip())]
        for pattern in (_IMAGE_HEADING, _PROBABILITY)
    ]
    images = [number for number, cells in enumerate(columns) if all(map(_IMAGE.search, cells))] or headed[0]
    shares = headed[1] or [number for number, cells in enumerate(columns) if _are_shares(cells)]
    if len(shares) != 1 or not images:
        return {}
    values = numbers([row[shares[0]] for row in table.rows])
    nets = [number for number, cell in enumerate(table.header[: table.width]) if _NET_HEADING.fullmatch(cell.strip())]
    found: dict[str, dict[str, float]] = {}
    for row, value in zip(table.rows, [] if values is None else values, strict=False):
        photograph = " ".join(row[number] for number in [images[0], *nets])
        label = " ".join(cell for number, cell in enumerate(row) if number not in (images[0], shares[0]))
        found.setdefault(photograph, {})[label] = float(value)
    return found


def _are_shares(cells: list[str]) -> bool:
    """Whether a column under another heading has probabilities: fractions from 0 to 1."""
    return all(re.fullmatch(r"[01]?[.,]\d{1,20}", cell) for cell in cells)


def _shares(answer: object) -> dict[str, float]:
    """The probability of each label in a mapping of them, or in a list of `[label, probability]`, `[WordNet id, label,
    probability]` or mappings with one of each.
    """
    if isinstance(answer, dict) and all(isinstance(value, float) for value in answer.values()):
        return {str(label): value for label, value in answer.items()}
    rows = next((v for v in answer.values() if isinstance(v, list)), []) if isinstance(answer, dict) else answer
    found: dict[str, float] = {}
    for row in rows if isinstance(rows, list) else []:
        cells = list(row.values()) if isinstance(row, dict) else row if isinstance(row, list) else []
        numbers_there = [cell for cell in cells if isinstance(cell, float)]
        if len(numbers_there) == 1:
            found[repr([cell for cell in cells if not isinstance(cell, float)])] = numbers_there[0]
    return found


def _in_data(data: dict | list) -> list[float]:
    """The numbers whose key speaks of a probability, at most ten a key."""
    left: list[object] = [data]
    values: list[float] = []
    while left and len(values) < _MOST:
        item = left.pop()
        for key, value in item.items() if isinstance(item, dict) else []:
            given = value if isinstance(value, list) else [value]
            if _PROBABILITY.search(str(key)):
                cells = [str(cell) for cell in given[:10] if isinstance(cell, int | float | str)]
                column = numbers([cell.rstrip("% ") for cell in cells])
                share = 100 if _PERCENT.search(str(key)) or any(cell.endswith("%") for cell in cells) else 1
                values += [] if column is None else [float(number) / share for number in column]
        left += item.values() if isinstance(item, dict) else item if isinstance(item, list) else []
    return values


def labels(files: dict[str, Path]) -> set[str]:
    """The class names beside WordNet ids, in a column headed label or class, or in front of probabilities."""
    found = {label for lines in told(files).values() for label, _ in lines}
    for name, text in _texts(files).items():
        after_id = r"n\d{8}['\"]?,\s{0,4}['\"]?([A-Za-z][\w'-]{1,60})(?![\w'-]|['\"]?\s{0,3}:)"  # no key of JSON
        if (data := _data(name, text)) is not None:
            text = json.dumps(data, default=str, ensure_ascii=False)
        key = r"['\"](?:label|class_name|class[e]?|clase|klasse?|prediction)['\"]:\s{0,4}"
        in_json = key + r"(['\"])(?!n\d{8})([A-Za-z][\w' -]{1,60}?)\1"
        found |= {m[m.lastindex or 0] for pattern in (after_id, in_json) for m in re.finditer(pattern, text)}
        table = _table(name, text)
        if table is not None and table.header:
            for number, cell in enumerate(table.header):
                if re.search(r"label|class|predict|object", cell, re.I) and not _NO_LABEL.search(cell):
                    cells = {row[number] for row in table.rows if not WORDNET.search(row[number])}
                    found |= {cell for cell in cells if re.fullmatch(r"[A-Za-z][\w' -]{1,60}", cell)}
    return {re.sub(r"[^a-z]", "", label.lower()) for label in found} - {""}
