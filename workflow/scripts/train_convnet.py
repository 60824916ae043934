"""Train one experiment's ConvNet."""

from typing import TYPE_CHECKING

from door import arguments, job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0]):
    from assignment06.experiments.training import train_convnet

    train_convnet(**arguments(snakemake), threads=snakemake.threads)
