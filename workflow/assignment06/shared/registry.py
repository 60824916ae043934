"""Nets, policies and official data sets by name: each is a file of its package, found without being imported."""

import importlib
import pkgutil
from functools import cache
from importlib.util import find_spec
from types import ModuleType

DATASETS = "assignment06.data.official"
NETWORKS = "assignment06.experiments.networks"
POLICIES = "assignment06.experiments.policies"


@cache
def names(package: str) -> tuple[str, ...]:
    """Return the names of a package's entries, sorted: its modules, but for those that begin with `_`.

    Example:
        >>> names(NETWORKS)
        ('book_cifar10', 'book_mnist', 'lean', 'whitened')
    """
    spec = find_spec(package)
    places = spec.submodule_search_locations if spec else None
    return tuple(sorted(found.name for found in pkgutil.iter_modules(places or []) if not found.name.startswith("_")))


def find(package: str, name: str) -> ModuleType:
    """Import and return the entry `name` of a package. Raises KeyError where there is none."""
    if name not in names(package):
        raise KeyError(name)
    return importlib.import_module(f"{package}.{name}")
