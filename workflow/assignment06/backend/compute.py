"""Set up TensorFlow once a process: threads, seeds, determinism, number format; say what device it found."""

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16"}  # as Linux calls the instructions of x86 processors
TENSOR_FLOAT = (8, 0)  # the compute capability of GPUs from which on they multiply in TensorFloat-32


def configure(threads: int, seed: int | None = None, gpu: bool = True) -> None:
    """Give TensorFlow `threads` threads and, unless it is not to have one, a GPU; with a seed, make every operation
    deterministic.

    A GPU then computes in float32 as a processor does, and not in TensorFloat-32, which is TensorFlow's own choice:
    probabilities differed by up to 0.002 with it, by 1.4e-6 without (an H100, 10,000 test images of 6.1 and 6.2b).
    Raises RuntimeError when TensorFlow has already started its threads.
    """
    import keras
    import tensorflow as tf

    _load_cusolver()
    tf.config.experimental.enable_tensor_float_32_execution(False)
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    if not gpu:
        tf.config.set_visible_devices([], "GPU")
    for found in tf.config.get_visible_devices("GPU"):
        tf.config.experimental.set_memory_growth(found, True)
    if seed is not None:
        keras.utils.set_random_seed(seed)
        tf.config.experimental.enable_op_determinism()


def device() -> str:
    """Return the name of the GPU that is used, or of the processor."""
    import tensorflow as tf

    gpus = tf.config.get_visible_devices("GPU")
    if gpus:
        return tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU")
    return f"CPU ({_processor()})"


def uses_gpu() -> bool:
    import tensorflow as tf

    return bool(tf.config.get_visible_devices("GPU"))


def compile_with_xla() -> bool:
    """XLA pays on a GPU; on a CPU it was slower for these nets (see benchmarks/)."""
    return uses_gpu()


@contextmanager
def computing_in(wanted: str) -> Generator[str]:
    """Within this, compiled functions that are called multiply and convolve in the number format that it yields.

    `wanted`: `float32`, or `auto` for TensorFloat-32 where a GPU is used that has it, and for bfloat16 where none is
    used and the processor has instructions for it.
    Weights, gradients' sums and loss stay float32, and a saved model does not know of it (mixed precision:
    Micikevicius et al., 2018; Kalamkar et al., 2019, for bfloat16). The same function called outside computes in
    float32.
    """
    import tensorflow as tf

    dtype = _fastest() if wanted == "auto" else "float32"
    switch = "auto_mixed_precision_onednn_bfloat16"
    before = tf.config.optimizer.get_experimental_options().get(switch, False)
    tensor_float = tf.config.experimental.tensor_float_32_execution_enabled()
    tf.config.optimizer.set_experimental_options({switch: dtype == "bfloat16"})
    tf.config.experimental.enable_tensor_float_32_execution(dtype == "tensorfloat32")
    try:
        yield dtype
    finally:
        tf.config.optimizer.set_experimental_options({switch: before})
        tf.config.experimental.enable_tensor_float_32_execution(tensor_float)


def _load_cusolver() -> None:
    """Load NVIDIA's cuSOLVER from where its package put it, if it is installed.

    TensorFlow 2.21 looks for it by name alone, does not find it among the packages of Python, and then uses no GPU at
    all ("Cannot dlopen some GPU libraries"). What is loaded already is found.
    """
    import ctypes
    from importlib.util import find_spec

    package = find_spec("nvidia")
    for folder in package.submodule_search_locations or [] if package else []:
        for library in sorted(Path(folder, "cusolver", "lib").glob("libcusolver.so.*")):
            with suppress(OSError):
                ctypes.CDLL(str(library))


def _fastest() -> str:
    """Return the fastest number format of the GPU, or of the processor where there is none."""
    import tensorflow as tf

    if gpus := tf.config.get_visible_devices("GPU"):
        capability = tf.config.experimental.get_device_details(gpus[0]).get("compute_capability", (0, 0))
        return "tensorfloat32" if capability >= TENSOR_FLOAT else "float32"
    return "bfloat16" if _has_bfloat16() else "float32"


def _has_bfloat16() -> bool:
    return not BFLOAT16_FLAGS.isdisjoint(_cpuinfo("flags").split())


def _processor() -> str:
    import platform

    return _cpuinfo("model name") or platform.processor() or platform.machine()


def _cpuinfo(key: str) -> str:
    """Return what Linux says of the first processor, or nothing."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith(key))
    except (OSError, StopIteration):
        return ""
