"""What the pages say of captions: how good captioners are, and what was written of the photographs of 6.3.

Photographs of captioned data sets are not theirs to show, as both pages go into the zip.
"""

from collections.abc import Iterable, Sequence

from assignment06.captions.comparison import CaptionerComparison
from assignment06.captions.results import CaptionMetrics, PhotographCaptions
from assignment06.detection.gathering import read_table


def captioners(metrics: Sequence[str], comparison: str | None) -> dict:
    """Return {"captioners", "groups"} for the report: figures of each, and of those that differ by their seed alone."""
    return {
        "captioners": [CaptionMetrics.read(path) for path in metrics],
        "groups": CaptionerComparison.read(comparison).groups if comparison else [],
    }


def note(metadata: str | None) -> str | None:
    """Return what the captions of photographs are and how good, in a sentence; None without captions."""
    if metadata is None:
        return None
    facts = PhotographCaptions.read(metadata)
    return f"{facts.captioner}: {facts.note}" + "".join(f" ({stamp})" for stamp in facts.stamps)


def with_captions(photographs: Iterable[dict], table: str | None) -> list[dict]:
    """Return photographs (of `report.pictures`) with the "caption" that was written of each, or None."""
    found = list(photographs)
    wanted, written = {one["name"] for one in found}, {}
    for row in read_table(table) if table else ():  # in the order of the list, of which a page shows the beginning
        if row["image"] in wanted:
            written[row["image"]] = row["caption"]
            if len(written) == len(wanted):
                break
    return [{**one, "caption": written.get(one["name"])} for one in found]
