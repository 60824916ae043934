RULE_FILES = sorted(ROOT.glob("workflow/rules/*.smk"))
RULES_DIGEST = sha256_json(
    [sha256_file(path) for path in [ROOT / "Snakefile", *RULE_FILES]]
)
# The graph does not depend on the name, nor on the order in which the config's files give their keys.
GRAPH_CONFIG = json.loads(
    json.dumps(
        {**config, "student": {"last_name": "A", "first_name": "B"}},
        sort_keys=True,
    )
)


if DISCUSSION:

    rule check_discussion:
        input:
            path=local(DISCUSSION),
        output:
            receipt=f"{RESULTS}/discussion.json",
        log:
            f"{RESULTS}/logs/check_discussion.log",
        priority: 100
        threads: 1
        resources:
            mem_mb=500,
            runtime=10,
        params:
            **step("submission.discussion:record_discussion"),
        script:
            "../scripts/job.py"


rule draw_rulegraph:
    output:
        rulegraph=report(
            f"{RESULTS}/plots/rulegraph.svg",
            caption="../report/rulegraph.rst",
            category="Overview",
            labels={"file": "graph of the rules"},
        ),
    log:
        f"{RESULTS}/logs/draw_rulegraph.log",
    localrule: REMOTE
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **step("orchestration.rulegraph:draw_rulegraph", depends_on=RULES_DIGEST),
        config=GRAPH_CONFIG,
    script:
        "../scripts/job.py"


rule write_report:
    input:
        metrics=every_experiment(rules.evaluate_predictions.output.metrics),
        histories=every_experiment(rules.train_convnet.output.history),
        predictions=every_experiment(rules.predict_test_set.output.predictions),
        tests=[
            f"{PREPARED}/{row.dataset}/test.npz" for row in STUDY.experiments.values()
        ],
        comparison=rules.summarise_experiments.output.comparison,
        photograph_predictions=rules.gather_predictions.output.gathered,
        skipped=rules.gather_predictions.output.gathered_skipped,
        classifier=rules.gather_predictions.output.metadata,
        manifest=rules.list_photographs.output.manifest,
        rulegraph=rules.draw_rulegraph.output.rulegraph,
        transfer=rules.summarise_transfer.output.curve if PRETRAINED else [],
        transfer_plot=rules.plot_transfer.output.plot if PRETRAINED else [],
        ablation=rules.summarise_ablation.output.ablation if CHANGES else [],
        ablation_plot=rules.plot_ablation.output.plot if CHANGES else [],
        cross_validations=cross_validations(),
        exports=exports(),
        inspections=inspected(rules.inspect_data.output.figures) if PRETRAINED else [],
        inspection_tables=(
            inspected(rules.inspect_data.output.table) if PRETRAINED else []
        ),
        inspected=[
            f"{PREPARED}/{name}/{part}.npz"
            for name in INSPECTED
            for part in ("train", "test")
        ],
        discussion=rules.check_discussion.output.receipt if DISCUSSION else [],
        detections=found_in("metadata.json"),
        detection_sheets=found_in("contact_sheet.png"),
        evaluations=measured("metrics.json"),
        evaluation_plots=[
            *measured("average_precision.png"),
            *measured("mistakes.png"),
        ],
        maps=rules.look_into_nets.output.maps if MAPPED else [],
        together=rules.look_into_nets.output.together if TOGETHER else [],
        layers=rules.look_into_nets.output.layers if SCRATCH else [],
        photograph_map=rules.map_photographs.output.plot,
        captioners=every_captioner("metrics.json"),
        captioner_comparison=(
            rules.compare_captioners.output.comparison if CAPTIONERS else []
        ),
        photograph_captions=rules.caption_photographs.output.table if WRITER else [],
        captions_metadata=rules.caption_photographs.output.metadata if WRITER else [],
    output:
        report=report(
            f"{RESULTS}/report.html",
            caption="../report/report.rst",
            category="Overview",
            labels={"file": "report"},
        ),
    log:
        f"{RESULTS}/logs/write_report.log",
    localrule: REMOTE
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        **step("report.page:write_report"),
        student=STUDY.student.plain(),
        image=IMAGE,
        gallery=STUDY.plots.mistakes,
        looks=LOOKS,
        mapped=MAPPED,
        grouped=list(TOGETHER),
        layered=SCRATCH,
    script:
        "../scripts/job.py"
