import os
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(workflow.basedir) / "workflow"))

from assignment06.orchestration.clocks import date_back
from assignment06.orchestration.closing import print_closing, print_up_to_date
from assignment06.config.check import check_config, zip_name
from assignment06.shared.errors import AssignmentError
from assignment06.orchestration.container_image import container_url
from assignment06.orchestration.mounts import mount_outside
from assignment06.submission.packaging import sources_digest
from assignment06.photographs.manifest import fingerprint
from assignment06.orchestration.run_lock import check_writable, enter
from assignment06.orchestration.code_digest import code_digest
from assignment06.orchestration.storage import check_storage

# Jobs of a cloud do not see this machine's folders; what they need comes as inputs (rules/remote.smk).
STORAGE = workflow.storage_settings
REMOTE = STORAGE.default_storage_provider not in (None, "none")

GIVEN_CONFIG = config
try:
    enter()  # before Snakemake looks at its lock: one that a killed run left behind is removed
    config = check_config(config)
    ZIP_NAME = zip_name(**config["student"])
    IMAGE = container_url(config["image"], gpu=bool(os.environ.get("ASSIGNMENT06_GPU")))
    if REMOTE and config["assignment_dir"]:
        raise AssignmentError(
            "`assignment_dir` in config.yaml is a folder of this machine, which a cloud does not see: set it to null."
        )
    if REMOTE and workflow.is_main_process:
        check_storage(STORAGE.default_storage_provider, STORAGE.default_storage_prefix)
    LISTING = {"images": 0, "digest": ""}
    if not workflow.remote_exec or Path(config["photographs"]).exists():
        LISTING = fingerprint(config["photographs"])
except AssignmentError as error:
    sys.exit(f"error: {error}")

# Where results land: here, or in a clone of the course repository with the zip beside its assignment06/
BASE = config["assignment_dir"] or "."
RESULTS = f"{BASE}/results" if config["assignment_dir"] else "results"
ZIP = str(Path(BASE).parent / ZIP_NAME) if config["assignment_dir"] else ZIP_NAME
PREPARED = "data/prepared"

mount_outside(
    read=[
        config["photographs"],
        *(row["folder"] for row in config["datasets"].values()),
        *filter(None, [os.environ.get("SNAKEMAKE_OUTPUT_CACHE")]),
    ],
    write=[str(Path(BASE).parent)] if config["assignment_dir"] else [],
)

# What a training asks of a cluster where ASSIGNMENT06_GPU is set (GPU=1 for make)
GPU = {"gpu": 1} if os.environ.get("ASSIGNMENT06_GPU") else {}

EXPERIMENTS = list(config["experiments"])
AUGMENTED = [
    name for name, row in config["experiments"].items() if row["augmentation"] != "none"
]
# The part of a row that training depends on: a new title redraws plots and trains nothing
TRAINING = {
    name: {key: value for key, value in row.items() if key not in ("title", "group")}
    for name, row in config["experiments"].items()
}


# The wildcard with its constraint, where other files lie beside: a default storage forgets the constraints below.
EXPERIMENT = f"{{experiment,{'|'.join(map(re.escape, EXPERIMENTS))}}}"


wildcard_constraints:
    experiment="|".join(map(re.escape, EXPERIMENTS)),
    dataset="[a-z][a-z0-9_]*",


def prepare_run(jobs):
    """Before the first job: refuse folders that may not be written, date files of the future now."""
    try:
        check_writable(Path(ZIP).parent, results=[RESULTS, PREPARED])
    except AssignmentError as error:
        sys.exit(f"error: {error}")
    date_back(Path(workflow.basedir, "workflow/scripts").glob("*.py"))
    date_back(path for job in jobs for path in (*job.input, *job.output))


def code(script):
    """Digest of the library files that a script uses; a changed one makes the script's jobs stale."""
    return code_digest(f"{workflow.basedir}/workflow/scripts/{script}")


def prepared(part):
    """Input function: a file of the prepared data set that an experiment uses."""
    return (
        lambda wildcards: f"{PREPARED}/{config['experiments'][wildcards.experiment]['dataset']}/{part}"
    )


def shard_number(wildcards):
    """Parameter function: the number, from 0, of a shard of photographs."""
    return int(wildcards.scatteritem.split("-of-")[0]) - 1


def every_experiment(pattern):
    """The files of all experiments, in the order of the config's table."""
    return expand(unstored(pattern), experiment=EXPERIMENTS)


def unstored(path):
    """An output's path without its storage: expand() refuses what a default storage makes of it."""
    stored = getattr(path, "flags", {}).get("storage_object")
    if not stored:
        return path
    prefix = f"{STORAGE.default_storage_prefix}/"
    return re.sub(r"\{(\w+),[^}]*\}", r"{\1}", stored.query.removeprefix(prefix))


def labels(kind):
    """Labels of an experiment's file in Snakemake's report."""
    return {"experiment": "{experiment}", "file": kind}
