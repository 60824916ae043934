"""Turn a folder of images into a data set."""

from typing import TYPE_CHECKING

from door import arguments, job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0]):
    from assignment06.data.datasets import prepare_folder

    prepare_folder(**arguments(snakemake))
