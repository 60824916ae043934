"""The closed list of layers, and of each layer's arguments. What is not here is refused.

A reader stands for every argument that changes what a net predicts. Initialisers, regularisers, constraints and seeds
do not, and are dropped; arguments of `OFF` are accepted only where they are switched off.
"""

from .augmentation import AUGMENTATION, FILL, FORMAT, INTERPOLATION, SIZE, SMALL
from .values import (
    Reader,
    activation_name,
    boolean,
    choice,
    either,
    extents,
    margins,
    nothing,
    number,
    several,
    shape,
    whole,
)

_NAMES = "name trainable dtype batch_input_shape input_shape input_dim input_length rng_type"
_TRAINING = "seed noise_shape activity_regularizer momentum renorm_momentum l1 l2 auto_vectorize"
_SPEED = "implementation unroll zero_output_for_mask use_cudnn flash_attention fused synchronized"
_NOTED = "query_shape key_shape value_shape"
IGNORED = frozenset(f"{_NAMES} {_TRAINING} {_SPEED} {_NOTED}".split())
IGNORED_ENDINGS = ("_initializer", "_regularizer", "_constraint")
OFF = frozenset(
    [
        "lora_rank",
        "lora_alpha",
        "quantization_config",
        "quantization_mode",
        "renorm",
        "renorm_clipping",
        "virtual_batch_size",
        "adjustment",
        "sparse",
        "ragged",
        "optional",
        "weights",
        "time_major",
        "stateful",
        "return_state",
        "sliding_window",
        "use_gate",
        "count_include_pad",
        "batch_size",
        "dynamic",
        "rms_scaling",
        "experimental_autocast",
    ]
)
MODELS = frozenset({"Sequential", "Functional", "Model"})
# What people do find in models, and why it is not loaded. Anything else that is not in LAYERS is refused as well.
PROGRAMS = frozenset(
    [
        "Lambda",
        "SlicingOpLambda",
        "ClassMethod",
        "InstanceMethod",
        "InstanceProperty",
        "__lambda__",
        "TorchModuleWrapper",
        "TFSMLayer",
        "JaxLayer",
        "FlaxLayer",
    ]
)
READERS_OF_FILES = frozenset({"StringLookup", "IntegerLookup", "TextVectorization", "Hashing", "IndexLookup"})

_rate = number(0, 1)
_tiny = number(0, 1)
_axis = either(whole(-8, 8), several(whole(-8, 8), 1, 4))
_padding = choice("valid", "same", "causal", "full")
_numbers = either(SMALL, several(SMALL, 1, 4096))

_OUT = {"activation": activation_name, "use_bias": boolean}
_NOTHING: dict[str, Reader] = {}
_NORM = {"axis": _axis, "epsilon": _tiny, "center": boolean, "scale": boolean}
_RECURRENT = {
    **_OUT,
    "units": SIZE,
    "dropout": _rate,
    "recurrent_dropout": _rate,
    "return_sequences": boolean,
    "go_backwards": boolean,
}


def _convolution(rank: int, **more: Reader) -> dict[str, Reader]:
    return {
        **_OUT,
        "filters": whole(1, 16_384),
        "kernel_size": extents(rank, 1, 1024),
        "strides": extents(rank, 1, 1024),
        "dilation_rate": extents(rank, 1, 1024),
        "padding": _padding,
        "data_format": FORMAT,
        "groups": whole(1, 1),  # Keras 2 writes it for kinds that have none
        **more,
    }


def _depthwise(rank: int) -> dict[str, Reader]:
    arguments = _convolution(rank, depth_multiplier=whole(1, 1024))
    return {name: reader for name, reader in arguments.items() if name != "filters"}


