"""Dropout and augmentation of 6.2b in the code, which is read, never run; all of it is advice."""

import re
from collections.abc import Iterator

from .. import described, names, programs, source
from ..registry import Evidence, Outcome, check, failed, not_applicable, passed
from .measured import facts
from .sources import WORKFLOW, nothing

_GENERATOR = re.compile(
    r"^\s{0,20}(?P<name>\w{1,60})\s{0,4}(?:=|<-)\s{0,4}(?:\w{1,30}\.){0,5}(?:ImageDataGenerator|image_data_generator)\s?\("
    r"(?!\s?(?:rescale\s?=[^,)]{0,40})?\))"
)
_PIPELINE = re.compile(r"^\s{0,20}(?P<name>\w{1,60})\s{0,4}=\s{0,4}(?:\w{1,30}\.){0,4}Sequential\s?\(")
_SCALES = {"Input", "InputLayer", "Rescaling", "Resizing"}
_CHANGES = re.compile(r"rotation|shift|shear|zoom|flip|brightness", re.I)  # not how a generator scales or splits
_FLOW = re.compile(  # of validation or test images
    r"\b(?P<name>\w{1,60})\.flow(?:_from_\w{1,20})?\s?\((?:\s?(?:x\s?=\s?)?(?:\w{0,20}_)?(?:x_?)?(?:val|test)|"
    r"[^\n]{0,200}subset\s?=\s?['\"]validation)"
)
_MAPPED = re.compile(
    r"\b\w{0,20}(?:x_?val|val_?(?:x|images)|x_?test|test_?(?:x|images))\w{0,20}\s?=\s?(?:self\.)?(?:data_)?aug\w{0,20}\(|"
    r"\b\w{0,20}(?:val|test)\w{0,20}\.map\(\s?(?:lambda [^\n]{1,40}:\s?)?\(?(?:\w{0,20}_)?aug(?!mented_)\w{0,20}\b"
)
_AUGMENTS = re.compile(
    r"augment\w{0,20}\s?\(|import\s[^\n]{0,80}augment|image_?data_?generator|random_?(?!_?(?:state|seed|split))[a-z]{4}|"
    r"fl[iu]p|rotate|rotation|affine|mirror|zoom|(?<!center)(?<!center_)crop|shift|shear|translat|mix_?up|cut_?(?:mix|out)|albument|imgaug|"
    r"keras_?cv|aug_?transforms|aug_?mix|auto_?aug|rand_?aug|erasing|elastic|::-1|noise|jitter|brightness|contrast|data_?gen|\.flow\s?\(",
    re.I,
)
_BACKWARD = re.compile(r"\.backward\(")
_DROPOUT = re.compile(r"\b(?:Spatial)?Dropout(?:\d[dD])?\s?\(|layer_dropout")
_SPEAKS_OF_DROPOUT = re.compile("drop_?out", re.I)


def with_augmentation(e: Evidence, task: str) -> str:
    """Where a file that is this task's beyond doubt trains on what a generator of changed images gives; else ""."""
    for name, lines in e.code.items():
        made: set[str] = set()
        for line in lines if names.certain(name) == task else []:
            if (generator := _GENERATOR.match(line.text)) and _CHANGES.search(line.text):
                made.add(generator["name"])
            flow = re.match(r"\s{0,20}(\w{1,60})\s{0,4}(?:=|<-)\s{0,4}(\w{1,60})\.flow\s?\(", line.text)
            if flow and flow[2] in made:
                made.add(flow[1])
            fits = programs.FITS.search(line.text)
            if fits and made & set(re.findall(r"\w+", fits[1])[:40]) and line.text.split(".fit")[0].strip() not in made:
                return line.place
    return ""


def without_augmentation(e: Evidence) -> str:
    """Where 6.2b's net is trained, if its code is there and no line of any code changes images at random; else ""."""
    return "" if programs.first(e.code, _AUGMENTS) else _of_62b(e)


def without_dropout(e: Evidence) -> str:
    """Where 6.2b's net is trained, if its code is there and no line of any code speaks of dropout; else ""."""
    return "" if programs.first(e.code, _SPEAKS_OF_DROPOUT) else _of_62b(e)


def _of_62b(e: Evidence) -> str:
    """Where the last of several nets of CIFAR-10, or one that a name or dropout says is 6.2b's, is trained."""
    dropout = programs.first(e.code, _DROPOUT)
    for name, lines in e.code.items():
        code = [line for line in lines if len(line.text) < programs.LONGEST]
        cifar10, mnist = (any(p.search(line.text) for line in code) for p in (programs.CIFAR10, programs.MNIST))
        places = [line.place for line in code if programs.TRAINS.search(line.text)]
        places = places or [line.place for line in code if _BACKWARD.search(line.text)]
        task = names.task(name)[0]
        if cifar10 and places and task != "6.2a" and (dropout or task == "6.2b" or len(places) > 1 + mnist):
            return places[-1]
    return ""


