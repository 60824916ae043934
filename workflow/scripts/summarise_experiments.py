"""Put the experiments' metrics side by side."""

from typing import TYPE_CHECKING

from door import arguments, job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0]):
    from assignment06.experiments.comparison import summarise_experiments

    summarise_experiments(**arguments(snakemake))
