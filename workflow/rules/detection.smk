# What is where in the photographs of 6.3: objects and faces, on the same list and shards. Off unless the config asks.
DETECTED = f"{RESULTS}/detection"
DETECTOR = STUDY.detector
DETECTORS = STUDY.detectors  # trained here (rules/detectors.smk)
# The detector that looks at the photographs: of one that is trained here the files, else the receipt of its own
LOOKING = {"model": [], "training": [], "receipt": []}
if DETECTOR.weights in DETECTORS:
    LOOKING["model"] = f"{RESULTS}/detectors/{DETECTOR.weights}/detector.keras"
    LOOKING["training"] = f"{RESULTS}/detectors/{DETECTOR.weights}/training.json"
else:
    LOOKING["receipt"] = f"{PREPARED}/detector/source.json"
DETECTOR_ARCHIVE = f"{PREPARED}/detector/files.zip"
# What was looked for, by its name in the results, and the heading of its sheet
SOUGHT = {}
if DETECTOR.weights != "none":
    SOUGHT["objects"] = "Objects"
if STUDY.faces.detector != "none":
    SOUGHT["faces"] = "Faces"
# The data sets that it is measured with; those that others are trained or tested with are theirs
MEASURED = only_measured(STUDY.detection_datasets, DETECTORS)


localrules:
    acquire_detector,
    evaluate_detector,
    plot_detection_mistakes,


if REMOTE:

    localrules:
        gather_detections,
        plot_detections,
        pack_detector,
        blur_faces,

    rule pack_detector:
        input:
            receipt=f"{PREPARED}/detector/source.json",
        output:
            archive=DETECTOR_ARCHIVE,
        log:
            f"{RESULTS}/logs/pack_detector.log",
        threads: 1
        resources:
            mem_mb=500,
            runtime=60,
        params:
            **step("photographs.archives:pack_classifier"),
            raw="data/raw",
        script:
            "../scripts/job.py"


rule acquire_detector:
    output:
        receipt=f"{PREPARED}/detector/source.json",
    log:
        f"{RESULTS}/logs/acquire_detector.log",
    threads: 1
    resources:
        mem_mb=500,
        runtime=60,
    params:
        **step("detection.nets:acquire_detector"),
        weights=DETECTOR.weights,
        sha256=DETECTOR.sha256,
        data_source=STUDY.data_source,
        raw="data/raw",
    script:
        "../scripts/download.py"


rule detect_objects:
    input:
        **LOOKING,
        manifest=rules.list_photographs.output.manifest,
        photographs_archive=SHARD_ARCHIVE if REMOTE else [],
        detector_archive=DETECTOR_ARCHIVE if REMOTE and LOOKING["receipt"] else [],
    output:
        predictions=temp(f"{DETECTED}/objects/shards/{{scatteritem}}.csv"),
        images=temp(f"{DETECTED}/objects/shards/{{scatteritem}}_images.csv"),
        skipped=temp(f"{DETECTED}/objects/shards/{{scatteritem}}_skipped.csv"),
        facts=temp(f"{DETECTED}/objects/shards/{{scatteritem}}.json"),
    log:
        f"{RESULTS}/logs/detect_objects/{{scatteritem}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/detect_objects/{{scatteritem}}.tsv"
    retries: 1
    threads: 2
    resources:
        mem_mb=lambda wildcards, attempt: (1000 if LOOKING["receipt"] else 2500)
        * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        **step("detection.objects:detect_objects"),
        shard=shard_number,
        shard_size=STUDY.classifier.shard_size,
        raw="data/raw",
        preprocessing=DETECTOR.preprocessing,
        classes=list(DETECTOR.classes),
        score=DETECTOR.score,
        iou=DETECTOR.iou,
    script:
        "../scripts/job.py"


rule detect_faces:
    input:
        manifest=rules.list_photographs.output.manifest,
        photographs_archive=SHARD_ARCHIVE if REMOTE else [],
    output:
        predictions=temp(f"{DETECTED}/faces/shards/{{scatteritem}}.csv"),
        images=temp(f"{DETECTED}/faces/shards/{{scatteritem}}_images.csv"),
        skipped=temp(f"{DETECTED}/faces/shards/{{scatteritem}}_skipped.csv"),
        facts=temp(f"{DETECTED}/faces/shards/{{scatteritem}}.json"),
    log:
        f"{RESULTS}/logs/detect_faces/{{scatteritem}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/detect_faces/{{scatteritem}}.tsv"
    retries: 1
    threads: 2
    resources:
        mem_mb=lambda wildcards, attempt: 2500 * attempt,
        runtime=lambda wildcards, attempt: 120 * attempt,
    params:
        **step("detection.faces:detect_faces"),
        shard=shard_number,
        shard_size=STUDY.classifier.shard_size,
        detector=STUDY.faces.detector,
    script:
        "../scripts/job.py"


