"""The dictionaries and lists in texts of JSON, JSON Lines, YAML, TOML and INI."""

import configparser
import contextlib
import json
import re
import tomllib

import yaml

_YAML, _INI = (".yaml", ".yml"), (".ini", ".cfg")
SETTINGS = (*_YAML, ".toml", *_INI)
SUFFIXES = (".json", ".jsonl", ".ndjson", *SETTINGS)
_MOST = 1 << 18  # characters of settings: YAML takes a second for them, and its faster reader breaks when nested deep
_ANCHOR = re.compile(r"(?m)(?:^|[\s:\[,-])[&*]\w")  # by which a small file can stand for endless data


def parse(text: str, suffix: str) -> dict | list | None:
    """What a text of this suffix says, of JSON where the suffix is another one; None where it is none such."""
    suffix = suffix.lower()
    with contextlib.suppress(ValueError, RecursionError, yaml.YAMLError, configparser.Error):
        data = _parse(text, suffix) if suffix not in SETTINGS or len(text) <= _MOST else None
        return data if isinstance(data, dict | list) else None
    return None


def _parse(text: str, suffix: str) -> object:
    if suffix in _YAML:
        return None if _ANCHOR.search(text) else yaml.safe_load(text)
    if suffix == ".toml":
        return tomllib.loads(text)
    if suffix in _INI:
        ini = configparser.ConfigParser(interpolation=None, strict=False)
        ini.read_string(text)
        return {section: dict(ini[section]) for section in ini.sections()}
    if suffix in (".jsonl", ".ndjson"):
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    return json.loads(text)
