"""What the code draws of a training, and what it calls it. It is read, never run; all of it is advice."""

import re

from .. import names, notebooks, programs, source
from ..registry import Evidence, Outcome, check, failed, not_applicable, passed
from .sources import WORKFLOW

_KEY = re.compile(r"(?:\[\[?|get\()['\"](?:acc|accuracy|(?:sparse_)?categorical_accuracy|loss)['\"][\])]")
_SERIES = re.compile(r"['\"](val_)?(?:(acc|accuracy|(?:sparse_)?categorical_accuracy)|(loss))['\"]")
_LENGTH = re.compile(r"\blen\([^()\n]{0,80}\)")
_LABEL = re.compile(r"\blabel\s{0,4}=\s{0,4}[rf]?(['\"])([^'\"\n]{1,80})\1")
_KEEPS = re.compile(r"\s{0,40}(\w{1,40})\s{0,4}(?:=(?!=)|<-)")
_DRAWS = re.compile(r"(?<!sub)(?:plot(?!s)\w{0,20}|curves?|graphs?|lines?|scatter|semilog[xy]|errorbar)\s?\(", re.I)
_MATPLOTLIB = re.compile(r"(?:plt|ax\w{0,10}(?:\[[^\]]{1,9}\]){0,2})\.$")
_SAVES = re.compile(r"(?:savefig|write_image|ggsave|imsave)\(\s{0,4}[rf]?['\"]([^'\"\n{}]{1,120})['\"]\s{0,4}[,)]")
_VALIDATION = re.compile(r"(?<!e)val(?!u)", re.I)
_SPLITS = {"validation": _VALIDATION, "training": re.compile("train", re.I)}
_KINDS = {"accuracy": re.compile("acc", re.I), "loss": re.compile("loss", re.I)}


@check(
    "curves.validation",
    required=False,
    reason="Overfitting shows where validation leaves training, so the assignment asks for plots of both.",
    remedy="Plot history.history['val_accuracy'] and ['val_loss'] beside the curves of training.",
)
def validation(e: Evidence, task: str) -> Outcome:
    """Whether what follows a training draws its curves by their keys, without a word of the validation."""
    found = list(programs.trainings(e.code))
    for training in found:
        if place := _draws_training_alone(training.after):
            return failed(f"{place} plots what the training gave, and nothing beside it what the validation did")
    if not found:
        return not_applicable("no training is read")
    return passed("no plot is of the training alone, as far as the code tells")


def _draws_training_alone(code: list[source.Line]) -> str:
    """Where code draws a history's accuracy or loss, by its key or by a variable that has it; "" where it does not,
    speaks of validation, or draws anything besides, in which that may be.
    """
    kept: set[str] = set()
    place = ""
    for line in code:
        by_key = _KEY.search(line.text) is not None
        for drawn in _DRAWS.finditer(line.text):
            of_training = by_key or kept & set(re.findall(r"\w+", line.text[drawn.end() :])[:40])
            if not of_training or not _MATPLOTLIB.search(line.text[: drawn.start()]):
                return ""
            place = place or line.place
        if _VALIDATION.search(line.text):
            return ""
        if by_key and (keeps := _KEEPS.match(line.text)):
            kept.add(keeps[1])
    return place


@check(
    "curves.labels",
    required=False,
    reason="A curve of the loss that is called accuracy, or of training that is called validation, tells what is not.",
    remedy="Draw each curve below its own label, and save the plots anew.",
)
def labels(e: Evidence, task: str) -> Outcome:
    if e.found.manifest is not None:
        return WORKFLOW
    labelled = False
    for code in e.code.values():
        kept: dict[str, tuple[str, str]] = {}
        for line in code:
            label, drawn = _LABEL.search(line.text), _DRAWS.search(line.text)
            before = line.text[: label.start()] if label else line.text
            series = {
                ("validation" if validation else "training", "accuracy" if accuracy else "loss")
                for validation, accuracy, _ in _SERIES.findall(_LENGTH.sub("", before))
            }
            if drawn and label:
                used = re.findall(r"\w+", line.text[drawn.end() : label.start()])[:40]
                given = series or {kept[name] for name in used if name in kept}
                labelled = labelled or bool(given)
                for told, words in zip(zip(*given, strict=True), (_SPLITS, _KINDS), strict=False):
                    said = {what for what, word in words.items() if word.search(label[2])}
                    if len(set(told)) == len(said) == 1 and set(told) != said:
                        return failed(f'{line.place} draws the {" ".join(min(given))} and calls it "{label[2]}"')
            elif keeps := _KEEPS.match(line.text):
                kept.pop(keeps[1], None)
                if len(series) == 1:
                    kept[keeps[1]] = series.pop()
    return passed("each curve is called what it is") if labelled else not_applicable("no curve with a label is read")


@check(
    "curves.own_history",
    required=False,
    reason="A plot shows how the net of its task was trained, not another one.",
    remedy="Draw what the fit of this task's net returned, and save the plot anew.",
)
def own_history(e: Evidence, task: str) -> Outcome:
    """Whether a cell saves under the name of one task what the training of another one gave."""
    saved = False
    for name, path in e.notebooks():
        for place, code, tasks in notebooks.drawn(name, path):
            for file in _SAVES.findall(code):
                said = names.certain(file)[:3]  # which of the two nets of 6.2 is meant may be said in any language
                saved = saved or bool(said)
                if said and said not in {one[:3] for one in tasks}:
                    return failed(
                        f"the cell {place} saves {file}, and draws the training of {', '.join(sorted(tasks))}"
                    )
    return passed("each plot is of its own task's training") if saved else not_applicable("no notebook saves a plot")
