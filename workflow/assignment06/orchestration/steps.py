"""Run one job of Snakemake's: the library function that its parameter `function` names.

A rule's named inputs, outputs and parameters carry the names of the function's arguments, and are given the types that
these ask for. `depends_on` is for Snakemake alone: what else makes the job stale. What a function asks for and no rule
says, the job itself gives: `threads`, `code` (the digest of the function's code), and for a download `mirror`.
"""

import atexit
import gc
import inspect
from pkgutil import resolve_name

from pydantic import validate_call

from assignment06.orchestration.clocks import date_back
from assignment06.orchestration.run_lock import follow
from assignment06.shared.console import job

LIBRARY = __name__.partition(".")[0]


def run_step(snakemake, **given: object) -> None:
    """Call a job's function; `snakemake` is the object that Snakemake gives to a script.

    Output goes to the job's log. Raises SystemExit as `shared.console.job` does.
    """
    follow()
    with job(snakemake.log[0]):
        gc.disable()  # importing TensorFlow makes very much and drops little: rounds of the collector are a third of it
        function = resolve_name(f"{LIBRARY}.{snakemake.params.function}")
        gc.freeze()  # modules stay to the end
        gc.enable()
        atexit.register(date_back, list(snakemake.input))  # the clock may be set back while a job runs
        validate_call(function)(**_arguments(function, snakemake, given))


def _arguments(function, snakemake, given: dict[str, object]) -> dict[str, object]:
    named = {**snakemake.input, **snakemake.output, **snakemake.params}
    own = {"threads": snakemake.threads, "code": named.pop("code"), **given}
    for name in ("function", "depends_on"):
        named.pop(name)
    asked = inspect.signature(function).parameters
    named |= {name: value for name, value in own.items() if name in asked}
    return {
        name: list(value) if isinstance(value, list | tuple) else value
        for name, value in named.items()
        # an input that there is not in this run, such as a cloud's archive, is the function's default
        if value != [] or name not in asked or asked[name].default is inspect.Parameter.empty
    }