@check(
    "sources.augmentation",
    required=False,
    reason="A generator of images that training is not given augments nothing.",
    remedy="Give fit what the generator's flow yields, or put random layers into the model.",
)
def augmentation(e: Evidence, task: str) -> Outcome:
    if e.found.manifest is not None:
        return WORKFLOW
    code = [line for lines in e.code.values() for line in lines]
    made = {line.place: match["name"] for line in code if (match := _GENERATOR.match(line.text))}
    made |= {place: name for lines in e.code.values() for place, name in _pipelines(lines)}
    for place, name in made.items():
        used, fitted = re.compile(rf"\b{name}\b"), re.compile(rf"\b{name}\.fit\(|fit_image_data_generator")
        others = (line for line in code if line.place not in made and not fitted.search(line.text))
        if not any(used.search(line.text) for line in others):
            return failed(f"{place} makes {name[:40]}, which is never used")
    for lines in e.code.values():
        if any(line.place in made for line in lines) and (place := _not_trained_with(lines)):
            return failed(f"{place} makes a generator of changed images, and no training is given them")
    return passed("what is made is used") if made else not_applicable("no generator of images is made")


def _pipelines(code: list[source.Line]) -> Iterator[tuple[str, str]]:
    """Where code makes a model of layers that change images at random and no others, and its name."""
    for number, line in enumerate(code):
        if pipeline := _PIPELINE.match(line.text):
            given = programs.arguments(code, number)
            layers = set(re.findall(r"\b[A-Z][A-Za-z]{3,40}\d?[A-Z]?(?=\()", given)) - _SCALES
            if layers and all(layer.startswith("Random") for layer in layers):
                yield line.place, pipeline["name"]


@check(
    "sources.regularised",
    required=False,
    tasks=("6.2b",),
    reason="6.2b asks for dropout and augmentation, which the code has where the model's layers are not known.",
    remedy="Put dropout into 6.2b's net, and train it on images that are changed at random.",
)
def regularised(e: Evidence, task: str) -> Outcome:
    known = facts(e, task)
    if known is not None and known.facts.get("layers"):
        return not_applicable("the model's layers are known")
    for name, path in sorted(e.found.scope.items()):
        if off := described.switched_off(name, path):
            return failed(f"{name} has 6.2b's settings, and switches off {' and '.join(off)}")
    if place := without_dropout(e):
        return failed(f"{place} trains 6.2b's net, and no code has dropout")
    if place := without_augmentation(e):
        return failed(f"{place} trains 6.2b's net on images that no code augments")
    return nothing(e, "the code has both")


def _not_trained_with(code: list[source.Line]) -> str:
    """Where a file makes a generator of changed images, if it trains, and never on what comes of any; else ""."""
    place, trains, function = "", False, ""
    given: set[str] = set()  # the names of generators, and of what is made of them
    for number, line in enumerate(code):
        if generator := _GENERATOR.match(line.text):
            if _CHANGES.search(programs.arguments(code, number)):
                given.add(generator["name"])
                place = place or line.place
            continue
        function = defined[1] if (defined := re.match(r"\s{0,20}def\s{1,4}(\w{1,60})", line.text)) else function
        if call := programs.TRAINS.search(line.text):
            receiver = re.search(r"(\w{1,60})\.$", line.text[: call.start()])
            if receiver and receiver[1] in given:  # what it learns of the images, no training
                continue
            if given & set(re.findall(r"\w+", programs.arguments(code, number, call.start()))):
                return ""
            trains = True
        elif given & set(re.findall(r"\w+", line.text)):
            left = re.match(r"\s{0,40}(?:for\s)?([\w, ()]{1,200}?)\s{0,4}(?:=(?!=)|<-|\sin\s)", line.text)
            given |= set(re.findall(r"\w+", left[1])) if left else set()
            given |= {function} if function and line.text[:1] in " \t" else set()
    return place if trains else ""


@check(
    "sources.validation_unchanged",
    required=False,
    reason="How good a net is shows on images as they are; changed at random, they are other ones in every epoch.",
    remedy="Give validation and test images a generator of their own that only scales, or none.",
)
def validation_unchanged(e: Evidence, task: str) -> Outcome:
    for code in e.code.values():
        changing: set[str] = set()
        for number, line in enumerate(code):
            if assigned := re.match(r"\s{0,20}(\w{1,60})\s{0,4}(?:=(?!=)|<-)", line.text):
                changing.discard(assigned[1])
            if generator := _GENERATOR.match(line.text):
                changing |= {generator["name"]} if _CHANGES.search(programs.arguments(code, number)) else set()
            if (flow := _FLOW.search(line.text)) and flow["name"] in changing:
                return failed(f"{line.place} changes validation or test images at random, by {flow['name'][:40]}")
            if _MAPPED.search(line.text):
                return failed(f"{line.place} changes validation or test images at random")
    return nothing(e)
