# Rows whose net was trained on ImageNet: its features are computed once for each data set, a new last layer is trained
# on them, and what the row says of the rest from there on. What a training writes is what train_convnet writes.
FEATURE_SHARD = 12_500  # images for each job
# Captioners and detectors look through such nets too (rules/captions.smk, rules/detectors.smk).
FROZEN = [
    *(row for row in STUDY.experiments.values() if row.is_pretrained),
    *STUDY.captioners.values(),
    *STUDY.detectors.values(),
]
SOURCES = {row.source: row for row in FROZEN}
BACKBONES = {row.backbone: row for row in FROZEN}
HEADS = [name for name in PRETRAINED if STUDY.experiments[name].train == "head"]
TUNED = [name for name in PRETRAINED if name not in HEADS]
CROSS_VALIDATED = [
    name for name in HEADS if STUDY.experiments[name].cross_validation is not None
]
# Data sets that are looked at, each by the features of the first row that computes some
INSPECTED = {
    row.dataset: row
    for row in reversed([STUDY.experiments[name] for name in PRETRAINED])
}
# A head does not become stale by what is said of the fine-tuning after it.
HEAD_TRAINING = {name: STUDY.experiments[name].head().training() for name in TUNED}


if FROZEN:

    rule acquire_pretrained:
        output:
            receipt=f"{PREPARED}/pretrained/{{source}}.json",
        log:
            f"{RESULTS}/logs/acquire_pretrained/{{source}}.log",
        wildcard_constraints:
            source="|".join(map(re.escape, SOURCES)),
        priority: 50
        localrule: True
        threads: 1
        resources:
            mem_mb=500,
            runtime=120,
        params:
            **step("data.pretrained:acquire_pretrained"),
            model=of_row(SOURCES, "source", "model"),
            weights=of_row(SOURCES, "source", "weights"),
            weights_sha256=of_row(SOURCES, "source", "weights_sha256"),
            data_source=STUDY.data_source,
            raw="data/raw",
        script:
            "../scripts/download.py"

    # Weights that do not fit the net are refused here, before anything is trained.
    rule prepare_backbone:
        input:
            receipt=lambda wildcards: f"{PREPARED}/pretrained/{BACKBONES[wildcards.backbone].source}.json",
        output:
            backbone=f"{PREPARED}/pretrained/{{backbone}}/backbone.keras",
            description=f"{PREPARED}/pretrained/{{backbone}}/backbone.json",
        log:
            f"{RESULTS}/logs/prepare_backbone/{{backbone}}.log",
        wildcard_constraints:
            backbone="|".join(map(re.escape, BACKBONES)),
        priority: 50
        localrule: True
        threads: 1
        resources:
            mem_mb=lambda wildcards, attempt: 3000 * attempt,
            runtime=20,
        params:
            **step("transfer.backbones:prepare_backbone"),
            model=of_row(BACKBONES, "backbone", "model"),
            input_size=of_row(BACKBONES, "backbone", "input_size"),
            raw="data/raw",
        script:
            "../scripts/job.py"


