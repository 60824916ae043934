"""Check `config.yaml` and fill in its defaults; every refusal is one sentence."""

import copy
import difflib
import itertools
import math
import re
import unicodedata
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from assignment06.config.values import check_paths, check_values, refusal
from assignment06.data.assets import DATASETS

SCHEMA = Path(__file__).resolve().parents[2] / "schemas" / "config.schema.yaml"
# The names stand here as well as in networks.py and kerascv.py, which import TensorFlow; a test compares them.
MODELS = ("book_mnist", "book_cifar10", "lean")
POLICIES = ("none", "book", "light", "strong")
APOSTROPHES = "'’‘ʼ`´"
SEPARATORS = '/\\:*?"<>|{}'  # of these, Snakemake takes braces for a wildcard
RESERVED = ("comparison",)  # results/metrics/comparison.json is the comparison's
LONGEST_NAME = 200  # bytes; file systems take 255, and a file that is being written has a longer name
MOST_EXPERIMENTS = 10_000


def check_config(config: dict) -> dict:
    """Return a copy of `config` with all defaults filled in.

    Raises AssignmentError with one sentence that names the key, what is wrong and what would be right.
    """
    check_values(config)
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    config = {**config, "experiments": expand_experiments(config.get("experiments"))}
    error = best_match(Draft202012Validator(schema).iter_errors(config))
    if error:
        raise refusal(_sentence(error))
    config = copy.deepcopy(config)
    _fill_defaults(config, schema)
    check_paths(config)
    for name, row in config["experiments"].items():
        row.setdefault("title", name)
        row.setdefault("group", name)
        _known(f"experiments: {name}: dataset", row["dataset"], [*DATASETS, *config["datasets"]])
        _known(f"experiments: {name}: model", row["model"], MODELS)
        _known(f"experiments: {name}: augmentation", row["augmentation"], POLICIES)
        if name in RESERVED:
            raise refusal(f"`experiments: {name}` is the name of a file of the results: choose another.")
    for name in config["datasets"]:
        if name in DATASETS:
            raise refusal(f"`datasets: {name}` is the name of an official data set: choose another.")
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
            raise refusal(f"a list in `experiments: {name}` is empty or repeats a value: correct it.")
        seeds = lists.pop("seeds", [row.get("seed", 0)])
        if math.prod(map(len, lists.values())) * len(seeds) > MOST_EXPERIMENTS:
            raise refusal(f"the lists in `experiments: {name}` make more than {MOST_EXPERIMENTS} rows: shorten them.")
        for values in itertools.product(*lists.values()):
            chosen = dict(zip(lists, values, strict=True))
            group = "_".join([name, *(f"{key}{_plain(value)}" for key, value in chosen.items())])
            for seed in seeds:
                single = {key: value for key, value in row.items() if key != "seeds"} | chosen | {"seed": seed}
                words = [f"{key} {value}" for key, value in {**chosen, "seed": seed}.items()]
                single |= {"group": group, "title": f"{row.get('title', name)} ({', '.join(words)})"}
                new = f"{group}_seed{seed}" if len(seeds) > 1 else group
                if new in expanded or new in rows:
                    raise refusal(f"two rows of `experiments` come to the name `{new}`: rename one.")
                expanded[new] = single
    return expanded


def _plain(value: object) -> str:
    return re.sub(r"[^a-z0-9.]", "", str(value).lower())


def zip_name(last_name: str, first_name: str) -> str:
    """Return `assignment06_LastnameFirstname.zip` for a student.

    Spaces become "-", accents and apostrophes are dropped; AssignmentError for an empty name, a path, or a name
    that no file can have.
    """
    name = f"assignment06_{_name_part('last_name', last_name)}{_name_part('first_name', first_name)}.zip"
    if len(name.encode()) > LONGEST_NAME:
        raise refusal(
            f"`student` makes a file name of {len(name.encode())} bytes, more than {LONGEST_NAME}: shorten it."
        )
    return name


def is_placeholder(student: dict) -> bool:
    """Tell whether the name is still the one the config came with."""
    return (student["last_name"], student["first_name"]) == ("Lastname", "Firstname")


def _name_part(key: str, name: str) -> str:
    plain = unicodedata.normalize("NFKD", "".join(c for c in name if c not in APOSTROPHES))
    plain = unicodedata.normalize("NFC", "".join(c for c in plain if not unicodedata.combining(c)))
    # What is written in full width, or as one sign for two, may hold a separator only once it is plain.
    bad = [c for c in name + plain if c in SEPARATORS or unicodedata.category(c) in ("Cc", "Cs")]
    if bad or (plain.strip().strip(".") == "" and plain.strip()):
        shown = bad[0] if bad else name
        raise refusal(f"`student: {key}` contains {shown!r}, which cannot stand in a file name: leave it out.")
    part = "-".join(plain.split()).strip(".")
    if not part:
        raise refusal(f"`student: {key}` is empty: write your name there.")
    return part


def _fill_defaults(value: dict, schema: dict) -> None:
    """Put the schema's defaults into an object, and into the objects inside it."""
    for key, inner in schema.get("properties", {}).items():
        if "default" in inner:
            value.setdefault(key, copy.deepcopy(inner["default"]))
        if inner.get("type") == "integer" and isinstance(value.get(key), float):
            value[key] = int(value[key])  # JSON Schema takes 3.0 for an integer
        if isinstance(value.get(key), dict):
            _fill_defaults(value[key], inner)
    row_schema = schema.get("additionalProperties")
    if isinstance(row_schema, dict):
        for row in value.values():
            _fill_defaults(row, row_schema)


def _known(where: str, value: str, known: list[str] | tuple[str, ...]) -> None:
    if value not in known:
        raise refusal(f"`{where}: {value}` is not known{_nearest(value, known)}.")


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
            return f"unknown key `{key}` at {place}{_nearest(key, known)}."
        case "required":
            missing = next(key for key in error.validator_value if key not in error.instance)
            return f"`{missing}` is missing at {place}: add it."
        case "enum":
            return f"{place} is {error.instance!r}{_nearest(error.instance, error.validator_value)}."
        case "type":
            wanted = (
                error.validator_value if isinstance(error.validator_value, str) else " or ".join(error.validator_value)
            )
            return f"{place} is {error.instance!r}, which is no {wanted}: correct it."
        case "maxLength":
            return f"the name `{error.instance}` at {place} is longer than {error.validator_value} letters: shorten it."
        case "pattern":
            return f"the name `{error.instance}` at {place} must be lower-case letters, digits and `_`."
        case "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum":
            words = {
                "minimum": "at least", "exclusiveMinimum": "more than",
                "maximum": "at most", "exclusiveMaximum": "less than",
            }  # fmt: skip
            bound = f"{words[error.validator]} {error.validator_value}"
            return f"{place} is {error.instance}; it must be {bound}."
        case _:
            return f"{place}: {error.message}."
