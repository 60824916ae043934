# What nets see. Digits fill their images, so that there is no place to find; a pretrained net is looked at in 6.3.
# Sorted, as the order of rows is no reason to draw again.
MAPPED = sorted(name for name in SCRATCH if STUDY.experiments[name].dataset != "mnist")


# By data set, those of its nets that are shown the same images: as many as have room beside each other.
OF_DATASET = {
    dataset: [name for name in MAPPED if STUDY.experiments[name].dataset == dataset]
    for dataset in sorted({STUDY.experiments[name].dataset for name in MAPPED})
}
TOGETHER = {
    dataset: sorted(names, key=lambda name: STUDY.experiments[name].title)[:4]
    for dataset, names in OF_DATASET.items()
    if len(names) > 1
}


# One job for all of them: TensorFlow takes longer to load than they take to draw.
if SCRATCH:

    rule look_into_nets:
        input:
            models=expand(
                unstored(rules.train_convnet.output.model), experiment=SCRATCH
            ),
            predictions=expand(
                unstored(rules.predict_test_set.output.predictions),
                experiment=SCRATCH,
            ),
            metrics=expand(
                unstored(rules.evaluate_predictions.output.metrics),
                experiment=SCRATCH,
            ),
            tests=[
                f"{PREPARED}/{STUDY.experiments[name].dataset}/test.npz"
                for name in SCRATCH
            ],
        output:
            layers=report(
                [f"{RESULTS}/plots/{name}_layers.png" for name in SCRATCH],
                caption="../report/layers.rst",
                category="What it sees",
            ),
            maps=report(
                [f"{RESULTS}/plots/{name}_gradcam.png" for name in MAPPED],
                caption="../report/gradcam.rst",
                category="Where it looked",
            ),
            together=report(
                [f"{RESULTS}/plots/gradcam_{dataset}.png" for dataset in TOGETHER],
                caption="../report/gradcam.rst",
                category="Where it looked",
            ),
        log:
            f"{RESULTS}/logs/look_into_nets.log",
        benchmark:
            f"{RESULTS}/benchmarks/look_into_nets.tsv"
        threads: 1
        resources:
            mem_mb=lambda wildcards, attempt: 2000 * attempt,
            runtime=20 + len(SCRATCH),
        params:
            **step("gradcam.nets:look_into_nets"),
            mapped=MAPPED,
            groups=list(TOGETHER.values()),
            dpi=STUDY.plots.dpi,
        script:
            "../scripts/job.py"


# It reads the photographs and the weights where they lie: on this machine, also in a run whose other jobs are elsewhere.
rule map_photographs:
    input:
        manifest=rules.list_photographs.output.manifest,
        receipt=rules.acquire_classifier.output.receipt,
        predictions=rules.gather_predictions.output.gathered,
        metadata=rules.gather_predictions.output.metadata,
    output:
        plot=report(
            f"{CLASSIFIED}/gradcam.png",
            caption="../report/gradcam.rst",
            category="Where it looked",
            labels={"file": "photographs"},
        ),
        maps=f"{CLASSIFIED}/gradcam.json",
    log:
        f"{RESULTS}/logs/map_photographs.log",
    benchmark:
        f"{RESULTS}/benchmarks/map_photographs.tsv"
    localrule: REMOTE
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2500 * attempt,
        runtime=20,
    params:
        **step("gradcam.photographs:map_photographs"),
        raw="data/raw",
        dpi=STUDY.plots.dpi,
    script:
        "../scripts/job.py"
