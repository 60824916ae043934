"""How figures and names are written in sentences."""

from datetime import datetime

# Not strftime's, which speaks the language of the machine
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def signed(difference: float, digits: int = 1) -> str:
    """Return a difference of two shares in percentage points with its sign: `+3.1`, `−0.4`, `0.0`."""
    text = f"{difference * 100:+.{digits}f}".replace("-", "−")
    return text if text.strip("+−0.") else text[1:]


def points(difference: float) -> str:
    """Return a difference of two shares as percentage points, without its sign: `3.1 points`."""
    return f"{abs(difference) * 100:.1f} points"


def p_value(p: float) -> str:
    """Return `p = 0.034`, or `p < 0.001`."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def joined(words: list[str]) -> str:
    """Return words as people list them: `a, b and c`."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def duration(seconds: float) -> str:
    """Return a time as people say it: `45 s`, `3 min 20 s`, `2 h 5 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"


def date(moment: str) -> str:
    """Return a moment in ISO 8601 as people write it: `26 November 2026, 02:17 UTC`."""
    when = datetime.fromisoformat(moment)
    return f"{when.day} {MONTHS[when.month - 1]} {when:%Y, %H:%M} {when.tzname() or ''}".rstrip()
