# With --default-storage-provider (a cloud) there is no common file system. What reads this machine's folders, or writes
# what its user wants to hold, stays here; photographs and weights go to their jobs as zips.
SHARD_ARCHIVE = f"{PREPARED}/shards/{{scatteritem}}.zip"
CLASSIFIER_ARCHIVE = f"{PREPARED}/classifier/files.zip"


if REMOTE:

    localrules:
        pack_shard,
        pack_classifier,
        gather_predictions,
        plot_contact_sheet,
        draw_rulegraph,
        write_report,
        pack_submission,
        verify_submission,

    rule pack_shard:
        input:
            manifest=f"{PREPARED}/photographs.jsonl",
        output:
            archive=temp(SHARD_ARCHIVE),
        log:
            f"{RESULTS}/logs/pack_shard/{{scatteritem}}.log",
        container:
            IMAGE
        threads: 1
        resources:
            mem_mb=500,
            runtime=60,
        params:
            shard=shard_number,
            shard_size=config["classifier"]["shard_size"],
            code=code("pack_shard.py"),
        script:
            "../scripts/pack_shard.py"

    rule pack_classifier:
        input:
            receipt=rules.acquire_classifier.output.receipt,
        output:
            archive=CLASSIFIER_ARCHIVE,
        log:
            f"{RESULTS}/logs/pack_classifier.log",
        container:
            IMAGE
        threads: 1
        resources:
            mem_mb=500,
            runtime=60,
        params:
            raw="data/raw",
            code=code("pack_classifier.py"),
        script:
            "../scripts/pack_classifier.py"
