"""Draw the graph of the rules."""

from typing import TYPE_CHECKING

from door import arguments, job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0]):
    from assignment06.orchestration.rulegraph import draw_rulegraph

    draw_rulegraph(**arguments(snakemake))
