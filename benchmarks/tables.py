"""A Markdown table and a plot of every result in a folder, so that benchmarks run one by one end in one table."""

import json
import math
from pathlib import Path

from benchmarks.ratios import interval, met, shown

TABLE, PLOT = "README.md", "ratios.png"


def load(folder: Path) -> list[dict]:
    """Return the results in a folder, sorted by name."""
    files = (json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json")))
    return [result for result in files if "ratios" in result]


def markdown(results: list[dict]) -> str:
    """Return all ratios with their targets, then all single quantities, then on what machine they were measured."""
    parts = []
    if quick := [result["benchmark"] for result in results if result["quick"]]:
        parts.append(f"**Quick runs, which show only that the benchmarks work: {', '.join(quick)}.**")
    rows = [
        f"| {row['name']} | {_side(row['over'], row['unit'])} | {_side(row['under'], row['unit'])} | "
        f"**{shown(row['ratio'])}** | {', '.join(map(shown, row['pairs']))} | {target(row)} | {met(row)} |"
        for result in results
        for row in result["ratios"]
    ]
    if rows:
        parts.append(
            "| what | first | second | ratio of medians | pair by pair | target | met |\n"
            "| --- | --- | --- | --- | --- | --- | --- |\n" + "\n".join(rows)
        )
    rows = [
        f"| {row['name']} | {shown(row['median'])} {row['unit']} | {', '.join(map(shown, row['values']))} |"
        for result in results
        for row in result.get("quantities", [])
    ]
    if rows:
        parts.append("| what | median | each |\n| --- | --- | --- |\n" + "\n".join(rows))
    parts.append("\n".join(f"- {_where(result)}" for result in results))
    return "\n\n".join(parts) + "\n"


def target(row: dict) -> str:
    """Return a ratio's target in words."""
    words = {"at_least": "at least", "at_most": "at most"}
    return next((f"{words[key]} {row[key]:g}" for key in words if key in row), "-")


def plot(results: list[dict], path: Path) -> bool:
    """Draw each known ratio that has a target, as a margin over it: right of 1 it is met. Return if there was one.

    Small dots are the pairs; an arrow marks a bound, beyond which the ratio lies.
    """
    from assignment06.plots import style as figures

    rows = [row for result in results for row in result["ratios"] if met(row) != "-" and row["ratio"] != [0, None]]
    if not rows:
        return False
    figure, axes = figures.plt.subplots(figsize=(9, 1.2 + 0.5 * len(rows)))
    for height, row in zip(range(len(rows), 0, -1), rows, strict=True):
        colour = {"yes": figures.GREEN, "no": figures.RED}.get(met(row), figures.ORANGE)
        known = [_margin(row, pair)[0] for pair in row["pairs"] if pair != [0, None]]
        axes.plot(known, [height] * len(known), "o", color=figures.GREY, markersize=4, zorder=3)
        value, arrow = _margin(row, row["ratio"])
        axes.plot(value, height, arrow or "D", color=colour, markersize=9)
        axes.annotate(shown(row["ratio"]), (value, height), (0, 7), textcoords="offset points", ha="center", fontsize=8)
    axes.axvline(1, color=figures.GREY, linewidth=1)
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_yticks(range(len(rows), 0, -1), [f"{row['name']}\n(target: {target(row)})" for row in rows], fontsize=8)
    axes.set_ylim(0.4, len(rows) + 0.8)
    axes.set_xlabel("margin over the target (to the right of 1 it is met)")
    figures.save(figure, path, dpi=120)
    return True


def _margin(row: dict, value: list) -> tuple[float, str | None]:
    """Return a ratio as a multiple of its target, the larger the better, and the marker of a bound."""
    low, high = interval(value)
    if "at_least" in row:
        end = low if math.isinf(high) else high
        return end / row["at_least"], ">" if math.isinf(high) else "<" if low < high else None
    end = low if math.isinf(high) else high
    return row["at_most"] / end, "<" if math.isinf(high) else ">" if low < high else None


def _side(side: dict, unit: str) -> str:
    return f"{side['label']}: {shown(side['median'])} {unit}"


def _where(result: dict) -> str:
    machine = result["machine"]
    return (
        f"`{result['benchmark']}`: {machine['created'][:10]}, {machine['device']}, {machine['cores']} cores, "
        f"{machine['threads']} threads, {machine['matrix_product_gflops']:.0f} GFLOP/s in matrix products before and "
        f"{result['matrix_product_gflops_after']:.0f} after, TensorFlow "
        f"{machine['versions'].get('tensorflow') or machine['versions'].get('tensorflow-cpu')}, "
        f"Keras {machine['versions']['keras']}, {result['seconds']:,.0f} s"
    )
