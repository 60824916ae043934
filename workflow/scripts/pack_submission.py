"""Pack the submission's zip."""

from typing import TYPE_CHECKING

from door import arguments, job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0]):
    from assignment06.submission.packaging import pack_submission

    pack_submission(**arguments(snakemake))
