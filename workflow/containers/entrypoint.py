"""Entry point of the image: the whole workflow in one container.

    docker run --rm -v "$PWD:/work" IMAGE --cores 4

Checks the mount, then becomes `snakemake` with the arguments given.
"""

import os
import sys
from pathlib import Path


def complaint(folder: Path) -> str | None:
    """Say in one sentence why the workflow cannot run in `folder`, or return None."""
    if not (folder / "Snakefile").exists():
        return (
            f"no Snakefile in {folder}: run the command in the assignment's folder and mount that folder, "
            f'with -v "$PWD:{folder}" (PowerShell: -v "${{PWD}}:{folder}").'
        )
    for place in (folder, folder / "results", folder / ".snakemake"):
        if place.exists() and not os.access(place, os.W_OK):
            status = place.stat()
            return (
                f"user {os.getuid()} in the container may not write into {place}, which belongs to user "
                f'{status.st_uid}: add --user "$(id -u):$(id -g)" to the command (rootless Podman: '
                "--userns=keep-id), or take the folder back with "
                f'sudo chown -R "$(id -u):$(id -g)" {"." if place == folder else place.name}.'
            )
    return None


def main(arguments: list[str]) -> None:
    """Run snakemake in the working directory, or print one sentence and exit with status 1."""
    if problem := complaint(Path.cwd()):
        sys.exit(f"error: {problem}")
    os.environ["PYTHONPATH"] = str(Path.cwd() / "workflow")
    os.execvp("snakemake", ["snakemake", *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