if PRETRAINED:

    rule extract_features:
        input:
            backbone=f"{PREPARED}/pretrained/{{backbone}}/backbone.keras",
            backbone_description=f"{PREPARED}/pretrained/{{backbone}}/backbone.json",
            images=f"{PREPARED}/{{dataset}}/{{part}}.npz",
        output:
            features=f"{PREPARED}/{{dataset}}/features/{{backbone}}/{{part}}_{{shard}}-of-{{shards}}.npz",
        log:
            f"{RESULTS}/logs/extract_features/{{dataset}}/{{backbone}}/{{part}}_{{shard}}-of-{{shards}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/extract_features/{{dataset}}/{{backbone}}/{{part}}_{{shard}}-of-{{shards}}.tsv"
        wildcard_constraints:
            backbone="|".join(map(re.escape, BACKBONES)),
            part="train|test",
            shard=r"\d+",
            shards=r"\d+",
        retries: 1
        threads: 2
        resources:
            **GPU,
            mem_mb=lambda wildcards, attempt: 3000 * attempt,
            runtime=lambda wildcards, attempt: 120 * attempt,
        params:
            **step("transfer.features:extract_features"),
            shard=lambda wildcards: int(wildcards.shard) - 1,
            shards=lambda wildcards: int(wildcards.shards),
        script:
            "../scripts/job.py"

    rule train_head:
        input:
            backbone=backbone_file("backbone.keras"),
            backbone_description=backbone_file("backbone.json"),
            features=feature_files("train"),
            train=prepared("train.npz"),
            description=prepared("dataset.json"),
        output:
            model=f"{RESULTS}/models/{{experiment}}.keras",
            summary=f"{RESULTS}/models/{{experiment}}.txt",
            history=f"{RESULTS}/metrics/{{experiment}}_history.csv",
            facts=f"{RESULTS}/training/{{experiment}}.json",
        log:
            f"{RESULTS}/logs/train_head/{{experiment}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/train_head/{{experiment}}.tsv"
        wildcard_constraints:
            experiment=one_of(HEADS),
        threads: of_row(STUDY.experiments, "experiment", "threads")
        resources:
            mem_mb=lambda wildcards, attempt: 3000 * attempt,
            runtime=lambda wildcards, attempt: 60 * attempt,
        params:
            **step("transfer.training:train_head"),
            experiment="{experiment}",
            settings=lambda wildcards: TRAINING[wildcards.experiment],
            checkpoints=f"{RESULTS}/training/{{experiment}}.checkpoints",
        script:
            "../scripts/job.py"

    use rule train_head as train_first_head with:
        output:
            model=f"{RESULTS}/training/{{experiment}}.head.keras",
            summary=temp(f"{RESULTS}/training/{{experiment}}.head.txt"),
            history=f"{RESULTS}/training/{{experiment}}.head.csv",
            facts=f"{RESULTS}/training/{{experiment}}.head.json",
        log:
            f"{RESULTS}/logs/train_first_head/{{experiment}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/train_first_head/{{experiment}}.tsv"
        wildcard_constraints:
            experiment=one_of(TUNED),
        params:
            **step("transfer.training:train_head"),
            experiment="{experiment}",
            settings=lambda wildcards: HEAD_TRAINING[wildcards.experiment],
            checkpoints=f"{RESULTS}/training/{{experiment}}.head.checkpoints",

    rule fine_tune:
        input:
            head=rules.train_first_head.output.model,
            backbone_description=backbone_file("backbone.json"),
            train=prepared("train.npz"),
            description=prepared("dataset.json"),
        output:
            model=f"{RESULTS}/models/{{experiment}}.keras",
            summary=f"{RESULTS}/models/{{experiment}}.txt",
            history=f"{RESULTS}/metrics/{{experiment}}_history.csv",
            facts=f"{RESULTS}/training/{{experiment}}.json",
        log:
            f"{RESULTS}/logs/fine_tune/{{experiment}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/fine_tune/{{experiment}}.tsv"
        wildcard_constraints:
            experiment=one_of(TUNED),
        threads: of_row(STUDY.experiments, "experiment", "threads")
        resources:
            **GPU,
            mem_mb=lambda wildcards, attempt: 6000 * attempt,
            runtime=lambda wildcards, attempt: 240 * attempt,
        params:
            **step("transfer.training:fine_tune", policy),
            experiment="{experiment}",
            settings=lambda wildcards: TRAINING[wildcards.experiment],
            checkpoints=f"{RESULTS}/training/{{experiment}}.checkpoints",
        script:
            "../scripts/job.py"

    rule predict_from_features:
        input:
            model=rules.train_head.output.model,
            features=feature_files("test"),
            backbone_description=backbone_file("backbone.json"),
            test=prepared("test.npz"),
            description=prepared("dataset.json"),
        output:
            predictions=f"{RESULTS}/predictions/{{experiment}}.csv",
        log:
            f"{RESULTS}/logs/predict_from_features/{{experiment}}.log",
        wildcard_constraints:
            experiment=one_of(HEADS),
        threads: 2
        resources:
            mem_mb=lambda wildcards, attempt: 2000 * attempt,
            runtime=20,
        params:
            **step("transfer.training:predict_from_features"),
            looks=LOOKS,
        script:
            "../scripts/job.py"

    rule inspect_data:
        input:
            train_features=feature_files("train", INSPECTED, "dataset"),
            test_features=feature_files("test", INSPECTED, "dataset"),
            backbone_description=lambda wildcards: f"{PREPARED}/pretrained/{INSPECTED[wildcards.dataset].backbone}/backbone.json",
            train=f"{PREPARED}/{{dataset}}/train.npz",
            test=f"{PREPARED}/{{dataset}}/test.npz",
            description=f"{PREPARED}/{{dataset}}/dataset.json",
        output:
            table=report(
                f"{RESULTS}/metrics/inspection/{{dataset}}.csv",
                caption="../report/inspection.rst",
                category="Data",
                labels={"data set": "{dataset}", "file": "table"},
            ),
            figures=f"{RESULTS}/metrics/inspection/{{dataset}}.json",
        log:
            f"{RESULTS}/logs/inspect_data/{{dataset}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/inspect_data/{{dataset}}.tsv"
        wildcard_constraints:
            dataset=one_of(INSPECTED),
        threads: 2
        resources:
            mem_mb=lambda wildcards, attempt: 3000 * attempt,
            runtime=lambda wildcards, attempt: 60 * attempt,
        params:
            **step("transfer.inspection:inspect_data"),
        script:
            "../scripts/job.py"


if CROSS_VALIDATED:

    rule cross_validate:
        input:
            features=feature_files("train"),
            backbone_description=backbone_file("backbone.json"),
            train=prepared("train.npz"),
            description=prepared("dataset.json"),
        output:
            figures=f"{RESULTS}/metrics/cross_validation/{{experiment}}.json",
        log:
            f"{RESULTS}/logs/cross_validate/{{experiment}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/cross_validate/{{experiment}}.tsv"
        wildcard_constraints:
            experiment=one_of(CROSS_VALIDATED),
        threads: 2
        resources:
            mem_mb=lambda wildcards, attempt: 3000 * attempt,
            runtime=lambda wildcards, attempt: 60 * attempt,
        params:
            **step("transfer.cross_validation:cross_validate"),
            experiment="{experiment}",
            settings=lambda wildcards: TRAINING[wildcards.experiment],
            title=of_row(STUDY.experiments, "experiment", "title"),
            folds=of_row(STUDY.experiments, "experiment", "cross_validation"),
        script:
            "../scripts/job.py"
