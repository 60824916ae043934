"""Which of this library's own files a script uses, and a digest of them.

A rule takes the digest as a parameter: editing the training code makes the trainings out of date, editing the
plotting code only the plots.
"""

import hashlib
from functools import cache
from modulefinder import ModuleFinder
from pathlib import Path

LIBRARY = Path(__file__).resolve().parents[1]


@cache
def code_files(script: str) -> tuple[Path, ...]:
    """Return the script and all files of this library that it imports, however indirectly, in sorted order."""
    finder = ModuleFinder(path=[str(LIBRARY.parent)], excludes=["door", "assignment06.shared.console"])
    finder.run_script(script)
    modules = {Path(module.__file__).resolve() for module in finder.modules.values() if module.__file__}
    return tuple(sorted(modules | {Path(script).resolve()}))


@cache
def code_digest(script: str) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of `code_files(script)`, names included."""
    digest = hashlib.sha256()
    for path in code_files(script):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
