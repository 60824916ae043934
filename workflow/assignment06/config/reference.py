"""Write the reference of `config.yaml` from its schema: `python -m assignment06.config.reference > docs/config.md`."""

import json

import yaml

from assignment06.config.check import SCHEMA

HEAD = """# Reference of `config.yaml`

<!-- Made from workflow/schemas/config.schema.yaml by `python -m assignment06.config.reference`: edit that file. -->

What is not in the file takes its default. An unknown key, a wrong type or a value out of range ends the run before it
begins, with one sentence. Only what a change touches is computed again: another `title` redraws plots, another
`learning_rate` trains that experiment anew, another name packs the zip.

Single keys may also be set for one run: `--config data_source=sample`, or a whole file with `--configfile`.
"""
WORDS = {"integer": "whole number", "number": "number", "string": "text", "null": "null"}


def config_reference() -> str:
    """Return the reference of every key of the config as Markdown, in the order of the schema."""
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    parts = [HEAD, "## Top level\n", _table(schema)]
    for name, inner in schema["properties"].items():
        if "properties" in inner:
            parts += [f"## `{name}`\n", f"{inner['description']}\n", _table(inner)]
        elif "additionalProperties" in inner:
            pattern = inner["propertyNames"]["pattern"].strip("^$")
            parts += [
                f"## `{name}`\n",
                f"{inner['description']} Each name (matching `{pattern}`) has these keys.\n",
                _table(inner["additionalProperties"]),
            ]
    return "\n".join(parts)


def _table(schema: dict) -> str:
    rows = ["| key | value | default | meaning |", "| --- | --- | --- | --- |"]
    for key, inner in schema["properties"].items():
        default = _default(inner, key in schema.get("required", ()))
        meaning = inner["description"] + (" See below." if inner.get("type") == "object" else "")
        rows.append(f"| `{key}` | {_value(inner)} | {default} | {meaning.replace('|', chr(92) + '|')} |")
    return "\n".join(rows) + "\n"


def _value(schema: dict) -> str:
    """Say which values a key takes."""
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if schema["type"] == "object":
        return "keys"
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    limits = {
        "minimum": "at least", "exclusiveMinimum": "more than", "maximum": "at most", "exclusiveMaximum": "less than",
    }  # fmt: skip
    told = [f"{word} {schema[key]}" for key, word in limits.items() if key in schema]
    return ", ".join([" or ".join(WORDS[kind] for kind in types), *told])


def _default(schema: dict, required: bool) -> str:
    if required:
        return "required"
    if schema.get("type") == "object":
        return "empty" if "additionalProperties" in schema and "properties" not in schema else "each key's own"
    if "default" not in schema:
        return "none"
    return f"`{json.dumps(schema['default']).strip(chr(34))}`"


if __name__ == "__main__":
    print(config_reference(), end="")
