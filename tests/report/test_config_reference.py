"""docs/config.md is what the schema says."""

from pathlib import Path

import yaml

from assignment06.config.check import SCHEMA
from assignment06.config.reference import config_reference

PAGE = Path(__file__).resolve().parents[2] / "docs" / "config.md"


def test_page_is_in_step_with_the_schema():
    assert PAGE.read_text(encoding="utf-8") == config_reference(), (
        "run `python -m assignment06.config.reference > docs/config.md` in workflow/"
    )


def test_every_key_has_its_row_with_meaning_and_default():
    text = config_reference()
    seen = 0
    for part in [yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))]:
        waiting = [part]
        while waiting:
            schema = waiting.pop()
            for key, inner in schema.get("properties", {}).items():
                assert f"| `{key}` |" in text
                assert inner["description"] in text
                seen += 1
                waiting.append(inner)
            if isinstance(schema.get("additionalProperties"), dict):
                waiting.append(schema["additionalProperties"])
    assert seen > 30
    assert "| `epochs` | whole number, at least 1, at most 10000 | `10` |" in text
    assert "| `dataset` | text | required |" in text
