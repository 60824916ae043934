"""The terminal and the log file of one job.

Everything a job writes, TensorFlow's own messages included, goes into its log file; what a person wants to see
while it runs goes to the terminal as well. A sentence for the user ends the job without a traceback.
"""

import errno
import logging
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assignment06.errors import AssignmentError

_terminal = sys.stderr


@contextmanager
def job(log: str | os.PathLike) -> Iterator[None]:
    """Run a block with its output in the file `log`; log records of level INFO also reach the terminal.

    Raises SystemExit(1), after `error: ...` on the terminal, for an AssignmentError or anything else.
    """
    global _terminal
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    saved = os.dup(2), os.dup(1)
    _terminal = os.fdopen(saved[0], "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)
    with open(log, "w", buffering=1, encoding="utf-8", errors="replace") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        handlers = [logging.StreamHandler(file), logging.StreamHandler(_terminal)]
        handlers[0].setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logger = logging.getLogger("assignment06")
        handlers[1].setLevel(logging.INFO)
        logger.setLevel(logging.DEBUG)
        logger.propagate = False
        logger.handlers[:] = handlers
        try:
            yield
        except AssignmentError as error:
            _fail(file, str(error))
        except Exception as error:  # noqa: BLE001  (the log gets the traceback, the terminal one sentence)
            if getattr(error, "errno", None) == errno.ENOSPC or "No space left on device" in str(error):
                _fail(file, "The disk is full: make room and run the same command again; what is finished is kept.")
            _fail(file, _summary(error), unexpected=True, log=log)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os.dup2(saved[1], 1)
            os.dup2(saved[0], 2)


def progress_bar(total: int, label: str):
    """Return a tqdm bar on the terminal; where there is no terminal it shows nothing."""
    from tqdm import tqdm

    silent = not _terminal.isatty() or os.environ.get("TERM") == "dumb"
    return tqdm(
        total=total, desc=label, file=_terminal, leave=False, mininterval=0.5, disable=silent, dynamic_ncols=True
    )


def _fail(file, sentence: str, unexpected: bool = False, log: object = None) -> None:
    file.write(f"error: {sentence}\n")
    if unexpected:
        traceback.print_exc(file=file)
        sentence += f" (unexpected; the whole story is in {log})"
    print(f"error: {sentence}", file=_terminal)
    raise SystemExit(1)


def _summary(error: BaseException) -> str:
    first = str(error).strip().splitlines()
    return f"{type(error).__name__}: {first[0] if first else ''}"
