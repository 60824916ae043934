"""What the code of notebooks and scripts says about the training. It is read, never run; all of it is advice."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .. import described, names, source
from ..registry import Evidence, Outcome, check, failed, first_few, not_applicable, passed
from .measured import facts

_BINARY = re.compile(r"loss\s{0,4}=\s{0,4}[\w.]{0,40}['\"]?binary_?crossentropy", re.I)
_TEN = re.compile(r"Dense\(\s{0,4}(?:units\s{0,4}=\s{0,4})?10\b|cifar10|mnist", re.I)
_TEST_AS_VALIDATION = re.compile(
    r"validation_data\s{0,4}=\s{0,4}[\[(]?\s{0,4}(?:x_?test|test_?(?:images|x|data|features|generator|ds)|X_test)\b|"
    r"\bval\w{0,12}\s{0,4}=\s{0,4}(?:\w{1,30}\.){0,3}DataLoader\(\s{0,4}(?:dataset\s?=\s?)?(?:\w{0,10}_)?test",
    re.I,
)
_TRAIN = r"(?:\w{0,20}train|train_)[\w$.:\[\]]{0,40}"
_TEST = r"(?:\w{0,20}test|test_)(?:_?(?:x|images?|data))?\b"
_TOGETHER = re.compile(
    r"(?:concatenate|concat|vstack|append|rbind|abind)\s?\(\s?[\[(]?\s?"
    rf"(?:{_TRAIN}\s?,\s?{_TEST}|{_TEST}\s?,\s?{_TRAIN})",
    re.I,
)
_SHORT, _FEW = 200, 10  # characters of the arguments of a call, and data sets of a file
_JOINS = r"\s{0,20}(\w{1,40})\s?=[^=\n]{0,20}?(?:concatenate|concat|vstack|append)\s?\(\s?[\[(]?\s?"
_OFFICIAL = re.compile(r"^\s{0,20}\(\s?(\w{1,40})\s?,[^\n]{1,60}?\(\s?(\w{1,40})\s?,[^\n]{1,60}load_data\(")
_SPLIT = re.compile(r"train_test_split|StratifiedShuffleSplit|KFold|permutation|sample\(", re.I)
_OTHER_NET = re.compile(
    r"\b(?:VGG1[69]|MobileNet\w{0,10}|Inception\w{0,10}|Xception|EfficientNet\w{0,6}|DenseNet\d{0,3})\s?\(", re.I
)
_RESNET_NET = re.compile(
    r"resnet\d{0,3}(?:v2)?\s?\(|import\s[^\n]{0,80}resnet|resnet\d{0,3}\.ResNet|application_resnet", re.I
)
_RESNET50 = re.compile(r"resnet_?50(?:v2)?(?:\s?\(|['\"])", re.I)
_OTHER_RESNET = re.compile(r"\bresnet(?:18|34|101|152)(?:v2)?\s?\(", re.I)
_NO_WEIGHTS = re.compile(r"ResNet\d{0,3}(?:V2)?\([^)\n]{0,200}weights\s{0,4}=\s{0,4}None", re.I)
_UNREAD = re.compile(r"\.(?:pdf|docx?|odt|html?)$", re.I)  # which may have code in it
_CLASSIFIES = re.compile(
    r"resnet|imagenet|applications|decode_pred|photo|hub\b|timm|torchvision\.models|pretrained", re.I
)
DECODES = re.compile(r"decode_predictions\s?\(")
_READS_PHOTOGRAPHS = re.compile(
    r"load_img|load_image|image_load|image_read|read_image|imread|Image\.open|open_image|image_dataset|flow_from|decode_|read_file|ImageFolder|"
    r"img_to_array|cv2|imageio|skimage|pipeline\(|\.jpe?g['\"]\)|glob|urlopen|get_file",
    re.I,
)
_PREPARES = re.compile(r"preprocess_?input|imagenet_preprocess|preprocess_for|103\.|123\.", re.I)
_PREPARES_BESIDE = re.compile(r"transforms?\b|mean", re.I)  # in the file that decodes
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
_CLASS = re.compile(
    r"^\s{0,20}class\s{1,4}\w{1,60}\(\s?(?:\w{1,30}\.){0,3}(?:Model|Module|Sequential)\b|keras_model_custom|new_model_class"
)
_STOPS = re.compile(r"early_?stop|stop_training|patience", re.I)
_AUGMENTS = re.compile(
    r"augment\w{0,20}\s?\(|import\s[^\n]{0,80}augment|image_?data_?generator|random_?(?!_?(?:state|seed|split))[a-z]{4}|"
    r"fl[iu]p|rotate|rotation|affine|mirror|zoom|(?<!center)(?<!center_)crop|shift|shear|translat|mix_?up|cut_?(?:mix|out)|albument|imgaug|"
    r"keras_?cv|aug_?transforms|aug_?mix|auto_?aug|rand_?aug|erasing|elastic|::-1|noise|jitter|brightness|contrast|data_?gen|\.flow\s?\(",
    re.I,
)
_LOADS = re.compile(r"\b(mnist|cifar10)\.load_data|dataset_(mnist|cifar10)\s?\(", re.I)
_INSTEAD = {  # data sets that are loaded in the same way, and are taken for those of the assignment
    "mnist": re.compile(
        r"\b(?:fashion_mnist|kmnist|emnist)\.load_data|dataset_fashion_mnist|(?:Fashion|K|E)MNIST\(", re.I
    ),
    "cifar10": re.compile(r"\b(?:cifar100|svhn)\.load_data|dataset_cifar100|CIFAR100\(|SVHN\(", re.I),
}
_FITS = re.compile(r"\bfit(?:_generator)?\s?\((.*)", re.S)
TRAINS = re.compile(rf"{_FITS.pattern}|train_on_batch|GradientTape|optimizer\.step\(", re.S)
_BACKWARD = re.compile(r"\.backward\(")
_LONGEST = 2000  # characters that are looked at in a line
WORKFLOW = not_applicable("the code is that of the workflow which made the zip")
_CALL, _MOST = 12, 100  # lines that a call may go on for, and calls that are looked at in a file
_DROPOUT = re.compile(r"\b(?:Spatial)?Dropout(?:\d[dD])?\s?\(|layer_dropout")
_SPEAKS_OF_DROPOUT = re.compile("drop_?out", re.I)
_CIFAR10, _MNIST = re.compile(r"cifar", re.I), re.compile(r"mnist", re.I)
_GPU = re.compile(r"\bassert\b[^\n]{0,120}gpu|raise\s[^\n]{0,120}gpu|!=\s{0,4}['\"]/device:GPU:0", re.I)


def all_code(e: Evidence) -> Iterator[tuple[str, list[source.Line]]]:
    """The name of each file of code, and its lines: comments left out, long ones cut."""
    for name, path in sorted(e.unpacked.files.items()):
        if lines := source.lines(name, path):
            code = (line for line in lines if not line.text.lstrip().startswith("#"))
            yield name, [source.Line(line.place, line.text[:_LONGEST]) for line in code]


def _first(e: Evidence, pattern: re.Pattern, also: re.Pattern | None = None) -> str:
    """The place of the first line of code that has `pattern`, in a file that has `also`; "" where there is none."""
    for _, code in all_code(e):
        if also is not None and not any(also.search(line.text) for line in code):
            continue
        if hit := next((line.place for line in code if pattern.search(line.text)), ""):
            return hit
    return ""


def own_class(e: Evidence) -> str:
    """Where the code has a class of nets of its author's, "" if nowhere."""
    return _first(e, _CLASS)


