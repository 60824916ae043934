"""Nets as Python code writes them, read from its syntax tree; no line of it is run.

For weights that were saved without their net. What is followed: layers that are listed, added or called one after
another, with plain values as arguments; functions of the file's own; conditions on plain values, and loops over them. A
net in which anything else has a part is left out, as half a net is another one.
"""

from __future__ import annotations

import ast
import inspect
import operator
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras

from .. import source
from .layers import IGNORED, IGNORED_ENDINGS, LAYERS
from .values import ACTIVATIONS

MOST_NETS = 24  # of all files
_MOST_STEPS, _MOST_ROUNDS, _MOST_LAYERS, _DEEPEST = 100_000, 64, 500, 4
_SAVES = frozenset({"save", "save_model", "save_weights", "export"})
_HARMLESS = _SAVES | {
    "print", "display", "len", "type", "str", "plot_model", "model_to_dot", "layered_view", "from_keras_model",
    "evaluate_model", "plot_history", "track", "add_endpoint",
}  # to a net  # fmt: skip
_LARGEST = 1e9  # of whole numbers
_LONGEST = 1 << 18  # characters of a cell or script: a syntax tree takes a hundred times as much
_CLASSES = 10  # the number of units where the code computes it
_MAGIC = re.compile(r"^[ \t]*[%!?].*$", re.M)  # what IPython takes for itself
_OTHER_NAMES = {"Convolution2D": "Conv2D", "MaxPool2D": "MaxPooling2D", "AvgPool2D": "AveragePooling2D"}
_INPUTS = ("batch_shape", "batch_input_shape", "input_shape", "shape")
_SUMS: dict[type, Callable] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.Gt: operator.gt, ast.LtE: operator.le,
    ast.GtE: operator.ge, ast.Is: operator.is_, ast.IsNot: operator.is_not,
}  # fmt: skip


@dataclass
class Written:
    """A net: the `place` that makes it, its `layers` as Keras saves them, and the names of files (`saved`) that the
    code saves it or its weights to. `shape` is that of one image, None where the code computes it. A net is not
    `whole` where it may lack layers that are read nowhere, and not `sure` where a function that is not there got it.
    """

    place: str
    layers: list[dict] = field(default_factory=list)
    shape: list[int] | None = None
    saved: list[str] = field(default_factory=list)
    whole: bool = True
    sure: bool = True

    def config(self, shape: tuple[int, ...]) -> dict:
        """The net for images of `shape` (height, width, channels), or of its own where it says one."""
        first = {"class_name": "InputLayer", "config": {"batch_shape": [None, *(self.shape or shape)]}}
        return {"class_name": "Sequential", "config": {"layers": [first, *self.layers]}}


def nets(files: dict[str, Path]) -> tuple[list[Written], str]:
    """The nets that scripts and notebooks (name: path) write, in their order, and the place of one that is left out, ""
    where there is none.
    """
    found: list[Written] = []
    left = ""
    for name, path in sorted(files.items()):
        try:
            found += _Reader(name, path).nets
        except (RecursionError, MemoryError):
            left = left or name
    whole = [net for net in found if net.whole and net.layers]
    left = left or next((net.place for net in [*(one for one in found if not one.whole), *whole[MOST_NETS:]]), "")
    return whole[:MOST_NETS], left


class _Unknown(Exception):
    """What is met cannot be told without running it."""


class _Untold(_Unknown):
    """A function was followed, and what it gives cannot be told."""


class _Returned(Exception):
    """A function ends; the only argument is what it gives."""


@dataclass(frozen=True)
class _Tensor:
    """What layers that are called one after the other give."""

    layers: tuple[dict, ...]
    shape: tuple[int, ...] | None


@dataclass(frozen=True)
class _Callback:
    """What is given to `fit`; `saves` are the texts that say where it saves to."""

    saves: tuple[str, ...]


@dataclass(frozen=True)
class _Archive:
    """What Keras 3 exports nets with."""

    nets: list[Written]


