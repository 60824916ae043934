import json
import os
import re
import sys
import time
from pathlib import Path

try:
    from assignment06.config.check import check_config
except ModuleNotFoundError as error:
    if error.name != "assignment06":
        raise
    sys.exit(
        "error: the workflow's library is not installed: run `make environment`, or `pip install --no-deps -e .` here."
    )
from assignment06.config.names import zip_name
from assignment06.config.yaml_files import check_yaml
from assignment06.orchestration import snakemake_internals as internals
from assignment06.orchestration.clocks import date_back
from assignment06.orchestration.closing import print_closing, print_up_to_date
from assignment06.orchestration.code_digest import check_library
from assignment06.orchestration.container_image import ROOT, container_url
from assignment06.orchestration.failures import failures, print_failures
from assignment06.orchestration.listing import listing_of
from assignment06.orchestration.mounts import mount_outside
from assignment06.orchestration.preflight import (
    check_files,
    check_packages,
    check_tracking,
    print_warnings,
    warnings,
)
from assignment06.orchestration.run_lock import check_writable, enter
from assignment06.orchestration.storage import check_storage
from assignment06.photographs.manifest import fingerprint
from assignment06.shared import registry
from assignment06.shared.console import TOLD_AT_THE_END
from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import sha256_file, sha256_json
from assignment06.submission.own_files import own_digest
from assignment06.submission.packaging import sources_digest
from assignment06.submission.portable import portable_name
from assignment06.submission.tasks import tasks_of
from assignment06.tracking.beside import begin_tracking, end_tracking
from assignment06.tracking.journal import Journal
from assignment06.tracking.trainings import Followed

internals.end_in_peace()

try:
    for file in ["config.yaml", *internals.config_files(workflow)]:
        check_yaml(file)
except AssignmentError as error:
    sys.exit(f"error: {error}")


configfile: "config.yaml"


# Jobs of a cloud do not see this machine's folders; what they need comes as inputs (rules/photographs.smk).
STORAGE = internals.storage(workflow)
BEGAN = time.time()
REMOTE = STORAGE.remote
if REMOTE:
    internals.keep_constraints(STORAGE)

try:
    enter()  # before Snakemake looks at its lock: one that a killed run left behind is removed
    check_library(internals.snakefile_folder(workflow))
    STUDY = check_config(config)
    ZIP_NAME = zip_name(STUDY.student.last_name, STUDY.student.first_name)
    IMAGE = container_url(STUDY.image, gpu=bool(os.environ.get("ASSIGNMENT06_GPU")))
    if REMOTE and STUDY.assignment_dir:
        raise AssignmentError(
            "`assignment_dir` in config.yaml is a folder of this machine, which a cloud does not see: set it to null."
        )
    if REMOTE and internals.is_main_process(workflow):
        check_storage(STORAGE.provider, STORAGE.prefix)
    LISTING = listing_of(STUDY.photographs, main=internals.is_main_process(workflow))
    # The post for the discussion board is the student's own; where there is one, it is looked at.
    DISCUSSION = "discussion.md" if Path("discussion.md").is_file() else None
    WARNINGS = []
    if internals.is_main_process(workflow):
        check_files(STUDY)
        check_packages(STUDY, REMOTE or internals.in_containers(workflow))
        check_tracking(STUDY, REMOTE)
        WARNINGS = warnings(STUDY, LISTING.images, DISCUSSION)
        os.environ[TOLD_AT_THE_END] = "1"
        print_warnings(WARNINGS)  # and again at the end
        if not internals.is_quiet_run(workflow):
            print(
                "For one line a job, and to go on where one fails, use `make submission`, or add",
                "--workflow-profile workflow/profiles/default --logger concise",
                file=sys.stderr,
            )
except AssignmentError as error:
    sys.exit(f"error: {error}")


container: IMAGE


# Where results land: here, or in a clone of the course repository with the zip beside its assignment06/
BASE = STUDY.assignment_dir or "."
RESULTS = f"{BASE}/results" if STUDY.assignment_dir else "results"
BESIDE = os.path.normpath(f"{BASE}/..") if STUDY.assignment_dir else "."
ZIP = (Path(BESIDE) / ZIP_NAME).as_posix()
PREPARED = "data/prepared"

mount_outside(
    read=[
        STUDY.photographs,
        *(row.folder for row in STUDY.datasets.values()),
        *(row.images for row in STUDY.detection_datasets.values()),
        *(row.annotations for row in STUDY.detection_datasets.values()),
        *(row.images for row in STUDY.caption_datasets.values()),
        *(row.captions for row in STUDY.caption_datasets.values()),
        *filter(None, [os.environ.get("SNAKEMAKE_OUTPUT_CACHE")]),
    ],
    write=[BESIDE] if STUDY.assignment_dir else [],
)

# What a training asks of a cluster where ASSIGNMENT06_GPU is set (GPU=1 for make)
GPU = {"gpu": 1} if os.environ.get("ASSIGNMENT06_GPU") else {}

# The rules' own folder as a parameter: in another place, or on another machine, it makes nothing out of date
FROM_HERE = os.path.relpath(ROOT.resolve())

EXPERIMENTS = list(STUDY.experiments)
AUGMENTED = [
    name for name, row in STUDY.experiments.items() if row.augmentation != "none"
]
ROWS = {name: row.plain() for name, row in STUDY.experiments.items()}
# Of these rows the net was trained on ImageNet (rules/transfer.smk)
PRETRAINED = [name for name, row in STUDY.experiments.items() if row.is_pretrained]
# These rows are changes of others
CHANGES = [name for name, row in STUDY.experiments.items() if row.change_of]
SCRATCH = [name for name in EXPERIMENTS if name not in PRETRAINED]
# The part of a row that training depends on: a new title redraws plots and trains nothing
TRAINING = {name: row.training() for name, row in STUDY.experiments.items()}


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
    date_back((ROOT / "workflow/scripts").glob("*.py"))
    date_back(path for job in jobs for path in (*job.input, *job.output))


JOURNAL = Journal()  # for `make watch`
LISTENERS = []


def begin_telling(jobs):
    """Note for whoever watches which jobs there are, and which begin and end; tell trainings where `logging` asks."""
    titles = {
        name: {
            "title": row.title,
            "epochs": (
                row.fine_tune_epochs
                if row.is_pretrained and row.train != "head"
                else row.epochs
            ),
        }
        for name, row in STUDY.experiments.items()
    }
    JOURNAL.begin(jobs, RESULTS, titles)
    LISTENERS.append(internals.Listener(workflow, JOURNAL.note))
    if STUDY.logging != "none":
        try:
            followed = Followed(
                results=RESULTS, logging=STUDY.logging, experiments=STUDY.experiments
            )
            print(begin_tracking(followed), file=sys.stderr)
        except AssignmentError as error:
            JOURNAL.end("failed")
            sys.exit(f"error: {error}")


def end_telling(how):
    """Note how the run ended, and let the trainings be told to their end."""
    for listener in LISTENERS:
        listener.settle()
    JOURNAL.end(how)
    if said := end_tracking():
        print(said, file=sys.stderr)
