"""Predict the test images with one experiment's model."""

from typing import TYPE_CHECKING

from door import arguments, job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

with job(snakemake.log[0]):
    from assignment06.experiments.prediction import predict_test_set

    predict_test_set(**arguments(snakemake), threads=snakemake.threads)
