# What reads or fills data/raw runs on the submitting machine: all later jobs have what they need as inputs. The
# two that acquire, each file verified by its digest, are the only rules whose containers have a network.
localrules:
    acquire_dataset,
    acquire_classifier,
    prepare_dataset,
    write_stand_ins,
    list_photographs,


rule acquire_dataset:
    output:
        receipt=f"{PREPARED}/{{dataset}}/source.json",
    log:
        f"{RESULTS}/logs/acquire_dataset/{{dataset}}.log",
    wildcard_constraints:
        dataset="mnist|cifar10",
    container:
        IMAGE
    threads: 1
    resources:
        mem_mb=500,
        runtime=120,
    params:
        dataset="{dataset}",
        data_source=config["data_source"],
        raw="data/raw",
        code=code("acquire_dataset.py"),
    script:
        "../scripts/acquire_dataset.py"


rule acquire_classifier:
    output:
        receipt=f"{PREPARED}/classifier/source.json",
    log:
        f"{RESULTS}/logs/acquire_classifier.log",
    container:
        IMAGE
    threads: 1
    resources:
        mem_mb=500,
        runtime=120,
    params:
        architecture=config["classifier"]["architecture"],
        weights=config["classifier"]["weights"],
        data_source=config["data_source"],
        raw="data/raw",
        code=code("acquire_classifier.py"),
    script:
        "../scripts/acquire_classifier.py"


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
        dataset="mnist|cifar10",
    # With `auto` it is not known beforehand which data these are.
    cache: config["data_source"] != "auto"
    container:
        IMAGE
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=20,
    params:
        dataset="{dataset}",
        raw="data/raw",
        code=code("prepare_dataset.py"),
    script:
        "../scripts/prepare_dataset.py"


if config["datasets"]:

    localrules:
        prepare_folder,

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
            dataset="|".join(config["datasets"]),
        container:
            IMAGE
        threads: 1
        resources:
            mem_mb=lambda wildcards, attempt: 4000 * attempt,
            runtime=60,
        params:
            dataset="{dataset}",
            folder=lookup(dpath="datasets/{dataset}/folder", within=config),
            image_size=lookup(dpath="datasets/{dataset}/image_size", within=config),
            test_split=lookup(dpath="datasets/{dataset}/test_split", within=config),
            seed=lookup(dpath="datasets/{dataset}/seed", within=config),
            listing=lambda wildcards: fingerprint(
                config["datasets"][wildcards.dataset]["folder"]
            ),
            code=code("prepare_folder.py"),
        script:
            "../scripts/prepare_folder.py"
