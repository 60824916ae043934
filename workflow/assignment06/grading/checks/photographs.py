"""6.3, wherever it lies: all its checks at once."""

import re
from collections.abc import Callable, Iterable
from operator import eq
from pathlib import Path, PurePosixPath

import numpy as np

from assignment06.shared.files import sha256_file

from .. import names, people, photographs, pictures, roles, source
from ..registry import Evidence, Outcome, advise, check, failed, not_applicable, passed, unconfirmed
from ..unpack import ARCHIVE
from .completeness import not_opened

_DECODES = re.compile(r"decode_predictions|resnet|imagenet|classify|predict", re.I)
_ANSWER = re.compile(r"n\d{8}|predicted|[a-z]{3}[^\n]{0,40}(?:\b[01]?\.\d{2}|\d ?%)", re.I)  # as loops print them
_SEVERAL = 30  # photographs that are compared
_NEAR = 2  # of 255, on average: photographs that are saved once more are less than 1 apart, different ones more than 9
LIKELY = 30  # per cent: some photograph of five is surer; logits seldom are
_HOLDS_PHOTOGRAPHS = re.compile(r"\.(?:hei[cf]|avif|pdf|docx?|pptx?|odt|html?|zip|rar|7z|raw|dng)$", re.I)
_PRECISE = re.compile(r"(?<![\d.,])\d{1,2}[.,]\d{2,18}")  # a probability, or a percentage
_PRECISION, _DIGITS = 3, 4  # digits of one that tells, and of all of them, in an answer that is not shared by chance
_ALL = 1.02  # of probabilities, rounded
_UNREAD = re.compile(r"\.(?:html?|ipynb|parquet|zip|7z|rar|tar|t?gz|docx?|xlsx?|pdf|pkl|pickle|np[yz])$", re.I)


def _files_of_63(e: Evidence) -> dict[str, Path]:
    """All files of 6.3. This workflow names the directory by the net, so a run with another one has it elsewhere."""
    files = dict(e.found.resnet)
    for name, path in e.found.scope.items():
        if photographs.DIRECTORY.match(name):
            files[name] = path
    if not files and e.found.manifest is not None:
        match = next(
            (m for n in e.found.scope if (m := re.match(r"results/predictions/[^/]+/(?=metadata\.json$)", n))), None
        )
        files = {n: p for n, p in e.found.scope.items() if match and n.startswith(match[0])}
    return files


@check(
    "completeness.resnet50_directory",
    required=True,
    reason="The assignment asks for 6.3's predictions in the directory results/predictions/resnet50.",
    remedy="Make the directory results/predictions/resnet50 and save the predictions in it.",
)
def resnet50_directory(e: Evidence, task: str) -> Outcome:
    files = _files_of_63(e)
    place, chosen = photographs.output(files)
    net = ((e.found.manifest or {}).get("classifier") or {}).get("architecture", "ResNet50")
    if net != "ResNet50" and files:
        return failed(f"6.3 was done by {str(net)[:40]}, in {PurePosixPath(min(files)).parent}/", credit=0.5)
    if place.endswith("/"):
        return passed(f"{place} holds {len(chosen)} file{'s' if len(chosen) != 1 else ''}")
    if e.found.resnet_is_file:
        return advise(f"{e.found.resnet_is_file} is a file, not a directory", credit=0.5)
    if e.found.manifest is not None and files:
        return passed(f"{PurePosixPath(place).parent}/ holds {len(files)} files")
    if ARCHIVE.search(place):
        return not_opened(place)
    if place and _is_code_alone(place, chosen[place]) and not _told_elsewhere(e):
        other = next((name for name in e.found.loose if photographs.names_images(e.found.scope[name])), "")
        if other:
            return unconfirmed(f"{other} may be it: it names photographs")
        return failed(f"there is no output of 6.3: {place} was not run, or shows none")
    if place:
        return advise(f"there is no such directory; the answer to 6.3 seems to be {place}", credit=0.5)
    for inner in sorted(filter(ARCHIVE.search, e.unpacked.files)):
        if names.task(inner)[0] in ("6.3", ""):
            return not_opened(inner)
    return failed("there is no output of 6.3 at all")


