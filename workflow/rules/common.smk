import os
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(workflow.basedir) / "workflow"))

from assignment06.closing import print_closing, print_up_to_date
from assignment06.config import check_config, zip_name
from assignment06.errors import AssignmentError
from assignment06.image import container_url
from assignment06.mounts import mount_outside
from assignment06.packaging import sources_digest
from assignment06.photographs import fingerprint
from assignment06.sources import code_digest

GIVEN_CONFIG = config
try:
    config = check_config(config)
    ZIP_NAME = zip_name(**config["student"])
    IMAGE = container_url(config["image"], gpu=bool(os.environ.get("ASSIGNMENT06_GPU")))
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
    ],
    write=[str(Path(BASE).parent)] if config["assignment_dir"] else [],
)

EXPERIMENTS = list(config["experiments"])
AUGMENTED = [
    name for name, row in config["experiments"].items() if row["augmentation"] != "none"
]
# The part of a row that training depends on: a new title redraws plots and trains nothing
TRAINING = {
    name: {key: value for key, value in row.items() if key not in ("title", "group")}
    for name, row in config["experiments"].items()
}


wildcard_constraints:
    experiment="|".join(map(re.escape, EXPERIMENTS)),
    dataset="[a-z][a-z0-9_]*",


def code(script):
    """Digest of the library files that a script uses; a changed one makes the script's jobs stale."""
    return code_digest(f"{workflow.basedir}/workflow/scripts/{script}")


def prepared(part):
    """Input function: a file of the prepared data set that an experiment uses."""
    return (
        lambda wildcards: f"{PREPARED}/{config['experiments'][wildcards.experiment]['dataset']}/{part}"
    )


def every_experiment(pattern):
    """The files of all experiments, in the order of the config's table."""
    return expand(pattern, experiment=EXPERIMENTS)


def labels(kind):
    """Labels of an experiment's file in Snakemake's report."""
    return {"experiment": "{experiment}", "file": kind}
