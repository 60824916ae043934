"""Is each model a living ten-class net for the right images, and is it what the task asks for?"""

from ..names import FAMILIES, NETS
from ..probe import ModelFacts
from ..registry import Evidence, Outcome, check, failed, not_applicable, passed
from .predictions import CHANCE

_INPUTS = {"mnist": "28 x 28", "cifar10": "32 x 32 x 3"}


def facts(e: Evidence, task: str) -> ModelFacts | None:
    """What the probe found about the model of a task, None if it was not tried."""
    model = e.found.models.get(task)
    return e.models.get(model.name) if model else None


def accuracies(e: Evidence, task: str) -> dict[str, float]:
    """The model's accuracy on the test images under each scaling; empty where it was not measured."""
    known = facts(e, task)
    return {name: values["accuracy"] for name, values in (known.facts.get("scalings", {}) if known else {}).items()}


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
        return not_applicable("models were not tried" if not e.models_tried else f"{model.name} is {model.what}")
    if known.status == "refused":
        return failed(f"{model.name} was refused: {known.reason}")
    return passed(f"{model.name} has only layers of Keras' own" if known.status == "ok" else "nothing to refuse")


@check(
    "models.format",
    required=False,
    tasks=NETS,
    needs=("completeness.model",),
    reason="A SavedModel is a program as well as weights; here it is recognised and never executed.",
    remedy="Save the model as .keras (or .h5).",
)
def fmt(e: Evidence, task: str) -> Outcome:
    model = e.found.models[task]
    if model.format in ("savedmodel", "other"):
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
    known = facts(e, task)
    if known.status != "ok":
        return failed(f"{known.name}: {known.reason}")
    return passed(f"{known.name} loads, {known.facts['parameters']:,} parameters")


@check(
    "models.input",
    required=True,
    tasks=NETS,
    needs=("models.loads",),
    reason="A model of MNIST takes 28 x 28 images and one of CIFAR-10 takes 32 x 32 x 3.",
    remedy="Save the model of this task under this task's name.",
)
def model_input(e: Evidence, task: str) -> Outcome:
    known = facts(e, task)
    shown = " and ".join(str(tuple(shape)) for shape in known.facts["inputs"])
    if known.facts["family"] != FAMILIES[task]:
        return failed(f"{known.name} takes {shown}, and the images of {task} are {_INPUTS[FAMILIES[task]]}")
    return passed(f"takes {shown}")


@check(
    "models.output",
    required=True,
    tasks=NETS,
    needs=("models.loads",),
    reason="Ten classes need ten outputs, as a softmax or as its logits.",
    remedy="End the model with Dense(10, activation='softmax') and train it with a categorical loss.",
)
def output(e: Evidence, task: str) -> Outcome:
    known = facts(e, task)
    outputs, last = known.facts["outputs"], known.facts.get("last_activation", "")
    if outputs != [[10]]:
        shown = " and ".join(str(tuple(shape)) for shape in outputs)
        return failed(f"{known.name} gives {shown} ({last}), not ten classes")
    if last not in ("softmax", "linear", "log_softmax", "") and not known.facts.get("sums_to_one"):
        return failed(f"{known.name} ends with {last}, not with a softmax over the ten classes")
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
    known = facts(e, task)
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
    known, measured = facts(e, task), accuracies(e, task)
    if not measured:
        return not_applicable(f"no test images of {FAMILIES[task]} in the data folder")
    shown = ", ".join(f"{value:.1%} for {name}" for name, value in measured.items())
    if max(measured.values()) < CHANCE:
        return failed(f"{known.name} is at chance under every scaling: {shown}")
    stated = e.found.metrics.get(task)
    claimed = stated.test_accuracy()[:1] if stated else []
    hint = ""
    if claimed:
        close = [name for name, value in measured.items() if abs(value - claimed[0].value) < 0.02]
        best = min(close, key=lambda n: abs(measured[n] - claimed[0].value), default=None)
        hint = (
            f"; {best} gives the stated {claimed[0].value:.2%}"
            if best
            else f"; none gives the stated {claimed[0].value:.2%}"
        )
    return passed(f"accuracy by scaling: {shown}{hint}")


@check(
    "models.dropout",
    required=True,
    tasks=("6.2a", "6.2b"),
    needs=("models.safe",),
    reason="6.2a is the net without dropout and 6.2b the one with it.",
    remedy="Leave Dropout out of 6.2a's model and put it into 6.2b's.",
)
def dropout(e: Evidence, task: str) -> Outcome:
    known = facts(e, task)
    if not known.facts.get("layers"):
        return not_applicable("its layers are not known")
    rates = ", ".join(f"{rate:g}" for rate in known.facts["dropout"])
    if task == "6.2a":
        return failed(f"{known.name} has dropout ({rates})") if rates else passed("no dropout")
    return passed(f"dropout of {rates}") if rates else failed(f"{known.name} has no dropout")


@check(
    "models.augmentation",
    required=True,
    tasks=("6.2a", "6.2b"),
    needs=("models.safe",),
    reason="6.2a is trained without augmentation.",
    remedy="Leave random layers out of 6.2a's model.",
)
def augmentation(e: Evidence, task: str) -> Outcome:
    known = facts(e, task)
    if not known.facts.get("layers"):
        return not_applicable("its layers are not known")
    layers = ", ".join(known.facts["augmentation"])
    if task == "6.2a":
        return failed(f"{known.name} has {layers}") if layers else passed("no random layers")
    return (
        passed(layers) if layers else not_applicable("no random layers in the model: if it was augmented, then outside")
    )