def _layers() -> dict[str, dict[str, Reader]]:
    groups = whole(1, 16_384)
    listed: dict[str, dict[str, Reader]] = {
        "Dense": {**_OUT, "units": SIZE},
        "Embedding": {"input_dim": whole(1, 1_000_000), "output_dim": SIZE, "mask_zero": boolean},
        "Activation": {"activation": activation_name},
        "ReLU": {"max_value": either(nothing, SMALL), "negative_slope": SMALL, "threshold": SMALL},
        "LeakyReLU": {"negative_slope": SMALL, "alpha": SMALL},
        "ELU": {"alpha": SMALL},
        "PReLU": {"shared_axes": either(nothing, several(whole(1, 8), 1, 4))},
        "Softmax": {"axis": _axis},
        "Flatten": {"data_format": FORMAT},
        "Reshape": {"target_shape": several(either(nothing, whole(-1, 1 << 24)), 0, 8)},
        "Permute": {"dims": several(whole(1, 8), 1, 8)},
        "RepeatVector": {"n": SIZE},
        "Masking": {"mask_value": SMALL},
        "Identity": _NOTHING,
        "ActivityRegularization": _NOTHING,
        "BatchNormalization": _NORM,
        "LayerNormalization": _NORM,
        "GroupNormalization": {**_NORM, "groups": either(whole(-1, -1), groups)},
        "RMSNormalization": {"axis": _axis, "epsilon": _tiny},
        "UnitNormalization": {"axis": _axis},
        "Normalization": {
            "axis": either(nothing, _axis, several(_axis, 0, 0)),
            "mean": either(nothing, _numbers),
            "variance": either(nothing, _numbers),
            "invert": boolean,
        },
        "Rescaling": {"scale": _numbers, "offset": _numbers},
        "Resizing": {
            "height": SIZE,
            "width": SIZE,
            "interpolation": INTERPOLATION,
            "crop_to_aspect_ratio": boolean,
            "pad_to_aspect_ratio": boolean,
            "antialias": boolean,
            "fill_mode": FILL,
            "fill_value": SMALL,
            "data_format": FORMAT,
        },
        "CenterCrop": {"height": SIZE, "width": SIZE, "data_format": FORMAT},
        "Concatenate": {"axis": _axis},
        "Dot": {"axes": either(whole(-8, 8), several(whole(-8, 8), 2)), "normalize": boolean},
        "Attention": {"use_scale": boolean, "score_mode": choice("dot", "concat"), "dropout": _rate},
        "AdditiveAttention": {"use_scale": boolean, "dropout": _rate},
        "MultiHeadAttention": {
            "num_heads": whole(1, 1024),
            "key_dim": SIZE,
            "value_dim": either(nothing, SIZE),
            "dropout": _rate,
            "use_bias": boolean,
            "output_shape": either(nothing, SIZE, shape(1, 4)),
            "attention_axes": either(nothing, _axis),
        },
        "SimpleRNN": _RECURRENT,
        "LSTM": {**_RECURRENT, "recurrent_activation": activation_name, "unit_forget_bias": boolean},
        "GRU": {**_RECURRENT, "recurrent_activation": activation_name, "reset_after": boolean},
    }
    for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"):
        listed[name] = _NOTHING
    for name in ("Dropout", "AlphaDropout", "GaussianDropout"):
        listed[name] = {"rate": _rate}
    listed["GaussianNoise"] = {"stddev": number(0, 1e6)}
    for rank in (1, 2, 3):
        listed[f"SpatialDropout{rank}D"] = {"rate": _rate} | ({"data_format": FORMAT} if rank > 1 else {})
        listed[f"Conv{rank}D"] = _convolution(rank, groups=groups)
        listed[f"Conv{rank}DTranspose"] = _convolution(rank, output_padding=either(nothing, extents(rank, 0, 1024)))
        spread = {"data_format": FORMAT} if rank > 1 else {}
        listed[f"ZeroPadding{rank}D"] = {"padding": margins(rank), "data_format": FORMAT}
        listed[f"Cropping{rank}D"] = {"cropping": margins(rank), **spread}
        listed[f"UpSampling{rank}D"] = {"size": extents(rank, 1, 64), **spread}
        for kind in ("Max", "Average"):
            listed[f"{kind}Pooling{rank}D"] = {
                "pool_size": extents(rank, 1, 1024),
                "strides": either(nothing, extents(rank, 1, 1024)),
                "padding": _padding,
                "data_format": FORMAT,
            }
            listed[f"Global{kind}Pooling{rank}D"] = {"data_format": FORMAT, "keepdims": boolean}
            listed[f"Adaptive{kind}Pooling{rank}D"] = {"output_size": extents(rank), "data_format": FORMAT}
    listed["UpSampling2D"] = {**listed["UpSampling2D"], "interpolation": INTERPOLATION}
    for rank in (1, 2):
        listed[f"SeparableConv{rank}D"] = _convolution(rank, depth_multiplier=whole(1, 1024))
        listed[f"DepthwiseConv{rank}D"] = _depthwise(rank)
    return listed


LAYERS: dict[str, dict[str, Reader]] = _layers() | AUGMENTATION
WRAPPERS: dict[str, dict[str, Reader]] = {
    "TimeDistributed": _NOTHING,
    "Bidirectional": {"merge_mode": either(nothing, choice("sum", "mul", "concat", "ave"))},
}
# Layers without weights that people give as the `activation` of another.
AS_ACTIVATION = frozenset({"ReLU", "LeakyReLU", "ELU", "Softmax"})
# Operations on tensors (`a + b` in the functional style), as Keras 3 saves them; the function has their name.
OPERATIONS = {
    "Add": "add",
    "Subtract": "subtract",
    "Multiply": "multiply",
    "Divide": "divide",
    "TrueDivide": "true_divide",
    "Maximum": "maximum",
    "Minimum": "minimum",
    "Relu": "relu",
    "Sigmoid": "sigmoid",
    "Softmax": "softmax",
}
# The same as Keras 2 saves them: a TFOpLambda with the name of TensorFlow's function.
TF_OPERATIONS = {
    "__operators__.add": "add",
    "math.add": "add",
    "math.subtract": "subtract",
    "math.multiply": "multiply",
    "math.divide": "divide",
    "math.truediv": "true_divide",
    "math.maximum": "maximum",
    "math.minimum": "minimum",
    "nn.relu": "relu",
    "math.sigmoid": "sigmoid",
    "nn.softmax": "softmax",
}