class _Reader:
    def __init__(self, name: str, path: Path) -> None:
        self.nets: list[Written] = []
        self.steps, self.depth, self.place = 0, 0, name
        self.called: set[str] = set()
        known: dict[str, Any] = {"__name__": "__main__"}
        for place, text in _blocks(name, path):
            self.place = place
            try:
                body = ast.parse(_MAGIC.sub("", text)).body if len(text) < _LONGEST else []
            except (SyntaxError, ValueError):
                known = {key: value for key, value in known.items() if not isinstance(value, Written)}
                continue
            try:
                self.follow(body, known)
            except _Returned:
                continue
        for key, value in list(known.items()):
            if isinstance(value, ast.FunctionDef) and key not in self.called:
                taken = [*value.args.args, *value.args.kwonlyargs]
                with suppress(_Unknown):
                    self.run(value, [], {one.arg: _Unknown for one in taken}, known)
        for net in self.nets if self.steps > _MOST_STEPS else ():
            net.whole = False

    def follow(self, body: list[ast.stmt], known: dict[str, Any]) -> None:
        for statement in body:
            self.steps += 1
            if self.steps > _MOST_STEPS:
                return
            if isinstance(statement, ast.FunctionDef):
                known[statement.name] = statement
            elif isinstance(statement, ast.Return):
                raise _Returned(self.known_value(statement.value, known))
            elif isinstance(statement, ast.Assign | ast.AnnAssign):
                targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                given = self.known_value(statement.value, known)
                for target in targets:
                    _assign(target, given, known)
            elif isinstance(statement, ast.Expr):
                self.known_value(statement.value, known)
            elif isinstance(statement, ast.If):
                self.branch(statement, known)
            elif isinstance(statement, ast.For):
                self.loop(statement, known)
            elif isinstance(statement, ast.With | ast.Try):
                self.follow(statement.body, known)
            elif not isinstance(statement, ast.ClassDef | ast.Import | ast.ImportFrom):
                self.forget(statement, known)

    def forget(self, node: ast.AST, known: dict[str, Any], followed: bool = False) -> None:
        """What stands there may change is not known any more; a net that it may add to is no longer whole, and one that
        it gives to a function is not sure, but for the file's own functions where they are `followed` afterwards.
        """
        for part in ast.walk(node):
            self.steps += 1
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                known[part.id] = _Unknown
            if not isinstance(part, ast.Call):
                continue
            method = part.func if isinstance(part.func, ast.Attribute) else None
            changed = known.get(method.value.id) if method and isinstance(method.value, ast.Name) else None
            if method and isinstance(changed, list) and isinstance(method.value, ast.Name):
                known[method.value.id] = _Unknown
            if method and isinstance(changed, Written) and method.attr in ("add", "pop"):
                changed.whole = False
            called = method.attr if method else getattr(part.func, "id", "")
            own = followed and isinstance(known.get(called), ast.FunctionDef)
            for given in (
                [*part.args, *(one.value for one in part.keywords)] if called not in _HARMLESS and not own else ()
            ):
                passed = known.get(given.id) if isinstance(given, ast.Name) else None
                if isinstance(passed, Written):
                    passed.sure = False

    def branch(self, statement: ast.If, known: dict[str, Any]) -> None:
        try:
            self.follow(statement.body if self.value(statement.test, known) else statement.orelse, known)
        except _Unknown:
            self.forget(statement, known, followed=True)
            for body in (statement.body, statement.orelse):
                self.follow(body, known)

    def loop(self, statement: ast.For, known: dict[str, Any]) -> None:
        try:
            rounds = self.value(statement.iter, known)
        except _Unknown:
            rounds = None
        if not isinstance(rounds, list | range) or len(rounds) > _MOST_ROUNDS:
            self.forget(statement, known, followed=True)
            rounds = [_Unknown]
        for item in rounds:
            _assign(statement.target, item, known)
            self.follow(statement.body, known)

    def known_value(self, node: ast.expr | None, known: dict[str, Any]) -> Any:
        """A value, or `_Unknown`; then a net that is changed by what is met is no longer whole."""
        if node is None:
            return None
        try:
            return self.value(node, known)
        except _Untold:
            return _Unknown
        except _Unknown:
            self.forget(node, known)
            return _Unknown

    def value(self, node: ast.expr, known: dict[str, Any]) -> Any:
        self.steps += 1
        if self.steps > _MOST_STEPS:
            raise _Unknown
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name) and known.get(node.id, _Unknown) is not _Unknown:
            return known[node.id]
        if isinstance(node, ast.Attribute) and node.attr in ACTIVATIONS:
            return node.attr
        if isinstance(node, ast.Tuple | ast.List):
            listed = [self.value(item, known) for item in node.elts]
            self.steps += sum(len(item) for item in listed if isinstance(item, list))
            if any(isinstance(inner, list) for item in listed if isinstance(item, list) for inner in item):
                raise _Unknown  # `x = [x, x]` over and over
            return listed
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
            inner = self.value(node.operand, known)
            return not inner if isinstance(node.op, ast.Not) else _sum(operator.sub, 0, inner)
        if isinstance(node, ast.BinOp) and type(node.op) in _SUMS:
            return _sum(_SUMS[type(node.op)], self.value(node.left, known), self.value(node.right, known))
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _SUMS:
            left, right = self.value(node.left, known), self.value(node.comparators[0], known)
            return _sum(_SUMS[type(node.ops[0])], left, right)
        if isinstance(node, ast.Call):
            return self.call(node, known)
        raise _Unknown

    def call(self, node: ast.Call, known: dict[str, Any]) -> Any:
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        name = _OTHER_NAMES.get(name, name)
        if name in _SAVES and node.args and isinstance(net := self.known_value(node.args[0], known), Written):
            net.saved += self.texts(node, known)  # `save_model(net, file)`
            return None
        if isinstance(function, ast.Attribute) and name in {"add", "fit", "fit_generator"} | _SAVES:
            return self.method(name, self.value(function.value, known), node, known)
        if isinstance(function, ast.Attribute) and name == "append" and len(node.args) == 1:
            listed = self.value(function.value, known)
            if not isinstance(listed, list) or isinstance(item := self.value(node.args[0], known), list):
                raise _Unknown
            return listed.append(item)
        own = known.get(name) if isinstance(function, ast.Name) else None
        if isinstance(own, ast.FunctionDef):
            return self.run(own, *self.arguments(node, known), known)
        if isinstance(own, dict | Written):
            return self.applied(own, node, known)
        if name == "ExportArchive":
            return _Archive([])
        if name in ("track", "write_out") and isinstance(function, ast.Attribute) and node.args:
            return self.archived(name, self.value(function.value, known), node, known)
        if name == "Sequential":
            return self.sequential(node, known)
        if name == "Input":
            return _Tensor((), self.shape(node, known))
        if name in ("Model", "Functional"):
            return self.functional(node, known)
        if name == "range":
            return _rounds(self.arguments(node, known)[0])
        if name in LAYERS:
            return self.layer(name, node, known)
        if isinstance(getattr(keras.callbacks, name, None), type):
            return _Callback(tuple(self.texts(node, known)) if name == "ModelCheckpoint" else ())
        if isinstance(function, ast.Call):
            return self.applied(self.value(function, known), node, known)
        raise _Unknown

    def method(self, name: str, net: Any, node: ast.Call, known: dict[str, Any]) -> None:
        if not isinstance(net, Written):
            raise _Unknown
        if name in _SAVES:
            net.saved += self.texts(node, known)
        elif name != "add":
            given = [self.known_value(one.value, known) for one in node.keywords if one.arg == "callbacks"]
            listed = [one for value in given for one in (value if isinstance(value, list) else [value])]
            net.saved += [text for one in listed if isinstance(one, _Callback) for text in one.saves]
        else:
            given = [*node.args, *(one.value for one in node.keywords)]
            if len(given) != 1:
                raise _Unknown
            self.add(net, self.value(given[0], known))

    def archived(self, name: str, archive: Any, node: ast.Call, known: dict[str, Any]) -> None:
        net = self.known_value(node.args[0], known) if name == "track" else None
        if not isinstance(archive, _Archive) or not isinstance(net, Written | None):
            raise _Unknown
        if net is not None:
            archive.nets.append(net)
        for one in archive.nets if name == "write_out" else ():
            one.saved += self.texts(node, known)

    def texts(self, node: ast.Call, known: dict[str, Any]) -> list[str]:
        """The texts in a call's arguments, also those within what is not known, as an f-string."""
        found: list[object] = []
        for one in [*node.args, *(one.value for one in node.keywords)]:
            value = self.known_value(one, known)
            parts = (part.value for part in ast.walk(one) if isinstance(part, ast.Constant))
            found += parts if value is _Unknown else [value]
        return [text for text in found if isinstance(text, str)]

    def add(self, net: Written, item: Any) -> None:
        """Put a layer, a net or what `Input` gives at a net's end."""
        if isinstance(item, _Tensor) and not item.layers and not net.layers:
            net.shape = list(item.shape) if item.shape else None
        elif isinstance(item, dict):
            given = _shape_of(item)
            net.shape = given if given and not net.layers else net.shape
            net.layers.append(item)
        elif isinstance(item, Written) and item.whole and item is not net:
            net.shape = net.shape or (None if net.layers else item.shape)
            net.layers.append({"class_name": "Sequential", "config": {"layers": list(item.layers)}})
        else:
            raise _Unknown
        if len(net.layers) > _MOST_LAYERS:
            raise _Unknown

    def sequential(self, node: ast.Call, known: dict[str, Any]) -> Written:
        net = Written(self.place, whole=False)
        self.nets.append(net)
        given = [*node.args, *(one.value for one in node.keywords if one.arg == "layers")]
        listed = self.value(given[0], known) if given else []
        if not isinstance(listed, list):
            raise _Unknown
        for item in listed:
            self.add(net, item)
        net.whole = True
        return net

    def functional(self, node: ast.Call, known: dict[str, Any]) -> Written:
        net = Written(self.place, whole=False)
        self.nets.append(net)
        named = {one.arg: one.value for one in node.keywords}
        end = named.get("outputs") or named.get("output") or (node.args[1] if len(node.args) > 1 else None)
        tensor = self.value(end, known) if end is not None else None
        if isinstance(tensor, list) and len(tensor) == 1:
            tensor = tensor[0]
        if not isinstance(tensor, _Tensor):
            raise _Unknown
        net.layers, net.shape, net.whole = list(tensor.layers), list(tensor.shape) if tensor.shape else None, True
        return net

    def applied(self, layer: Any, node: ast.Call, known: dict[str, Any]) -> _Tensor:
        tensor = self.value(node.args[0], known) if node.args else None
        if not isinstance(tensor, _Tensor):
            raise _Unknown
        net = Written(self.place, list(tensor.layers))
        self.add(net, layer)
        return _Tensor(tuple(net.layers), tensor.shape)

    def layer(self, name: str, node: ast.Call, known: dict[str, Any]) -> dict:
        """A layer as Keras saves it; its arguments have the names that Keras gives them."""
        if any(one.arg is None for one in node.keywords):  # `**options`
            raise _Unknown
        given = {}
        kind = getattr(keras.layers, name, None)
        order = list(inspect.signature(kind).parameters) if kind is not None else []
        kept = ((str(one.arg), one.value) for one in node.keywords if not str(one.arg).endswith(IGNORED_ENDINGS))
        named = [*zip(order, node.args, strict=False), *kept]
        for key, value in named:
            if isinstance(value, ast.Starred):
                raise _Unknown
            try:
                given[key] = self.value(value, known)
            except _Unknown:
                if key == "units":
                    given[key] = _CLASSES
                elif key not in IGNORED and key not in _INPUTS:
                    raise
            if isinstance(given.get(key), Written | _Tensor):
                raise _Unknown
        return {"class_name": name, "config": given}

    def shape(self, node: ast.Call, known: dict[str, Any]) -> tuple[int, ...] | None:
        named = {one.arg: one.value for one in node.keywords}
        given = named.get("shape") or named.get("batch_shape") or (node.args[0] if node.args else None)
        try:
            found = self.value(given, known) if given is not None else None
        except _Unknown:
            return None
        return _image(found[1:] if "batch_shape" in named and isinstance(found, list) else found)

    def arguments(self, node: ast.Call, known: dict[str, Any]) -> tuple[list, dict[str, Any]]:
        if any(one.arg is None for one in node.keywords) or any(isinstance(one, ast.Starred) for one in node.args):
            raise _Unknown
        named = {str(one.arg): self.known_value(one.value, known) for one in node.keywords}
        return [self.known_value(one, known) for one in node.args], named

    def run(self, function: ast.FunctionDef, given: list, named: dict[str, Any], known: dict[str, Any]) -> Any:
        """What a function gives, with the arguments that are known, and its own defaults."""
        self.called.add(function.name)
        if self.depth == _DEEPEST:
            raise _Unknown
        names = [one.arg for one in function.args.args]
        defaults = zip(names[::-1], function.args.defaults[::-1], strict=False)
        self.steps += len(known)
        inside = known | dict.fromkeys(names, _Unknown)
        inside |= {name: self.known_value(value, known) for name, value in defaults}
        inside |= {
            one.arg: self.known_value(value, known)
            for one, value in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
        }
        inside |= dict(zip(names, given, strict=False)) | named
        self.depth += 1
        try:
            self.follow(function.body, inside)
        except _Returned as end:
            if end.args[0] is _Unknown:
                raise _Untold from None
            return end.args[0]
        finally:
            self.depth -= 1
        return None


