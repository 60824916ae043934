rule train_convnet:
    input:
        train=prepared("train.npz"),
        description=prepared("dataset.json"),
    output:
        model=f"{RESULTS}/models/{{experiment}}.keras",
        summary=report(
            f"{RESULTS}/models/{{experiment}}.txt",
            caption="../report/summary.rst",
            category="Experiments",
            subcategory="{experiment}",
            labels=labels("net"),
        ),
        history=report(
            f"{RESULTS}/metrics/{{experiment}}_history.csv",
            caption="../report/history.rst",
            category="Experiments",
            subcategory="{experiment}",
            labels=labels("epochs"),
        ),
        facts=f"{RESULTS}/training/{{experiment}}.json",
    log:
        f"{RESULTS}/logs/train_convnet/{{experiment}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/train_convnet/{{experiment}}.tsv"
    wildcard_constraints:
        experiment=one_of(SCRATCH),
    threads: of_row(STUDY.experiments, "experiment", "threads")
    resources:
        **GPU,
        mem_mb=lambda wildcards, attempt: 3000 * attempt,
        runtime=lambda wildcards, attempt: 120 * attempt,
    params:
        **step("experiments.training:train_convnet", net, policy),
        experiment="{experiment}",
        settings=lambda wildcards: TRAINING[wildcards.experiment],
        checkpoints=f"{RESULTS}/training/{{experiment}}.checkpoints",
    script:
        "../scripts/job.py"


# What has features already is predicted from them (rules/transfer.smk)
PREDICTED = [
    name
    for name in EXPERIMENTS
    if STUDY.experiments[name].train != "head" or name in SCRATCH
]


EXPORTED = [name for name in EXPERIMENTS if STUDY.experiments[name].export == "onnx"]


# The history of looks at test images (experiments/looks.py): no rule's input or output, so that none is stale by it
LOOKS = f"{RESULTS}/looks"


rule predict_test_set:
    input:
        model=rules.train_convnet.output.model,
        test=prepared("test.npz"),
        description=prepared("dataset.json"),
    output:
        predictions=report(
            f"{RESULTS}/predictions/{{experiment,{one_of(PREDICTED)}}}.csv",
            caption="../report/predictions.rst",
            category="Experiments",
            subcategory="{experiment}",
            labels=labels("predictions"),
        ),
    log:
        f"{RESULTS}/logs/predict_test_set/{{experiment}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/predict_test_set/{{experiment}}.tsv"
    threads: 1  # most of it is loading TensorFlow
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=20,
    params:
        **step("experiments.prediction:predict_test_set"),
        looks=LOOKS,
    script:
        "../scripts/job.py"


rule evaluate_predictions:
    input:
        predictions=rules.predict_test_set.output.predictions,
        facts=rules.train_convnet.output.facts,
        model=rules.train_convnet.output.model,
        description=prepared("dataset.json"),
    output:
        metrics=f"{RESULTS}/metrics/{EXPERIMENT}.json",
    log:
        f"{RESULTS}/logs/evaluate_predictions/{{experiment}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/evaluate_predictions/{{experiment}}.tsv"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **step("experiments.evaluation:evaluate_predictions"),
        experiment="{experiment}",
        settings=row_of_experiment,
    script:
        "../scripts/job.py"


rule summarise_experiments:
    input:
        metrics=every_experiment(rules.evaluate_predictions.output.metrics),
        predictions=every_experiment(rules.predict_test_set.output.predictions),
    output:
        summary=report(
            f"{RESULTS}/metrics/summary.csv",
            caption="../report/comparison.rst",
            category="Comparison",
            labels={"file": "table"},
        ),
        comparison=f"{RESULTS}/metrics/comparison.json",
    log:
        f"{RESULTS}/logs/summarise_experiments.log",
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **step("experiments.comparison:summarise_experiments"),
    script:
        "../scripts/job.py"


if EXPORTED:

    rule export_onnx:
        input:
            model=rules.train_convnet.output.model,
            predictions=rules.predict_test_set.output.predictions,
            test=prepared("test.npz"),
        output:
            onnx=f"{RESULTS}/models/{{experiment}}.onnx",
            figures=f"{RESULTS}/metrics/export/{{experiment}}.json",
        log:
            f"{RESULTS}/logs/export_onnx/{{experiment}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/export_onnx/{{experiment}}.tsv"
        wildcard_constraints:
            experiment=one_of(EXPORTED),
        threads: 2
        resources:
            mem_mb=lambda wildcards, attempt: 3000 * attempt,
            runtime=60,
        params:
            **step("experiments.onnx_export:export_onnx"),
            experiment="{experiment}",
        script:
            "../scripts/job.py"