def may_stop(e: Evidence) -> bool:
    """Whether any line of code speaks of ending a training before its last epoch."""
    return bool(_first(e, _STOPS))


def with_augmentation(e: Evidence, task: str) -> str:
    """Where a file that is this task's beyond doubt trains on what a generator of changed images gives; else ""."""
    for name, lines in all_code(e) if e.found.manifest is None else ():
        made: set[str] = set()
        for line in lines if names.certain(name) == task else []:
            if (generator := _GENERATOR.match(line.text)) and _CHANGES.search(line.text):
                made.add(generator["name"])
            flow = re.match(r"\s{0,20}(\w{1,60})\s{0,4}(?:=|<-)\s{0,4}(\w{1,60})\.flow\s?\(", line.text)
            if flow and flow[2] in made:
                made.add(flow[1])
            fits = _FITS.search(line.text)
            if fits and made & set(re.findall(r"\w+", fits[1])[:40]) and line.text.split(".fit")[0].strip() not in made:
                return line.place
    return ""


def without_augmentation(e: Evidence) -> str:
    """Where 6.2b's net is trained, if its code is there and no line of any code changes images at random; else ""."""
    if e.found.manifest is not None or _first(e, _AUGMENTS):
        return ""
    return _of_62b(e)


def without_dropout(e: Evidence) -> str:
    """Where 6.2b's net is trained, if its code is there and no line of any code speaks of dropout; else ""."""
    return "" if e.found.manifest is not None or _first(e, _SPEAKS_OF_DROPOUT) else _of_62b(e)


