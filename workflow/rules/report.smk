import json

from assignment06.shared.files import sha256_file, sha256_json

RULE_FILES = sorted(Path(workflow.basedir).glob("workflow/rules/*.smk"))
RULES_DIGEST = sha256_json(
    [sha256_file(path) for path in [Path(workflow.basedir, "Snakefile"), *RULE_FILES]]
)
TEMPLATE = [
    sha256_file(Path(workflow.basedir, "workflow/assignment06/report", name))
    for name in ("report.html.j2", "report.css")
]
# The post for the discussion board is the student's own; where there is one, it is checked before anything is trained.
DISCUSSION = "discussion.md" if Path("discussion.md").is_file() else None


# The graph does not depend on the name, nor on the order in which the config's files give their keys.
GRAPH_CONFIG = json.loads(
    json.dumps(
        {**GIVEN_CONFIG, "student": {"last_name": "A", "first_name": "B"}},
        sort_keys=True,
    )
)


if DISCUSSION:

    rule check_discussion:
        input:
            path=local(DISCUSSION),
        output:
            receipt=f"{RESULTS}/discussion.json",
        log:
            f"{RESULTS}/logs/check_discussion.log",
        priority: 100
        container:
            IMAGE
        threads: 1
        resources:
            mem_mb=500,
            runtime=10,
        params:
            code=code("check_discussion.py"),
        script:
            "../scripts/check_discussion.py"


rule draw_rulegraph:
    output:
        rulegraph=report(
            f"{RESULTS}/plots/rulegraph.svg",
            caption="../report/rulegraph.rst",
            category="Overview",
            labels={"file": "graph of the rules"},
        ),
    log:
        f"{RESULTS}/logs/draw_rulegraph.log",
    container:
        IMAGE
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        root=workflow.basedir,
        config=GRAPH_CONFIG,
        sources=RULES_DIGEST,
        code=code("draw_rulegraph.py"),
    script:
        "../scripts/draw_rulegraph.py"


rule write_report:
    input:
        metrics=every_experiment(rules.evaluate_predictions.output.metrics),
        histories=every_experiment(rules.train_convnet.output.history),
        predictions=every_experiment(rules.predict_test_set.output.predictions),
        tests=[
            f"{PREPARED}/{row['dataset']}/test.npz"
            for row in config["experiments"].values()
        ],
        comparison=rules.summarise_experiments.output.comparison,
        photograph_predictions=rules.gather_predictions.output.gathered,
        skipped=rules.gather_predictions.output.gathered_skipped,
        classifier=rules.gather_predictions.output.metadata,
        manifest=rules.list_photographs.output.manifest,
        rulegraph=rules.draw_rulegraph.output.rulegraph,
        discussion=rules.check_discussion.output.receipt if DISCUSSION else [],
    output:
        report=report(
            f"{RESULTS}/report.html",
            caption="../report/report.rst",
            category="Overview",
            labels={"file": "report"},
        ),
    log:
        f"{RESULTS}/logs/write_report.log",
    container:
        IMAGE
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        student=config["student"],
        image=IMAGE,
        gallery=config["plots"]["mistakes"],
        code=[code("write_report.py"), *TEMPLATE],
    script:
        "../scripts/write_report.py"
