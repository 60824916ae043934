"""Which net the pictures and the figures below a notebook's cells are of, as its code tells; it is never run.

What `fit` returns, and the net itself, are followed from variable to variable up to the cells that show something. What
is not understood is said to be unknown: what has no known task may be of any.
"""

import base64
import binascii
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from . import names, pictures, source

MAX_PICTURES = 60  # that are looked at in a notebook
_MOST, _LONGEST, _CALL = 1 << 20, 2_000, 40  # characters that are read, those of a line, lines of a statement
_FAMILIES = {dataset: task[:3] for task, dataset in names.FAMILIES.items()}
_REGULAR = "6.2 with dropout or augmentation"  # 6.2b's, where a net without is trained beside it
_NET = "net of "  # before a task: the net and what comes of it, not the history of its training
_SECTION = re.compile(r"(?<![\d.])0?6[._-]([12])[._ -]{0,2}\(?([ab])?(?![a-z0-9])", re.I)
_LOADS = re.compile(
    r"\b(?P<a>mnist|cifar_?10)\.load_data|\bdataset_(?P<b>mnist|cifar10)\s?\(|\b(?P<c>MNIST|CIFAR10)\s?\(|"
    r"\bload(?:_dataset|_data)?\s?\(\s?['\"](?P<d>mnist|cifar10)['\"]"
)
_FITS = re.compile(  # of a net, not of what prepares its images
    r"(?<!gen)(?<!generator)(?<!scaler)(?<!encoder)(?<!binarizer)(?<!pca)"
    r"(?:\.|%>%\s{0,40}|\|>\s{0,40})fit(?:_generator)?\s?\("
)
_TRAINS = re.compile(rf"{_FITS.pattern}|train_on_batch|GradientTape|optimizer\.step\(|\.backward\(")
_LETTER = re.compile(r"(?:2|cifar(?:10)?|part|model|task|net)[._ -]{0,2}\(?[ab](?![a-z0-9])", re.I)
_REGULARISED = re.compile(
    r"Dropout(?:\d[dD])?\(|layer_dropout|augment\w{0,20}\(|ImageDataGenerator\((?!\s{0,9}(?:rescale[^,)]{0,40})?\))|"
    r"Random(?:Flip|Rotation|Zoom|Translation|Crop|Contrast|Brightness|Horizontal\w{0,9}|Affine)\("
)
_IMPORTS = re.compile(r"\s{0,40}(?:from|import)\s")
_NO_CURVE = re.compile(r"confus|heatmap|imshow|matshow|plot_model", re.I)  # of few colours, some look like curves
_TEXT = re.compile(r"(?P<formatted>\b[rR]?[fF][rR]?)?(?:'[^'\n]*'|\"[^\"\n]*\")")
_FIELD = re.compile(r"\{([^{}:!]{1,80})")
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w{0,80}")
_KEYWORD = re.compile(r"([(,]\s{0,40})[A-Za-z_]\w{0,80}\s{0,4}=(?!=)")
_ASSIGNS = re.compile(r"\s{0,60}(?P<left>[A-Za-z_(][^=<>!:\n]{0,200}?)\s{0,4}(?P<sign>\+?=(?!=)|<-)(?P<right>.*)", re.S)
_EACH = re.compile(r"\s{0,60}for\s{1,4}\(?(?P<left>[^()\n]{1,200}?)\)?\s{1,4}in\s(?P<right>.*)", re.S)
_ADDS = re.compile(r"\s{0,60}(?P<left>[A-Za-z_]\w{0,80})(?:\[[^\]\n]{0,80}\])?\.(?:append|extend|update|insert)\s?\(")
_DEFINES = re.compile(r"(?P<indent>\s{0,60})def\s{1,4}(?P<name>\w{1,80})\s?\((?P<parameters>[^)]{0,400})")
_ASKED = re.compile(  # the last line of a cell: names, or the net's figures of test images
    r"\s{0,9}(?:(?P<names>\(?[A-Za-z_]\w{0,40}(?:, ?[A-Za-z_]\w{0,40})?\)?)|"
    r"\w{1,40}\.evaluate\([^()]{0,80}test[^()]{0,80}\));?",
    re.I,
)
_EVALUATES = re.compile(r"\.evaluate\((?:\w{1,20}=)?\w{0,20}test", re.I)
_EVALUATED = re.compile(  # Keras goes back in the line for each batch
    r"(?:^|[\b\r])(\d{1,6})/\1 (?![^\n\b\r]{0,200}val_)[^\n\b\r]{0,200}\bacc(?:uracy)?: ([01]\.\d{2,10})", re.M
)
_NUMPY = re.compile(r"np\.float\d\d\(([^()]{1,40})\)")
_NUMBERS = re.compile(r"[\[(]?(\d{0,9}\.\d{1,20})(?:, ?(\d{0,9}\.\d{1,20}))?[\])]?")
_DRAWN = re.compile(r"plotly|vega|bokeh", re.I)  # pictures that a page draws


