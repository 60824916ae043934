"""Readers of plain values: each returns a number, boolean, word or tuple within its limits, or raises ValueError.

The text of the ValueError says what is wanted; whoever calls a reader knows the place.
"""

import math
import re
from collections.abc import Callable
from typing import Any

Reader = Callable[[object], Any]
MAX_EXTENT = 65_536  # of one dimension; an image of the assignment has 3,072 values in all
_MODULE = re.compile(r"(builtins|(tf_)?keras(\.[a-z0-9_]+)*|tensorflow\.python(\.[a-z0-9_]+)*)")

ACTIVATIONS = frozenset(
    [
        "linear",
        "relu",
        "relu6",
        "leaky_relu",
        "elu",
        "selu",
        "celu",
        "gelu",
        "silu",
        "swish",
        "mish",
        "glu",
        "softmax",
        "log_softmax",
        "softplus",
        "softsign",
        "sigmoid",
        "hard_sigmoid",
        "hard_silu",
        "hard_swish",
        "hard_tanh",
        "log_sigmoid",
        "tanh",
        "tanh_shrink",
        "hard_shrink",
        "soft_shrink",
        "sparse_plus",
        "squareplus",
        "exponential",
        "sparsemax",
        "sparse_sigmoid",
        "threshold",
    ]
)
DTYPES = frozenset({"float16", "bfloat16", "float32", "float64", "mixed_float16", "mixed_bfloat16"})
INPUT_DTYPES = frozenset({"float16", "float32", "float64", "uint8", "int8", "int16", "int32", "int64", "bool"})


def whole(low: int, high: int) -> Reader:
    """An int from `low` to `high`."""

    def read(value: object) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"a whole number from {low} to {high:,}")
        return value

    return read


def number(low: float = -1e9, high: float = 1e9) -> Reader:
    """A finite float from `low` to `high`."""

    def read(value: object) -> float:
        plain = isinstance(value, int | float) and not isinstance(value, bool)
        if not plain or not low <= value <= high or not math.isfinite(value):
            raise ValueError(f"a number from {low:g} to {high:g}")
        return float(value)

    return read


def boolean(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def choice(*words: str) -> Reader:
    """One of `words`."""

    def read(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise ValueError(" or ".join(words))
        return str(value)

    return read


def nothing(value: object) -> None:
    """Only null."""
    if value is not None:
        raise ValueError("null")


def either(*readers: Reader) -> Reader:
    """What the first of `readers` that accepts the value makes of it."""

    def read(value: object) -> object:
        wanted = []
        for reader in readers:
            try:
                return reader(value)
            except ValueError as error:
                wanted.append(str(error))
        raise ValueError(", or ".join(wanted))

    return read


def several(reader: Reader, low: int, high: int | None = None) -> Reader:
    """A tuple of `low` to `high` values (exactly `low` without `high`), each as `reader` makes it."""
    most = low if high is None else high

    def read(value: object) -> tuple:
        if not isinstance(value, list | tuple) or not low <= len(value) <= most:
            raise ValueError(f"a list of {low}{f' to {most}' if most != low else ''} values")
        return tuple(reader(item) for item in value)

    return read


def extents(rank: int, low: int = 1, high: int = MAX_EXTENT) -> Reader:
    """One int, or one for each of `rank` dimensions."""
    one = whole(low, high)
    return either(one, several(one, 1), several(one, rank)) if rank > 1 else either(one, several(one, 1))


def margins(rank: int) -> Reader:
    """Widths of padding or cropping: one int, one for each of `rank` dimensions, or two (before, after) for each."""
    one = whole(0, 4096)
    pair = several(one, 2)
    return either(one, several(either(one, pair), rank), pair)


def shape(low: int, high: int) -> Reader:
    """A tuple of `low` to `high` extents, of which each may be None."""
    return several(either(nothing, whole(1, MAX_EXTENT)), low, high)


def module_of_keras(value: object) -> bool:
    """Whether a `module` in a configuration is absent or Keras' own. It is never imported, only judged."""
    return value is None or (isinstance(value, str) and len(value) < 200 and _MODULE.fullmatch(value) is not None)


def activation_name(value: object) -> str | None:
    """The name of an activation function: null, a word of `ACTIVATIONS`, or Keras 3's object that holds such a word."""
    if isinstance(value, dict) and value.get("class_name") == "function" and module_of_keras(value.get("module")):
        value = value.get("config")
    if value is None:
        return None
    if not isinstance(value, str) or value not in ACTIVATIONS:
        raise ValueError(f"the name of one of Keras' activation functions, not {str(value)[:60]}")
    return str(value)


def dtype(value: object) -> str | None:
    """The name of a floating-point type or policy: a word of `DTYPES`, or the object that Keras saves for one."""
    if isinstance(value, dict) and value.get("class_name") in ("DTypePolicy", "Policy", "PolicyV1"):
        config = value.get("config")
        value = config.get("name") if isinstance(config, dict) and module_of_keras(value.get("module")) else value
    if value is None:
        return None
    if not isinstance(value, str) or value not in DTYPES | INPUT_DTYPES:
        raise ValueError("the name of a type of numbers")
    return str(value) if value in DTYPES else None  # Keras 2 notes the type of its input at some layers
