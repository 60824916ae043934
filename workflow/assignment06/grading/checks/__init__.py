"""The checks themselves, by area, in the order in which they run. Importing this package fills the table."""

from importlib import import_module

from ..registry import CHECKS

AREAS = (
    "packaging",
    "completeness",
    "photographs",
    "plots",
    "predictions",
    "models",
    "figures",
    "told",
    "statements",
    "confusion",
    "sources",
    "augmentation",
    "runs",
    "curves",
    "provenance",
)
for _area in AREAS:
    import_module(f".{_area}", __name__)
CHECKS.sort(key=lambda one: AREAS.index(one.function.__module__.rpartition(".")[2]))  # one area may import another