@dataclass(frozen=True)
class Shown:
    """What stands below a cell: its place, `file:cell`, the tasks it may be of ("6.2" where a or b is open; none where
    it is not known), and a picture or a text.
    """

    place: str
    tasks: frozenset[str]
    picture: pictures.Picture | None = None
    text: str = ""

    @property
    def curve(self) -> bool | None:
        """Whether it is a picture of curves, as far as it can be told; None where it cannot."""
        if self.picture is None:
            return False
        return None if self.picture.blank else self.picture.curve

    def may_be_of(self, task: str) -> bool:
        return not self.tasks or bool(self.tasks & {task, task[:3]})


@dataclass
class _Function:
    """What a function of the notebook does, as far as it matters: loads images, trains, and uses names from outside."""

    datasets: set[str] = field(default_factory=set)
    trains: bool = False
    uses: set[str] = field(default_factory=set)


def place(name: str) -> str:
    """The task that a notebook's name tells; a or b only by a letter, as `with-cifar10` may have both nets in it."""
    told = names.certain(name)
    return told if told[:3] != "6.2" or _LETTER.search(names.apart(PurePosixPath(name).stem)) else "6.2"


def shown(name: str, path: Path) -> list[Shown]:
    """The pictures below the cells of a notebook, `MAX_PICTURES` at most, by whose training they show."""
    found: list[Shown] = []
    for place, cell, histories, _ in _cells(name, path):
        for picture in _pictures(place, cell):
            if not histories and _NO_CURVE.search(source.joined(cell)[:_LONGEST]):
                picture.curve = False
            found.append(Shown(place, histories, picture))
            if len(found) == MAX_PICTURES:
                return found
    return found


def drawn(name: str, path: Path) -> list[tuple[str, str, frozenset[str]]]:
    """Each cell that uses histories: its place, its code, and the tasks of these ("6.2" where a or b is open)."""
    return [(place, source.joined(cell), tasks) for place, cell, tasks, _ in _cells(name, path) if tasks]


def printed(name: str, path: Path) -> list[Shown]:
    """The texts below the cells of a notebook, by whose training or which net they are of."""
    answers = ((place, tasks, _answer(cell)[:_MOST]) for place, cell, _, tasks in _cells(name, path))
    return [Shown(place, tasks, text=text) for place, tasks, text in answers if text]


def trained(name: str, path: Path) -> list[str]:
    """The tasks of a notebook's trainings, in their order; "6.2" where a or b is open."""
    reader = _Reader(place(name), names.certain(name))
    for cell in source.cells(path):
        reader.read(cell)
    told = reader.told()
    return [task for one in reader.trained for task in told({one} - {""})]


def _answer(cell: dict) -> str:
    """What stands below a cell as text; a number or two, or a pair, below a name or below `evaluate` are named so."""
    text = source.answered(cell)
    code = source.joined(cell)[:_MOST]
    once = code.count(".evaluate(") == 1 and _EVALUATES.search(code) and not _FITS.search(code)
    if once and (lines := _EVALUATED.findall(text[:_MOST])):
        text += f"\ntest accuracy: {lines[-1][1]}"
    numbers = _NUMBERS.fullmatch(_NUMPY.sub(r"\1", text.rpartition("\n")[2][:_LONGEST]))
    asked = _ASKED.fullmatch(source.joined(cell).rstrip().rpartition("\n")[2][:_LONGEST])
    if not numbers or not asked:
        return text
    values = [value for value in numbers.groups() if value]
    words = re.split(r"[\s,()]+", asked["names"].strip("()")) if asked["names"] else ["test loss", "test accuracy"]
    return text + "".join(f"\n{word}: {value}" for word, value in zip(words, values, strict=False))


