"""Files of captions, as Flickr8k and COCO have them and as own ones may be written."""

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from assignment06.shared.errors import AssignmentError

LEAST_PHOTOGRAPHS = 50
COLUMNS = ["image", "caption"]
FORMS = "a CSV with the columns image,caption, a text of lines `image.jpg#0<tab>caption`, or COCO's captions as JSON"


def read_captions(path: str) -> list[tuple[str, str]]:
    """Return (image, caption) of a file, in its order, by its ending: .csv, .txt (Flickr8k.token.txt) or .json (COCO).

    Names and captions are without blanks around them; a caption may be empty. Raises AssignmentError where the file is
    missing or of another form.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise AssignmentError(f"The captions {path} cannot be read ({error.strerror}): correct the path.") from None
    except UnicodeDecodeError:
        raise AssignmentError(f"The captions {path} are no UTF-8 text: save them as {FORMS}.") from None
    forms = {".csv": _csv, ".json": _coco, ".txt": _tokens}
    if (suffix := Path(path).suffix.lower()) not in forms:
        raise AssignmentError(f"The captions {path} are of no known form: save them as {FORMS}.")
    return [(image.strip(), " ".join(caption.split())) for image, caption in forms[suffix](text, path)]


def _csv(text: str, path: str) -> Iterator[tuple[str, str]]:
    rows = csv.reader(text.splitlines(keepends=True))
    header = [name.strip().lower() for name in next(rows, [])]
    if header != COLUMNS:
        raise AssignmentError(
            f"The captions {path} have the columns {','.join(header)[:100] or '(none)'}; they must be image,caption: "
            "rename them in its first line."
        )
    for row in rows:
        if row and len(row) != 2:
            raise AssignmentError(
                f"The captions {path}, line {rows.line_num}: {len(row)} columns, not image,caption: put a caption with "
                'a comma into double quotes ("...").'
            )
        if row:
            yield row[0], row[1]


def _tokens(text: str, path: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        name, tab, caption = line.partition("\t")
        image, hash_, place = name.rpartition("#")
        if not (tab and hash_ and place.strip().isdigit()):
            raise AssignmentError(
                f"The captions {path}, line {number}: {line[:60]!r} is not of the form `image.jpg#0<tab>caption`."
            )
        yield image, caption


def _coco(text: str, path: str) -> Iterable[tuple[str, str]]:
    try:
        document = json.loads(text)
        names = {image["id"]: str(image["file_name"]) for image in document["images"]}
        return [(names[one["image_id"]], str(one["caption"])) for one in document["annotations"]]
    except (ValueError, KeyError, TypeError) as error:
        what = f"{type(error).__name__}: {error}"[:100]
        raise AssignmentError(
            f"The captions {path} are not of COCO's form ({what}): `images` with `id` and `file_name`, `annotations` "
            "with `image_id` and `caption`."
        ) from None
