# What is in a picture, in words: nets that are trained on captioned photographs, by the grids of frozen nets
# (rules/transfer.smk gets these). Off unless the config has `captioners`; photographs of others may not be passed on,
# so nothing of this goes into the zip.
CAPTIONED = f"{PREPARED}/captions/{{dataset}}"
CAPTIONERS = STUDY.captioners
WRITTEN = f"{RESULTS}/captions"
GRID_SHARD = 4000  # photographs for each job
WRITER = STUDY.photograph_captioner


if CAPTIONERS:

    wildcard_constraints:
        captioner="|".join(map(re.escape, CAPTIONERS)),

    rule prepare_captions:
        output:
            prepared=f"{CAPTIONED}/captions.json",
            left_out=f"{CAPTIONED}/left_out.csv",
        log:
            f"{RESULTS}/logs/prepare_captions/{{dataset}}.log",
        localrule: REMOTE
        threads: 1
        resources:
            mem_mb=2000,
            runtime=60,
        params:
            **step("captions.prepared:prepare_captions", depends_on=captioned_state),
            dataset="{dataset}",
            images=of_row(STUDY.caption_datasets, "dataset", "images"),
            captions=of_row(STUDY.caption_datasets, "dataset", "captions"),
            validation_split=of_row(
                STUDY.caption_datasets, "dataset", "validation_split"
            ),
            test_split=of_row(STUDY.caption_datasets, "dataset", "test_split"),
            seed=of_row(STUDY.caption_datasets, "dataset", "seed"),
        script:
            "../scripts/job.py"

    rule extract_grids:
        input:
            backbone=f"{PREPARED}/pretrained/{{backbone}}/backbone.keras",
            backbone_description=f"{PREPARED}/pretrained/{{backbone}}/backbone.json",
            prepared=rules.prepare_captions.output.prepared,
        output:
            grids=f"{CAPTIONED}/grids/{{backbone}}_{{mirrored}}/{{shard}}-of-{{shards}}.npy",
            facts=f"{CAPTIONED}/grids/{{backbone}}_{{mirrored}}/{{shard}}-of-{{shards}}.json",
        log:
            f"{RESULTS}/logs/extract_grids/{{dataset}}/{{backbone}}_{{mirrored}}/{{shard}}-of-{{shards}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/extract_grids/{{dataset}}/{{backbone}}_{{mirrored}}/{{shard}}-of-{{shards}}.tsv"
        wildcard_constraints:
            backbone="|".join(map(re.escape, BACKBONES)),
            mirrored="[01]",
            shard=r"\d+",
            shards=r"\d+",
        localrule: REMOTE
        threads: 2
        resources:
            **GPU,
            mem_mb=lambda wildcards, attempt: 3000 * attempt,
            runtime=lambda wildcards, attempt: 120 * attempt,
        params:
            **step("captions.grids:extract_grids"),
            images=of_row(STUDY.caption_datasets, "dataset", "images"),
            shard=lambda wildcards: int(wildcards.shard) - 1,
            shards=lambda wildcards: int(wildcards.shards),
            mirrored=lambda wildcards: wildcards.mirrored == "1",
        script:
            "../scripts/job.py"

    rule train_captioner:
        input:
            prepared=captioned("captions.json"),
            backbone_description=captioner_backbone,
            grids=grid_files("npy"),
            grid_facts=grid_files("json"),
        output:
            model=f"{WRITTEN}/{{captioner}}/captioner.keras",
            vocabulary=f"{WRITTEN}/{{captioner}}/vocabulary.json",
            history=f"{WRITTEN}/{{captioner}}/history.csv",
            facts=f"{WRITTEN}/{{captioner}}/training.json",
        log:
            f"{RESULTS}/logs/train_captioner/{{captioner}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/train_captioner/{{captioner}}.tsv"
        threads: 2
        resources:
            **GPU,
            mem_mb=lambda wildcards, attempt: 3000 * attempt,
            runtime=lambda wildcards, attempt: 120 * attempt,
        params:
            **step("captions.training:train_captioner"),
            captioner="{captioner}",
            settings=lambda wildcards: CAPTIONERS[wildcards.captioner].training(),
            checkpoints=f"{WRITTEN}/{{captioner}}/checkpoints",
        script:
            "../scripts/job.py"

    rule evaluate_captioner:
        input:
            model=rules.train_captioner.output.model,
            vocabulary=rules.train_captioner.output.vocabulary,
            facts=rules.train_captioner.output.facts,
            prepared=captioned("captions.json"),
            backbone_description=captioner_backbone,
            grids=grid_files("npy"),
            grid_facts=grid_files("json"),
        output:
            metrics=f"{WRITTEN}/{{captioner}}/metrics.json",
            table=report(
                f"{WRITTEN}/{{captioner}}/captions.csv",
                caption="../report/captions.rst",
                category="Captions",
                labels={"captioner": "{captioner}", "file": "captions"},
            ),
            attention=f"{WRITTEN}/{{captioner}}/attention.json",
        log:
            f"{RESULTS}/logs/evaluate_captioner/{{captioner}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/evaluate_captioner/{{captioner}}.tsv"
        threads: 2
        resources:
            mem_mb=lambda wildcards, attempt: 3000 * attempt,
            runtime=60,
        params:
            **step("captions.evaluation:evaluate_captioner"),
            captioner="{captioner}",
            title=of_row(CAPTIONERS, "captioner", "title"),
            group=of_row(CAPTIONERS, "captioner", "group"),
            settings=lambda wildcards: CAPTIONERS[wildcards.captioner].plain(),
            looks=LOOKS,
        script:
            "../scripts/job.py"

    rule compare_captioners:
        input:
            metrics=every_captioner("metrics.json"),
        output:
            summary=report(
                f"{WRITTEN}/comparison.csv",
                caption="../report/captioners.rst",
                category="Captions",
                labels={"file": "comparison"},
            ),
            comparison=f"{WRITTEN}/comparison.json",
        log:
            f"{RESULTS}/logs/compare_captioners.log",
        localrule: REMOTE
        threads: 1
        resources:
            mem_mb=1000,
            runtime=10,
        params:
            **step("captions.comparison:compare_captioners"),
        script:
            "../scripts/job.py"

    rule plot_captions:
        input:
            table=rules.evaluate_captioner.output.table,
            metrics=rules.evaluate_captioner.output.metrics,
        output:
            plot=report(
                f"{WRITTEN}/{{captioner}}/gallery.png",
                caption="../report/captions_gallery.rst",
                category="Captions",
                labels={"captioner": "{captioner}", "file": "best, middle and worst"},
            ),
        log:
            f"{RESULTS}/logs/plot_captions/{{captioner}}.log",
        localrule: REMOTE
        threads: 1
        resources:
            mem_mb=1500,
            runtime=10,
        params:
            **step("plots.captions:plot_captions"),
            images=captioned_folder,
            dpi=STUDY.plots.dpi,
        script:
            "../scripts/job.py"

    rule plot_attention:
        input:
            attention=rules.evaluate_captioner.output.attention,
        output:
            plot=report(
                f"{WRITTEN}/{{captioner}}/attention.png",
                caption="../report/captions_attention.rst",
                category="Captions",
                labels={"captioner": "{captioner}", "file": "where it looked"},
            ),
        log:
            f"{RESULTS}/logs/plot_attention/{{captioner}}.log",
        localrule: REMOTE
        threads: 1
        resources:
            mem_mb=1500,
            runtime=10,
        params:
            **step("plots.captions:plot_attention"),
            images=captioned_folder,
            dpi=STUDY.plots.dpi,
        script:
            "../scripts/job.py"


