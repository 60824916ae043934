"""What the code of notebooks and scripts says about the training. It is read, never run; all of it is advice."""

import re
from collections.abc import Iterator

from .. import names, programs, source
from ..registry import Evidence, Outcome, check, failed, first_few, not_applicable, passed

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
_READS_PHOTOGRAPHS = re.compile(
    r"load_img|load_image|image_load|image_read|read_image|imread|Image\.open|open_image|image_dataset|flow_from|decode_|read_file|ImageFolder|"
    r"img_to_array|cv2|imageio|skimage|pipeline\(|\.jpe?g['\"]\)|glob|urlopen|get_file",
    re.I,
)
_PREPARES = re.compile(r"preprocess_?input|imagenet_preprocess|preprocess_for|103\.|123\.", re.I)
_PREPARES_BESIDE = re.compile(r"transforms?\b|mean", re.I)  # in the file that decodes
_INSTEAD = {  # data sets that are loaded in the same way, and are taken for those of the assignment
    "mnist": re.compile(
        r"\b(?:fashion_mnist|kmnist|emnist)\.load_data|dataset_fashion_mnist|(?:Fashion|K|E)MNIST\(", re.I
    ),
    "cifar10": re.compile(r"\b(?:cifar100|svhn)\.load_data|dataset_cifar100|CIFAR100\(|SVHN\(", re.I),
}
WORKFLOW = not_applicable("the code is that of the workflow which made the zip")
_GPU = re.compile(r"\bassert\b[^\n]{0,120}gpu|raise\s[^\n]{0,120}gpu|!=\s{0,4}['\"]/device:GPU:0", re.I)


def nothing(e: Evidence, sentence: str = "no line of code does") -> Outcome:
    """The outcome where no defect was found: passed, if there is code at all that is not this workflow's."""
    if e.found.manifest is not None:
        return WORKFLOW
    return passed(sentence) if e.code else not_applicable("there is no code to read")


def _say(e: Evidence, pattern: re.Pattern, sentence: str, also: re.Pattern | None = None) -> Outcome:
    if place := programs.first(e.code, pattern, also):
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
    for wanted, other in _INSTEAD.items():
        right = re.compile(rf"(?<![a-z_]){wanted}(?![a-z0-9])", re.I)
        nowhere = not programs.first(e.code, right)
        for name, lines in e.code.items():
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
    places = [place for code in e.code.values() for place in _validated_by_test(code)]
    if places:
        return failed(f"the test images are given as validation data: {first_few(places)}")
    return nothing(e)


def _validated_by_test(code: list[source.Line]) -> Iterator[str]:
    """Where code gives the test images as validation data, under the name that they were loaded by or a usual one."""
    loaded = ""
    for line in code:
        if official := _OFFICIAL.search(line.text):
            loaded = official[2]
        elif loaded and programs.assignment(loaded).match(line.text):
            kept = re.search(rf"=[^=].*\b{loaded}\b", line.text)  # scaled, say, and no part of the training images
            loaded = loaded if kept else ""
        given = loaded and re.search(rf"validation_data\s{{0,4}}=\s{{0,4}}[\[(]?\s{{0,4}}{loaded}\b", line.text)
        if given or _TEST_AS_VALIDATION.search(line.text):
            yield line.place


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
    for one in programs.trainings(e.code):
        if "epochs" in one.given and "**" not in one.given:
            fits.setdefault((one.file, one.dataset), []).append((one.place, "validation" in one.given))
    for found in fits.values():
        if not any(validated for _, validated in found):
            return failed(f"{found[0][0]} trains without validation images")
    return passed("each net has validation images") if fits else not_applicable("no training is read")


@check(
    "sources.test_apart",
    required=False,
    reason="A net that was trained with the test images knows their labels.",
    remedy="Train with x_train only, and keep the test images for the end.",
)
def test_apart(e: Evidence, task: str) -> Outcome:
    for code in e.code.values():
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
    fits = (fit[1][:_SHORT] for line in code[number:] if (fit := programs.FITS.search(line.text)))
    if both is None or not any(re.search(rf"\b{both[1]}\b", given) for given in fits):
        return ""
    for after in code[number + 1 :]:
        assigned = programs.assignment(test).match(after.text)
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
    if programs.first(e.code, _RESNET_NET):
        if place := programs.first(e.code, _NO_WEIGHTS, programs.DECODES):
            return failed(f"{place} loads ResNet50 without weights: its answers are made up by chance")
        place, reads = programs.first(e.code, _RESNET50), programs.first(e.code, _READS_PHOTOGRAPHS)
        if place and not reads and all(name.endswith(source.PYTHON) for name in e.code):
            return failed(f"{place} loads ResNet50, and no line of code reads a photograph or gives it one")
        place = programs.first(e.code, programs.DECODES, _RESNET_NET)
        prepares = programs.first(e.code, _PREPARES) or programs.first(e.code, _PREPARES_BESIDE, programs.DECODES)
        if place and not prepares:
            return failed(f"{place} decodes answers to photographs that no code prepares with preprocess_input")
        if not programs.first(e.code, _RESNET50):
            return _say(e, _OTHER_RESNET, "loads another net, and no line of code loads ResNet50")
        return passed("the code speaks of ResNet")
    if e.found.resnet and _lacks_code(e):
        return failed("there is code that trains, and none that classifies photographs")
    return _say(e, _OTHER_NET, "loads another net, and no line of code loads ResNet50")


def _lacks_code(e: Evidence) -> bool:
    """Whether code trains nets of both data sets, and neither a line nor the name of a file of code speaks of what 6.3
    takes.
    """
    needs = (programs.TRAINS, programs.CIFAR10, programs.MNIST)
    if not all(programs.first(e.code, need) for need in needs):
        return False
    books = {names.stem(name) for name in e.unpacked.files if name.lower().endswith(".ipynb")}
    read = {f"{e.found.base}/{name}" if e.found.base else name for name in e.found.used()}  # PDFs that are plots
    pages = (n for n in e.unpacked.files if n not in read)
    pages = (n for n in pages if not (n.lower().endswith((".html", ".htm")) and names.stem(n) in books))
    unread = e.unpacked.within or any(_UNREAD.search(name) for name in pages)
    speaks = programs.first(e.code, _CLASSIFIES)
    return not speaks and not unread and not any(names.task(name)[0] == "6.3" for name in e.code)


@check(
    "sources.gpu",
    required=False,
    reason="A program that insists on a GPU stops on every machine that has none.",
    remedy="Leave the assertion out: TensorFlow takes a GPU where there is one.",
)
def gpu(e: Evidence, task: str) -> Outcome:
    return _say(e, _GPU, "stops where there is no GPU")
