"""What of a run's settings holds anywhere: the config that is packed names no folder of this machine."""

import os
from pathlib import Path

HERE = "data/raw/images"  # where photographs lie in the unpacked zip


def portable_config(config: dict, folder: str | os.PathLike = ".") -> dict:
    """Return a config without paths that lead out of `folder`, the working directory of the run.

    Photographs and own data sets are then looked for in folders of the unpacked zip, for their owner to fill;
    `assignment_dir` is left out.

    Example:
        >>> portable_config({"photographs": "/home/ada/holiday"})
        {'photographs': 'data/raw/images'}
    """
    found = dict(config)
    if _leads_out(found.get("photographs"), folder):
        found["photographs"] = HERE
    if found.get("assignment_dir"):
        found["assignment_dir"] = None
    if isinstance(found.get("datasets"), dict):
        found["datasets"] = {
            name: row | {"folder": f"data/raw/{name}"} if _leads_out(row.get("folder"), folder) else row
            for name, row in found["datasets"].items()
        }
    return found


def portable_name(path: str, folder: str | os.PathLike = ".") -> str:
    """Return a path as it is, or only its last part where it leads out of `folder`.

    Example:
        >>> portable_name("/home/ada/holiday"), portable_name("data/raw/images")
        ('holiday', 'data/raw/images')
    """
    return Path(path).name if _leads_out(path, folder) else path


def _leads_out(path: object, folder: str | os.PathLike) -> bool:
    if not isinstance(path, str):
        return False
    absolute = os.path.abspath(os.path.join(folder, os.path.expanduser(path)))
    return path.startswith("~") or os.path.isabs(path) or not Path(absolute).is_relative_to(os.path.abspath(folder))
