"""Which of this library's own files a function uses, and a digest of what they say.

A rule has the digest as a parameter: editing the training code makes the trainings out of date, editing a plot only
the plots. What counts is what a file does: comments, docstrings, layout, and the wording of errors and of lines for the
log do not; nor do the modules in `APART`, which only speak to people.
"""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from assignment06.shared.errors import AssignmentError

LIBRARY = Path(__file__).resolve().parents[1]
NAME = LIBRARY.name
APART = {
    f"{NAME}.{module}"
    for module in (
        "shared.errors", "shared.explanations", "shared.console", "config.sentences", "experiments.progress",
        "orchestration.steps",
    )
}  # fmt: skip
BESIDE = (".j2", ".css", ".js", ".json", ".yaml")  # templates and tables beside the module that names one
LOGGED = {"debug", "info", "warning", "error", "exception"}


def check_library(snakefile_folder: Path | None) -> None:
    """Raise AssignmentError where the installed library is that of another copy of the project than the rules.

    Rules without a folder here are fetched from elsewhere; the library was then installed from there too.
    """
    if snakefile_folder and LIBRARY.parent not in (snakefile_folder.resolve(), *snakefile_folder.resolve().parents):
        raise AssignmentError(
            f"the rules in {snakefile_folder} would use the library in {LIBRARY}, another copy's: run `make "
            "environment` in this copy, or set PYTHONPATH to its folder `workflow`."
        )


@cache
def code_digest(function: str, *more: str) -> str:
    """Return 16 hexadecimal digits of what the module of `function` ("package.module:name"), and `more`, do.

    `more` are further modules below this library that the function finds by a name (a net, a policy, a data set), or
    paths of Python files that are the user's own.

    Example:
        >>> code_digest("experiments.training:train_convnet", "experiments.networks.lean")
        '5f0c3a…'
    """
    digest = hashlib.sha256()
    for path in code_files(function, *more):
        digest.update(path.name.encode() + b"\0" + file_digest(path))
    return digest.hexdigest()[:16]


def code_files(function: str, *more: str) -> list[Path]:
    """Return the files that `code_digest` covers, sorted: imports of imports, imports inside functions, modules that
    are named in a text (for a process of their own, or in a package's table of its modules), and what lies beside them.
    """
    own = {Path(path) for path in more if path.endswith(".py")}
    waiting = [f"{NAME}.{function.partition(':')[0]}", *(f"{NAME}.{one}" for one in more if not one.endswith(".py"))]
    found: dict[str, Path] = {}
    beside: set[Path] = set()
    while waiting:
        module = waiting.pop()
        path = _module_file(module)
        if module in found or module in APART or path is None:
            continue
        found[module] = path
        waiting.extend(_uses(module, path))
        if any(text.endswith(BESIDE) for text in _texts(path)):
            beside |= {one for one in path.parent.iterdir() if one.suffix in BESIDE}
    return sorted({*found.values(), *own, *beside})


@cache
def file_digest(path: Path) -> bytes:
    """Return the SHA-256 of what a Python file does, or of another file's bytes; of a file that is gone, of nothing."""
    try:
        content = path.read_bytes()
        if path.suffix == ".py":
            content = _canonical(_tree(path)).encode("utf-8", "surrogatepass")
    except (OSError, SyntaxError, ValueError):
        content = b""
    return hashlib.sha256(content).digest()


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes(), str(path))


def _module_file(module: str) -> Path | None:
    """Return the file of a module of this library; of a package that is named for a process, its `__main__`."""
    place = LIBRARY.joinpath(*module.split(".")[1:])
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)


@cache
def _uses(module: str, path: Path) -> frozenset[str]:
    """Return the names of what a module imports or names, and of the packages that these lie in."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    named = (name.split(".") for name in {*_imports(path, package), *_named(path, package)})
    ours = [parts for parts in named if parts[0] == NAME]
    return frozenset(".".join(parts[:length]) for parts in ours for length in range(1, len(parts) + 1))


def _imports(path: Path, package: str) -> Iterator[str]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)  # a module of a package, or a mere name


def _named(path: Path, package: str) -> Iterator[str]:
    """Yield modules that are named in a text: in full, or, in a package's own file, those of the package."""
    for text in _texts(path):
        if text.startswith(f"{NAME}.") and (place := _module_file(text)):
            if place.name != "__init__.py":
                yield text
            elif _module_file(f"{text}.__main__"):
                yield f"{text}.__main__"
        elif path.name == "__init__.py" and text.isidentifier() and _module_file(f"{package}.{text}"):
            yield f"{package}.{text}"


@cache
def _texts(path: Path) -> frozenset[str]:
    nodes = ast.walk(_tree(path))
    return frozenset(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


def _canonical(node: object) -> str:
    """Return a syntax tree as text that is the same for every version of Python and for every wording."""
    if isinstance(node, ast.AST):
        fields = [
            f"({name}:{_canonical(value)})"
            for name, value in ast.iter_fields(_plain(node))
            if name not in ("kind", "type_comment", "type_params") and value not in (None, [])
        ]
        return "".join([type(node).__name__, *fields])
    if isinstance(node, list):
        return "".join(f"{_canonical(one)}," for one in node if not _is_wording(one))
    return repr(node)


def _is_wording(node: object) -> bool:
    """Tell docstrings, also those of fields, and calls that only write into the log."""
    if not isinstance(node, ast.Expr):
        return False
    value = node.value
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in LOGGED:
        return isinstance(value.func.value, ast.Name) and value.func.value.id in ("log", "logger")
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _plain(node: ast.AST) -> ast.AST:
    """Return a node without the words of an error that it raises."""
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        return ast.Raise(exc=node.exc.func, cause=node.cause)
    return node