rule gather_detections:
    input:
        predictions=gather.photographs(
            f"{DETECTED}/{{{{sought}}}}/shards/{{scatteritem}}.csv"
        ),
        images=gather.photographs(
            f"{DETECTED}/{{{{sought}}}}/shards/{{scatteritem}}_images.csv"
        ),
        skipped=gather.photographs(
            f"{DETECTED}/{{{{sought}}}}/shards/{{scatteritem}}_skipped.csv"
        ),
        facts=gather.photographs(
            f"{DETECTED}/{{{{sought}}}}/shards/{{scatteritem}}.json"
        ),
    output:
        gathered=report(
            f"{RESULTS}/predictions/{{sought,objects|faces}}.csv",
            caption="../report/detections.rst",
            category="Photographs",
            labels={"file": "{sought}"},
        ),
        gathered_images=f"{DETECTED}/{{sought,objects|faces}}/images.csv",
        gathered_skipped=f"{DETECTED}/{{sought,objects|faces}}/skipped.csv",
        coco=f"{DETECTED}/{{sought,objects|faces}}/coco.json",
        metadata=f"{DETECTED}/{{sought,objects|faces}}/metadata.json",
    log:
        f"{RESULTS}/logs/gather_detections/{{sought}}.log",
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        **step("detection.gathering:gather_detections"),
        photographs=PHOTOGRAPHS,
        stand_in=STAND_IN,
    script:
        "../scripts/job.py"


rule plot_detections:
    input:
        manifest=rules.list_photographs.output.manifest,
        predictions=rules.gather_detections.output.gathered,
        metadata=rules.gather_detections.output.metadata,
    output:
        plot=report(
            f"{DETECTED}/{{sought,objects|faces}}/contact_sheet.png",
            caption="../report/detection_sheet.rst",
            category="Photographs",
            labels={"file": "{sought} on the photographs"},
        ),
    log:
        f"{RESULTS}/logs/plot_detections/{{sought}}.log",
    threads: 1
    resources:
        mem_mb=1500,
        runtime=10,
    params:
        **step("plots.detections:plot_detections"),
        title=lambda wildcards: SOUGHT[wildcards.sought],
        dpi=STUDY.plots.dpi,
    script:
        "../scripts/job.py"


rule blur_faces:
    input:
        manifest=rules.list_photographs.output.manifest,
        faces=f"{RESULTS}/predictions/faces.csv",
        photographs_archive=SHARD_ARCHIVE if REMOTE else [],
    output:
        folder=directory(f"{DETECTED}/blurred/{{scatteritem}}"),
    log:
        f"{RESULTS}/logs/blur_faces/{{scatteritem}}.log",
    threads: 1
    resources:
        mem_mb=1500,
        runtime=60,
    params:
        **step("detection.blurring:blur_faces"),
        shard=shard_number,
        shard_size=STUDY.classifier.shard_size,
    script:
        "../scripts/job.py"


rule evaluate_detector:
    input:
        **LOOKING,
    output:
        metrics=f"{DETECTED}/evaluation/{{name}}/metrics.json",
        results=f"{DETECTED}/evaluation/{{name}}/coco.json",
        mistakes=f"{DETECTED}/evaluation/{{name}}/mistakes.csv",
    log:
        f"{RESULTS}/logs/evaluate_detector/{{name}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/evaluate_detector/{{name}}.tsv"
    wildcard_constraints:
        name=one_of(MEASURED),
    threads: 2
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        **step("detection.evaluation:evaluate_detector", depends_on=annotated_state),
        dataset="{name}",
        annotations=annotated("annotations"),
        images=annotated("images"),
        raw="data/raw",
        preprocessing=DETECTOR.preprocessing,
        classes=list(DETECTOR.classes),
        score=DETECTOR.score,
    script:
        "../scripts/job.py"


# Of detectors that are trained here (rules/detectors.smk) likewise, by their name
rule plot_average_precision:
    input:
        metrics=f"{DETECTED}/evaluation/{{name}}/metrics.json",
    output:
        plot=report(
            f"{DETECTED}/evaluation/{{name}}/average_precision.png",
            caption="../report/average_precision.rst",
            category="Photographs",
            labels={"file": "average precision on {name}"},
        ),
    log:
        f"{RESULTS}/logs/plot_average_precision/{{name}}.log",
    threads: 1
    resources:
        mem_mb=1500,
        runtime=10,
    params:
        **step("plots.detection_evaluation:plot_average_precision"),
        dpi=STUDY.plots.dpi,
    script:
        "../scripts/job.py"


rule plot_detection_mistakes:
    input:
        metrics=f"{DETECTED}/evaluation/{{name}}/metrics.json",
        mistakes=f"{DETECTED}/evaluation/{{name}}/mistakes.csv",
    output:
        plot=report(
            f"{DETECTED}/evaluation/{{name}}/mistakes.png",
            caption="../report/detection_mistakes.rst",
            category="Photographs",
            labels={"file": "mistakes on {name}"},
        ),
    log:
        f"{RESULTS}/logs/plot_detection_mistakes/{{name}}.log",
    threads: 1
    resources:
        mem_mb=1500,
        runtime=10,
    params:
        **step("plots.detection_evaluation:plot_detection_mistakes"),
        images=annotated("images"),
        dpi=STUDY.plots.dpi,
    script:
        "../scripts/job.py"


BLURRED = (
    gather.photographs(f"{DETECTED}/blurred/{{scatteritem}}")
    if STUDY.faces.blur
    else []
)
# What of this goes into the report and into the zip; blurred copies stay here
DETECTION_RESULTS = [
    *found_in(""),
    *found_in("images.csv"),
    *found_in("skipped.csv"),
    *found_in("coco.json"),
    *found_in("metadata.json"),
    *found_in("contact_sheet.png"),
    *measured("metrics.json"),
    *measured("coco.json"),
    *measured("mistakes.csv"),
    *measured("average_precision.png"),
    *measured("mistakes.png"),
]
