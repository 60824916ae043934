"""Set up TensorFlow once a process: threads, seeds, determinism, number format; say what device it found."""

import os
from collections.abc import Generator
from contextlib import contextmanager

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16"}  # as Linux calls the instructions of x86 processors


def configure(threads: int, seed: int | None = None) -> None:
    """Give TensorFlow `threads` threads; with a seed, make every operation deterministic.

    Raises RuntimeError when TensorFlow has already started its threads.
    """
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)
    if seed is not None:
        keras.utils.set_random_seed(seed)
        tf.config.experimental.enable_op_determinism()


def device() -> str:
    """Return the name of the GPU that is used, or of the processor."""
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        return tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU")
    return f"CPU ({_processor()})"


def compile_with_xla() -> bool:
    """XLA pays on a GPU; on a CPU it was slower for these nets (see benchmarks/)."""
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))


@contextmanager
def computing_in(wanted: str) -> Generator[str]:
    """Within this, compiled functions that are called multiply and convolve in the number format that it yields.

    `wanted`: `float32`, or `auto` for bfloat16 where the processor has instructions for it and no GPU is used.
    Weights, gradients' sums and loss stay float32, and a saved model does not know of it (mixed precision:
    Micikevicius et al., 2018; Kalamkar et al., 2019, for bfloat16). The same function called outside computes in
    float32.
    """
    import tensorflow as tf

    gpu = tf.config.list_physical_devices("GPU")
    dtype = "bfloat16" if wanted == "auto" and not gpu and _has_bfloat16() else "float32"
    switch = "auto_mixed_precision_onednn_bfloat16"
    before = tf.config.optimizer.get_experimental_options().get(switch, False)
    tf.config.optimizer.set_experimental_options({switch: dtype == "bfloat16"})
    try:
        yield dtype
    finally:
        tf.config.optimizer.set_experimental_options({switch: before})


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
