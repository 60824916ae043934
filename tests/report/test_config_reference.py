"""docs/config.md is what the type of the config says."""

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from pydantic import BaseModel

from assignment06.config.experiment import Experiment
from assignment06.config.model import Classifier, Config, OwnDataset, Plots, Student
from assignment06.config.reference import config_reference

PAGE = Path(__file__).resolve().parents[2] / "docs" / "config.md"


def test_page_is_in_step_with_the_type():
    assert PAGE.read_text(encoding="utf-8") == config_reference(), (
        "run `python -m assignment06.config.reference > docs/config.md` in workflow/"
    )


def tables(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Yield a type of the config and those of its sections and rows."""
    yield model
    for field in model.model_fields.values():
        for one in (field.annotation, *get_args(field.annotation)):
            if isinstance(one, type) and issubclass(one, BaseModel):
                yield from tables(one)


def test_every_key_has_its_row_with_meaning_and_default():
    text = " ".join(config_reference().split())
    found = list(tables(Config))
    assert {Student, Classifier, Plots, OwnDataset, Experiment} < set(found)
    fields = [(key, field) for model in found for key, field in model.model_fields.items()]
    assert len(fields) > 30
    for key, field in fields:
        assert f"| `{key}` |" in text
        assert field.description, key
        assert " ".join(field.description.split()) in text, key
    assert "| `epochs` | whole number, at least 1, at most 10000 | `10` |" in text
    assert "| `dataset` | text | required |" in text
