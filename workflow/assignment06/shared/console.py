"""The terminal and the log file of one job.

Everything a job writes, TensorFlow's own messages included, goes into its log file; what a person wants to see
while it runs goes to the terminal as well. A sentence for the user ends the job without a traceback.
"""

import logging
import os
import sys
import traceback
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn, TextIO

from assignment06.shared.errors import AssignmentError
from assignment06.shared.explanations import explain
from assignment06.shared.interrupts import hear_one_at_a_time, was_heard

TOLD_AT_THE_END = "ASSIGNMENT06_TOLD"  # set by a run whose last lines say what failed, from the jobs' logs
_terminal = sys.stderr


@contextmanager
def job(log: str | os.PathLike) -> Generator[None]:
    """Run a block with its output in the file `log`; log records of level INFO also reach the terminal.

    Raises SystemExit(1), after `error: ...` on the terminal, for an AssignmentError or anything else;
    SystemExit(130), without a word, when it is interrupted.
    """
    global _terminal
    hear_one_at_a_time()
    saved = os.dup(2), os.dup(1)
    _terminal = os.fdopen(saved[0], "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)
    with _open_log(log) as file:
        _flush(sys.stdout, sys.stderr)
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
        except KeyboardInterrupt:
            _end_interrupted(file)
        except Exception as error:  # noqa: BLE001  (the log gets the traceback, the terminal one sentence)
            if was_heard():  # of which TensorFlow may make an error of its own
                _end_interrupted(file)
            if sentence := str(error) if isinstance(error, AssignmentError) else explain(error):
                _fail(file, sentence)
            _fail(file, _summary(error), unexpected=True, log=log)
        finally:
            _flush(sys.stdout, sys.stderr)
            os.dup2(saved[1], 1)
            os.dup2(saved[0], 2)


def progress_bar(total: int | None, label: str, **style: object):
    """Return a tqdm bar on the terminal; where there is no terminal it shows nothing. `style` is tqdm's."""
    from tqdm import tqdm

    silent = not _terminal.isatty() or os.environ.get("TERM") == "dumb"
    return tqdm(
        total=total,
        desc=label,
        file=_terminal,
        leave=False,
        mininterval=0.5,
        disable=silent,
        dynamic_ncols=True,
        **style,
    )


@contextmanager
def _open_log(log: str | os.PathLike) -> Generator[TextIO]:
    """Open the log. On a full disk it may stay empty, which is no reason to hide the sentence from the terminal."""
    try:
        Path(log).parent.mkdir(parents=True, exist_ok=True)
        file = open(log, "w", buffering=1, encoding="utf-8", errors="replace")  # noqa: SIM115
    except OSError as error:
        print(f"error: {explain(error) or _summary(error)}", file=_terminal)
        raise SystemExit(1) from None
    try:
        yield file
    finally:
        with suppress(OSError):
            file.close()


def _end_interrupted(file: TextIO) -> NoReturn:
    _write(file, "interrupted\n")
    raise SystemExit(130) from None


def _fail(file: TextIO, sentence: str, unexpected: bool = False, log: object = None) -> None:
    more = f" (unexpected; the whole story is in {log})" if unexpected else ""
    if not os.environ.get(TOLD_AT_THE_END):
        _write(_terminal, f"error: {sentence}{more}\n")  # which may be a file on a full disk
    _write(file, f"error: {sentence}\n{traceback.format_exc() if unexpected else ''}")
    raise SystemExit(1)


def _write(file: TextIO, text: str) -> None:
    with suppress(OSError):
        file.write(text)


def _flush(*files: TextIO) -> None:
    for file in files:
        with suppress(OSError):
            file.flush()


def _summary(error: BaseException) -> str:
    first = str(error).strip().splitlines()
    return f"{type(error).__name__}: {first[0] if first else ''}"
