"""Read a stranger's pickle as data: lists, dictionaries, numbers, text and NumPy's arrays, and no program.

Python's own unpickler calls what the file names. Here its instructions are listed (pickletools.genops) and followed on
a stack of plain values; what a file would call is kept as a name, and only NumPy's and joblib's ways to write numbers
are understood of it, and pandas' tables of them (https://docs.python.org/3/library/pickletools.html).
"""

import io
import itertools
import math
import pickletools
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np

from .arrays import NUMBERS

MAX_BYTES = 32 << 20
MAX_VALUES = 3_000_000  # in what is read, each counted as often as it is reached
_PUSHES = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_EMPTY = {"EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": list}
_SKIPPED = {"PROTO", "FRAME"}


@dataclass
class Frame:
    """A table of pandas: the names of its columns, and their values."""

    header: list[str]
    columns: list[list]


@dataclass
class _Call:
    """What the file would call, by name, with what; `state` is what it would be given afterwards."""

    name: str
    given: list = field(default_factory=list)
    state: Any = None


def read(path: Path) -> Any:
    """What is in a pickle, as None, bool, int, float, str, list, dict, an array of numbers or a Frame.

    Raises ValueError for one that holds anything else, or more than MAX_VALUES values or MAX_BYTES bytes.
    """
    if path.stat().st_size > MAX_BYTES:
        raise ValueError("larger than 32 MiB")
    data = path.read_bytes()
    try:
        if data[:1] == b"x":  # as joblib compresses
            data = zlib.decompressobj().decompress(data, MAX_BYTES)
        return _Values().plain(_follow(io.BytesIO(data)))
    except zlib.error as error:
        raise ValueError("no pickle of plain values") from error
    except (IndexError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError("no pickle of plain values") from error


def is_net(value: object) -> bool:
    """Whether there are weights among a pickle's values: several arrays, one of them a convolution's."""
    parts = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    inner = (part if isinstance(part, list) else list(part.values()) for part in parts if isinstance(part, list | dict))
    return any(
        sum(isinstance(item, np.ndarray) for item in items) > 3
        and any(isinstance(item, np.ndarray) and item.ndim == 4 and item.shape[-1] > 10 for item in items)
        for items in (parts, *inner)
    )


def _follow(file: io.BytesIO) -> Any:
    stack: list[Any] = []
    marks: list[int] = []
    memo: dict[Any, Any] = {}
    argument: Any

    def since_mark() -> list[Any]:
        start = marks.pop()
        items = stack[start:]
        del stack[start:]
        return items

    for code, argument, _ in pickletools.genops(file):
        name = code.name
        if name in _SKIPPED:
            continue
        if name == "STOP":
            return stack.pop()
        if name == "MARK":
            marks.append(len(stack))
        elif name in _PUSHES:
            stack.append(_PUSHES[name])
        elif name in _EMPTY:
            stack.append(_EMPTY[name]())
        elif name == "MEMOIZE":
            memo[len(memo)] = stack[-1]
        elif name in ("PUT", "BINPUT", "LONG_BINPUT"):
            memo[argument] = stack[-1]
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            stack.append(memo[argument])
        elif name in ("APPEND", "APPENDS"):
            items = [stack.pop()] if name == "APPEND" else since_mark()
            cast(list, stack[-1]).extend(items)
        elif name in ("SETITEM", "SETITEMS", "DICT"):
            items = since_mark() if name != "SETITEM" else [stack.pop(-2), stack.pop()]
            if name == "DICT":
                stack.append({})
            target = stack[-1].__dict__.setdefault("items", {}) if isinstance(stack[-1], _Call) else stack[-1]
            target.update(zip(map(_key, items[::2]), items[1::2], strict=True))
        elif name in ("TUPLE", "LIST"):
            stack.append(since_mark())
        elif name in ("TUPLE1", "TUPLE2", "TUPLE3"):
            count = int(name[-1])
            stack[-count:] = [stack[-count:]]
        elif name in ("GLOBAL", "STACK_GLOBAL"):
            words = str(argument).split(" ", 1) if name == "GLOBAL" else [stack.pop(-2), stack.pop()]
            stack.append(_Call(".".join(words)))
        elif name in ("REDUCE", "NEWOBJ"):
            given = stack.pop()
            stack.append(_Call(stack.pop().name, given))
        elif name == "BUILD":
            state = stack.pop()
            stack[-1].state = state
            if stack[-1].name == "joblib.numpy_pickle.NumpyArrayWrapper":
                stack[-1] = _beside(file, state)
        elif name == "POP":
            stack.pop()
        elif isinstance(argument, bool | int | float | str | bytes | bytearray):
            stack.append(argument)
        else:
            raise ValueError(f"{name} is not read")
    raise ValueError("it does not end")


def _beside(file: io.BytesIO, state: dict) -> _Call:
    """An array that joblib writes into the middle of a pickle, as the call that NumPy's own pickles have."""
    if state.get("numpy_array_alignment_bytes") is not None:
        file.seek(file.read(1)[0], io.SEEK_CUR)
    kind = state["dtype"]
    size = np.dtype(kind.given[0]).itemsize * math.prod(state["shape"])
    data = file.read(min(size, MAX_BYTES))
    return _Call("numpy.core._frombuffer", [data, kind, state["shape"], state["order"]])


def _key(value: Any) -> Any:
    return value.name if isinstance(value, _Call) else value


class _Values:
    """Counts what it gives, so that a small file cannot stand for endless data."""

    def __init__(self) -> None:
        self.left = MAX_VALUES

    def plain(self, value: Any, depth: int = 0) -> Any:
        self.left -= 1
        if self.left < 0 or depth > 50:
            raise ValueError("more values than a submission's")
        if isinstance(value, list):
            return [self.plain(item, depth + 1) for item in value]
        if isinstance(value, dict):
            return {str(key): self.plain(item, depth + 1) for key, item in value.items()}
        if isinstance(value, str | bytes | bytearray):
            self.left -= len(value) // 8
        return self.called(value, depth) if isinstance(value, _Call) else value

    def called(self, call: _Call, depth: int) -> Any:
        """NumPy's numbers and arrays, and dictionaries of Python's other kinds."""
        module, _, word = call.name.rpartition(".")
        if module.startswith("numpy.") and word == "scalar":
            return self.array(call.given[0], call.given[1], [1])[0].item()
        if module.startswith("numpy.") and word == "_reconstruct":
            _, shape, kind, by_column, data = call.state
            return self.array(kind, data, shape, by_column)
        if module.startswith("numpy.") and word == "_frombuffer":
            data, kind, shape, order = call.given
            return self.array(kind, data, shape, order == "F")
        if word == "DataFrame" and module.partition(".")[0] == "pandas":
            return self.frame(call.state["_mgr"])
        if word == "ArrowStringArray" and module.partition(".")[0] == "pandas":
            return self.texts(*call.state["_pa_array"].given[0][:5])
        if module == "collections" and word in ("defaultdict", "OrderedDict"):
            return self.plain(getattr(call, "items", {}), depth)
        raise ValueError(f"{call.name[:60]} is not read")

    def frame(self, manager: _Call) -> "Frame":
        """A table of pandas, whose blocks hold the columns of one type each, and whose first axis their names."""
        blocks, (names, _) = manager.given
        columns: dict[int, list] = {}
        for block in blocks:
            values, places = self.plain(block.given[0]), block.given[1]
            numbers = range(*places.given) if isinstance(places, _Call) and places.name.endswith(".slice") else None
            rows = values if values.ndim == 2 else [values]
            for number, row in zip(numbers or self.plain(places).tolist(), rows, strict=True):
                columns[number] = row.tolist()
        said = names.given[1]
        heads = self.plain(said["data"]) if "data" in said else range(said["start"], said["stop"], said["step"])
        if len(heads) != len(columns):
            raise ValueError("a table with other names than columns")
        return Frame([str(head) for head in heads], [columns[number] for number in range(len(columns))])

    def texts(self, kind: Any, count: int, missing: int, start: int, buffers: list) -> np.ndarray:
        """The texts [count] of an array of Arrow: a buffer holds where each begins, and another the letters."""
        places, letters = (bytes(buffer.given[0]) for buffer in buffers[1:3])
        ends = np.frombuffer(places, "<i8" if kind.given[0].startswith("large") else "<i4")[start : start + count + 1]
        self.left -= len(ends) + len(letters)
        if missing or self.left < 0 or (np.diff(ends) < 0).any() or len(ends) != count + 1:
            raise ValueError("an array of other things than texts")
        said = [letters[a:b].decode(errors="replace") for a, b in itertools.pairwise(ends)]
        return np.array(said, dtype=object)

    def array(self, kind: Any, data: Any, shape: list[int], by_column: bool = False) -> np.ndarray:
        """The numbers [shape] of one array. `kind` is the call of `numpy.dtype`, whose state has their order."""
        if kind.name != "numpy.dtype" or not isinstance(kind.given[0], str) or len(kind.given[0]) > 3:
            raise ValueError("an array of other things than numbers")
        if (
            kind.given[0] == "O8"
            and isinstance(data, list)
            and all(isinstance(item, str | int | float) for item in data)
        ):
            self.left -= len(data)
            return np.array(data, dtype=object).reshape(shape, order="F" if by_column else "C")
        order = kind.state[1] if kind.state else "="
        dtype = np.dtype(kind.given[0]).newbyteorder(order if order in ("<", ">") else "=")
        if dtype.kind not in NUMBERS:
            raise ValueError("an array of other things than numbers")
        if isinstance(data, _Call) and data.name in ("_codecs.encode", "__builtin__.bytes"):
            data = "".join(data.given[:1])  # how protocols before 3 write bytes, and no bytes
        data = data.encode("latin-1") if isinstance(data, str) else bytes(data)
        self.left -= len(data) // dtype.itemsize
        if self.left < 0:
            raise ValueError("more values than a submission's")
        return np.frombuffer(data, dtype).reshape(shape, order="F" if by_column else "C")
