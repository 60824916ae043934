"""The kinds of values that `config.yaml` knows, and what each refuses."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

# YAML 1.1 takes 1e-3 for a text, people for a number
SCIENTIFIC = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+")
LARGEST_SEED = 2**32 - 1


def _number(value: object) -> object:
    if isinstance(value, str) and SCIENTIFIC.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError("no_such_type", "number")
    return value


def _whole(value: object) -> object:
    if isinstance(value, str) and SCIENTIFIC.fullmatch(value):
        value = float(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise PydanticCustomError("no_such_type", "integer")
    return value


def _optional_whole(value: object) -> object:
    return value if value is None else _whole(value)


def _text(value: object) -> object:
    if not isinstance(value, str):
        raise PydanticCustomError("no_such_type", "string")
    return value


def _optional_text(value: object) -> object:
    return value if value is None else _text(value)


def _table(value: object) -> object:
    """Take a key with nothing behind it for an empty table."""
    return {} if value is None else value


Whole = Annotated[int, BeforeValidator(_whole)]  # 3.0 and 1e3 are whole numbers too
Number = Annotated[int | float, BeforeValidator(_number)]  # it stays as it was written
Seed = Annotated[Whole, Field(ge=0, le=LARGEST_SEED)]
Share = Annotated[Number, Field(gt=0, lt=1)]
Text = Annotated[str, BeforeValidator(_text)]
Name = Annotated[str, Field(min_length=1), BeforeValidator(_text)]
OptionalCount = Annotated[Annotated[int, Field(ge=1)] | None, BeforeValidator(_optional_whole)]
OptionalSide = Annotated[Annotated[int, Field(ge=16, le=1024)] | None, BeforeValidator(_optional_whole)]
OptionalText = Annotated[str | None, BeforeValidator(_optional_text)]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.]*$", max_length=100)]
PlainKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=100)]
Table = BeforeValidator(_table)