def _blocks(name: str, path: Path) -> Iterator[tuple[str, str]]:
    """The place and text of a script, or of each cell of a notebook and each chunk of a document."""
    texts: dict[tuple[str, int], list[str]] = {}
    cells = name.lower().endswith(".ipynb")
    for count, line in enumerate(source.lines(name, path)):
        place, _, number = line.place.rpartition(":")
        texts.setdefault((place, 0) if cells else (name, int(number) - count), []).append(line.text)
    for (place, _), found in texts.items():
        yield place, "\n".join(found)


def _assign(target: ast.expr, given: Any, known: dict[str, Any]) -> None:
    if isinstance(target, ast.Name):
        known[target.id] = given
    elif isinstance(target, ast.Tuple | ast.List):
        parts = given if isinstance(given, list) and len(given) == len(target.elts) else [_Unknown] * len(target.elts)
        for inner, part in zip(target.elts, parts, strict=True):
            _assign(inner, part, known)


def _sum(function: Callable, left: Any, right: Any) -> Any:
    """A sum or comparison of two plain values."""
    plain = (int, float, bool, str, type(None))
    if not isinstance(left, plain) or not isinstance(right, plain):
        raise _Unknown
    compares = function in (operator.eq, operator.ne, operator.is_, operator.is_not)
    if not compares and (isinstance(left, str | None) or isinstance(right, str | None)):
        raise _Unknown
    try:
        found = function(left, right)
    except (ArithmeticError, TypeError):
        raise _Unknown from None
    if abs(found) > _LARGEST:
        raise _Unknown
    return found


def _rounds(limits: list) -> range:
    if not 1 <= len(limits) <= 3 or not all(isinstance(one, int) and 0 <= abs(one) <= _LARGEST for one in limits):
        raise _Unknown
    if limits[2:] == [0]:
        raise _Unknown
    return range(*limits)


def _shape_of(layer: dict) -> list[int] | None:
    """The shape of an image that a layer notes, which is taken out of its arguments."""
    arguments = layer["config"]
    given = {key: arguments.pop(key) for key in _INPUTS if key in arguments}
    for key, value in given.items():
        if found := _image(value[1:] if key.startswith("batch") and isinstance(value, list) else value):
            return list(found)
    return None


def _image(value: Any) -> tuple[int, ...] | None:
    whole = isinstance(value, list) and 1 <= len(value) <= 3
    return tuple(value) if whole and all(isinstance(one, int) and 0 < one < 5000 for one in value) else None
