# 6.3. The photographs are listed once, cut into shards (scatter), classified, and put together again (gather).
STAND_IN = LISTING.images == 0
PHOTOGRAPHS = "data/sample/images" if STAND_IN else STUDY.photographs
CLASSIFIED = f"{RESULTS}/predictions/{STUDY.classifier.architecture.lower()}"
COUNT = LISTING.images or 7
FEW = 100  # to these, a second core would bring less than loading TensorFlow costs
SHARDS = -(-COUNT // STUDY.classifier.shard_size)
SHARD_ARCHIVE = f"{PREPARED}/shards/{{scatteritem}}.zip"
CLASSIFIER_ARCHIVE = f"{PREPARED}/classifier/files.zip"
QUANTISED_ARCHIVE = f"{PREPARED}/classifier/int8.zip"
QUANTISED = STUDY.classifier.compute_dtype == "int8"
PARQUET_FROM = 100_000  # images; below it a CSV


scattergather:
    photographs=SHARDS,


rule write_stand_ins:
    output:
        folder=directory("data/sample/images"),
    log:
        f"{RESULTS}/logs/write_stand_ins.log",
    localrule: True
    threads: 1
    resources:
        mem_mb=500,
        runtime=10,
    params:
        **step("data.stand_ins:write_stand_ins"),
    script:
        "../scripts/job.py"


rule list_photographs:
    input:
        rules.write_stand_ins.output.folder if STAND_IN else [],
    output:
        manifest=f"{PREPARED}/photographs.jsonl",
    log:
        f"{RESULTS}/logs/list_photographs.log",
    localrule: True
    threads: 1
    resources:
        mem_mb=500,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        **step("photographs.manifest:list_photographs", depends_on=LISTING.digest),
        source=lambda wildcards, input: input[0] if input else STUDY.photographs,
    script:
        "../scripts/job.py"


# With --default-storage-provider (a cloud) there is no common file system: photographs and weights go to their jobs as
# zips, and what reads this machine's folders, or writes what its user wants to hold, stays here.
if REMOTE:

    rule pack_shard:
        input:
            manifest=rules.list_photographs.output.manifest,
        output:
            archive=temp(SHARD_ARCHIVE),
        log:
            f"{RESULTS}/logs/pack_shard/{{scatteritem}}.log",
        localrule: True
        threads: 1
        resources:
            mem_mb=500,
            runtime=60,
        params:
            **step("photographs.archives:pack_shard"),
            shard=shard_number,
            shard_size=STUDY.classifier.shard_size,
        script:
            "../scripts/job.py"

    rule pack_classifier:
        input:
            receipt=rules.acquire_classifier.output.receipt,
        output:
            archive=CLASSIFIER_ARCHIVE,
        log:
            f"{RESULTS}/logs/pack_classifier.log",
        localrule: True
        threads: 1
        resources:
            mem_mb=500,
            runtime=60,
        params:
            **step("photographs.archives:pack_classifier"),
            raw="data/raw",
        script:
            "../scripts/job.py"


if QUANTISED:

    rule quantise_classifier:
        input:
            manifest=rules.list_photographs.output.manifest,
            receipt=rules.acquire_classifier.output.receipt,
        output:
            archive=QUANTISED_ARCHIVE,
        log:
            f"{RESULTS}/logs/quantise_classifier.log",
        localrule: REMOTE
        threads: 2
        resources:
            mem_mb=lambda wildcards, attempt: 3000 * attempt,
            runtime=lambda wildcards, attempt: 60 * attempt,
        params:
            **step("photographs.quantisation:quantise_classifier"),
            architecture=STUDY.classifier.architecture,
            batch_size=STUDY.classifier.batch_size,
            raw="data/raw",
        script:
            "../scripts/job.py"


rule classify_shard:
    input:
        manifest=rules.list_photographs.output.manifest,
        receipt=rules.acquire_classifier.output.receipt,
        photographs_archive=SHARD_ARCHIVE if REMOTE else [],
        classifier_archive=CLASSIFIER_ARCHIVE if REMOTE else [],
        quantised_archive=QUANTISED_ARCHIVE if QUANTISED else [],
    output:
        predictions=temp(f"{CLASSIFIED}/shards/{{scatteritem}}.csv"),
        skipped=temp(f"{CLASSIFIED}/shards/{{scatteritem}}_skipped.csv"),
        facts=temp(f"{CLASSIFIED}/shards/{{scatteritem}}.json"),
    log:
        f"{RESULTS}/logs/classify_shard/{{scatteritem}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/classify_shard/{{scatteritem}}.tsv"
    retries: 1
    threads: 2 if COUNT > FEW else 1
    resources:
        mem_mb=lambda wildcards, attempt: 2500 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        **step("photographs.classification:classify_shard"),
        shard=shard_number,
        shard_size=STUDY.classifier.shard_size,
        architecture=STUDY.classifier.architecture,
        top=STUDY.classifier.top,
        batch_size=STUDY.classifier.batch_size,
        compute_dtype=STUDY.classifier.compute_dtype,
        engine=STUDY.classifier.engine,
        raw="data/raw",
    script:
        "../scripts/job.py"


rule gather_predictions:
    input:
        predictions=gather.photographs(
            unstored(rules.classify_shard.output.predictions)
        ),
        skipped=gather.photographs(unstored(rules.classify_shard.output.skipped)),
        facts=gather.photographs(unstored(rules.classify_shard.output.facts)),
    output:
        gathered=report(
            f"{CLASSIFIED}/predictions.{'csv' if COUNT < PARQUET_FROM else 'parquet'}",
            caption="../report/photographs.rst",
            category="Photographs",
            labels={"file": "predictions"},
        ),
        gathered_skipped=report(
            f"{CLASSIFIED}/skipped.csv",
            caption="../report/skipped.rst",
            category="Photographs",
            labels={"file": "skipped"},
        ),
        metadata=f"{CLASSIFIED}/metadata.json",
    log:
        f"{RESULTS}/logs/gather_predictions.log",
    localrule: REMOTE
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        **step("photographs.gathering:gather_predictions"),
        architecture=STUDY.classifier.architecture,
        photographs=portable_name(PHOTOGRAPHS),
        stand_in=STAND_IN,
    script:
        "../scripts/job.py"


rule plot_contact_sheet:
    input:
        manifest=rules.list_photographs.output.manifest,
        predictions=rules.gather_predictions.output.gathered,
        metadata=rules.gather_predictions.output.metadata,
    output:
        plot=report(
            f"{CLASSIFIED}/contact_sheet.png",
            caption="../report/contact_sheet.rst",
            category="Photographs",
            labels={"file": "contact sheet"},
        ),
    log:
        f"{RESULTS}/logs/plot_contact_sheet.log",
    localrule: REMOTE
    threads: 1
    resources:
        mem_mb=1500,
        runtime=10,
    params:
        **step("plots.contact_sheet:plot_contact_sheet"),
        dpi=STUDY.plots.dpi,
    script:
        "../scripts/job.py"
