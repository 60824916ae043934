"""The checks themselves, by area, in the order in which they run. Importing this package fills the table."""

from importlib import import_module

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
    "runs",
    "curves",
    "provenance",
)
for _area in AREAS:
    import_module(f".{_area}", __name__)