@check(
    "completeness.photographs",
    required=True,
    reason="The assignment asks for five to ten photographs.",
    remedy="Classify at least five photographs and at most ten.",
)
def photographs_count(e: Evidence, task: str) -> Outcome:
    place, files = photographs.output(_files_of_63(e))
    if not place:
        return not_applicable("it waits for completeness.resnet50_directory")
    count, where, sure = photographs.count(files)
    recorded = ((e.found.manifest or {}).get("classifier") or {}).get("images")
    if count == 0 and isinstance(recorded, int) and any(name.endswith(".parquet") for name in files):
        # this workflow writes a table of very many photographs as Parquet
        count, where, sure = recorded, "manifest.json", True
    if count == 0:
        other = next((n for n, path in files.items() if photographs.may_answer(n) and path.stat().st_size), "")
        return unconfirmed(f"{other} is not read") if other else failed(f"{place} holds no predictions of photographs")
    there = _handed_in(e, photographs.answers(files)) if count >= photographs.FEWEST else {}
    for look, alike, judge in ((sha256_file, eq, failed), (pictures.small, _show_the_same, advise)):
        same = _alike(there, look, alike)
        different = count - sum(len(group) - 1 for group in same)
        if different < photographs.FEWEST <= count:
            shown = "; ".join(" = ".join(group[:4]) for group in same[:3])
            return judge(
                f"of {count} photographs in {where} only {different} differ: {shown}",
                credit=different / photographs.FEWEST,
            )
    if photographs.FEWEST <= count <= photographs.MOST:
        return passed(f"{count} photographs in {where}")
    if not sure:
        return unconfirmed(f"{where} does not say which answers are of one photograph: there may be {count} of them")
    return failed(
        f"{count} photograph{'s' if count > 1 else ''} in {where}; five to ten are asked for",
        credit=min(count / photographs.FEWEST, 0.8),
    )


def _handed_in(e: Evidence, answered: Iterable[str]) -> dict[str, Path]:
    """Those photographs of which there is an answer and a file, `_SEVERAL` at most, by name."""
    named = {PurePosixPath(name.replace("\\", "/")).name for name in answered}
    there: dict[str, Path] = {}
    for name, path in sorted(e.unpacked.files.items()):
        if PurePosixPath(name).name in named and photographs.PICTURE.search(name):
            there.setdefault(PurePosixPath(name).name, path)
    return dict(list(there.items())[:_SEVERAL])


def _alike(there: dict[str, Path], look: Callable[[Path], object], alike: Callable[..., bool]) -> list[list[str]]:
    """The names of files that look alike, in groups of two and more."""
    groups: list[tuple[object, list[str]]] = []
    for name, path in there.items():
        looked = look(path)
        own = next((group for first, group in groups if alike(first, looked)), None)
        if own is None:
            groups.append((looked, own := []))
        own.append(name)
    return [group for _, group in groups if len(group) > 1]


