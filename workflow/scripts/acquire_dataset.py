"""Get one official data set, or note that its sample stands in."""

from typing import TYPE_CHECKING

from door import MIRROR, arguments, job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0]):
    from assignment06.data.acquisition import acquire_dataset

    acquire_dataset(**arguments(snakemake), mirror=MIRROR)
