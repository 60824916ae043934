"""Rows of `captioners`: their sweeps and defaults, and what is refused before anything is computed."""

from assignment06.config.model import Config
from assignment06.config.pretrained import check_backbone
from assignment06.config.rows import expand_experiments
from assignment06.config.sentences import nearest, refusal
from assignment06.data.imagenet import PRETRAINED

RESERVED = ("comparison", "photographs")  # files of the results have these names
HEAD = 64  # numbers of an attention head
MOST_KEPT = 0.9  # of the photographs for validation and test together


def completed_captioners(rows: object) -> object:
    """Return the table with a row for each combination of listed values, and the size that each net was trained with.

    What is no table stays as it is, for the type to refuse.
    """
    expanded = expand_experiments(rows, "captioners")
    if not isinstance(expanded, dict):
        return expanded
    completed = {}
    for name, row in expanded.items():
        if isinstance(row, dict):
            row = {key: value for key, value in row.items() if key != "short_title"}
            row = {"title": name, "group": name} | row
            if row.get("input_size") is None and row.get("model") in PRETRAINED:
                row["input_size"] = PRETRAINED[row["model"]].size
        completed[name] = row
    return completed


def check_captioners(config: Config) -> None:
    """Refuse, with one sentence, what each key of captions allows and together cannot be."""
    for name, images in config.caption_datasets.items():
        if images.validation_split + images.test_split > MOST_KEPT:
            raise refusal(
                f"`caption_datasets: {name}`: validation_split and test_split leave less than a tenth to learn "
                "from: lower them."
            )
    for name, row in config.captioners.items():
        where = f"captioners: {name}"
        if name in RESERVED:
            raise refusal(f"`{where}` is the name of a file of the results: choose another.")
        if row.dataset not in config.caption_datasets:
            known = nearest(row.dataset, config.caption_datasets) if config.caption_datasets else "; there is none"
            raise refusal(f"`{where}: dataset: {row.dataset}` is not in `caption_datasets`{known}.")
        if row.model not in PRETRAINED:
            raise refusal(
                f"`{where}: model: {row.model}` is no classifier of keras.applications{nearest(row.model, PRETRAINED)}."
            )
        check_backbone(where, row)
        if row.width > HEAD and row.width % HEAD:
            raise refusal(f"`{where}: width: {row.width}` must be a multiple of {HEAD}, or less than that.")
        if row.warmup_epochs >= row.epochs:
            raise refusal(
                f"`{where}: warmup_epochs` is {row.warmup_epochs}; it must be less than the {row.epochs} epochs."
            )
    chosen = config.photograph_captioner
    if chosen is not None and chosen not in config.captioners:
        known = nearest(chosen, config.captioners) if config.captioners else "; there is none"
        raise refusal(f"`photograph_captioner: {chosen}` is not in `captioners`{known}.")
