"""Plot each photograph beside its labels."""

from typing import TYPE_CHECKING

from door import arguments, job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0]):
    from assignment06.plots.contact_sheet import plot_contact_sheet

    plot_contact_sheet(**arguments(snakemake))
