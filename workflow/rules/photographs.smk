# 6.3. The photographs are listed once, cut into shards (scatter), classified, and put together again (gather).
STAND_IN = LISTING["images"] == 0
PHOTOGRAPHS = "data/sample/images" if STAND_IN else config["photographs"]
CLASSIFIED = f"{RESULTS}/predictions/{config['classifier']['architecture'].lower()}"
COUNT = LISTING["images"] or 7
SHARDS = -(-COUNT // config["classifier"]["shard_size"])
PARQUET_FROM = 100_000  # images; below it a CSV


scattergather:
    photographs=SHARDS,


rule write_stand_ins:
    output:
        folder=directory("data/sample/images"),
    log:
        f"{RESULTS}/logs/write_stand_ins.log",
    container:
        IMAGE
    threads: 1
    resources:
        mem_mb=500,
        runtime=10,
    params:
        code=code("write_stand_ins.py"),
    script:
        "../scripts/write_stand_ins.py"


rule list_photographs:
    input:
        photographs=rules.write_stand_ins.output.folder if STAND_IN else [],
    output:
        manifest=f"{PREPARED}/photographs.jsonl",
    log:
        f"{RESULTS}/logs/list_photographs.log",
    container:
        IMAGE
    threads: 1
    resources:
        mem_mb=500,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        source=lambda wildcards, input: input.photographs or config["photographs"],
        listing=LISTING["digest"],
        code=code("list_photographs.py"),
    script:
        "../scripts/list_photographs.py"


rule classify_shard:
    input:
        manifest=rules.list_photographs.output.manifest,
        receipt=rules.acquire_classifier.output.receipt,
        photographs_archive=SHARD_ARCHIVE if REMOTE else [],
        classifier_archive=CLASSIFIER_ARCHIVE if REMOTE else [],
    output:
        predictions=temp(f"{CLASSIFIED}/shards/{{scatteritem}}.csv"),
        skipped=temp(f"{CLASSIFIED}/shards/{{scatteritem}}_skipped.csv"),
        facts=temp(f"{CLASSIFIED}/shards/{{scatteritem}}.json"),
    log:
        f"{RESULTS}/logs/classify_shard/{{scatteritem}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/classify_shard/{{scatteritem}}.tsv"
    retries: 1
    container:
        IMAGE
    threads: 2
    resources:
        mem_mb=lambda wildcards, attempt: 2500 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        shard=shard_number,
        shard_size=config["classifier"]["shard_size"],
        architecture=config["classifier"]["architecture"],
        top=config["classifier"]["top"],
        batch_size=config["classifier"]["batch_size"],
        compute_dtype=config["classifier"]["compute_dtype"],
        raw="data/raw",
        code=code("classify_shard.py"),
    script:
        "../scripts/classify_shard.py"


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
    container:
        IMAGE
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        architecture=config["classifier"]["architecture"],
        photographs=PHOTOGRAPHS,
        stand_in=STAND_IN,
        code=code("gather_predictions.py"),
    script:
        "../scripts/gather_predictions.py"


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
    container:
        IMAGE
    threads: 1
    resources:
        mem_mb=1500,
        runtime=10,
    params:
        dpi=config["plots"]["dpi"],
        code=code("plot_contact_sheet.py"),
    script:
        "../scripts/plot_contact_sheet.py"
