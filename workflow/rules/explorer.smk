# The net of the first experiment on MNIST that was trained from scratch runs in the page.
DRAWN = next(
    (name for name in SCRATCH if STUDY.experiments[name].dataset == "mnist"), None
)


rule write_explorer:
    input:
        metrics=every_experiment(rules.evaluate_predictions.output.metrics),
        histories=every_experiment(rules.train_convnet.output.history),
        predictions=every_experiment(rules.predict_test_set.output.predictions),
        tests=[
            f"{PREPARED}/{row.dataset}/test.npz" for row in STUDY.experiments.values()
        ],
        model=f"{RESULTS}/models/{DRAWN}.keras" if DRAWN else [],
        photograph_predictions=rules.gather_predictions.output.gathered,
        classifier=rules.gather_predictions.output.metadata,
        manifest=rules.list_photographs.output.manifest,
        maps=rules.map_photographs.output.maps,
        found=found_in(""),
        found_images=found_in("images.csv"),
        captions=rules.caption_photographs.output.table if WRITER else [],
        captions_metadata=rules.caption_photographs.output.metadata if WRITER else [],
    output:
        explorer=report(
            f"{RESULTS}/explore.html",
            caption="../report/explorer.rst",
            category="Overview",
            labels={"file": "page to explore"},
        ),
    log:
        f"{RESULTS}/logs/write_explorer.log",
    localrule: REMOTE
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        **step("explorer.page:write_explorer"),
        drawn=DRAWN,
        sought=list(SOUGHT),
    script:
        "../scripts/job.py"
