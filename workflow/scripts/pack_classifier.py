"""Pack the classifier's files into a zip, for a job that does not see this machine's folders."""

from typing import TYPE_CHECKING

from door import arguments, job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0]):
    from assignment06.photographs.archives import pack_classifier

    pack_classifier(**arguments(snakemake))
