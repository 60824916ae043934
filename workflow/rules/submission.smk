rule pack_submission:
    input:
        results=[
            *every_experiment(rules.train_convnet.output.model),
            *every_experiment(rules.train_convnet.output.summary),
            *every_experiment(rules.train_convnet.output.history),
            *every_experiment(rules.predict_test_set.output.predictions),
            *every_experiment(rules.evaluate_predictions.output.metrics),
            *every_experiment(rules.plot_history.output.plot),
            *every_experiment(rules.plot_confusion_matrix.output.plot),
            *every_experiment(rules.plot_mistakes.output.plot),
            *expand(rules.preview_augmentation.output.plot, experiment=AUGMENTED),
            *rules.summarise_experiments.output,
            *rules.plot_comparison.output,
            *rules.gather_predictions.output,
            *rules.plot_contact_sheet.output,
        ],
        metrics=every_experiment(rules.evaluate_predictions.output.metrics),
        classifier=rules.gather_predictions.output.metadata,
    output:
        zip_path=ensure(ZIP, non_empty=True),
    log:
        f"{RESULTS}/logs/pack_submission.log",
    container:
        IMAGE
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        base=BASE,
        root=workflow.basedir,
        config=GIVEN_CONFIG,
        student=config["student"],
        image=IMAGE,
        sources=sources_digest(workflow.basedir),
        code=code("pack_submission.py"),
    script:
        "../scripts/pack_submission.py"