def _of_62b(e: Evidence) -> str:
    """Where the last of several nets of CIFAR-10, or one that a name or dropout says is 6.2b's, is trained."""
    dropout = _first(e, _DROPOUT)
    for name, lines in all_code(e):
        code = [line for line in lines if len(line.text) < _LONGEST]
        cifar10, mnist = (any(p.search(line.text) for line in code) for p in (_CIFAR10, _MNIST))
        places = [line.place for line in code if TRAINS.search(line.text)]
        places = places or [line.place for line in code if _BACKWARD.search(line.text)]
        task = names.task(name)[0]
        if cifar10 and places and task != "6.2a" and (dropout or task == "6.2b" or len(places) > 1 + mnist):
            return places[-1]
    return ""


def trains_on_cifar10(code: list[source.Line]) -> bool:
    return all(any(pattern.search(line.text[:_LONGEST]) for line in code) for pattern in (_CIFAR10, TRAINS))


def nothing(e: Evidence, sentence: str = "no line of code does") -> Outcome:
    """The outcome where no defect was found: passed, if there is code at all."""
    return passed(sentence) if any(all_code(e)) else not_applicable("there is no code to read")


def _say(e: Evidence, pattern: re.Pattern, sentence: str, also: re.Pattern | None = None) -> Outcome:
    if e.found.manifest is not None:
        return WORKFLOW
    if place := _first(e, pattern, also):
        return failed(f"{place} {sentence}")
    return nothing(e)


@check(
    "sources.loss",
    required=False,
    reason="A binary loss counts ten answers of yes or no for each image, so its accuracy begins at 90 %.",
    remedy="Compile with categorical_crossentropy (or the sparse one) and the metric accuracy.",
)
def loss(e: Evidence, task: str) -> Outcome:
    return _say(e, _BINARY, "trains with a binary loss where there are ten classes", _TEN)


@check(
    "sources.data_set",
    required=False,
    reason="6.1 asks for MNIST, 6.2 for CIFAR-10.",
    remedy="Load mnist in 6.1 and cifar10 in 6.2.",
)
def data_set(e: Evidence, task: str) -> Outcome:
    if e.found.manifest is not None:
        return WORKFLOW
    for wanted, other in _INSTEAD.items():
        right = re.compile(rf"(?<![a-z_]){wanted}(?![a-z0-9])", re.I)
        nowhere = not _first(e, right)
        for name, lines in all_code(e):
            own = names.FAMILIES.get(names.certain(name)) == wanted and not any(right.search(one.text) for one in lines)
            place = next((line.place for line in lines if other.search(line.text)), "")
            if place and (nowhere or own):
                where = "no line of code" if nowhere else "no line of it"
                return failed(f"{place} loads another data set, and {where} speaks of {wanted}")
    return nothing(e, "no line of code loads another")


