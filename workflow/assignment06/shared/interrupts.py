"""Ctrl-C, once at a time: who presses it again and again must not break off what the first one ends."""

import signal
import threading
import time

PEACE = 10  # seconds that the end may take
_heard: list[float] = []  # when, by the monotonic clock


def hear_one_at_a_time() -> bool:
    """Let a Ctrl-C raise KeyboardInterrupt, and those within the next `PEACE` seconds go unheard.

    Returns whether that is so now. It is not outside the main thread, nor where Ctrl-C does something else than usual
    (behind `nohup`, say), which stays as it is.
    """
    usual = signal.getsignal(signal.SIGINT) in (signal.default_int_handler, _interrupt)
    if not usual or threading.current_thread() is not threading.main_thread():
        return False
    signal.signal(signal.SIGINT, _interrupt)
    return True


def was_heard() -> bool:
    """Whether there was a Ctrl-C since this process hears one at a time."""
    return bool(_heard)


def _interrupt(number: int, frame: object) -> None:
    if not _heard or time.monotonic() - _heard[-1] > PEACE:
        _heard.append(time.monotonic())
        raise KeyboardInterrupt
