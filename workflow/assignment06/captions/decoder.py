"""The net that writes captions: a Transformer decoder (Vaswani et al., 2017) that looks at the grid of a frozen net.

Self-attention over the words so far, cross-attention to the grid, layer normalisation before each (Xiong et al.,
2020); the matrix of the words serves for reading and for writing them (Press and Wolf, 2017). Plain Keras layers and
operations only, so that a saved one loads with `safe_mode`. All nets of this module share the layers of one `Decoder`.
"""

from dataclasses import dataclass
from typing import NamedTuple

import keras
from keras import layers, ops

NAME = "captioner"
WIDENING = 4  # of the layers between, as in the paper
HEAD = 64  # numbers of an attention head


class Shape(NamedTuple):
    """What a decoder is made of."""

    places: int
    """Of the grid."""
    features: int
    """Of a place."""
    words: int
    longest: int
    """Words of a caption."""
    width: int
    layers: int
    dropout: float


@dataclass(frozen=True)
class Decoder:
    """The layers of a decoder by their names, and what it is made of."""

    shape: Shape
    layer: dict[str, keras.Layer]

    @classmethod
    def new(cls, shape: Shape, seed: int) -> "Decoder":
        """Return fresh layers; `seed` draws their weights."""
        keras.utils.set_random_seed(seed)
        width = shape.width
        made: list[keras.Layer] = [
            layers.Dense(width, name="grid_projection"),
            layers.LayerNormalization(name="grid_norm"),
            layers.Dense(width, name="glance"),
            layers.Embedding(
                shape.words, width, embeddings_initializer=keras.initializers.RandomNormal(stddev=width**-0.5),
                name="words",
            ),
            layers.Rescaling(width**0.5, name="words_scaled"),
            layers.Embedding(shape.longest + 1, width, name="positions"),
            layers.LayerNormalization(name="last_norm"),
        ]  # fmt: skip
        for number in range(shape.layers):
            heads = {"num_heads": max(1, width // HEAD), "key_dim": min(HEAD, width)}
            made += [
                layers.LayerNormalization(name=f"self_norm_{number}"),
                layers.MultiHeadAttention(**heads, name=f"self_attention_{number}"),
                layers.LayerNormalization(name=f"cross_norm_{number}"),
                layers.MultiHeadAttention(**heads, name=f"cross_attention_{number}"),
                layers.LayerNormalization(name=f"wide_norm_{number}"),
                layers.Dense(WIDENING * width, activation="gelu", name=f"wide_{number}"),
                layers.Dense(width, name=f"narrow_{number}"),
                *(layers.Dropout(shape.dropout, name=f"{part}_dropout_{number}") for part in ("self", "cross", "wide")),
            ]
        made += [layers.Dropout(shape.dropout, name=name) for name in ("grid_dropout", "words_dropout")]
        return cls(shape, {layer.name: layer for layer in made})

    @classmethod
    def of(cls, net: keras.Model) -> "Decoder":
        """Return the layers of a loaded model that `writer` made."""
        named = {layer.name: layer for layer in net.layers}
        places, features = net.inputs[0].shape[1:]
        shape = Shape(
            places, features, named["words"].input_dim, named["positions"].input_dim - 1, named["words"].output_dim,
            sum(name.startswith("wide_norm_") for name in named), named["words_dropout"].rate,
        )  # fmt: skip
        return cls(shape, named)

    def writer(self, captions: int = 1, scores: bool = False) -> keras.Model:
        """Return the net from a grid [n, places, features] and the numbers of words to logits of the words after them.

        Words are int32 [n, captions, t] with t = longest + 1; logits float32 [n, captions, t, words]. All captions of a
        photograph look at its grid at once. With `scores` it also returns the cross-attention, a list of
        [n, heads, captions x t, places], one a layer.
        """
        width, length = self.shape.width, self.shape.longest + 1
        grid = keras.Input((self.shape.places, self.shape.features), name="grid")
        numbers = keras.Input((captions, length), dtype="int32", name="numbers")
        memory = self._memory(grid)
        x = self._read(numbers, ops.arange(length, dtype="int32"), self._glance(memory, (1, 1)))
        x = ops.reshape(x, (-1, length, width))
        attention = []
        for number in range(self.shape.layers):
            normed = self.layer[f"self_norm_{number}"](x)
            told = self.layer[f"self_attention_{number}"](normed, normed, use_causal_mask=True)
            x, looked = self._rest(number, x, told, memory, captions * length, length)
            attention.append(looked)
        logits = ops.reshape(self._write(x, numbers), (-1, captions, length, self.shape.words))
        return keras.Model([grid, numbers], [logits, *attention] if scores else logits, name=NAME)

    def remembering(self) -> keras.Model:
        """Return the net from a grid [n, places, features] to what all steps look at [n, places, width]."""
        grid = keras.Input((self.shape.places, self.shape.features))
        return keras.Model(grid, self._memory(grid))

    def step(self, beams: int) -> keras.Model:
        """Return the net that adds one word to each of `beams` captions of a photograph.

        Inputs: what `remembering` returns, the last words (int32 [n, beams]), the place of these in the caption (int32
        [n, beams]), and for each layer its normalised inputs so far [n x beams, t, width], of which t may be 0.
        Outputs: logits [n, beams, words], then these inputs with one more. What is computed of earlier words is so
        computed once, but for their keys and values.
        """
        width = self.shape.width
        memory = keras.Input((self.shape.places, width))
        numbers, place = (keras.Input((beams,), dtype="int32") for _ in range(2))
        past = [keras.Input((None, width)) for _ in range(self.shape.layers)]
        x = ops.reshape(self._read(numbers, place, self._glance(memory, (1,))), (-1, 1, width))
        grown = []
        for number, before in enumerate(past):
            normed = self.layer[f"self_norm_{number}"](x)
            grown.append(ops.concatenate([before, normed], axis=1))
            told = self.layer[f"self_attention_{number}"](normed, grown[-1])
            x, _ = self._rest(number, x, told, memory, beams, 1)
        logits = ops.reshape(self._write(x, numbers), (-1, beams, self.shape.words))
        return keras.Model([memory, numbers, place, *past], [logits, *grown])

    def _memory(self, grid):
        return self.layer["grid_norm"](self.layer["grid_projection"](self.layer["grid_dropout"](grid)))

    def _glance(self, memory, between: tuple[int, ...]):
        """Return the whole photograph at a glance, the average over its places, to add to every word that is read."""
        return ops.reshape(self.layer["glance"](ops.mean(memory, axis=1)), (-1, *between, self.shape.width))

    def _read(self, numbers, places, glance):
        # the places as an input of the same graph: a constant would be no part of a saved net
        places = ops.add(ops.zeros_like(numbers), places)
        read = self.layer["words_scaled"](self.layer["words"](numbers))
        return self.layer["words_dropout"](ops.add(ops.add(read, self.layer["positions"](places)), glance))

    def _rest(self, number: int, x, told, memory, queries: int, length: int):
        """Return what a layer makes of its input after self-attention, and its cross-attention."""
        width = self.shape.width
        x = ops.add(x, self.layer[f"self_dropout_{number}"](told))
        normed = ops.reshape(self.layer[f"cross_norm_{number}"](x), (-1, queries, width))
        seen, scores = self.layer[f"cross_attention_{number}"](normed, memory, return_attention_scores=True)
        x = ops.add(x, self.layer[f"cross_dropout_{number}"](ops.reshape(seen, (-1, length, width))))
        wide = self.layer[f"wide_{number}"](self.layer[f"wide_norm_{number}"](x))
        return ops.add(x, self.layer[f"wide_dropout_{number}"](self.layer[f"narrow_{number}"](wide))), scores

    def _write(self, x, numbers):
        every = ops.add(ops.zeros_like(ops.max(numbers)), ops.arange(self.shape.words, dtype="int32"))
        return ops.matmul(self.layer["last_norm"](x), ops.transpose(self.layer["words"](every)))
