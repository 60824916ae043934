"""Where the reading of a submission has got to: whoever watches the process can then say what it ended at."""

from collections.abc import Callable

_listeners: list[Callable[[str, str], None]] = []


def listen(listener: Callable[[str, str], None]) -> None:
    """Call `listener` with a kind ("file" or "model") and a name whenever the next one is begun."""
    _listeners.append(listener)


def at(kind: str, name: str) -> None:
    """Say that a file or a model is begun (or, for a model, that it has got a step further)."""
    for listener in _listeners:
        listener(kind, name)
