"""Is each model a living ten-class net for the right images, and is it what the task asks for?"""

import filecmp
import re
from difflib import SequenceMatcher
from pathlib import PurePosixPath

from .. import names, programs, weights
from ..diagnosis import CHANCE
from ..names import FAMILIES, NETS
from ..probe import ModelFacts
from ..recognised import Model
from ..registry import Evidence, Outcome, advise, check, failed, not_applicable, passed, unconfirmed
from .augmentation import with_augmentation, without_augmentation
from .measured import accuracies, facts, tried
from .sources import WORKFLOW

_HARMFUL = re.compile(
    r"runs code|read files|not Keras'|another file|soft links|unpacks to|larger than|too many objects|"
    r"more than a model holds"
)
_SMALL = 1000  # bytes of a model that may have no weights
_APART = ("savedmodel", "checkpoint")  # which may be of use to their author where no net is found for their weights
_INPUTS = {"mnist": "28 x 28", "cifar10": "32 x 32 x 3"}
_NO_CONVOLUTION = frozenset({
    "Activation", "ActivityRegularization", "AlphaDropout", "BatchNormalization", "Dense", "Dropout", "ELU", "Flatten",
    "GaussianDropout", "GaussianNoise", "InputLayer", "LayerNormalization", "LeakyReLU", "Normalization", "PReLU",
    "Permute", "ReLU", "Rescaling", "Reshape", "Softmax",
})  # fmt: skip


@check(
    "models.safe",
    required=True,
    tasks=NETS,
    needs=("completeness.model",),
    reason="A model may hold a program; one that does is not loaded.",
    remedy="Build the model of Keras' own layers, without Lambda or custom ones, and save it as .keras.",
)
def safe(e: Evidence, task: str) -> Outcome:
    model, known = e.found.models[task], facts(e, task)
    if model.format == "pickle":
        return failed(f"{model.name} is a pickle, which runs a program when it is opened; it was not opened")
    if known is None:
        if not e.models_tried:
            return unconfirmed("models were not tried", ours=True)
        return unconfirmed(f"{model.name} is {model.what or 'in a form that is not tried'}: it was not tried")
    if known.status == "refused":
        sentence = f"{model.name} was refused: {known.reason}"
        if "custom class" in known.reason or "Lambda layer" in known.reason:
            return advise(sentence)  # a way to write nets that the course's own Keras allows: not run, not accused
        # Only a program, or the way to another file, is a defect; what this grader does not know may be harmless.
        return failed(sentence) if _HARMFUL.search(known.reason) else unconfirmed(sentence, ours=True)
    if known.status != "ok" and not known.facts.get("layers"):
        return passed("nothing in it was run")
    return passed(f"{model.name} has only layers of Keras' own")


@check(
    "models.format",
    required=False,
    tasks=NETS,
    needs=("completeness.model",),
    reason="A SavedModel is a program as well as weights; never executed, and tried where its net can be rebuilt.",
    remedy="Save the model as .keras (or .h5).",
)
def fmt(e: Evidence, task: str) -> Outcome:
    model = e.found.models[task]
    known = facts(e, task)
    if model.format == "other" or (model.format in _APART and (known is None or known.status != "ok")):
        return failed(f"{model.name} is {model.what}; it was not executed, so nothing is known of what it predicts")
    return not_applicable("a pickle") if model.format == "pickle" else passed(f"{model.name} can be tried")


@check(
    "models.loads",
    required=True,
    tasks=NETS,
    needs=("models.safe",),
    reason="A model that does not load cannot be used again.",
    remedy="Save the whole model with model.save, load it again in a new process, and hand in that file.",
)
def loads(e: Evidence, task: str) -> Outcome:
    known = tried(e, task)
    if known.status != "ok":
        sentence = f"{known.name}: {known.reason}"
        # Where its architecture could be read, it may be this grader's Keras that cannot build what another one saved.
        # A SavedModel is a program that this grader does not run, whatever its author may do with it.
        program = known.facts.get("format") in _APART
        if program and known.status == "unsupported":
            return unconfirmed(sentence)
        readable = known.status == "refused" or known.facts.get("layers") or program
        if readable or re.search("stopped after|took more than|processor time|killed|could not be started", sentence):
            return unconfirmed(f"{sentence} (it may load where it was made)", ours=True)
        if "weights only" in known.reason and (place := programs.own_class(e.code)):
            return unconfirmed(f"{sentence}; {place} makes a class of its own for the net, which is not run")
        if "weights only" in known.reason and known.facts.get("unread"):
            return unconfirmed(f"{sentence}; the net that {known.facts['unread']} writes could not be read whole")
        return failed(sentence)
    place = known.facts.get("written")
    if place and known.facts["format"] != "savedmodel":
        return advise(f"{known.name} holds weights only; they fit the net that {place} writes", credit=0.7)
    net = f"; its net is that which {place} writes" if place else ""
    return passed(f"{known.name} loads, {known.facts['parameters']:,} parameters{net}")


