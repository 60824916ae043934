"""Ratios of measured quantities, some of which are known only to lie beyond a cap.

A quantity is an interval (low, high): equal ends for what was measured, (cap, infinity) for what was stopped at a
cap. In JSON an infinite end is null.
"""

import math
import statistics
from collections.abc import Sequence

Interval = tuple[float, float]


def interval(value: float | Sequence[float | None]) -> Interval:
    """Return a number as an interval of no width, and a pair, whose second value may be None, as it is."""
    if isinstance(value, (int, float)):
        return float(value), float(value)
    low, high = value
    return float(low), math.inf if high is None else float(high)


def median(values: Sequence[Interval]) -> Interval:
    """Return between which values the median lies; exact where the capped values cannot change it."""
    return statistics.median(low for low, _ in values), statistics.median(high for _, high in values)


def divide(over: Interval, under: Interval) -> Interval:
    """Return between which values over / under lies, for positive quantities."""
    return over[0] / under[1], math.inf if math.isinf(over[1]) else over[1] / under[0]


def ratio(
    name: str, over: tuple[str, Sequence], under: tuple[str, Sequence], unit: str, at_least: float | None = None,
    at_most: float | None = None,
) -> dict:  # fmt: skip
    """Return the ratio of medians and the ratio of each pair, ready for JSON.

    `over` and `under` are a label and the values (numbers or intervals, in `unit`), pair by pair. A target is
    `at_least` or `at_most`. Raises ValueError where there are not as many values on both sides, or none.
    """
    (label, values), (other_label, other_values) = over, under
    values, other_values = [interval(value) for value in values], [interval(value) for value in other_values]
    if not values or len(values) != len(other_values):
        raise ValueError(f"{name}: {len(values)} values against {len(other_values)}")
    whole = divide(median(values), median(other_values))
    pairs = [divide(a, b) for a, b in zip(values, other_values, strict=True)]
    target = {"at_least": at_least} if at_least is not None else {"at_most": at_most} if at_most is not None else {}
    return {
        "name": name,
        "over": {"label": label, "median": _plain(median(values))},
        "under": {"label": other_label, "median": _plain(median(other_values))},
        "unit": unit,
        "ratio": _plain(whole),
        "pairs": [_plain(pair) for pair in pairs],
        **target,
    }


def quantity(name: str, values: Sequence[float], unit: str) -> dict:
    """Return the median of what has no counterpart, ready for JSON."""
    return {"name": name, "median": statistics.median(values), "unit": unit, "values": list(values)}


def met(row: dict) -> str:
    """Return whether a ratio meets its target: `yes`, `no`, `open` (a cap came first), or `-` without a target."""
    low, high = interval(row["ratio"])
    if "at_least" in row:
        return "yes" if low >= row["at_least"] else "no" if high < row["at_least"] else "open"
    if "at_most" in row:
        return "yes" if high <= row["at_most"] else "no" if low > row["at_most"] else "open"
    return "-"


def shown(value: float | Sequence[float | None]) -> str:
    """Return a quantity as people read it: `2.41`, `> 3.2` and `< 0.8` for a bound, `unknown`."""
    low, high = interval(value)
    if low == high:
        return _number(low)
    if math.isinf(high):
        return f"> {_number(low)}" if low else "unknown"
    return f"{_number(low)} to {_number(high)}" if low else f"< {_number(high)}"


def _plain(value: Interval) -> list[float | None]:
    return [None if math.isinf(end) else end for end in value]


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
