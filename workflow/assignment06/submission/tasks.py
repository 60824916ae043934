"""Which of the assignment's tasks a study answers."""

from assignment06.config.model import Config
from assignment06.grading import names


def tasks_of(study: Config) -> list[str]:
    """Return those of the assignment's tasks 6.1, 6.2a and 6.2b for which a study has an experiment."""
    found = {names.task(f"{name}.csv")[0]: row.dataset for name, row in study.experiments.items()}
    return [task for task in names.NETS if found.get(task) == names.FAMILIES[task]]