def _cells(name: str, path: Path) -> list[tuple[str, dict, frozenset[str], frozenset[str]]]:
    """Each cell's place, what it is, the tasks whose histories it uses, and those whose histories or nets it does."""
    reader, found = _Reader(place(name), names.certain(name)), []
    for number, cell in enumerate(source.cells(path), 1):
        found.append((f"{name}:{number}", cell, reader.read(cell)))
    told = reader.told()
    return [
        (
            place,
            cell,
            told({tag for tag in tags if not tag.startswith(_NET)}),
            told({tag.removeprefix(_NET) for tag in tags}),
        )
        for place, cell, tags in found
    ]


def _pictures(place: str, cell: dict) -> Iterator[pictures.Picture]:
    for output in source.below(cell):
        data = output.get("data")
        if not isinstance(data, dict):
            continue
        kind = next((kind for kind in ("image/png", "image/jpeg") if kind in data), "")
        if kind:
            yield pictures.look_at(place, io.BytesIO(_decoded(data[kind])))
        elif any(str(kind).startswith("image/") or _DRAWN.search(f"{kind} {str(data[kind])[:5000]}") for kind in data):
            yield pictures.Picture(place)
    attached = cell.get("attachments")
    if isinstance(attached, dict):
        yield from (pictures.Picture(place) for _ in attached)


def _decoded(data: object) -> bytes:
    try:
        return base64.b64decode("".join(map(str, data)) if isinstance(data, list) else str(data))
    except (binascii.Error, ValueError):
        return b""


