"""Put the shards' predictions together."""

from typing import TYPE_CHECKING

from door import arguments, job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0]):
    from assignment06.photographs.gathering import gather_predictions

    gather_predictions(**arguments(snakemake))