@check(
    "models.input",
    required=True,
    tasks=NETS,
    needs=("models.loads",),
    reason="A model of MNIST takes 28 x 28 images and one of CIFAR-10 takes 32 x 32 x 3.",
    remedy="Save the model of this task under this task's name.",
)
def model_input(e: Evidence, task: str) -> Outcome:
    known = tried(e, task)
    shown = " and ".join(str(tuple(shape)) for shape in known.facts["inputs"])
    if known.facts["family"] != FAMILIES[task]:
        sentence = f"{known.name} takes {shown}, and the images of {task} are {_INPUTS[FAMILIES[task]]}"
        if not known.facts["family"] or names.certain(known.name) != task:
            return advise(f"{sentence}: they were resized, or the file is not this task's", credit=0.5)
        return failed(sentence)
    return passed(f"takes {shown}")


def _has_a_second_part(e: Evidence, name: str) -> bool:
    """Whether another net lies in the same folder, as the head of an extractor of features."""
    folder = PurePosixPath(name).parent
    return any(
        PurePosixPath(other).parent == folder and other != name and other.lower().endswith(tuple(names.MODEL_SUFFIXES))
        for other in e.found.scope
    ) and not any(
        model.name != name and PurePosixPath(model.name).parent == folder for model in e.found.models.values()
    )


@check(
    "models.output",
    required=True,
    tasks=NETS,
    needs=("models.loads",),
    reason="Ten classes need ten outputs, as a softmax or as its logits.",
    remedy="End the model with Dense(10, activation='softmax') and train it with a categorical loss.",
)
def output(e: Evidence, task: str) -> Outcome:
    known = tried(e, task)
    outputs, last = known.facts["outputs"], known.facts.get("last_activation", "")
    if outputs != [[10]]:
        shown = " and ".join(str(tuple(shape)) for shape in outputs)
        if len(outputs) > 1 and [10] in outputs:
            return unconfirmed(f"{known.name} gives {shown}: which of them counts is not known")
        if _has_a_second_part(e, known.name):
            return unconfirmed(f"{known.name} gives {shown}, and a second net beside it may take that")
        return failed(f"{known.name} gives {shown} ({last}), not ten classes")
    if last not in ("softmax", "linear", "log_softmax", "") and not known.facts.get("sums_to_one"):
        return advise(
            f"{known.name} ends with ten units of {last}, not with a softmax over the ten classes", credit=0.7
        )
    return passed("a softmax over ten classes" if known.facts.get("sums_to_one") or last == "softmax" else "ten logits")


@check(
    "models.alive",
    required=True,
    tasks=NETS,
    needs=("models.input", "models.output"),
    reason="A dead net gives the same answer to every image.",
    remedy="Lower the learning rate, scale the images, and see that the loss falls below 2.3 in the first epoch.",
)
def alive(e: Evidence, task: str) -> Outcome:
    known = tried(e, task)
    if not known.facts.get("finite", True):
        return failed(f"{known.name} has weights that are not numbers")
    if known.facts.get("dead"):
        return failed(f"{known.name} gives the same class for every image, under every scaling")
    return passed("its answer depends on the image")


@check(
    "models.accuracy",
    required=True,
    tasks=NETS,
    needs=("models.alive",),
    reason="A trained model beats chance under the scaling it was trained with.",
    remedy="Save the trained model, after fit, and scale images in the model itself.",
)
def accuracy(e: Evidence, task: str) -> Outcome:
    known, measured = tried(e, task), accuracies(e, task)
    if known.facts.get("family") != FAMILIES[task]:
        return unconfirmed("it takes other images than the test set's")
    if not measured:
        return unconfirmed(f"no test images of {FAMILIES[task]} in the data folder", ours=True)
    shown = ", ".join(f"{value:.1%} for {name}" for name, value in measured.items())
    if max(measured.values()) < CHANCE:
        if known.facts.get("untrained"):
            return failed(f"{known.name} is not trained: its biases are all 0, as before the first step; {shown}")
        if (e.accuracy(task) or 0) > 2 * CHANCE:
            return unconfirmed(f"{known.name} is at chance under every scaling that is tried: it may want another")
        return failed(f"{known.name} is at chance under every scaling: {shown}")
    stated = e.found.metrics.get(task)
    claimed = stated.test_accuracy()[:1] if stated else []
    hint = ""
    if claimed:
        close = [name for name, value in measured.items() if abs(value - claimed[0].value) < 0.02]
        best = min(close, key=lambda n: abs(measured[n] - claimed[0].value), default=None)
        hint = f"; {best or 'none'} gives the stated {claimed[0].value:.2%}"
    return passed(f"accuracy by scaling: {shown}{hint}")


@check(
    "models.convolution",
    required=True,
    tasks=NETS,
    needs=("models.safe",),
    reason="The assignment asks for a ConvNet.",
    remedy="Build the net of Conv2D and MaxPooling2D layers, as listings 5.1 and 5.5 do.",
)
def convolution(e: Evidence, task: str) -> Outcome:
    known = tried(e, task)
    kinds = known.facts.get("layers")
    if not kinds:
        return unconfirmed("its layers are not known", ours=True)
    found = sorted({kind for kind in kinds if "conv" in kind.lower()})
    if found:
        return passed(", ".join(found))
    if _NO_CONVOLUTION.issuperset(kinds):
        return _sure(
            e, known, task, f"{known.name} has no convolution: its layers are {', '.join(dict.fromkeys(kinds))}"
        )
    return not_applicable("no layer is called a convolution, and what the others do is not known")


