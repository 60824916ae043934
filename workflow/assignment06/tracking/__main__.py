"""The process beside a run that tells its trainings: `python -m assignment06.tracking FILE` (a `Followed`).

Its standard input is a pipe of the run's: when that closes, the run has ended, however it did; what is left is told,
and this process ends. Its first line on standard output says whether it can begin. What packages say goes into a log.
"""

import contextlib
import os
import sys
import threading
from pathlib import Path

from assignment06.shared.errors import AssignmentError
from assignment06.tracking.following import follow, target
from assignment06.tracking.trainings import Followed, Reader

SAID = 3  # exit status where not all was told, and that was said


def main(path: str) -> int:
    """Follow the run that a `Followed` describes; return an exit status."""
    terminal = os.fdopen(os.dup(2), "w", encoding="utf-8", errors="replace")
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="replace")

    def say(sentence: str) -> None:
        with contextlib.suppress(OSError):  # the terminal may be gone
            print(sentence, file=terminal, flush=True)

    try:
        followed = Followed.read(path)
        place = Path(followed.results, "logs", "tracking.log")
        place.parent.mkdir(parents=True, exist_ok=True)
        with open(place, "wb", buffering=0) as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        reader = Reader(followed)
        to = target(followed)
    except (AssignmentError, OSError) as error:
        print(f"error: {error}", file=answer, flush=True)
        return 1
    print(f"Tracking: {to.place}; {to.hint}", file=answer, flush=True)
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.buffer.read(), ended.set()), daemon=True).start()
    return 0 if follow(reader, to, ended, say) else SAID


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
