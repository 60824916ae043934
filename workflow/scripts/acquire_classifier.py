"""Get the pretrained weights of 6.3, or note that an untrained net stands in."""

from typing import TYPE_CHECKING

from door import MIRROR, arguments, job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0]):
    from assignment06.data.acquisition import acquire_classifier

    acquire_classifier(**arguments(snakemake), mirror=MIRROR)
