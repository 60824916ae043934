"""What every script shares: the library on the module path, a job's log, and its arguments.

A rule's named inputs, outputs and parameters carry the names of the library function's arguments. The
parameter `code` is for Snakemake alone: a digest of the library files in use, whose change makes a job stale.
"""

import atexit
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from assignment06.orchestration.clocks import date_back
from assignment06.orchestration.run_lock import follow
from assignment06.shared.console import job

follow()
MIRROR = os.environ.get("ASSIGNMENT06_MIRROR")
__all__ = ["MIRROR", "arguments", "job"]


def arguments(snakemake) -> dict:
    """Return a job's named inputs, outputs and parameters as keyword arguments."""
    named = {**snakemake.input, **snakemake.output, **snakemake.params}
    named.pop("code", None)
    atexit.register(date_back, list(snakemake.input))  # the clock may be set back while a job runs
    return {name: list(value) if isinstance(value, (list, tuple)) else value for name, value in named.items()}
