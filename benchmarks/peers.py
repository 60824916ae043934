"""The step of 6.2b against eager PyTorch, and the net of 6.3 against OpenVINO: the same net, batch, threads and format.

Both peers are installed by `make .venv/peers.stamp` only. Nets have random weights and images random pixels, which are
as fast as others; nothing is decoded or augmented, on all sides alike.
"""

import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.classification import BATCH, NET, SIZE
from benchmarks.measuring import CONFIG, DEFAULTS, THREADS, Options, column, fresh, in_turn
from benchmarks.ratios import ratio
from benchmarks.training_throughput import IMAGES, SHAPES, train

STEP = "cifar10_augmented"
LEFT_OUT = 2  # batches before the clock starts
FORMATS = {"float32": "f32", "bfloat16": "bf16"}  # as OpenVINO calls them
INT8 = f"6.3: {NET} in int8"
LEAST = {INT8: 2.0}  # times as fast as the peer; 1 else


def torch_step(settings: dict, images: int, rounds: int, threads: int) -> dict:
    """Train the net `whitened` eagerly, multiplying in bfloat16, with the batches and the smoothed loss of the row.

    Memory is ordered channels last, which is 1.5 times as fast as first on the machine of docs/speed.md. The optimiser
    is SGD with momentum, as that of our side here. Returns images a second, the median of `rounds`.
    """
    import torch
    from torch import nn
    from torch.nn import functional

    torch.set_num_threads(threads)
    torch.manual_seed(settings["seed"])

    class Block(nn.Module):
        def __init__(self, given: int, filters: int, pool: bool):
            super().__init__()
            self.convolution = nn.Conv2d(given, filters, 3, padding=1, bias=False)
            self.normalisation, self.pool = nn.BatchNorm2d(filters, eps=1e-5), pool

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = self.convolution(x)
            return functional.relu(self.normalisation(functional.max_pool2d(x, 2) if self.pool else x))

    height, width, channels = SHAPES[settings["dataset"]]
    first, widths = nn.Conv2d(channels, 8 * channels, 2, bias=False).requires_grad_(False), (32, 32, 128, 128, 160, 160)
    blocks = [Block(*shape, not n % 2) for n, shape in enumerate(zip((24, *widths), widths, strict=False))]
    rest = [nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Dropout(settings["dropout"]), nn.Linear(widths[-1], 10)]
    net = nn.Sequential(first, nn.ReLU(), *blocks, *rest).to(memory_format=torch.channels_last)
    trained = [one for one in net.parameters() if one.requires_grad]
    optimizer = torch.optim.SGD(trained, lr=0.01, momentum=0.9)
    loss = nn.CrossEntropyLoss(label_smoothing=settings["label_smoothing"])
    batch, rates = settings["batch_size"], []
    count = max(1, images // batch)
    x = torch.randint(0, 256, ((LEFT_OUT + count) * batch, channels, height, width), dtype=torch.uint8)
    x = x.contiguous(memory_format=torch.channels_last)
    y = torch.arange(len(x)) % 10
    for _ in range(rounds):
        for number, start in enumerate(range(0, len(x), batch)):
            if number == LEFT_OUT:
                began = time.perf_counter()
            with torch.autocast("cpu", dtype=torch.bfloat16):
                said = net(x[start : start + batch].float() / 64 - 1.9)
            optimizer.zero_grad()
            loss(said.float(), y[start : start + batch]).backward()
            optimizer.step()
        rates.append(count * batch / (time.perf_counter() - began))
    return {"images_per_second": median(rates), "rounds": rates}


def our_net(dtype: str, batches: int, rounds: int, threads: int, engine: str = "keras") -> dict:
    """Let 6.3's net look at batches as the workflow does with an engine; return images a second."""
    from assignment06.backend import compute
    from assignment06.photographs import classification
    from assignment06.photographs.engines import predictor, quantise

    compute.configure(threads)
    with (
        compute.computing_in("auto" if dtype == "bfloat16" else "float32") as used,
        tempfile.TemporaryDirectory() as name,
    ):
        net, _ = classification.load_classifier(NET, None)
        folder = Path(name) if dtype == "int8" else None
        if folder:
            quantise(net, np.split(_pixels(), BATCH), folder)
            used = dtype
        return {**_rate(predictor(net, engine, used, threads, folder), batches, rounds), "compute_dtype": used}


def openvino_net(dtype: str, batches: int, rounds: int, threads: int) -> dict:
    """Let the same net, converted by OpenVINO, look at the same batches; return images a second."""
    import sys

    sys.modules["openvino_telemetry"] = None  # ty: ignore[invalid-assignment]  (it would tell Intel of the conversion)
    import openvino
    import tensorflow as tf

    from assignment06.photographs import classification

    net, _ = classification.load_classifier(NET, None)
    signature = [tf.TensorSpec((None, SIZE, SIZE, 3), tf.float32)]
    called = tf.function(lambda pixels: net(pixels, training=False), input_signature=signature)
    converted = openvino.convert_model(called, input=[openvino.PartialShape([-1, SIZE, SIZE, 3])])
    asked = {"INFERENCE_PRECISION_HINT": FORMATS[dtype], "INFERENCE_NUM_THREADS": threads}
    compiled = openvino.Core().compile_model(converted, "CPU", asked)
    return {**_rate(lambda pixels: compiled(pixels)[0], batches, rounds), "compute_dtype": dtype}


def _pixels() -> np.ndarray:
    return np.random.default_rng(0).uniform(-120, 130, (BATCH, SIZE, SIZE, 3)).astype(np.float32)


def _rate(predict, batches: int, rounds: int) -> dict:
    pixels, rates = _pixels(), []
    for number in range(1 + rounds):
        began = time.perf_counter()
        for _ in range(batches if number else LEFT_OUT):
            predict(pixels)
        rates += [batches * BATCH / (time.perf_counter() - began)] if number else []
    return {"images_per_second": median(rates), "rounds": rates}


def measure(quick: bool, options: Options = DEFAULTS) -> dict:
    """Compare with each peer, in pairs."""
    rounds, pairs, batches = (1, 1, 2) if quick else (3, options.pairs or 3, 8)
    row = CONFIG.experiments[STEP].training() | {"augmentation": "none", "optimizer": "sgd"}
    images = row["batch_size"] if quick else IMAGES[row["dataset"]]
    peers = {
        f"{STEP}: step": {
            "this workflow": lambda _: fresh(train, settings=row, rounds=rounds, images=images, threads=THREADS),
            "PyTorch": lambda _: fresh(torch_step, settings=row, rounds=rounds, images=images, threads=THREADS),
        }
    }
    for dtype in FORMATS:
        given = {"dtype": dtype, "batches": batches, "rounds": rounds, "threads": THREADS}
        peers[f"6.3: {NET} in {dtype}"] = {
            "this workflow": lambda _, given=given: fresh(our_net, **given),
            "engine: openvino": lambda _, given=given: fresh(our_net, engine="openvino", **given),
            "OpenVINO": lambda _, given=given: fresh(openvino_net, **given),
        }
    whole = {**given, "dtype": "int8", "engine": "openvino"}
    peers[INT8] = {
        "this workflow": lambda _: fresh(our_net, **whole),
        "OpenVINO in bfloat16": lambda _: fresh(openvino_net, **given),
    }
    measurements, ratios = [], []
    for title, arms in peers.items():
        rows = in_turn(title, arms, pairs)
        measurements += rows
        *ours, theirs = ((arm, column(rows, arm, "images_per_second")) for arm in arms)
        named = [f"{title}, {arm[0]}" if len(ours) > 1 else title for arm in ours]
        ratios += [
            ratio(f"{name} / {theirs[0]}", arm, theirs, "images/s", at_least=None if quick else LEAST.get(title, 1.0))
            for name, arm in zip(named, ours, strict=True)
        ]
    return {"measurements": measurements, "ratios": ratios}
