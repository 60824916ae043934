"""Read a model's configuration as data, before any library is asked to build it."""

import re
from dataclasses import dataclass, field

_MODULE = re.compile(
    r"(builtins|(tf_)?keras|(tf_)?keras(\.src)?\.(layers|models|engine|initializers|regularizers|constraints|activations|"
    r"dtype_policies|random|ops|backend\.common\.variables)(\.[a-z0-9_]+)*)$"
)
_MODELS = {"Sequential", "Functional", "Model"}
# Layers that run a program of the file's author, or read files that the file's author names.
REFUSED_LAYERS = frozenset(
    {
        "Lambda",
        "TFOpLambda",
        "SlicingOpLambda",
        "ClassMethod",
        "InstanceMethod",
        "InstanceProperty",
        "__lambda__",
        "TorchModuleWrapper",
        "TFSMLayer",
        "JaxLayer",
        "FlaxLayer",
        "StringLookup",
        "IntegerLookup",
        "TextVectorization",
    }
)
_OTHER = {  # what else has a class name in a configuration
    "function",
    "__numpy__",
    "__tensor__",
    "__tuple__",
    "__keras_tensor__",
    "KerasTensor",
    "slice",
    "DTypePolicy",
    "DTypePolicyMap",
    "Policy",
    "QuantizedDTypePolicy",
    "SeedGenerator",
    "TensorShape",
    "TypeSpec",
    "CategoricalCrossentropy",
    "Zeros",
    "Ones",
    "Constant",
    "Identity",
    "IdentityInitializer",
    "Orthogonal",
    "OrthogonalInitializer",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "LecunNormal",
    "LecunUniform",
    "L1",
    "L2",
    "L1L2",
    "OrthogonalRegularizer",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
}
_RANDOM_LAYER = re.compile(r"^(Random\w+|AutoContrast|RandAugment|AugMix|CutMix|MixUp|Posterization|Solarization)$")
_MAX_DEPTH = 60


@dataclass
class Architecture:
    """The layers of a model, nested models included, and why it is refused (empty if it is not)."""

    layers: list[str] = field(default_factory=list)
    dropout: list[float] = field(default_factory=list)
    augmentation: list[str] = field(default_factory=list)
    last_activation: str = ""
    refusals: list[str] = field(default_factory=list)


def read(config: object, known_layers: frozenset[str]) -> Architecture:
    """Describe a Keras model configuration (2 or 3), as parsed from JSON.

    `known_layers` are the class names that Keras itself has; any other class, any module that is not Keras', and every
    layer of `REFUSED_LAYERS` is a reason to refuse.
    """
    found = Architecture()
    _walk(config, found, known_layers, 0)
    found.refusals = list(dict.fromkeys(found.refusals))[:5]
    return found


def _walk(node: object, found: Architecture, known: frozenset[str], depth: int) -> None:
    if depth > _MAX_DEPTH:
        found.refusals.append("its configuration is nested too deeply")
        return
    if isinstance(node, list):
        for item in node:
            _walk(item, found, known, depth + 1)
        return
    if not isinstance(node, dict):
        return
    name = node.get("class_name")
    if isinstance(name, str):
        _judge(node, name, found, known)
        if name in known and name not in _MODELS:
            _note(name, node.get("config"), found)
    for key, value in node.items():
        if key not in ("compile_config", "build_config", "training_config"):
            _walk(value, found, known, depth + 1)


def _judge(node: dict, name: str, found: Architecture, known: frozenset[str]) -> None:
    module, registered = node.get("module"), node.get("registered_name")
    operation = isinstance(module, str) and re.match(r"keras(\.src)?\.ops\.", module)
    if name in REFUSED_LAYERS:
        found.refusals.append(f"it has a {name[:40]} layer, which runs code of the file's author")
    elif module is not None and not (isinstance(module, str) and _MODULE.match(module)):
        found.refusals.append(f"it asks for {name[:40]} from the module {str(module)[:60]}, which Keras does not have")
    elif isinstance(registered, str) and ">" in registered and not registered.startswith(("Keras>", "keras>")):
        found.refusals.append(f"it needs the custom class {registered[:60]}")
    elif name not in known and name not in _MODELS and name not in _OTHER and not operation:
        found.refusals.append(f"it needs {name[:60]}, a class that Keras does not have")


def _note(name: str, config: object, found: Architecture) -> None:
    config = config if isinstance(config, dict) else {}
    found.layers.append(name)
    if "Dropout" in name or name == "GaussianNoise":
        rate = config.get("rate", config.get("stddev", 0))
        if isinstance(rate, int | float) and rate > 0:
            found.dropout.append(float(rate))
    for key in ("dropout", "recurrent_dropout"):
        if isinstance(config.get(key), int | float) and config[key] > 0:
            found.dropout.append(float(config[key]))
    if _RANDOM_LAYER.match(name):
        found.augmentation.append(name)
    activation = config.get("activation")
    if isinstance(activation, dict):
        activation = activation.get("config")
    if isinstance(activation, dict):
        activation = activation.get("name", "")
    if name == "Softmax":
        activation = "softmax"
    if name not in ("InputLayer", "Dropout", "Flatten", "Reshape"):
        found.last_activation = str(activation or "linear")[:40]
