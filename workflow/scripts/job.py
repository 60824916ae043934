"""The door of every rule that computes: its container has no network."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from assignment06.orchestration.steps import run_step

run_step(snakemake)
