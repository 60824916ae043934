"""Classify one shard of the photographs."""

from typing import TYPE_CHECKING

from door import arguments, job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0]):
    from assignment06.photographs.classification import classify_shard

    classify_shard(**arguments(snakemake), threads=snakemake.threads)
