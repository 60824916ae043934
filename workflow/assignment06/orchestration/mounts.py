"""Which folders outside the workflow's own a rule's container must see."""

import os
import re
from collections.abc import Iterable
from pathlib import Path


def mount_outside(read: Iterable[str], write: Iterable[str]) -> str:
    """Put the existing folders or files that lie outside the working directory into APPTAINER_BIND; return it.

    Those to `read` are mounted read-only. Apptainer and this project's adapter for Docker and Podman take the
    variable, with a backslash before a comma or a colon in a path; where rules run in no container it does nothing.
    """
    here = Path.cwd()
    binds = [bind for bind in re.split(r"(?<!\\),", os.environ.get("APPTAINER_BIND", "")) if bind]
    for paths, mode in ((write, ""), (read, ":ro")):
        for path in map(Path, paths):
            outside = path.resolve()
            if outside.exists() and not outside.is_relative_to(here) and not here.is_relative_to(outside):
                place = re.sub(r"([\\:,])", r"\\\1", str(outside))
                binds.append(f"{place}:{place}{mode}")
    os.environ["APPTAINER_BIND"] = ",".join(dict.fromkeys(binds))
    return os.environ["APPTAINER_BIND"]
