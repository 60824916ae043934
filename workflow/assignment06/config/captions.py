"""The keys of `config.yaml` that are about captions: photographs with some, and the nets that learn to write more."""

from typing import Annotated, Literal

from pydantic import Field

from assignment06.config.frozen import FrozenRow
from assignment06.config.types import Name, Number, OptionalCount, Seed, Share, Text, Whole
from assignment06.shared.documents import Document


class CaptionedImages(Document):
    """Photographs with captions (docs/captions.md): Flickr8k, COCO, or own ones."""

    images: Name
    """The folder of the photographs."""
    captions: Name
    """The file of captions: a CSV with the columns image,caption, Flickr8k.token.txt, or COCO's JSON."""
    validation_split: Share = 0.1
    """Share of the photographs by which a captioner is chosen."""
    test_split: Share = 0.1
    """Share of the photographs kept for the test."""
    seed: Seed = 0
    """Seed of that split."""


class Captioner(FrozenRow):
    """One net to train that says what is in a picture. Needs `make submission EXTRAS=captions`."""

    trains_nothing = (*FrozenRow.trains_nothing, "beams", "length_penalty")

    dataset: Text
    """A name from `caption_datasets`."""
    width: Annotated[Whole, Field(ge=16, le=2048)] = 256
    """Numbers for each word inside the decoder; a multiple of 64, or less than that."""
    layers: Annotated[Whole, Field(ge=1, le=24)] = 2
    """Layers of the decoder."""
    dropout: Annotated[Number, Field(ge=0, lt=1)] = 0.3
    """Dropout rate everywhere in the decoder."""
    least_count: Annotated[Whole, Field(ge=1, le=1000)] = 3
    """A word that the training captions have less often is taken for unknown, and never written."""
    longest: Annotated[Whole, Field(ge=3, le=100)] = 16
    """Words of a caption; what is longer is cut."""
    mirrored: Annotated[Whole, Field(ge=0, le=1)] = 1
    """1: half of the time a photograph is seen mirrored in training; its features are computed twice."""
    epochs: Annotated[Whole, Field(ge=1, le=10_000)] = 10
    """Passes over the training photographs, each with all its captions."""
    batch_size: Annotated[Whole, Field(ge=1, le=10_000)] = 8
    """Photographs for each training step."""
    learning_rate: Annotated[Number, Field(gt=0, le=10)] = 0.0015
    """The highest learning rate of AdamW; it falls to zero as a cosine over all epochs."""
    warmup_epochs: Annotated[Number, Field(ge=0, le=10_000)] = 1
    """Epochs of linear rise before that."""
    weight_decay: Annotated[Number, Field(ge=0, le=1000)] = 0.01
    """Decoupled weight decay."""
    label_smoothing: Annotated[Number, Field(ge=0, lt=1)] = 0.1
    """Of the training loss."""
    averaging: Annotated[Number, Field(ge=0, lt=1)] = 0.99
    """The weights that are measured and kept are a moving average of those of the steps, with this share of the one
    before; 0 for none."""
    patience: OptionalCount = 5
    """Stop after so many epochs without a better BLEU-4 on the validation photographs; null for never."""
    beams: Annotated[Whole, Field(ge=1, le=20)] = 5
    """Captions that are followed at once; 1 writes the likeliest word each time (greedy)."""
    length_penalty: Annotated[Number, Field(ge=0, le=5)] = 0.7
    """How much longer captions are preferred (Wu et al., 2016); 0 for not at all."""
    compute_dtype: Literal["auto", "float32"] = "auto"
    """auto: training multiplies in bfloat16 (a GPU in TensorFloat-32) where it can, faster; weights stay float32."""
    seed: Seed = 0
    """Seed of everything random."""
