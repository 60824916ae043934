"""Write the reference of `config.yaml` from its type: `python -m assignment06.config.reference > docs/config.md`."""

import json

from assignment06.config.model import Config

HEAD = """# Reference of `config.yaml`

<!-- Made from the types in workflow/assignment06/config by `python -m assignment06.config.reference`. -->

What is not in the file takes its default. An unknown key, a wrong type or a value out of range ends the run before it
begins, with one sentence. Only what a change touches is computed again: another `title` redraws plots, another
`learning_rate` trains that experiment anew, another name packs the zip.

Single keys may also be set for one run: `--config data_source=sample`, or a whole file with `--configfile`.
"""
LIMITS = {
    "at least": ("minimum", "ge"), "more than": ("exclusiveMinimum", "gt"), "at most": ("maximum", "le"),
    "less than": ("exclusiveMaximum", "lt"),
}  # fmt: skip
WORDS = {
    "integer": "whole number",
    "number": "number",
    "string": "text",
    "null": "null",
    "array": "list",
    "boolean": "true or false",
}


def config_reference() -> str:
    """Return the reference of every key of the config as Markdown, in the order of its type."""
    schema = Config.model_json_schema()
    parts = [HEAD, "## Top level\n", _table(schema, schema)]
    for name, inner in schema["properties"].items():
        if "patternProperties" in inner:
            pattern, rows = next(iter(inner["patternProperties"].items()))
            pattern = pattern.strip("^$")
            described = f"{_text(inner['description'])} Each name (matching `{pattern}`) has these keys.\n"
            parts += [f"## `{name}`\n", described, _table(rows, schema)]
        elif "$ref" in inner:
            section = _resolved(inner, schema)
            parts += [f"## `{name}`\n", f"{_text(section['description'])}\n", _table(section, schema)]
    return "\n".join(parts)


def _resolved(part: dict, schema: dict) -> dict:
    """Return what a reference stands for."""
    if "$ref" not in part:
        return part
    return schema["$defs"][part["$ref"].rpartition("/")[2]]


def _text(description: str) -> str:
    return " ".join(description.split())


def _table(part: dict, schema: dict) -> str:
    rows = ["| key | value | default | meaning |", "| --- | --- | --- | --- |"]
    section = _resolved(part, schema)
    for key, inner in section["properties"].items():
        default = _default(inner, key in section.get("required", ()))
        described = inner if "description" in inner else _resolved(inner, schema)
        meaning = _text(described["description"]) + (" See below." if _is_section(inner) else "")
        rows.append(f"| `{key}` | {_value(inner)} | {default} | {meaning.replace('|', chr(92) + '|')} |")
    return "\n".join(rows) + "\n"


def _is_section(schema: dict) -> bool:
    return "$ref" in schema or schema.get("type") == "object"


def _value(schema: dict) -> str:
    """Say which values a key takes."""
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if _is_section(schema):
        return "keys"
    kinds = [kind["type"] for kind in schema.get("anyOf", [schema])]
    kinds = ["number"] if set(kinds) == {"integer", "number"} else kinds
    parts = [schema, *schema.get("anyOf", ())]
    limits = [(word, part[key]) for word, keys in LIMITS.items() for key in keys for part in parts if key in part]
    told = [f"{word} {value}" for word, value in limits]
    return ", ".join([" or ".join(WORDS[kind] for kind in kinds), *told])


def _default(schema: dict, required: bool) -> str:
    if required:
        return "required"
    if _is_section(schema):
        return "each key's own" if "$ref" in schema else "empty"
    if schema["default"] == "":
        return "none"
    return f"`{json.dumps(schema['default']).strip(chr(34))}`"


if __name__ == "__main__":
    print(config_reference(), end="")
