"""Plot the experiments side by side."""

from typing import TYPE_CHECKING

from door import arguments, job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0]):
    from assignment06.plots.experiments import plot_comparison

    plot_comparison(**arguments(snakemake))