@check(
    "models.dropout",
    required=True,
    tasks=("6.2a", "6.2b"),
    needs=("models.safe",),
    reason="6.2a is the net without dropout and 6.2b the one with it.",
    remedy="Leave Dropout out of 6.2a's model and put it into 6.2b's.",
)
def dropout(e: Evidence, task: str) -> Outcome:
    known = tried(e, task)
    if not known.facts.get("layers"):
        return unconfirmed("its layers are not known", ours=True)
    rates = ", ".join(f"{rate:g}" for rate in known.facts["dropout"])
    if task == "6.2a":
        return _sure(e, known, task, f"{known.name} has dropout ({rates})") if rates else passed("no dropout")
    return passed(f"dropout of {rates}") if rates else _sure(e, known, task, f"{known.name} has no dropout")


def _sure(e: Evidence, known: ModelFacts, task: str, sentence: str) -> Outcome:
    """A defect where the file's name, or what explains it, leaves no doubt of its task, else advice."""
    if names.certain(known.name) == task or (
        e.found.certain(known.name) == task and not _has_a_second_part(e, known.name)
    ):
        return failed(sentence)
    return advise(f"{sentence}; its name does not say whether it is {task}'s", credit=0.5)


@check(
    "models.augmentation",
    required=True,
    tasks=("6.2a", "6.2b"),
    needs=("models.safe",),
    reason="6.2a is trained without augmentation, 6.2b with it.",
    remedy="Leave random layers out of 6.2a's model, and train 6.2b on images that are changed at random.",
)
def augmentation(e: Evidence, task: str) -> Outcome:
    known = tried(e, task)
    if not known.facts.get("layers"):
        return unconfirmed("its layers are not known", ours=True)
    layers = ", ".join(known.facts["augmentation"])
    if task == "6.2a":
        if layers:
            return _sure(e, known, task, f"{known.name} has {layers}")
        place = with_augmentation(e, task)
        return advise(f"{place} trains it on augmented images", credit=0.5) if place else passed("no random layers")
    if layers:
        return passed(layers)
    place = without_augmentation(e)
    if place:
        return advise(
            f"{known.name} has no random layers, and {place} trains it on images that no code augments", credit=0.5
        )
    return not_applicable("no random layers in the model: if it was augmented, then outside")


@check(
    "models.own_weights",
    required=True,
    tasks=("6.2b",),
    reason="Two trainings never end with the same weights.",
    remedy="Train 6.2b's net from its own start, with dropout and augmentation, and save that.",
)
def own_weights(e: Evidence, task: str) -> Outcome:
    plain, augmented = e.found.models.get("6.2a"), e.found.models.get("6.2b")
    if plain is not None and augmented is not None and _same_bytes(plain, augmented):
        return failed(f"{augmented.name} is a copy of {plain.name}")
    if plain is None or augmented is None or not plain.weights or not augmented.weights:
        return not_applicable("the weights of 6.2a's and 6.2b's models are not both read")
    share, arrays = weights.shared(augmented.weights, plain.weights)
    if share < 0.01:  # the biases of units that never fire may end alike
        return passed("6.2a's and 6.2b's models share no weights")
    sentence = f"{share:.0%} of the weights of {augmented.name} are those of {plain.name}, to the last bit"
    if share > 0.95:
        return failed(sentence)
    return advise(f"{sentence} ({arrays} of {len(augmented.weights)} arrays)")


def _same_bytes(one: Model, other: Model) -> bool:
    """Whether two models are one file, which no two of this size are by chance, if their weights are in it."""
    sizes = {model.path.stat().st_size for model in (one, other)}
    if len(sizes) > 1 or min(sizes) < _SMALL or {one.format, other.format} & set(_APART):
        return False
    return filecmp.cmp(one.path, other.path, shallow=False)


@check(
    "models.in_code",
    required=False,
    tasks=NETS,
    needs=("models.safe",),
    reason="Code that writes another net has not made this model.",
    remedy="Hand in the code that built and trained the model as it was run, or train the net that the code writes.",
)
def in_code(e: Evidence, task: str) -> Outcome:
    if e.found.manifest is not None:
        return WORKFLOW
    known = tried(e, task)
    own = known.facts.get("widths", [])
    nets = [net for net in known.facts.get("code", []) if len(net[1]) > 1 and net[1][-1:] == own[-1:]]
    if place := next((place for place, widths in nets if sorted(widths) == sorted(own)), ""):
        return passed(f"a net of these layers is written at {place}")
    if not nets or programs.own_class(e.code):
        return not_applicable("the code writes no net that can be compared with the model")
    place, nearest = max(nets, key=lambda net: SequenceMatcher(None, own, net[1], autojunk=False).ratio())
    ours, theirs = ", ".join(own), ", ".join(nearest)
    return advise(f"{known.name} ({ours}) is no net that the code writes; the nearest has {theirs} ({place})")