def _show_the_same(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    """Whether two small pictures are of one photograph, saved once more or in another size."""
    return one is not None and other is not None and float(np.abs(one - other).mean()) < _NEAR


@check(
    "completeness.resnet50_classes",
    required=False,
    reason="ResNet50 tells ImageNet's classes apart; its answer is a class and a probability.",
    remedy="Save decode_predictions' WordNet id, label and probability for each photograph.",
)
def resnet50_classes(e: Evidence, task: str) -> Outcome:
    place, files = photographs.output(_files_of_63(e))
    if not place:
        return not_applicable("it waits for completeness.resnet50_directory")
    where = photographs.has_probabilities(files)
    if where:
        return passed(f"{where} has classes with probabilities")
    if all(photographs.PICTURE.search(n) for n in files):
        if any(pictures.has_margin(path) for path in files.values()) or _told_elsewhere(e):
            return not_applicable("the predictions are pictures, which are not read")
        return failed(f"{place} has photographs, and no file says what was predicted for them")
    unread = next((n for n, path in files.items() if _UNREAD.search(path.name)), "")
    if unread:
        return unconfirmed(f"{unread} is not read")
    return failed(f"no file in {place} has a probability or a WordNet id")


def _is_code_alone(name: str, path: Path) -> bool:
    """Whether a file is a script, or a notebook that shows nothing below its cells."""
    suffix = PurePosixPath(name).suffix.lower()
    return suffix in source.CODE and not (
        suffix == ".ipynb" and any(cell.get("outputs") for cell in source.cells(path))
    )


def _told_elsewhere(e: Evidence) -> bool:
    """Whether a notebook, below a cell that speaks of ResNet, or its HTML has classes with probabilities."""
    for name, path in sorted(e.unpacked.files.items()):
        if name.lower().endswith((".html", ".htm")) and photographs.WORDNET.search(source.outputs(name, path)):
            return True
        for cell in source.cells(path) if name.lower().endswith(".ipynb") else []:
            if _DECODES.search(source.joined(cell)) and _ANSWER.search(source.answered(cell)):
                return True
    return False


@check(
    "completeness.resnet50_probabilities",
    required=True,
    reason="A probability lies between 0 and 1, or between 0 and 100 %.",
    remedy="Save the probability that decode_predictions gives, unchanged.",
)
def resnet50_probabilities(e: Evidence, task: str) -> Outcome:
    _, files = photographs.output(_files_of_63(e))
    found = photographs.probabilities(files)
    told = {} if found else photographs.told(files)
    for photograph, lines in told.items():
        if any(1.0001 < share <= 2 for _, share in lines):
            return advise(f"{photograph} has a probability of {max(share for _, share in lines):g}, and 1 is the most")
    sums = photographs.sums(files)
    if not found and not sums:
        return passed("none is above 1") if told else not_applicable("no column of probabilities is read")
    for name, values in found.items():
        low, high = min(values), max(values)
        if low < 0 or high > 100:
            return advise(f"{name} has a value of {high if high > 100 else low:g} where a probability is expected")
        if 1.0001 < high <= 2:  # whole percentages have a larger one among them
            return failed(f"{name} states a probability of {high:g}")
        if 2 < high < LIKELY:
            return advise(
                f"{name} has no value above {high:g} where probabilities are expected, and does not say that they are "
                "per cent: they may be logits"
            )
    for photograph, total in sums.items():
        if total > _ALL:
            return advise(f"the probabilities of {photograph} add up to {total:.2f}, and cannot to more than 1")
    return passed(f"{sum(map(len, found.values())) or 'the'} probabilities lie between 0 and 1, or between 0 and 100 %")


@check(
    "completeness.resnet50_labels",
    required=False,
    reason="ResNet50 knows ImageNet's 1,000 classes and no others.",
    remedy="Save the labels that decode_predictions gives, and the photographs or their names beside them.",
)
def resnet50_labels(e: Evidence, task: str) -> Outcome:
    _, files = photographs.output(_files_of_63(e))
    known = e.imagenet
    stated = photographs.labels(files)
    if len(stated) > 2 and all(roles.is_cifar10(label) for label in stated):
        return failed(
            f"{', '.join(sorted(stated)[:4])} are classes of CIFAR-10, and none of ImageNet's: who gave them?"
        )
    if not stated or not known:
        return not_applicable("no labels are read" if not stated else "no data folder has ImageNet's class names")
    strange = sorted(label for label in stated if label not in known)
    if len(strange) > len(stated) / 2:
        return failed(f"not among ImageNet's classes: {', '.join(strange[:4])}")
    if strange and len(strange) <= len(stated) / 5:  # of more, all may be called by other names
        return failed(f"not among ImageNet's classes, as Keras calls them: {', '.join(strange[:4])}", credit=0.5)
    return passed(f"{len(stated) - len(strange)} of {len(stated)} labels are ImageNet's")


@check(
    "completeness.resnet50_answers",
    required=False,
    reason="No two photographs get the same answer with the same probabilities.",
    remedy="Predict each photograph, not the first one again.",
)
def resnet50_answers(e: Evidence, task: str) -> Outcome:
    given = photographs.answers(photographs.output(_files_of_63(e))[1])
    if len(given) < 3 or not any(re.search(r"\d[.,]\d{2}", answer) for answer in given.values()):
        return not_applicable("what was answered for which photograph is not read")
    if crossed := _crossed(given):
        return failed(
            f"the answers seem to stand beside other photographs: what is in {', '.join(crossed[:3])} is said of others"
        )
    if len(set(given.values())) == 1:
        return failed(f"all {len(given)} photographs have one answer, with the same probabilities")
    if again := _again(given):
        same = _alike(_handed_in(e, again), pictures.small, _show_the_same)
        if not any(set(again) <= set(group) for group in same):
            return failed(f"{', '.join(again[:4])} have one answer, with the same probabilities")
    return passed(f"{len(set(given.values()))} different answers for {len(given)} photographs")


def _again(given: dict[str, str]) -> list[str]:
    """The photographs, under names of their own, that share an answer whose probabilities do not agree by chance."""
    groups: dict[str, list[str]] = {}
    for name, answer in given.items():
        shares = [one.replace(",", ".") for one in _PRECISE.findall(answer)]
        telling = [one for one in shares if 0.001 < float(one) < 0.999 or 1 < float(one) < 99.9]
        digits = [len(one.lstrip("0.").replace(".", "")) for one in telling]
        if sum(number for number in digits if number >= _PRECISION) >= _DIGITS:
            groups.setdefault(answer, []).append(name)
    for alike in groups.values():
        stems = sorted((PurePosixPath(name.replace("\\", "/")).stem.casefold() for name in alike), key=len)
        if len(stems) > 1 and not any(stem.startswith(stems[0]) for stem in stems[1:]):
            return alike
    return []


def _crossed(given: dict[str, str]) -> list[str]:
    """The photographs that are called after what another one's answer names, three at least; none where any is called
    after its own: `cat.jpg` with a macaw, and `parrot.jpg` with an Egyptian cat.
    """
    called = {name: people.letters(PurePosixPath(name.replace("\\", "/")).stem) for name in given}
    said = {name: people.letters(answer) for name, answer in given.items()}
    telling = {name: word for name, word in called.items() if len(word) > 2}
    if any(word in said[name] for name, word in telling.items()):
        return []
    crossed = [name for name, word in telling.items() if any(word in answer for answer in said.values())]
    return crossed if len(crossed) > 2 else []


@check(
    "completeness.images",
    required=False,
    reason="The assignment asks for the photographs too, in images/.",
    remedy="Put every photograph that was classified into the folder images/.",
)
def images(e: Evidence, task: str) -> Outcome:
    if e.found.manifest is not None:
        return not_applicable("this workflow keeps photographs apart from the zip")
    given_in = photographs.output(_files_of_63(e))[1]
    given = photographs.answers(given_in)
    named = {PurePosixPath(name.replace("\\", "/")).name for name in given if photographs.PICTURE.search(name)}
    within = f"{e.found.base}/" if e.found.base else ""
    curves = {f"{within}{plot.name}" for plots in e.found.plots.values() for plot in plots}
    there = {names.stem(n): n for n in e.unpacked.files if photographs.PICTURE.search(n) and n not in curves}
    known = {PurePosixPath(name).name for name in there.values()}
    named = {  # without the words before it, `Predicted cat.jpg`
        name if name in known else max((one for one in known if name.endswith(f" {one}")), key=len, default=name)
        for name in named
    }
    missing = sorted(name for name in named if names.stem(name) not in there)
    if not named:
        pictures_there = (photographs.PICTURE.search(n) and n not in curves for n in e.unpacked.files)
        if given_in and not any(pictures_there) and not _may_show_photographs(e):
            return failed("no photograph is handed in", credit=0.5)
        return not_applicable("the answers name no photograph")
    if len(missing) == len(named) and there:
        other = PurePosixPath(there[min(there)]).name
        return advise(f"{missing[0]} and the others that were classified are not there by their names; {other} is")
    beside = _beside_the_classified(e, named, [n for n in there.values() if not photographs.NO_PHOTO.search(n)])
    shown = ", ".join(PurePosixPath(name).name for name in beside[:4])
    if missing:
        more = f"; and handed in, but not classified: {shown}" if beside else ""
        share = 1 - len(missing) / len(named)
        return failed(f"classified, but not handed in: {', '.join(missing[:4])}{more}", credit=share)
    if beside:
        share = len(named) / (len(named) + len(beside))
        return failed(
            f"handed in beside the {len(named)} that were classified, and not predicted: {shown}", credit=share
        )
    return passed(f"all {len(named)} photographs that were classified are there")


def _may_show_photographs(e: Evidence) -> bool:
    """Whether photographs may be in a form that is not read, or below the cells of a notebook that classifies."""
    for name, path in e.unpacked.files.items():
        if _HOLDS_PHOTOGRAPHS.search(name):
            return True
        cells = source.cells(path) if name.lower().endswith(".ipynb") else []
        shown = any("image/png" in (one.get("data") or {}) for cell in cells for one in source.below(cell))
        if shown and any(_DECODES.search(source.joined(cell)) for cell in cells):
            return True
    return bool(e.unpacked.within)


def _beside_the_classified(e: Evidence, named: set[str], pictures: list[str]) -> list[str]:
    """The pictures that lie in the folder of those classified, and that neither an answer nor a notebook names."""
    classified = {names.stem(name) for name in named}
    folders = {PurePosixPath(name).parent for name in pictures if names.stem(name) in classified}
    folders = {folder for folder in folders if not photographs.DIRECTORY.search(f"{folder}/")}
    left = [n for n in sorted(pictures) if PurePosixPath(n).parent in folders and names.stem(n) not in classified]
    if not left:
        return []
    books = [
        source.outputs(n, p) for n, p in e.unpacked.files.items() if n.lower().endswith((".ipynb", ".html", ".htm"))
    ]
    said = "\n".join(books).casefold()
    return [name for name in left if names.stem(name) not in said]
