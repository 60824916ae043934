"""One measurement in a process of its own: python -m benchmarks.child FILE

FILE holds {"module", "function", "arguments"} and is replaced by the function's answer.
"""

import importlib
import json
import resource
import sys
from pathlib import Path


def main() -> None:
    """Call the function and write its answer, with the process's peak memory in MiB."""
    path = Path(sys.argv[1])
    request = json.loads(path.read_text(encoding="utf-8"))
    function = getattr(importlib.import_module(request["module"]), request["function"])
    answer = function(**request["arguments"])
    path.write_text(json.dumps({**answer, "peak_rss_mb": round(peak_rss(), 1)}), encoding="utf-8")


def peak_rss() -> float:
    """Return this process's peak resident memory in MiB."""
    status = Path("/proc/self/status")
    if status.exists():  # on Linux `getrusage` also counts the parent's memory, from before this program began
        words = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(words.split()[1]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    main()
