"""What a file's name says: which task of the assignment it belongs to, and what it is for."""

import re
import unicodedata
from pathlib import PurePosixPath

MAX_NAME = 300
NETS = ("6.1", "6.2a", "6.2b")
TASKS = (*NETS, "6.3")
FAMILIES = {"6.1": "mnist", "6.2a": "cifar10", "6.2b": "cifar10"}
EXPERIMENTS = {"mnist": "6.1", "cifar10_plain": "6.2a", "cifar10_augmented": "6.2b"}  # this workflow's own names
_OWN = re.compile(r"(cifar10_plain|cifar10_augmented)(?=_|\.\w+$)")

_RESNET = re.compile(r"rest?[_-]?net|imagenet|(?<![0-9])0?6[._ -]?3(?![0-9])")
_MNIST = re.compile(r"mnist|digit|(?<![0-9])0?6[._ -]?1(?![0-9])")
_CIFAR = re.compile(r"cifar|(?<![0-9])0?6[._ -]?[ab](?![a-z0-9])|(?<![0-9])0?6[._ -]?2(?![0-9])|ciphar|cifer")
_LETTER = re.compile(
    r"(?<![0-9])0?6[._ -]?2[._ -]?\(?([ab12])\)?(?![a-z0-9])|"
    r"cifar[._ -]?(?:10)?[._ -]?([ab])(?![a-z])|"
    r"(?:^|[._ -])(?:part|model|task|net)?[._ -]?([ab])(?=$|[._ -])|"
    r"(?<![0-9])0?6([ab])(?![a-z0-9])|"
    r"(?<![0-9])0?2[._ -]?([ab])(?![a-z0-9])"
)
_WORD = (
    r"(?:part|task|q|question|problem|prob|exercise|ex|zad(?:anie)?|aufgabe|teil|exerc[i]ce|partie|ejercicio|parte|tarea|"
    r"es(?:ercizio)?|compito|opdracht|deel|feladat|tugas|uppgift|oppgave|opgave)"
)
_NUMBERED = re.compile(rf"(?:{_WORD}|model)?[._ -]?0?([123])[._ -]?([ab])?[._ -]")
_FOLDER = re.compile(rf"(?:{_WORD}[._ -]?0?([123])|0?([123])(?=[._ -]?[ab]))[._ -]?([ab])?")  # `q1`, `part2a`, `2a`
_WITHOUT = re.compile(
    r"(?:without|(?<![a-z])(?:no|non|not|w_o|w-o|wo|wout|w\.o|sans|sin|ohne|sem|senza|zonder|bez|uden|"
    r"uten|utan|brez|ilman?|fara|tanpa|khong|bina|без|un|exclud\w*|pre))[._ -]*"
    r"(?:data|image|img)?[._ -]*(?:aug|drop|reg(?![a-z])|regulari|(?:data)?gen(?![a-z])|d[oa](?![a-z]))|"
    r"noaug|unaug|nodrop|(?:aug(?:mentation)?|drop(?:out)?)[._ -]?"
    r"(?:none|no|off|false|less|n(?:e|é|e.)lk(?:u|ü|u.)l|olmadan|suz)(?![a-z])"
)
_WITH = re.compile(
    r"aug|drop|(?<![a-z])(?:with|con|com|avec|mit|da|wdo|reg|regulari[sz]ed|improved|idg)(?![a-z])|"
    r"(?:data|image|img)[._ -]?gen(?:erator)?(?![a-z])|"
    r"seyreltme|art[ıi]rma|aument|erweiter|rozszerz|ongezeko|аугмент|拡張|増強"
)
_PLAIN = re.compile(
    r"plain|base|basic|simple|vanilla|regular(?!i)|original|orig(?![a-z])|without|standard(?!i)|normal(?!i)|"
    r"(?<![a-z])(?:sin|sem|sans|ohne|senza|zonder|bez|uden|uten|utan|bazow\w{1,3}|sad[e]|einfach|semplice|sencill[oa]|prost[aey]|enkel)(?![a-z])"
)
_WEEK = re.compile(  # whose number is none of a net
    r"(?<![a-z])(?:week|wk|day|unit|module|lesson|chapter|hafta|semana|semaine|settimana|woche|tydzien|uke|vecka|dia|tag|"
    r"jour|wiki)[._ -]?\d{1,2}"
)
_ORDINAL = re.compile(
    r"(?<![0-9a-z])(?:v|model|version|part|cnn|net)?[._ -]?\(?([12])\)?(?![0-9])(?=[^0-9]*$)|"
    r"(?<=[a-z])([12])(?![0-9])(?=[^0-9]*$)"
)

