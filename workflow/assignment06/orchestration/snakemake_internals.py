"""All that this project takes from inside Snakemake, which promises none of it; Snakemake itself is not imported.

tests/test_snakemake_internals.py says which of these an upgrade has moved.
"""

import atexit
import logging
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar, NamedTuple

from assignment06.shared.interrupts import hear_one_at_a_time

FOLDER = Path(".snakemake")
LOCKS = "locks/*.lock"  # below FOLDER
TIMESTAMP = ".snakemake_timestamp"  # in a folder that is an output
# Messages without an event that tell a user nothing to act upon
CHATTER = (
    "Using workflow specific profile",
    "Assuming unrestricted shared filesystem",
    "Building DAG of jobs",
    "Using shell",
    "Singularity containers: ignored",
    "Activating singularity image",
    "Select jobs to execute",
    "Execute ",
    "Removing temporary output",
    "Config file config.yaml is extended",
    "Reasons:\n",
    "Workflow defines that rule",
    "This was a dry-run",
    "Would remove temporary",
    "The run involves checkpoint",
)

FAILED_SCRIPT = "RuleException:\nCalledProcessError"
# What a failed run ends with
AFTER_FAILURE = (
    "Exiting because a job execution failed",
    "Complete log(s)",
    "Elapsed time",
    "WorkflowError:\nAt least one job did not complete",
)


class Storage(NamedTuple):
    """Where files go that are not on this machine's disk."""

    provider: str | None
    prefix: str | None

    @property
    def remote(self) -> bool:
        """Tell whether there is no common file system."""
        return self.provider not in (None, "none")


def storage(workflow) -> Storage:
    """Return the default storage of a run."""
    settings = workflow.storage_settings
    return Storage(settings.default_storage_provider, settings.default_storage_prefix)


def config_files(workflow) -> list[str]:
    """Return the config files that a run was given beside the one that the Snakefile names."""
    return [str(path) for path in workflow.config_settings.configfiles]


def is_main_process(workflow) -> bool:
    """Tell whether this is the Snakemake that was asked for a run, and not one that runs a single job of it."""
    return workflow.is_main_process


def end_in_peace() -> None:
    """Let the first Ctrl-C end the run, and one within the next seconds go unheard: half-way through its end Snakemake
    answers a second one with tracebacks, and tells nothing else. Python's own last steps, in which it is back at the
    system's way (to die of it), hear none at all.
    """
    if hear_one_at_a_time():
        atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)


def is_quiet_run(workflow) -> bool:
    """Tell whether a run is told as the default profile tells it: with it, a failed job does not end the others."""
    settings = workflow.execution_settings  # none where nothing is to be run
    return settings is None or settings.keep_going or workflow.dryrun


def in_containers(workflow) -> bool:
    """Tell whether jobs run in containers."""
    return any(method.name == "APPTAINER" for method in workflow.deployment_settings.deployment_method)


def snakefile_folder(workflow) -> Path | None:
    """Return the folder of the Snakefile, or of the included file, that is being read; None for one that is fetched
    from elsewhere, as by `module: snakefile: github(...)`."""
    place = workflow.current_basedir.get_path_or_uri(secret_free=True)
    return None if "://" in str(place) else Path(place)


def jobs(workflow) -> list:
    """Return the jobs of a planned run."""
    return list(workflow.dag.jobs)


def to_do(workflow) -> list[tuple[int, str]]:
    """Return number and name of each job of a run that is to run, in the order of their numbers."""
    wanted = [job for job in workflow.dag.jobs if workflow.dag.needrun(job) and job.rule.name != "all"]
    return sorted((workflow.dag.jobid(job), " ".join([job.rule.name, *map(str, job.wildcards)])) for job in wanted)


class Listener(logging.Handler):
    """Hear which jobs begin and fail, from Snakemake's log; see every second which are done, which a quiet run's log
    does not say. `told` is called with a job's number and what it is now."""

    STATES: ClassVar = {"job_info": "begun", "job_error": "failed"}

    def __init__(self, workflow, told: Callable[[int, str], None]):
        super().__init__()
        self.told, self.dag = told, workflow.dag
        self.jobs = {self.dag.jobid(job): job for job in self.dag.jobs}
        self.running: set[int] = set()
        self.one_at_a_time = threading.Lock()
        logging.getLogger("snakemake.logging").addHandler(self)
        threading.Thread(target=self._look, daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        """Tell of one record, if it is about a job."""
        state = self.STATES.get(getattr(getattr(record, "event", None), "value", ""))
        number = getattr(record, "jobid", -1)
        if not state or number not in self.jobs:
            return
        with self.one_at_a_time:
            if state == "begun":
                self.running.add(number)
            else:
                self.running.discard(number)
            self.told(number, state)

    def settle(self) -> None:
        """Tell of those that are done by now."""
        with self.one_at_a_time:
            for number in sorted(self.running):
                if self.dag.finished(self.jobs[number]):
                    self.running.discard(number)
                    self.told(number, "done")

    def _look(self) -> None:
        while True:
            time.sleep(1)
            self.settle()


def keep_constraints(storage: Storage) -> None:
    """Let the constraints of wildcards hold for files in a bucket.

    Snakemake writes them into a file's query, and matches its local path, which the storages of S3 and Google took from
    the query before (Snakemake 9.27): any text would match any wildcard, and rules be ambiguous.
    """
    plugin = sys.modules[f"snakemake_storage_plugin_{storage.provider}"].StorageObject
    plain = plugin.local_suffix

    def local_suffix(stored) -> str:
        path = plain(stored)
        for constrained, name in re.findall(r"(\{(\w+),[^{}]*\})", stored.query):
            path = path.replace(f"{{{name}}}", constrained, 1)
        return path

    plugin.local_suffix = local_suffix


def unfinished(workflow) -> list:
    """Return the jobs of a run that should have run and did not come to their end."""
    return [job for job in workflow.dag.jobs if workflow.dag.needrun(job) and not workflow.dag.finished(job)]


def up_to_date(workflow) -> Iterator[str]:
    """Yield the name of the rule of each job that need not run."""
    return (job.rule.name for job in workflow.dag.jobs if not workflow.dag.needrun(job))


def find_many_inputs_by_name(workflow, many: int = 300) -> None:
    """Let rules with very many inputs find what makes these by their names, as they do for paths that are plain text.

    For an input that is written as another rule's output Snakemake keeps that rule, and looks each input up by a hash
    of the whole list that it stands in: of 9,018 files in one list that took a quarter of a dry run.
    """
    for rule in workflow.rules:
        if len(rule.input) > many:
            rule.dependencies.clear()


def unstored(path, storage: Storage):
    """Return an output's path without its storage: `expand` refuses what a default storage makes of it."""
    stored = getattr(path, "flags", {}).get("storage_object")
    if not stored:
        return path
    return re.sub(r"\{(\w+),[^}]*\}", r"{\1}", stored.query.removeprefix(f"{storage.prefix}/"))
