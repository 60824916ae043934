"""Show what one experiment's augmentation does."""

from typing import TYPE_CHECKING

from door import arguments, job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0]):
    from assignment06.plots.augmentation import preview_augmentation

    preview_augmentation(**arguments(snakemake), threads=snakemake.threads)
