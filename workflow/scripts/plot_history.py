"""Plot one experiment's learning curves."""

from typing import TYPE_CHECKING

from door import arguments, job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0]):
    from assignment06.plots.experiments import plot_history

    plot_history(**arguments(snakemake))
