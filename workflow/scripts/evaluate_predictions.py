"""Work out the metrics of one experiment."""

from typing import TYPE_CHECKING

from door import arguments, job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0]):
    from assignment06.experiments.evaluation import evaluate_predictions

    evaluate_predictions(**arguments(snakemake))
