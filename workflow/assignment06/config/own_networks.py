"""A net of one's own: `model: my_nets.py:build`, looked at without being run."""

import ast
from pathlib import Path

from assignment06.config.sentences import nearest, refusal
from assignment06.data.imagenet import PRETRAINED
from assignment06.shared import registry
from assignment06.shared.errors import AssignmentError

ARGUMENTS = ("image", "dropout")


def is_own(model: str) -> bool:
    """Tell whether a row's `model` names a function in a file."""
    return ".py:" in model


def own_file(model: str) -> Path:
    """Return the file of a model that `is_own`."""
    return Path(model.rpartition(":")[0])


def check_model(where: str, model: str) -> None:
    """Check that a row's `model` is a registered net, or a function of two arguments in a file of this folder.

    The file is parsed, not run. Raises AssignmentError.
    """
    if not is_own(model):
        known = [*registry.names(registry.NETWORKS), *PRETRAINED]
        if model not in known:
            raise refusal(f"`{where}: {model}` is not known{nearest(model, known)}, or `file.py:function` of your own.")
        return
    path, function = own_file(model), model.rpartition(":")[2]
    if path.is_absolute() or ".." in path.parts:
        raise refusal(f"`{where}: {model}` lies outside this folder: put the file here, it becomes part of the zip.")
    try:
        tree = ast.parse(path.read_bytes(), str(path))
    except OSError:
        raise refusal(f"`{where}: {model}`: there is no file {path}: create it or correct its name.") from None
    except (SyntaxError, ValueError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        raise refusal(f"`{where}: {model}`: {path} is no Python that can be read ({error.args[0]}{line}).") from None
    found = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    if function not in found:
        raise refusal(f"`{where}: {model}`: {path} has no function {function}{nearest(function, list(found))}.")
    if not _takes_two(found[function].args):
        raise refusal(
            f"`{where}: {model}`: {function} must take {' and '.join(ARGUMENTS)} and return the features under the "
            f"softmax: write `def {function}({', '.join(ARGUMENTS)}):`."
        )


def _takes_two(arguments: ast.arguments) -> bool:
    """Tell whether a function can be called with two positional arguments."""
    positional = [*arguments.posonlyargs, *arguments.args]
    needed = len(positional) - len(arguments.defaults)
    keywords = [None for default in arguments.kw_defaults if default is None]
    return needed <= len(ARGUMENTS) <= (len(positional) if not arguments.vararg else len(ARGUMENTS)) and not keywords


def load_own(model: str):
    """Import the file of a model that `is_own` and return its function.

    Raises AssignmentError, with the error's own words, where the file cannot be run.
    """
    from importlib.machinery import ModuleSpec, SourceFileLoader
    from importlib.util import module_from_spec

    path, function = own_file(model), model.rpartition(":")[2]
    loader = SourceFileLoader(path.stem, str(path))
    try:
        module = module_from_spec(ModuleSpec(path.stem, loader, origin=str(path)))
        loader.exec_module(module)
        return getattr(module, function)
    except Exception as error:  # noqa: BLE001  (it is anybody's code)
        raise AssignmentError(f"`model: {model}`: {path} cannot be run ({type(error).__name__}: {error}).") from None