if WRITER:

    rule caption_photographs:
        input:
            manifest=rules.list_photographs.output.manifest,
            backbone=f"{PREPARED}/pretrained/{CAPTIONERS[WRITER].backbone}/backbone.keras",
            backbone_description=f"{PREPARED}/pretrained/{CAPTIONERS[WRITER].backbone}/backbone.json",
            model=f"{WRITTEN}/{WRITER}/captioner.keras",
            vocabulary=f"{WRITTEN}/{WRITER}/vocabulary.json",
            facts=f"{WRITTEN}/{WRITER}/training.json",
        output:
            table=report(
                f"{WRITTEN}/photographs.csv",
                caption="../report/captions_photographs.rst",
                category="Photographs",
                labels={"file": "captions"},
            ),
            skipped=f"{WRITTEN}/photographs_skipped.csv",
            metadata=f"{WRITTEN}/photographs.json",
        log:
            f"{RESULTS}/logs/caption_photographs.log",
        localrule: REMOTE
        threads: 2
        resources:
            mem_mb=lambda wildcards, attempt: 3000 * attempt,
            runtime=lambda wildcards, attempt: 120 * attempt,
        params:
            **step("captions.photographs:caption_photographs"),
            title=CAPTIONERS[WRITER].title,
            beams=CAPTIONERS[WRITER].beams,
            length_penalty=CAPTIONERS[WRITER].length_penalty,
            stand_in=STAND_IN,
        script:
            "../scripts/job.py"

    rule plot_photograph_captions:
        input:
            manifest=rules.list_photographs.output.manifest,
            table=rules.caption_photographs.output.table,
            metadata=rules.caption_photographs.output.metadata,
        output:
            plot=report(
                f"{WRITTEN}/photographs.png",
                caption="../report/captions_photographs.rst",
                category="Photographs",
                labels={"file": "captions on the photographs"},
            ),
        log:
            f"{RESULTS}/logs/plot_photograph_captions.log",
        localrule: REMOTE
        threads: 1
        resources:
            mem_mb=1500,
            runtime=10,
        params:
            **step("plots.captions:plot_photograph_captions"),
            dpi=STUDY.plots.dpi,
        script:
            "../scripts/job.py"


CAPTION_RESULTS = [
    *(
        file
        for name in ("captions.csv", "gallery.png", "attention.png")
        for file in every_captioner(name)
    ),
    *(
        f"{WRITTEN}/comparison.{kind}"
        for kind in (("csv", "json") if CAPTIONERS else ())
    ),
    *(f"{WRITTEN}/photographs.{kind}" for kind in (("csv", "png") if WRITER else ())),
]
