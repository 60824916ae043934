"""A net as plain values: what `reading` makes and `building` takes. Nothing here was chosen by the file but numbers
within limits and words of the closed lists.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Source:
    """One tensor of a graph: output `tensor` of call `call` of the layer at index `layer` of the net."""

    layer: int
    call: int
    tensor: int


@dataclass(frozen=True)
class Call:
    """One call of a layer: positional arguments (nested tuples of `Source`, numbers and None), and named ones."""

    arguments: tuple
    named: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Layer:
    """A layer of the closed list. `kind` is its class, or an operation's function with `operation`.

    `inner` are the layers that a wrapper wraps; `arguments` may hold a Layer as an activation.
    """

    kind: str
    arguments: dict[str, Any] = field(default_factory=dict)
    dtype: str | None = None
    trainable: bool = True
    inner: tuple[Layer | Net, ...] = ()
    calls: tuple[Call, ...] = ()
    operation: bool = False


@dataclass(frozen=True)
class Net:
    """A Sequential net (`shape` with the batch, where known) or a graph (`inputs` and `outputs` nested tuples)."""

    sequential: bool
    layers: tuple[Layer | Net, ...]
    shape: tuple[int | None, ...] | None = None
    input_dtype: str | None = None
    inputs: object = ()
    outputs: object = ()
    trainable: bool = True
    calls: tuple[Call, ...] = ()
