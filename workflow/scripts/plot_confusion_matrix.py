"""Plot one experiment's confusion matrix."""

from typing import TYPE_CHECKING

from door import arguments, job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0]):
    from assignment06.plots.experiments import plot_confusion_matrix

    plot_confusion_matrix(**arguments(snakemake))
