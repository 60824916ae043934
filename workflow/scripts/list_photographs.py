"""List the photographs once."""

from typing import TYPE_CHECKING

from door import arguments, job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0]):
    from assignment06.photographs.manifest import list_photographs

    list_photographs(**arguments(snakemake))
