"""Write the photographs that stand in while there are none."""

from typing import TYPE_CHECKING

from door import arguments, job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0]):
    from assignment06.data.stand_ins import write_stand_ins

    write_stand_ins(**arguments(snakemake))