class _Reader:
    """Reads cell after cell, and keeps which variable holds the history of which task's training."""

    def __init__(self, task: str, guess: str) -> None:
        self.file = task if task in (*names.NETS, "6.2") else ""
        self.guess = guess  # counts where there is one training only
        self.section, self.since = "", ""  # the task of the last heading, and the code since the last training
        self.loaded: set[str] = set()  # the data sets that the last training, or the next one, may have
        self.fitted = False
        self.about: dict[str, frozenset[str]] = {}
        self.functions: dict[str, _Function] = {}
        self.trained: list[str] = []
        self.left = _MOST

    def told(self) -> Callable[[set[str]], frozenset[str]]:
        """The function that makes the tasks of what a cell uses sure, after all cells were read."""
        plain, regular = "6.2", "6.2"
        before = self.trained[: self.trained.index(_REGULAR)] if _REGULAR in self.trained else []
        if self.trained.count("6.2") == 1 and (before.count("6.2") == 1 or "6.2b" in self.trained):
            plain = "6.2a"
        if {"6.2", "6.2a"} & set(self.trained):
            regular = "6.2b"
        if len(self.trained) == 1 and self.guess[:3] == "6.2":
            plain = regular = self.guess
        sure = {"6.2": plain, _REGULAR: regular}

        def told(tasks: set[str]) -> frozenset[str]:
            if not tasks and self.file in names.NETS:
                return frozenset({self.file})
            return frozenset(sure.get(task, task) for task in tasks if "" not in tasks)

        return told

    def read(self, cell: dict) -> frozenset[str]:
        """Read a cell; returns the tasks of the histories and nets that it uses."""
        text = source.joined(cell)[: self.left]
        self.left -= len(text)
        is_code = cell.get("cell_type") == "code"
        lines = [line[:_LONGEST] for line in text.splitlines()]
        heading = _told_in("\n".join(line for line in lines if line.lstrip().startswith("#")) if is_code else text)
        if heading and (not is_code or len(heading) == 1):
            self.section = heading.pop() if len(heading) == 1 else ""
        said, section = _told_in(text), self.section
        if is_code and len(said) == 1:  # in a file's name, say: of this cell alone
            self.section = said.pop()
        tasks: frozenset[str] = frozenset()
        for statement in self._statements(lines if is_code else []):
            tasks |= self._take(statement)
        self.section = section
        return tasks

    def _statements(self, lines: list[str]) -> Iterator[str]:
        """The statements of a cell without comments; those of functions are kept, and not returned."""
        body, indent, parameters = None, 0, ""
        waiting: list[str] = []
        for line in lines:
            code = _TEXT.sub(lambda text: text[0].replace("#", " "), line).split("#", 1)[0].rstrip()
            if not code:
                continue
            if body is not None and len(code) - len(code.lstrip()) > indent:
                self._keep(body, code, parameters)
                continue
            if not waiting:
                body = None
                if defines := _DEFINES.match(code):
                    indent, parameters = len(defines["indent"]), defines["parameters"]
                    body = self.functions[defines["name"]] = _Function()
                    continue
            waiting.append(code)
            whole = "\n".join(waiting)
            bare = _bare(whole)
            is_open = sum(map(bare.count, "([{")) > sum(map(bare.count, ")]}")) or code.endswith(("\\", "%>%", "|>"))
            if not is_open or len(waiting) >= _CALL:
                yield whole
                waiting = []
        if waiting:
            yield "\n".join(waiting)

    def _keep(self, function: _Function, code: str, parameters: str) -> None:
        function.datasets |= _datasets(code)
        function.trains |= _TRAINS.search(code) is not None
        function.uses |= set(_NAME.findall(_bare(code))) - set(_NAME.findall(parameters))

    def _take(self, statement: str) -> frozenset[str]:
        """Read a statement; returns what it uses: the tasks of histories, and data sets."""
        bare = _bare(statement)
        assigns = _EACH.match(bare) or _ASSIGNS.match(bare)
        if assigns and assigns["left"].count("(") != assigns["left"].count(")"):
            assigns = None  # a call whose arguments have names
        used = set(_NAME.findall(_KEYWORD.sub(r"\1", assigns["right"] if assigns else bare)))
        called = [self.functions[name] for name in used if name in self.functions]
        used.update(*(function.uses for function in called))
        loaded = _datasets(statement).union(*(function.datasets for function in called))
        if loaded:
            self.loaded, self.fitted = loaded if self.fitted else self.loaded | loaded, False
        self.since += "" if _IMPORTS.match(statement) else f"{statement}\n"
        about = loaded.union(*(self.about.get(name, frozenset()) for name in used))
        fits = _FITS.search(bare)
        if fits or any(function.trains for function in called):
            net = _NAME.findall(bare[: fits.start()])[-1:] if fits else []
            named = [*(_NAME.findall(assigns["left"]) if assigns else []), *net]
            self.trained.append(task := self._trained(statement, named, about & set(_FAMILIES)))
            about = {task}
            self.since, self.fitted = "", True
            for name in net:  # `model.fit(...)` alone, and later `model.history`
                self.about[name] = frozenset({f"{_NET}{task}"} if assigns else {task})
        if assigns:
            more = "[" in assigns["left"] or "." in assigns["left"] or "+" in (assigns.groupdict().get("sign") or "")
            for name in _NAME.findall(assigns["left"]):
                self.about[name] = frozenset(about | (self.about.get(name, frozenset()) if more else frozenset()))
        elif adds := _ADDS.match(bare):
            self.about[adds["left"]] = frozenset(about | self.about.get(adds["left"], frozenset()))
        return frozenset(about - set(_FAMILIES))

    def _trained(self, statement: str, named: list[str], datasets: set[str]) -> str:
        """The task that a training is of: by the words in it, its images, the heading above it, the name of the file.

        `named` are the variables of the net and of its history, `datasets` those that its images come from. "6.2" where
        a or b is open; "" where nothing is known.
        """
        words = {word for word in _FAMILIES if word[:5] in statement.lower()}
        datasets = next((some for some in (words, datasets, self.loaded) if len(some) == 1), set())
        family = _FAMILIES[next(iter(datasets))] if datasets else ""
        told = [task for task in (self.file, self.section) if task and task[:3] == (family or task[:3])]
        if family == "6.1" or not (family or told):
            return family
        exact = next((task for task in told if task in names.NETS), "")
        if exact or not family:
            return exact or told[0]
        letters = {names.certain(f"cifar10_{name}") for name in named} & {"6.2a", "6.2b"}
        if len(letters) == 1:
            return letters.pop()
        return _REGULAR if _REGULARISED.search(self.since) else "6.2"


def _told_in(text: str) -> set[str]:
    """The tasks that a text names by their numbers; "6.2" where it says neither a nor b."""
    return {f"6.{number}{letter.lower() if number == '2' else ''}" for number, letter in _SECTION.findall(text)}


def _bare(code: str) -> str:
    """Code without its texts; of those that are formatted the names in their fields stay."""

    def names_in(text: re.Match) -> str:
        return " ".join(_NAME.findall(" ".join(_FIELD.findall(text[0])))) if text["formatted"] else ""

    return _TEXT.sub(names_in, code)


def _datasets(code: str) -> set[str]:
    return {next(filter(None, groups)).lower().replace("_", "") for groups in _LOADS.findall(code)}