# Other languages' words too. A letter with an accent may be two signs in a name (macOS), hence `o.?` for one of them.
PREDICTIONS = re.compile(
    r"pred|y_?hat|guess|output|vorhers|prognos|pr(?:é|e.)vis|tahmin|voorspel|f(?:ö|o.)ruts|prz?ewid|forudsig|forutsig|p(?:ř|r.?)edpov|napoved|ennust|прогноз|предсказ|du_?doan|预测|预报|予測|예측",
    re.I,
)
PLOT = re.compile(
    r"plot|acc|loss|hist|curve|graph|figure|chart|train|valid|kurv|courb|curv|gr(?:á|a.)fi|graf|e(?:ğ|g.)ri|verlauf|"
    r"diagra|perte|verlust|exactitude|p(?:é|e.)rd|kay(?:ı|i.?)p|wykres|krzyw|曲线|曲線|图",
    re.I,
)
METRICS = re.compile(
    r"metri[kc]|hist|eval|acc(?![a-z]*ent)|loss|score|summary|report|train|stats|performance|perf|test_res|"
    r"kennzahl|m(?:é|e.)tri[cq]|mesur[eo]|medida|genauig|exactitud|acur(?:á|a.)c|do(?:ğ|g.)ruluk|(?:ö|o.)l(?:ç|c.)(?:ü|u.)t|"
    r"评估|指标|准确|精度",
    re.I,
)
TEXTS = frozenset({
    ".csv", ".tsv", ".tab", ".txt", ".text", ".json", ".jsonl", ".md", ".rst", ".log", ".out", ".dat", ".data", ".asc",
    ".prn", ".yaml", ".yml", ".ini", ".cfg", ".toml", "",
})  # fmt: skip
NOT_VALIDATION = re.compile(
    r"confus|(?<![a-z])cm(?![a-z])|sample|example|mistake|misclass|gallery|preview|architect|model_?(plot|graph|diagram)|"
    r"^(?:data|image|img)?[._ -]*augmentations?$|augmented_?image|photo|first_|grid|roc|heatmap|image|input|"
    r"^(?!(?:hand[._ -]?written|mnist)?[._ -]*digits$).*digit",  # a plot called `digits` may be the task's
    re.I,
)
COMPARED = re.compile(r"compar|combined|overlay|(?<![a-z])(?:both|vs|versus|all)(?![a-z])", re.I)
_CURVE = re.compile(
    r"(?<![a-z])acc(?![a-z]*ent)|accuracy|loss|hist|curve|training|validation|(?<![a-z])val(?![a-z])", re.I
)
MODEL_SUFFIXES = {".keras": "keras", ".h5": "hdf5", ".hdf5": "hdf5", ".hdf": "hdf5", ".he5": "hdf5"}
READ = ("keras", "hdf5", "savedmodel", "checkpoint")  # the forms of models that are tried
WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
PICKLE_SUFFIXES = frozenset({".pkl", ".pickle", ".joblib", ".sav", ".dill", ".p"})
OTHER_MODELS = {
    ".pt": "a PyTorch file",
    ".pth": "a PyTorch file",
    ".tflite": "a TensorFlow Lite file",
    ".onnx": "an ONNX file",
    ".pb": "a TensorFlow graph",
    ".ckpt": "a TensorFlow checkpoint",
    ".mlmodel": "a Core ML file",
    ".safetensors": "a file of safetensors",
    ".msgpack": "a file of Flax",
    ".pdparams": "a file of PaddlePaddle",
    ".jld2": "a file of Julia",
    ".bson": "a file of Julia",
    ".rds": "a file of R",
}
SOURCES = frozenset({"workflow", "envs", "tests", "docs", "data", "benchmarks", "src", "images", "dsc650.egg-info"})


