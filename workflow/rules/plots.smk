rule plot_history:
    input:
        history=rules.train_convnet.output.history,
        metrics=rules.evaluate_predictions.output.metrics,
    output:
        plot=report(
            f"{RESULTS}/plots/{{experiment}}_history.png",
            caption="../report/history.rst",
            category="Experiments",
            subcategory="{experiment}",
            labels=labels("learning curves"),
        ),
    log:
        f"{RESULTS}/logs/plot_history/{{experiment}}.log",
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **step("plots.experiments:plot_history"),
        dpi=STUDY.plots.dpi,
    script:
        "../scripts/job.py"


rule plot_confusion_matrix:
    input:
        metrics=rules.evaluate_predictions.output.metrics,
    output:
        plot=report(
            f"{RESULTS}/plots/{{experiment}}_confusion_matrix.png",
            caption="../report/confusion_matrix.rst",
            category="Experiments",
            subcategory="{experiment}",
            labels=labels("confusion matrix"),
        ),
    log:
        f"{RESULTS}/logs/plot_confusion_matrix/{{experiment}}.log",
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **step("plots.experiments:plot_confusion_matrix"),
        dpi=STUDY.plots.dpi,
    script:
        "../scripts/job.py"


rule plot_mistakes:
    input:
        predictions=rules.predict_test_set.output.predictions,
        metrics=rules.evaluate_predictions.output.metrics,
        test=prepared("test.npz"),
    output:
        plot=report(
            f"{RESULTS}/plots/{{experiment}}_mistakes.png",
            caption="../report/mistakes.rst",
            category="Experiments",
            subcategory="{experiment}",
            labels=labels("most confident mistakes"),
        ),
    log:
        f"{RESULTS}/logs/plot_mistakes/{{experiment}}.log",
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **step("plots.experiments:plot_mistakes"),
        dpi=STUDY.plots.dpi,
        gallery=STUDY.plots.mistakes,
    script:
        "../scripts/job.py"


rule preview_augmentation:
    input:
        train=prepared("train.npz"),
        description=prepared("dataset.json"),
    output:
        plot=report(
            f"{RESULTS}/plots/{{experiment}}_augmentation.png",
            caption="../report/augmentation.rst",
            category="Experiments",
            subcategory="{experiment}",
            labels=labels("augmentation"),
        ),
    log:
        f"{RESULTS}/logs/preview_augmentation/{{experiment}}.log",
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        **step("plots.augmentation:preview_augmentation", policy),
        settings=row_of_experiment,
        dpi=STUDY.plots.dpi,
    script:
        "../scripts/job.py"


rule plot_comparison:
    input:
        metrics=every_experiment(rules.evaluate_predictions.output.metrics),
        histories=every_experiment(rules.train_convnet.output.history),
        comparison=rules.summarise_experiments.output.comparison,
    output:
        plot=report(
            f"{RESULTS}/plots/comparison.png",
            caption="../report/comparison.rst",
            category="Comparison",
            labels={"file": "plot"},
        ),
    log:
        f"{RESULTS}/logs/plot_comparison.log",
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **step("plots.experiments:plot_comparison"),
        dpi=STUDY.plots.dpi,
    script:
        "../scripts/job.py"


if PRETRAINED:

    rule summarise_transfer:
        input:
            metrics=every_experiment(rules.evaluate_predictions.output.metrics),
        output:
            curve=f"{RESULTS}/metrics/transfer.json",
        log:
            f"{RESULTS}/logs/summarise_transfer.log",
        threads: 1
        resources:
            mem_mb=1000,
            runtime=10,
        params:
            **step("transfer.curve:summarise_transfer"),
        script:
            "../scripts/job.py"

    rule plot_transfer:
        input:
            curve=rules.summarise_transfer.output.curve,
        output:
            plot=report(
                f"{RESULTS}/plots/transfer.png",
                caption="../report/transfer.rst",
                category="Comparison",
                labels={"file": "transfer learning"},
            ),
        log:
            f"{RESULTS}/logs/plot_transfer.log",
        threads: 1
        resources:
            mem_mb=1000,
            runtime=10,
        params:
            **step("plots.transfer:plot_transfer"),
            dpi=STUDY.plots.dpi,
        script:
            "../scripts/job.py"

    rule plot_inspection:
        input:
            table=rules.inspect_data.output.table,
            figures=rules.inspect_data.output.figures,
            train=f"{PREPARED}/{{dataset}}/train.npz",
            test=f"{PREPARED}/{{dataset}}/test.npz",
        output:
            plot=report(
                f"{RESULTS}/plots/inspection/{{dataset}}.png",
                caption="../report/inspection.rst",
                category="Data",
                labels={"data set": "{dataset}", "file": "gallery"},
            ),
        log:
            f"{RESULTS}/logs/plot_inspection/{{dataset}}.log",
        wildcard_constraints:
            dataset=one_of(INSPECTED),
        threads: 1
        resources:
            mem_mb=2000,
            runtime=10,
        params:
            **step("plots.inspection:plot_inspection"),
            dpi=STUDY.plots.dpi,
        script:
            "../scripts/job.py"


if CHANGES:

    rule summarise_ablation:
        input:
            metrics=every_experiment(rules.evaluate_predictions.output.metrics),
        output:
            ablation=f"{RESULTS}/metrics/ablation.json",
        log:
            f"{RESULTS}/logs/summarise_ablation.log",
        threads: 1
        resources:
            mem_mb=1000,
            runtime=10,
        params:
            **step("experiments.ablation:summarise_ablation"),
        script:
            "../scripts/job.py"

    rule plot_ablation:
        input:
            ablation=rules.summarise_ablation.output.ablation,
        output:
            plot=report(
                f"{RESULTS}/plots/ablation.png",
                caption="../report/ablation.rst",
                category="Comparison",
                labels={"file": "what each change made"},
            ),
        log:
            f"{RESULTS}/logs/plot_ablation.log",
        threads: 1
        resources:
            mem_mb=1000,
            runtime=10,
        params:
            **step("plots.ablation:plot_ablation"),
            dpi=STUDY.plots.dpi,
        script:
            "../scripts/job.py"
