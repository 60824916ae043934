"""DSC 650, Assignment 6: from raw data to a submission. `make submission`, or `snakemake --cores N`."""

from snakemake.utils import min_version

min_version("9.27")


include: "workflow/rules/common.smk"
include: "workflow/rules/functions.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/experiments.smk"
include: "workflow/rules/transfer.smk"
include: "workflow/rules/plots.smk"
include: "workflow/rules/photographs.smk"
include: "workflow/rules/detection.smk"
include: "workflow/rules/detectors.smk"
include: "workflow/rules/captions.smk"
include: "workflow/rules/gradcam.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/explorer.smk"
include: "workflow/rules/submission.smk"


rule all:
    default_target: True
    input:
        local(ZIP),
        rules.pack_submission.input.results,  # what was deleted since comes back
        BLURRED,
        CAPTION_RESULTS,


internals.find_many_inputs_by_name(workflow)


onstart:
    prepare_run(internals.jobs(workflow))
    begin_telling(internals.to_do(workflow))
    print_up_to_date(internals.up_to_date(workflow))


onerror:
    end_telling("failed")
    print_failures(failures(internals.unfinished(workflow), BEGAN), log)


onsuccess:
    end_telling("done")
    print_warnings(WARNINGS)
    print_closing(
        every_experiment(rules.evaluate_predictions.output.metrics),
        unstored(rules.gather_predictions.output.metadata),
        rules.write_report.output.report,
        ZIP,
        STUDY.student,
    )
