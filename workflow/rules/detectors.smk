# Detectors of one's own: a head that is trained on the feature maps of a frozen net (rules/transfer.smk gets these), on
# images with boxes. Off unless the config has `detectors`. Their figures lie beside those of rules/detection.smk, which
# also uses one on the photographs of 6.3 where `detector` names it.
TRAINED = f"{RESULTS}/detectors"
ANNOTATED = f"{PREPARED}/annotated/{{dataset}}"
MAP_SHARD = 2000  # images for each job


if DETECTORS:

    wildcard_constraints:
        detector="|".join(map(re.escape, DETECTORS)),

    rule prepare_annotations:
        output:
            prepared=f"{ANNOTATED}/annotated.json",
        log:
            f"{RESULTS}/logs/prepare_annotations/{{dataset}}.log",
        localrule: REMOTE
        threads: 2
        resources:
            mem_mb=2000,
            runtime=120,
        params:
            **step("detectors.prepared:prepare_annotations", depends_on=annotated_state),
            dataset="{dataset}",
            images=of_row(STUDY.detection_datasets, "dataset", "images"),
            annotations=of_row(STUDY.detection_datasets, "dataset", "annotations"),
            validation_split=of_row(
                STUDY.detection_datasets, "dataset", "validation_split"
            ),
            test_split=kept_for_test,
            seed=of_row(STUDY.detection_datasets, "dataset", "seed"),
        script:
            "../scripts/job.py"

    rule extract_maps:
        input:
            backbone=f"{PREPARED}/pretrained/{{backbone}}/backbone.keras",
            backbone_description=f"{PREPARED}/pretrained/{{backbone}}/backbone.json",
            prepared=rules.prepare_annotations.output.prepared,
        output:
            fine=f"{ANNOTATED}/maps/{{backbone}}_{{mirrored}}/{{shard}}-of-{{shards}}_fine.npy",
            coarse=f"{ANNOTATED}/maps/{{backbone}}_{{mirrored}}/{{shard}}-of-{{shards}}_coarse.npy",
            facts=f"{ANNOTATED}/maps/{{backbone}}_{{mirrored}}/{{shard}}-of-{{shards}}.json",
        log:
            f"{RESULTS}/logs/extract_maps/{{dataset}}/{{backbone}}_{{mirrored}}/{{shard}}-of-{{shards}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/extract_maps/{{dataset}}/{{backbone}}_{{mirrored}}/{{shard}}-of-{{shards}}.tsv"
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
            **step("detectors.feature_maps:extract_maps"),
            shard=lambda wildcards: int(wildcards.shard) - 1,
            shards=lambda wildcards: int(wildcards.shards),
            mirrored=lambda wildcards: wildcards.mirrored == "1",
        script:
            "../scripts/job.py"

    rule train_detector:
        input:
            prepared=detector_set,
            backbone=detector_backbone("backbone.keras"),
            backbone_description=detector_backbone("backbone.json"),
            fine=map_files("_fine.npy"),
            coarse=map_files("_coarse.npy"),
            map_facts=map_files(".json"),
        output:
            model=f"{TRAINED}/{{detector}}/detector.keras",
            history=f"{TRAINED}/{{detector}}/history.csv",
            training=f"{TRAINED}/{{detector}}/training.json",
        log:
            f"{RESULTS}/logs/train_detector/{{detector}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/train_detector/{{detector}}.tsv"
        threads: 2
        resources:
            **GPU,
            mem_mb=lambda wildcards, attempt: 3000 * attempt,
            runtime=lambda wildcards, attempt: 240 * attempt,
        params:
            **step("detectors.training:train_detector"),
            detector="{detector}",
            settings=lambda wildcards: DETECTORS[wildcards.detector].training(),
            checkpoints=f"{TRAINED}/{{detector}}/checkpoints",
        script:
            "../scripts/job.py"

    rule evaluate_own_detector:
        input:
            model=rules.train_detector.output.model,
            training=rules.train_detector.output.training,
            prepared=detector_set,
        output:
            metrics=f"{DETECTED}/evaluation/{{detector}}/metrics.json",
            results=f"{DETECTED}/evaluation/{{detector}}/coco.json",
            mistakes=f"{DETECTED}/evaluation/{{detector}}/mistakes.csv",
        log:
            f"{RESULTS}/logs/evaluate_own_detector/{{detector}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/evaluate_own_detector/{{detector}}.tsv"
        localrule: REMOTE
        threads: 2
        resources:
            mem_mb=lambda wildcards, attempt: 3000 * attempt,
            runtime=lambda wildcards, attempt: 60 * attempt,
        params:
            **step("detectors.evaluation:evaluate_own_detector", depends_on=test_state),
            dataset=tested_on,
            images=test_set("images"),
            annotations=test_set("annotations"),
            settings=lambda wildcards: DETECTORS[wildcards.detector].plain(),
            score=DETECTOR.score,
        script:
            "../scripts/job.py"

    rule compare_detectors:
        input:
            metrics=expand(
                rules.evaluate_own_detector.output.metrics, detector=DETECTORS
            ),
        output:
            summary=report(
                f"{TRAINED}/comparison.csv",
                caption="../report/detectors.rst",
                category="Photographs",
                labels={"file": "detectors trained here"},
            ),
        log:
            f"{RESULTS}/logs/compare_detectors.log",
        localrule: REMOTE
        threads: 1
        resources:
            mem_mb=1000,
            runtime=10,
        params:
            **step("detectors.comparison:compare_detectors"),
        script:
            "../scripts/job.py"


DETECTOR_RESULTS = [f"{TRAINED}/comparison.csv"] if DETECTORS else []