@check(
    "sources.validation",
    required=False,
    reason="What is chosen by the test images, an epoch say, cannot be judged by them.",
    remedy="Hold back a part of the training images for validation, and evaluate the test images once, at the end.",
)
def validation(e: Evidence, task: str) -> Outcome:
    if e.found.manifest is not None:
        return WORKFLOW
    places = [place for _, code in all_code(e) for place in _validated_by_test(code)]
    if places:
        return failed(f"the test images are given as validation data: {first_few(places)}")
    return nothing(e)


def _validated_by_test(code: list[source.Line]) -> Iterator[str]:
    """Where code gives the test images as validation data, under the name that they were loaded by or a usual one."""
    loaded = ""
    for line in code:
        if official := _OFFICIAL.search(line.text):
            loaded = official[2]
        elif loaded and _assignment(loaded).match(line.text):
            kept = re.search(rf"=[^=].*\b{loaded}\b", line.text)  # scaled, say, and no part of the training images
            loaded = loaded if kept else ""
        given = loaded and re.search(rf"validation_data\s{{0,4}}=\s{{0,4}}[\[(]?\s{{0,4}}{loaded}\b", line.text)
        if given or _TEST_AS_VALIDATION.search(line.text):
            yield line.place


def _assignment(name: str) -> re.Pattern:
    """What the start of a line is like that gives a name, or several with it, a value."""
    return re.compile(rf"\s{{0,20}}(?:\w{{1,40}}\s?,\s?){{0,8}}{name}\s{{0,4}}[,=](?!=)")


@check(
    "sources.no_validation",
    required=False,
    reason="The assignment asks for plots of the validation, which need images that the net is not trained with.",
    remedy="Give fit validation_split=0.1, or validation_data held back from the training images.",
)
def no_validation(e: Evidence, task: str) -> Outcome:
    if e.found.manifest is not None:
        return WORKFLOW
    fits: dict[tuple[str, str], list[tuple[str, bool]]] = {}
    for one in trainings(e):
        if "epochs" in one.given and "**" not in one.given:
            fits.setdefault((one.file, one.dataset), []).append((one.place, "validation" in one.given))
    for found in fits.values():
        if not any(validated for _, validated in found):
            return failed(f"{found[0][0]} trains without validation images")
    return passed("each net has validation images") if fits else not_applicable("no training is read")


@dataclass(frozen=True)
class Training:
    """A call of fit: where it stands, the data set that was loaded before, its arguments, and what follows it up to the
    next one in the file.
    """

    file: str
    place: str
    dataset: str
    given: str
    after: list[source.Line]


def trainings(e: Evidence) -> Iterator[Training]:
    """The calls of fit in files that load MNIST or CIFAR-10, `_MOST` a file at most."""
    for name, code in all_code(e):
        calls: list[tuple[int, str, str]] = []
        dataset = ""
        for number, line in enumerate(code):
            if loads := _LOADS.search(line.text):
                dataset = (loads[1] or loads[2]).lower()
            if dataset and len(calls) < _MOST and (call := _FITS.search(line.text)):
                rest = "\n".join(following.text[:200] for following in code[number + 1 : number + _CALL])
                calls.append((number, dataset, _until_closed(f"{call[1]}\n{rest}")))
        ends = [*(number for number, *_ in calls), len(code)][1:]
        for (number, loaded, given), end in zip(calls, ends, strict=True):
            after = code[number + 1 + given.count("\n") : end]
            yield Training(name, code[number].place, loaded, given, after)


def _given(code: list[source.Line], number: int) -> str:
    """The arguments of the first call in a line of code, which may go on in the lines below."""
    return _until_closed("\n".join(line.text for line in code[number : number + _CALL]).partition("(")[2])


def _until_closed(text: str) -> str:
    """The arguments of a call, from behind its opening parenthesis to the closing one."""
    depth = 1
    for end, sign in enumerate(text):
        depth += (sign in "([{") - (sign in ")]}")
        if depth == 0:
            return text[:end]
    return text


