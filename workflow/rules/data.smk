# What reads or fills data/raw runs on the submitting machine: all later jobs have what they need as inputs. The
# two that acquire, each file verified by its digest, are the only rules whose containers have a network.
rule acquire_dataset:
    output:
        receipt=f"{PREPARED}/{{dataset}}/source.json",
    log:
        f"{RESULTS}/logs/acquire_dataset/{{dataset}}.log",
    wildcard_constraints:
        dataset="|".join(registry.names(registry.DATASETS)),
    localrule: True
    threads: 1
    resources:
        mem_mb=500,
        runtime=120,
    params:
        **step("data.acquisition:acquire_dataset", official_dataset),
        dataset="{dataset}",
        data_source=STUDY.data_source,
        raw="data/raw",
    script:
        "../scripts/download.py"


rule acquire_classifier:
    output:
        receipt=f"{PREPARED}/classifier/source.json",
    log:
        f"{RESULTS}/logs/acquire_classifier.log",
    localrule: True
    threads: 1
    resources:
        mem_mb=500,
        runtime=120,
    params:
        **step("data.acquisition:acquire_classifier"),
        architecture=STUDY.classifier.architecture,
        weights=STUDY.classifier.weights,
        data_source=STUDY.data_source,
        raw="data/raw",
    script:
        "../scripts/download.py"


rule prepare_dataset:
    input:
        receipt=rules.acquire_dataset.output.receipt,
    output:
        multiext(
            f"{PREPARED}/{{dataset}}/",
            train="train.npz",
            test="test.npz",
            description="dataset.json",
        ),
    log:
        f"{RESULTS}/logs/prepare_dataset/{{dataset}}.log",
    wildcard_constraints:
        dataset="|".join(registry.names(registry.DATASETS)),
    # With `auto` it is not known beforehand which data these are.
    cache: STUDY.data_source != "auto"
    localrule: True
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=20,
    params:
        **step("data.datasets:prepare_dataset", official_dataset),
        dataset="{dataset}",
        raw="data/raw",
    script:
        "../scripts/job.py"


if STUDY.datasets:

    rule prepare_folder:
        output:
            train=f"{PREPARED}/{{dataset}}/train.npz",
            test=f"{PREPARED}/{{dataset}}/test.npz",
            description=f"{PREPARED}/{{dataset}}/dataset.json",
        log:
            f"{RESULTS}/logs/prepare_folder/{{dataset}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/prepare_folder/{{dataset}}.tsv"
        wildcard_constraints:
            dataset="|".join(STUDY.datasets),
        localrule: True
        threads: 1
        resources:
            mem_mb=lambda wildcards, attempt: 4000 * attempt,
            runtime=60,
        params:
            **step("data.datasets:prepare_folder", depends_on=folder_listing),
            dataset="{dataset}",
            folder=own_dataset("folder"),
            image_size=own_dataset("image_size"),
            resize=own_dataset("resize"),
            test_split=own_dataset("test_split"),
            seed=own_dataset("seed"),
        script:
            "../scripts/job.py"
