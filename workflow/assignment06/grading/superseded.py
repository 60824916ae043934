"""Files of earlier tries beside those of the one that is called final: `run1/model.h5`, where `run2_final/` has one."""

import re
from collections.abc import Iterable

from . import names, source

_TRY = re.compile(
    r"(?<![a-z])(?:(?:run|trial|attempt|try|version|v|iteration|experiment|exp|draft)[ _-]?\d{1,3}(?:[ _-]?final)?|"
    r"final(?:[ _-](?:run|trial|attempt|try|version))?)(?![a-z0-9])",
    re.I,
)


def earlier(files: Iterable[str]) -> set[str]:
    """Those of a net's files that differ from another one's name only in a try that is not called final, as that is."""
    alike: dict[tuple[str, str], list[tuple[str, bool]]] = {}
    for name in files:
        if name.lower().endswith(tuple(source.CODE)):
            continue
        tries = list(_TRY.finditer(name[-names.MAX_NAME :]))
        if tries and (task := names.certain(name)) in names.NETS:
            final = any("final" in one[0].lower() for one in tries)
            alike.setdefault((task, _TRY.sub("#", name)), []).append((name, final))
    return {name for tries in alike.values() if any(final for _, final in tries) for name, final in tries if not final}