@check(
    "sources.test_apart",
    required=False,
    reason="A net that was trained with the test images knows their labels.",
    remedy="Train with x_train only, and keep the test images for the end.",
)
def test_apart(e: Evidence, task: str) -> Outcome:
    if e.found.manifest is not None:
        return WORKFLOW
    for _, code in all_code(e):
        splits = any(_SPLIT.search(line.text) for line in code)  # a file that splits them itself may test well
        together = (line.place for line in code if _TOGETHER.search(line.text) and not splits)
        if place := next(together, "") or _joined_and_tested(code):
            return failed(f"{place} puts training and test images together: a net trained with both is not tested")
    return nothing(e)


def _joined_and_tested(code: list[source.Line]) -> str:
    """Where a file joins the official test images, whatever it calls them, with the training images, trains on both,
    and uses the test images under their old name afterwards, not a new part of both; else "".
    """
    called: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(code):
        if (official := _OFFICIAL.search(line.text)) and len(called) < _FEW:
            called.setdefault(official.groups(), number)
    return next((place for (train, test), n in called.items() if (place := _joined(code[n + 1 :], train, test))), "")


def _joined(code: list[source.Line], train: str, test: str) -> str:
    """Where code joins two arrays, trains on both, and uses the second by its name afterwards; else ""."""
    joins = re.compile(rf"{_JOINS}{train}\b[^\n]{{0,40}}?,\s?{test}\b")
    used = re.compile(rf"(?<![\w.]){test}(?!\w)")
    number, both = next(((n, match) for n, line in enumerate(code) if (match := joins.match(line.text))), (0, None))
    fits = (fit[1][:_SHORT] for line in code[number:] if (fit := _FITS.search(line.text)))
    if both is None or not any(re.search(rf"\b{both[1]}\b", given) for given in fits):
        return ""
    for after in code[number + 1 :]:
        assigned = _assignment(test).match(after.text)
        if assigned and not used.search(after.text, after.text.find("=")):
            return ""
        if used.search(after.text) and not assigned:
            return code[number].place
    return ""


@check(
    "sources.resnet50",
    required=False,
    reason="6.3 asks for ResNet50's answers, to photographs that are prepared as it learnt them.",
    remedy="Load ResNet50 with the published weights, and give it what its preprocess_input returns.",
)
def resnet50(e: Evidence, task: str) -> Outcome:
    if e.found.manifest is None and _first(e, _RESNET_NET):
        if place := _first(e, _NO_WEIGHTS, DECODES):
            return failed(f"{place} loads ResNet50 without weights: its answers are made up by chance")
        place = _first(e, _RESNET50)
        if place and not _first(e, _READS_PHOTOGRAPHS) and all(n.endswith(source.PYTHON) for n, _ in all_code(e)):
            return failed(f"{place} loads ResNet50, and no line of code reads a photograph or gives it one")
        place = _first(e, DECODES, _RESNET_NET)
        if place and not _first(e, _PREPARES) and not _first(e, _PREPARES_BESIDE, DECODES):
            return failed(f"{place} decodes answers to photographs that no code prepares with preprocess_input")
        if not _first(e, _RESNET50):
            return _say(e, _OTHER_RESNET, "loads another net, and no line of code loads ResNet50")
        return passed("the code speaks of ResNet")
    if e.found.manifest is None and e.found.resnet and _lacks_code(e):
        return failed("there is code that trains, and none that classifies photographs")
    return _say(e, _OTHER_NET, "loads another net, and no line of code loads ResNet50")


