"""Check the post for the discussion board."""

from typing import TYPE_CHECKING

from door import arguments, job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0]):
    from assignment06.submission.discussion import record_discussion

    record_discussion(**arguments(snakemake))
