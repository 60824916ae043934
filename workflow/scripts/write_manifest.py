"""List the photographs."""

from typing import TYPE_CHECKING

from door import job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0]):
    from assignment06.photographs import write_manifest

    write_manifest(**snakemake.params.call, **snakemake.output)