def _lacks_code(e: Evidence) -> bool:
    """Whether code trains nets of both data sets, and neither a line nor the name of a file of code speaks of what 6.3
    takes.
    """
    code = list(all_code(e))
    needs = (TRAINS, _CIFAR10, _MNIST)
    if not all(any(need.search(line.text) for _, lines in code for line in lines) for need in needs):
        return False
    books = {names.stem(name) for name in e.unpacked.files if name.lower().endswith(".ipynb")}
    read = {f"{e.found.base}/{name}" if e.found.base else name for name in e.found.used()}  # PDFs that are plots
    pages = (n for n in e.unpacked.files if n not in read)
    pages = (n for n in pages if not (n.lower().endswith((".html", ".htm")) and names.stem(n) in books))
    unread = e.unpacked.within or any(_UNREAD.search(name) for name in pages)
    speaks = any(_CLASSIFIES.search(line.text) for _, lines in code for line in lines)
    return not speaks and not unread and not any(names.task(name)[0] == "6.3" for name, _ in code)


@check(
    "sources.augmentation",
    required=False,
    reason="A generator of images that training is not given augments nothing.",
    remedy="Give fit what the generator's flow yields, or put random layers into the model.",
)
def augmentation(e: Evidence, task: str) -> Outcome:
    if e.found.manifest is not None:
        return WORKFLOW
    files = [lines for _, lines in all_code(e)]
    code = [line for lines in files for line in lines]
    made = {line.place: match["name"] for line in code if (match := _GENERATOR.match(line.text))}
    made |= {place: name for lines in files for place, name in _pipelines(lines)}
    for place, name in made.items():
        used, fitted = re.compile(rf"\b{name}\b"), re.compile(rf"\b{name}\.fit\(|fit_image_data_generator")
        others = (line for line in code if line.place not in made and not fitted.search(line.text))
        if not any(used.search(line.text) for line in others):
            return failed(f"{place} makes {name[:40]}, which is never used")
    for lines in files:
        if any(line.place in made for line in lines) and (place := _not_trained_with(lines)):
            return failed(f"{place} makes a generator of changed images, and no training is given them")
    return passed("what is made is used") if made else not_applicable("no generator of images is made")


def _pipelines(code: list[source.Line]) -> Iterator[tuple[str, str]]:
    """Where code makes a model of layers that change images at random and no others, and its name."""
    for number, line in enumerate(code):
        if pipeline := _PIPELINE.match(line.text):
            layers = set(re.findall(r"\b[A-Z][A-Za-z]{3,40}\d?[A-Z]?(?=\()", _given(code, number))) - _SCALES
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
        rest = "\n".join(one.text for one in code[number : number + _CALL])
        if generator := _GENERATOR.match(line.text):
            if _CHANGES.search(_given(code, number)):
                given.add(generator["name"])
                place = place or line.place
            continue
        function = defined[1] if (defined := re.match(r"\s{0,20}def\s{1,4}(\w{1,60})", line.text)) else function
        if TRAINS.search(line.text) and (call := TRAINS.search(rest)):
            receiver = re.search(r"(\w{1,60})\.$", line.text[: call.start()])
            if receiver and receiver[1] in given:  # what it learns of the images, no training
                continue
            if given & set(re.findall(r"\w+", _until_closed(rest[call.start() :].partition("(")[2]))):
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
    if e.found.manifest is not None:
        return WORKFLOW
    for _, code in all_code(e):
        changing: set[str] = set()
        for number, line in enumerate(code):
            if assigned := re.match(r"\s{0,20}(\w{1,60})\s{0,4}(?:=(?!=)|<-)", line.text):
                changing.discard(assigned[1])
            if generator := _GENERATOR.match(line.text):
                changing |= {generator["name"]} if _CHANGES.search(_given(code, number)) else set()
            if (flow := _FLOW.search(line.text)) and flow["name"] in changing:
                return failed(f"{line.place} changes validation or test images at random, by {flow['name'][:40]}")
            if _MAPPED.search(line.text):
                return failed(f"{line.place} changes validation or test images at random")
    return nothing(e)


@check(
    "sources.gpu",
    required=False,
    reason="A program that insists on a GPU stops on every machine that has none.",
    remedy="Leave the assertion out: TensorFlow takes a GPU where there is one.",
)
def gpu(e: Evidence, task: str) -> Outcome:
    return _say(e, _GPU, "stops where there is no GPU")
