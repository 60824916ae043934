"""How a refusal of `config.yaml` is worded: one sentence, with the key, what is wrong and what would be right."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from pydantic import ValidationError

from assignment06.shared.documents import Document
from assignment06.shared.errors import AssignmentError

LONGEST_SENTENCE = 600
KINDS = {"model_type": "object", "model_attributes_type": "object", "dict_type": "object", "bool_type": "boolean"}
BOUNDS = {
    "greater_than_equal": ("at least", "ge"), "greater_than": ("more than", "gt"), "less_than_equal": ("at most", "le"),
    "less_than": ("less than", "lt"),
}  # fmt: skip


def sentence(error: ValidationError, model: type[Document]) -> str:
    """Say what of a config is refused; of several faults the one that explains the others, nearest to the top."""
    faults = error.errors(include_url=False)
    return _say(min(faults, key=lambda one: (one["type"] != "extra_forbidden", len(one["loc"]))), model)


def _say(fault: Mapping, model: type[Document]) -> str:
    keys = [key for key in map(str, fault["loc"]) if key not in ("int", "float")]
    place = f"`{': '.join(keys)}`" if keys else "the top level"
    above = f"`{': '.join(keys[:-1])}`" if keys[1:] else "the top level"
    value, kind, facts = fault["input"], fault["type"], fault.get("ctx", {})
    if keys and keys[-1] == "[key]":
        above, shown = f"`{': '.join(keys[:-2])}`", keys[-2]
        if kind == "string_too_long":
            return f"the name `{shown}` at {above} is longer than {facts['max_length']} letters: shorten it."
        return f"the name `{shown}` at {above} must be lower-case letters, digits and `_`."
    match kind:
        case "extra_forbidden":
            return f"unknown key `{keys[-1]}` at {above}{nearest(keys[-1], _known_keys(model, keys[:-1]))}."
        case "missing":
            return f"`{keys[-1]}` is missing at {above}: add it."
        case "literal_error":
            return f"{place} is {value!r}{nearest(value, _choices(model, keys))}."
        case "too_short":
            return f"{place} has no rows: write at least one, as in the config.yaml that came with the project."
        case "string_too_short":
            return f"{place} is empty: write something there."
        case _ if kind in BOUNDS:
            word, limit = BOUNDS[kind]
            return f"{place} is {value}; it must be {word} {facts[limit]}."
        case "no_such_type" if fault["msg"] == "string" and value is None:
            return f"{place} is empty: write something there."
        case "no_such_type" if fault["msg"] == "string" and isinstance(value, bool):
            words = "Yes and On" if value else "No and Off"
            return f"{place} is {str(value).lower()}, which is how YAML reads {words}: put the word in quotes."
        case "no_such_type" if fault["msg"] == "string" and not isinstance(value, dict | list):
            return f"{place} is {value!r}, which is no string: put it in quotes."
        case _:
            return f"{place} is {value!r}, which is no {KINDS.get(kind, fault['msg'])}: correct it."


def _field(model: type[Document], keys: Iterable[str]) -> Any:
    """Return the type that stands at `keys`, below the names of rows and through annotations."""
    found: Any = model
    for key in keys:
        if isinstance(found, type) and issubclass(found, Document):
            found = found.model_fields[key].annotation
        else:  # a table of rows: its values' type
            found = get_args(found)[1]
    return found


def _known_keys(model: type[Document], keys: list[str]) -> list[str]:
    return list(_field(model, keys).model_fields)


def _choices(model: type[Document], keys: list[str]) -> list[str]:
    return list(map(str, get_args(_field(model, keys))))


def nearest(value: object, known: Iterable[str]) -> str:
    """Return what to say of an unknown word: the known one that is most like it, and all that are known.

    Example:
        >>> nearest("cifar", ["mnist", "cifar10"])
        '; did you mean `cifar10`? Known are mnist, cifar10'
    """
    close = difflib.get_close_matches(str(value), list(known), n=1, cutoff=0.5)
    choices = ", ".join(known)
    return f"; did you mean `{close[0]}`? Known are {choices}" if close else f"; known are {choices}"


def refusal(sentence: str) -> AssignmentError:
    """Return the error with this sentence, on one line, the middle of an overlong one left out."""
    line = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in " ".join(sentence.split()))
    if len(line) > LONGEST_SENTENCE:
        line = f"{line[: LONGEST_SENTENCE - 200]} [...] {line[-150:]}"
    return AssignmentError(f"config.yaml: {line}")