def task(name: str) -> tuple[str, bool]:
    """The task a relative path belongs to ("6.1", "6.2a", "6.2b", "6.3"; "6.2" where a or b is open; "" if unknown).

    The part of the path nearest to the file decides. The flag is true where a task, or a or b, was read from a bare
    number ("1_plot", "model2"), which is a guess.
    """
    name = name[-MAX_NAME:]  # the cell of a table, too, may be asked for; its end has the part that decides
    own = _OWN.match(PurePosixPath(name).name)
    if own:
        return EXPERIMENTS[own[1]], False
    parts = [_plain(part) for part in PurePosixPath(name).parts][::-1]
    family = next((f for part in parts if (f := _family(part))), "")
    number, letter, rest = ("", "", "") if family else _number(parts)
    if number:
        family, parts[0] = f"6.{number}", f"6.{number}{letter}_{rest}"
    if family in ("6.1", "6.3"):
        return family, bool(number)
    variant = next((v for part in parts if (v := _variant(part, family))), "")
    if not family and variant:
        # an a or b, or a word such as "augmented", makes sense for CIFAR-10 only
        return (f"6.2{variant}", False) if any(_WITHOUT.search(p) or "aug" in p for p in parts) else ("", False)
    if family and not variant:
        told = [_WEEK.sub("", re.sub(r"cifar[._ -]?10|0?6[._ -]?2", "cifar", part)) for part in parts]
        ordinal = next(
            (o for part in told if (part is told[0] or _family(part)) and (o := _ORDINAL.search(part))), None
        )
        if ordinal:
            return f"6.2{'ab'[int(ordinal[1] or ordinal[2]) - 1]}", True
    return family + variant, bool(number and not letter)


def _number(parts: list[str]) -> tuple[str, str, str]:
    """The number of a task, its letter and what else the file is called: `2a_loss`, `part1.h5`, `q1/loss`; else ""."""
    match = _NUMBERED.match(f"{parts[0]}_") if parts[0] != "" else None
    if match and parts[0] != match[1]:
        return match[1], match[2] or "", parts[0][match.end() - 1 :]
    folder = next(filter(None, map(_FOLDER.fullmatch, parts[1:])), None)
    return (folder[1] or folder[2], folder[3] or "", parts[0]) if folder else ("", "", "")


def family(name: str) -> str:
    """ "6.1", "6.2" or "6.3" as a path tells it, without a or b; "" if unknown."""
    return task(name)[0][:3]


def certain(name: str) -> str:
    """The task that a path names beyond doubt, or ""."""
    place, guessed = task(name)
    return "" if guessed else place


def only_by_word(name: str) -> bool:
    """Whether nothing but words such as dropout make a path 6.2b's; in another language they may be of a `without`."""
    parts = [_plain(part) for part in PurePosixPath(name[-MAX_NAME:]).parts]
    return not any(_LETTER.search(part) for part in parts) and not _OWN.match(PurePosixPath(name).name)


def is_bare_number(name: str) -> bool:
    """Whether nothing but a number speaks for a task: `1_plot.png` may be the first plot of any task."""
    return task(name)[1] and not any(_family(_plain(part)) for part in PurePosixPath(name).parts)


def shows_training(name: str) -> bool:
    """Whether a picture's name speaks of curves of training; that of a sample or a confusion matrix does not."""
    stem = apart(PurePosixPath(name).stem)
    if re.search(r"confus|(?<![a-z])cm(?![a-z])", stem, re.I):
        return False
    return bool(_CURVE.search(stem)) or not NOT_VALIDATION.search(stem)


def stem(name: str) -> str:
    """A file's name without folder and ending, as two systems may write it."""
    return unicodedata.normalize("NFC", PurePosixPath(name).stem).casefold()


def apart(text: str) -> str:
    """A name with camel case taken apart: `cifarNet` is `cifar_Net`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", text)


def variant(word: str) -> str:
    """ "a" or "b" where a word speaks of no dropout or augmentation, or of some; "" where it does not."""
    return _variant(word, "")


def _plain(part: str) -> str:
    """A part of a path in lower case, without suffix, without the assignment's own number, camel case taken apart."""
    part = apart(part)
    part = re.sub(
        r"\.(keras|h5|hdf5|csv|txt|json|png|jpe?g|svg|pdf|tsv|npy|npz|log|md|html?|xls[xmb]?|ods)$",
        "",
        part,
        flags=re.I,
    ).lower()
    return re.sub(rf"(assignment|assign|week|hw|homework|lab)[._ -]*0?6($|[._ -]*(?={_WORD}[._ -]?0?[123]))", "", part)


def _family(part: str) -> str:
    for word, family in (("mnist", "6.1"), ("cifar", "6.2"), ("resnet", "6.3")):
        if word in part:
            return family
    for pattern, family in ((_RESNET, "6.3"), (_CIFAR, "6.2"), (_MNIST, "6.1")):
        if pattern.search(part):
            return family
    return ""


def _variant(part: str, family: str) -> str:
    letter = _LETTER.search(part)
    if letter and family:
        return {"1": "a", "2": "b"}.get(found := next(filter(None, letter.groups())), found)
    if _WITHOUT.search(part):
        return "a"
    if _WITH.search(part):
        return "b"
    return "a" if _PLAIN.search(part) else ""
