"""Rows of `captioners`: what is refused before anything is computed."""

from assignment06.config.frozen import check_frozen, check_warmup
from assignment06.config.model import Config
from assignment06.config.sentences import nearest, refusal

RESERVED = ("comparison", "photographs")  # files of the results have these names
HEAD = 64  # numbers of an attention head
MOST_KEPT = 0.9  # of the photographs for validation and test together


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
        check_frozen(where, row, config.caption_datasets, "caption_datasets")
        if row.width > HEAD and row.width % HEAD:
            raise refusal(f"`{where}: width: {row.width}` must be a multiple of {HEAD}, or less than that.")
        check_warmup(where, row.warmup_epochs, row.epochs)
    chosen = config.photograph_captioner
    if chosen is not None and chosen not in config.captioners:
        known = nearest(chosen, config.captioners) if config.captioners else "; there is none"
        raise refusal(f"`photograph_captioner: {chosen}` is not in `captioners`{known}.")
