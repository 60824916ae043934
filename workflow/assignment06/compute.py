"""Set up TensorFlow once a process: threads, seeds, determinism; say what device it found."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")


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


def _processor() -> str:
    import platform

    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
