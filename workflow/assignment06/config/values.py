"""What no key of `config.yaml` may hold, whatever its type."""

import math
import re

from assignment06.config.model import Config
from assignment06.config.sentences import refusal

UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # in no file name, in no UTF-8 file


def check_values(config: dict) -> None:
    """Refuse what YAML can say and no key can mean: keys that are no text, nan and infinity, unstorable text."""
    waiting: list[tuple[object, tuple[str, ...]]] = [(config, ())]
    seen = set()
    while waiting:
        value, keys = waiting.pop()
        where = f"`{': '.join(keys)}`" if keys else "the top level"
        if isinstance(value, float) and not math.isfinite(value):
            raise refusal(f"{where} is {value}, which is no number to work with: correct it.")
        if isinstance(value, str) and UNSTORABLE.search(value):
            raise refusal(f"{where} is {value!r}, with a character that no file can hold: leave it out.")
        if not isinstance(value, dict | list) or id(value) in seen:
            continue
        seen.add(id(value))  # YAML can make a list that holds itself
        for key, inner in value.items() if isinstance(value, dict) else ((None, inner) for inner in value):
            if key is not None and not (isinstance(key, str) and key.isprintable()):
                raise refusal(f"{where} has the key {key!r}: a key is plain text on one line.")
            waiting.append((inner, keys if key is None else (*keys, key)))


def check_paths(config: Config) -> None:
    """Refuse names that would lead out of the results, or that Snakemake would read as patterns."""
    paths = {name: getattr(config, name) for name in ("photographs", "assignment_dir", "image")}
    paths["classifier: weights"] = config.classifier.weights
    paths |= {f"datasets: {name}: folder": row.folder for name, row in config.datasets.items()}
    paths["detector: weights"] = config.detector.weights
    for name, row in config.detection_datasets.items():
        paths[f"detection_datasets: {name}: images"] = row.images
        paths[f"detection_datasets: {name}: annotations"] = row.annotations
    for name, row in config.caption_datasets.items():
        paths[f"caption_datasets: {name}: images"] = row.images
        paths[f"caption_datasets: {name}: captions"] = row.captions
    for name, path in paths.items():
        if path and {"{", "}"} & set(path):
            raise refusal(f"`{name}` is {path!r}; Snakemake takes braces for a wildcard: rename the file or folder.")
