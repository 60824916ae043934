"""Check `config.yaml` and fill in its defaults; every refusal is one sentence."""

import copy
import difflib
import itertools
import re
import unicodedata
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from assignment06.assets import DATASETS
from assignment06.errors import AssignmentError

SCHEMA = Path(__file__).resolve().parent.parent / "schemas" / "config.schema.yaml"
# The names stand here as well as in networks.py and vision.py, which import TensorFlow; a test compares them.
MODELS = ("book_mnist", "book_cifar10", "lean")
POLICIES = ("none", "book", "light", "strong")
APOSTROPHES = "'’‘ʼ`´"
SEPARATORS = '/\\:*?"<>|'


def check_config(config: dict) -> dict:
    """Return a copy of `config` with all defaults filled in.

    Raises AssignmentError with one sentence that names the key, what is wrong and what would be right.
    """
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    config = {**config, "experiments": expand_experiments(config.get("experiments"))}
    error = best_match(Draft202012Validator(schema).iter_errors(config))
    if error:
        raise AssignmentError(_sentence(error))
    config = copy.deepcopy(config)
    _fill_defaults(config, schema)
    for name, row in config["experiments"].items():
        row.setdefault("title", name)
        row.setdefault("group", name)
        _known(f"experiments: {name}: dataset", row["dataset"], [*DATASETS, *config["datasets"]])
        _known(f"experiments: {name}: model", row["model"], MODELS)
        _known(f"experiments: {name}: augmentation", row["augmentation"], POLICIES)
    for name in config["datasets"]:
        if name in DATASETS:
            raise AssignmentError(
                f"config.yaml: `datasets: {name}` is the name of an official data set: choose another."
            )
    zip_name(**config["student"])
    return config


def expand_experiments(rows: object) -> object:
    """Return the table of experiments with one row for each combination of a row's listed values.

    `seeds: [0, 1]` and, say, `dropout: [0.2, 0.5]` in a row `a` make `a_dropout0.2_seed0` and three more, each
    with `group: a_dropout0.2` (what its seeds have in common) and a title that says which it is. A row without
    lists stays as it is, and so does anything that is no table, for the schema to refuse.
    """
    if not isinstance(rows, dict):
        return rows
    expanded = {}
    for name, row in rows.items():
        lists = {key: value for key, value in row.items() if isinstance(value, list)} if isinstance(row, dict) else {}
        if not lists:
            expanded[name] = row
            continue
        if [key for key, values in lists.items() if not values or len(set(map(str, values))) < len(values)]:
            raise AssignmentError(
                f"config.yaml: a list in `experiments: {name}` is empty or repeats a value: correct it."
            )
        seeds = lists.pop("seeds", [row.get("seed", 0)])
        for values in itertools.product(*lists.values()):
            chosen = dict(zip(lists, values, strict=True))
            group = "_".join([name, *(f"{key}{_plain(value)}" for key, value in chosen.items())])
            for seed in seeds:
                single = {key: value for key, value in row.items() if key != "seeds"} | chosen | {"seed": seed}
                words = [f"{key} {value}" for key, value in {**chosen, "seed": seed}.items()]
                single |= {"group": group, "title": f"{row.get('title', name)} ({', '.join(words)})"}
                expanded[f"{group}_seed{seed}" if len(seeds) > 1 else group] = single
    return expanded


def _plain(value: object) -> str:
    return re.sub(r"[^a-z0-9.]", "", str(value).lower())


def zip_name(last_name: str, first_name: str) -> str:
    """Return `assignment06_LastnameFirstname.zip` for a student.

    Spaces become "-", accents and apostrophes are dropped; AssignmentError for an empty name or a path.
    """
    return f"assignment06_{_name_part('last_name', last_name)}{_name_part('first_name', first_name)}.zip"


def is_placeholder(student: dict) -> bool:
    """Tell whether the name is still the one the config came with."""
    return (student["last_name"], student["first_name"]) == ("Lastname", "Firstname")


def _name_part(key: str, name: str) -> str:
    bad = [c for c in name if c in SEPARATORS or unicodedata.category(c) == "Cc"]
    if bad or (name.strip().strip(".") == "" and name.strip()):
        shown = bad[0] if bad else name
        raise AssignmentError(
            f"config.yaml: `student: {key}` contains {shown!r}, which cannot stand in a file name: leave it out."
        )
    plain = unicodedata.normalize("NFKD", "".join(c for c in name if c not in APOSTROPHES))
    plain = unicodedata.normalize("NFC", "".join(c for c in plain if not unicodedata.combining(c)))
    part = "-".join(plain.split()).strip(".")
    if not part:
        raise AssignmentError(f"config.yaml: `student: {key}` is empty: write your name there.")
    return part


def _fill_defaults(value: dict, schema: dict) -> None:
    """Put the schema's defaults into an object, and into the objects inside it."""
    for key, inner in schema.get("properties", {}).items():
        if "default" in inner:
            value.setdefault(key, copy.deepcopy(inner["default"]))
        if isinstance(value.get(key), dict):
            _fill_defaults(value[key], inner)
    row_schema = schema.get("additionalProperties")
    if isinstance(row_schema, dict):
        for row in value.values():
            _fill_defaults(row, row_schema)


def _known(where: str, value: str, known: list[str] | tuple[str, ...]) -> None:
    if value not in known:
        raise AssignmentError(f"config.yaml: `{where}: {value}` is not known{_nearest(value, known)}.")


def _nearest(value: str, known: list[str] | tuple[str, ...]) -> str:
    close = difflib.get_close_matches(str(value), known, n=1, cutoff=0.5)
    choices = ", ".join(known)
    return f"; did you mean `{close[0]}`? Known are {choices}" if close else f"; known are {choices}"


def _sentence(error: ValidationError) -> str:
    """Say what a schema violation means, with the place in the config."""
    where = ": ".join(map(str, error.absolute_path))
    place = f"`{where}`" if where else "the top level"
    match error.validator:
        case "additionalProperties":
            known = list(error.schema["properties"])
            key = next(key for key in error.instance if key not in known)
            return f"config.yaml: unknown key `{key}` at {place}{_nearest(key, known)}."
        case "required":
            missing = next(key for key in error.validator_value if key not in error.instance)
            return f"config.yaml: `{missing}` is missing at {place}: add it."
        case "enum":
            return f"config.yaml: {place} is {error.instance!r}{_nearest(error.instance, error.validator_value)}."
        case "type":
            wanted = (
                error.validator_value if isinstance(error.validator_value, str) else " or ".join(error.validator_value)
            )
            return f"config.yaml: {place} is {error.instance!r}, which is no {wanted}: correct it."
        case "pattern":
            return f"config.yaml: the name `{error.instance}` at {place} must be lower-case letters, digits and `_`."
        case "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum":
            words = {
                "minimum": "at least", "exclusiveMinimum": "more than",
                "maximum": "at most", "exclusiveMaximum": "less than",
            }  # fmt: skip
            bound = f"{words[error.validator]} {error.validator_value}"
            return f"config.yaml: {place} is {error.instance}; it must be {bound}."
        case _:
            return f"config.yaml: {place}: {error.message}."
