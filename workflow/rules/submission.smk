# The zip is packed, proves itself as packed, and only then appears where the student looks for it.
# How many photographs there are was said before the first job, and another classifier than ResNet50 has a folder of its
# own. The zip must be sound all the same.
ADVISORY = ["completeness.photographs"]
if STUDY.classifier.architecture != "ResNet50":
    ADVISORY += ["completeness.resnet50_directory"]


OWN_FILES = sorted(
    {
        str(own_file(row.model))
        for row in STUDY.experiments.values()
        if is_own(row.model)
    }
)


# With `assignment_dir`, what the student keeps there goes into the zip too. Names may have braces, which are wildcards in
# params: rules get a digest of them.
COURSE_FILES = own_digest(STUDY.assignment_dir) if STUDY.assignment_dir else []


rule pack_submission:
    input:
        results=[
            *every_experiment(rules.train_convnet.output.model),
            *every_experiment(rules.train_convnet.output.summary),
            *every_experiment(rules.train_convnet.output.history),
            *every_experiment(rules.predict_test_set.output.predictions),
            *every_experiment(rules.evaluate_predictions.output.metrics),
            *every_experiment(rules.plot_history.output.plot),
            *every_experiment(rules.plot_confusion_matrix.output.plot),
            *every_experiment(rules.plot_mistakes.output.plot),
            *expand(
                unstored(rules.preview_augmentation.output.plot),
                experiment=AUGMENTED,
            ),
            *rules.summarise_experiments.output,
            *rules.plot_comparison.output,
            *(rules.summarise_transfer.output if PRETRAINED else []),
            *(rules.plot_transfer.output if PRETRAINED else []),
            *(rules.summarise_ablation.output if CHANGES else []),
            *(rules.plot_ablation.output if CHANGES else []),
            *cross_validations(),
            *(
                [
                    *inspected(rules.inspect_data.output.table),
                    *inspected(rules.inspect_data.output.figures),
                    *inspected(rules.plot_inspection.output.plot),
                ]
                if PRETRAINED
                else []
            ),
            *rules.gather_predictions.output,
            *rules.plot_contact_sheet.output,
            *(rules.look_into_nets.output if SCRATCH else []),
            *rules.map_photographs.output,
            *DETECTION_RESULTS,
            *DETECTOR_RESULTS,
            *rules.draw_rulegraph.output,
            *rules.write_report.output,
            *rules.write_explorer.output,
        ],
        metrics=every_experiment(rules.evaluate_predictions.output.metrics),
        classifier=rules.gather_predictions.output.metadata,
    output:
        zip_path=f"{RESULTS}/submission/packed.zip",
    log:
        f"{RESULTS}/logs/pack_submission.log",
    localrule: REMOTE
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **step(
            "submission.packaging:pack_submission",
            depends_on=[
                sources_digest(ROOT),
                *map(sha256_file, OWN_FILES),
                sha256_json(COURSE_FILES),
            ],
        ),
        own=OWN_FILES,
        course_folder=STUDY.assignment_dir,
        root=FROM_HERE,
        config=config,
        student=STUDY.student.plain(),
        image=IMAGE,
    script:
        "../scripts/job.py"


rule verify_submission:
    input:
        tests=sorted(
            {
                f"{PREPARED}/{row.dataset}/test.npz"
                for row in STUDY.experiments.values()
            }
        ),
        packed=rules.pack_submission.output.zip_path,
    output:
        report=f"{RESULTS}/submission/verification.json",
    log:
        f"{RESULTS}/logs/verify_submission.log",
    benchmark:
        f"{RESULTS}/benchmarks/verify_submission.tsv"
    localrule: REMOTE
    threads: 2
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=20 + len(EXPERIMENTS),
    params:
        **step("submission.verification:verify_submission"),
        checks=f"{RESULTS}/logs/verify_submission.json",
        zip_name=ZIP_NAME,
        tasks=tasks_of(STUDY),
        advisory=ADVISORY,
    script:
        "../scripts/job.py"


# It only copies a verified file, so it runs on the submitting machine, in no container.
rule deliver_submission:
    input:
        packed=rules.pack_submission.output.zip_path,
        verification=rules.verify_submission.output.report,
    output:
        zip_path=local(ensure(ZIP, non_empty=True)),
    log:
        f"{RESULTS}/logs/deliver_submission.log",
    localrule: True
    threads: 1
    resources:
        mem_mb=500,
        runtime=10,
    params:
        **step("submission.packaging:deliver_submission"),
    script:
        "../scripts/job.py"
