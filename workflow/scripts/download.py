"""The door of the rules that may use the network: the container adapter gives it to scripts of this name."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from assignment06.orchestration.steps import run_step

run_step(snakemake, mirror=os.environ.get("ASSIGNMENT06_MIRROR"))
