"""The colours of a picture as numbers."""

import numpy as np


def commonest(codes: np.ndarray) -> int:
    """The value that is most often in `codes`, int32 [n] below 1 << 24 and at least one; the least of several."""
    values, counts = np.unique(codes[:: max(1, len(codes) // 1000)], return_counts=True)
    guess = int(values[counts.argmax()])
    if 2 * np.count_nonzero(codes == guess) > len(codes):
        return guess
    return int(np.bincount(codes).argmax())  # not `unique`, which sorts tens of millions of pixels
