"""Read curves off an SVG as Matplotlib writes it: what is drawn inside axes is clipped to their rectangle, which texts,
scales and legends are not. SVG of other programs gives no curves.
"""

import re

import numpy as np

from .traces import Trace

_TAG = re.compile(r"<(clipPath|rect|path|use|g)\s([^<>]*)>")
_ATTRIBUTE = re.compile(r'(?<![\w:-])([\w:-]{1,30})="([^"]*)"')
_POINT = re.compile(r"[ML] ?(-?\d[\d.e+-]*) (-?\d[\d.e+-]*)")
_LEAST = 4  # places of a curve; lines of a grid have two
_MOST = 60  # lines that are looked at, of which a grid's are some
_SIMPLIFIED = 128  # vertices from which Matplotlib leaves out those that lie almost on a line
_WIDTH = 500  # of the axes, in the units of traces
_FAR = 1e6  # that no figure reaches
_FILLED = re.compile(r'id="patch_\d+">\s*<path [^<>]*?style="fill:(?! ?none)')
_GRID = re.compile(r'id="[xy]tick_\d+">\s*<g id="line2d_\d+">\s*<path [^<>]*clip-path=')
_BARE = 2  # filled patches of a figure and its empty axes, whose edges (which a style may leave out) are not filled

Drawn = tuple[str, list[tuple[str, str]]]  # the rectangle's name, and points


def read(text: str) -> list[Trace]:
    """The lines and markers inside the axes of a Matplotlib figure, as if these were 500 pixels wide."""
    areas, lines, markers = _parts(text)
    found = []
    for area, pairs in lines[:_MOST]:
        if len(points := _points(pairs, areas.get(area))) >= _LEAST:
            across = np.linspace(points[0, 0], points[-1, 0], 4 * _WIDTH)
            places = len(points) if len(points) < _SIMPLIFIED and _even(points) else 0
            found.append(Trace(across, np.interp(across, *points.T), True, 1.0, _WIDTH, places))
    for area, pairs in markers[:_MOST]:
        if len(points := _points(pairs, areas.get(area))) >= _LEAST and _even(points):
            gap = np.ptp(points[:, 0]) / (len(points) - 1)
            found.append(Trace(*points.T, True, gap / 5, _WIDTH, len(points)))
    return found


def is_blank(text: str) -> bool:
    """Whether a Matplotlib figure has no axes, or axes with scales in which nothing is drawn."""
    inside = text.count("clip-path=") > len(_GRID.findall(text))
    drawn = inside or "<image" in text or len(_FILLED.findall(text)) > _BARE
    scales = 'id="xtick_1"' in text and not drawn
    return 'id="figure_1"' in text and (scales or ('id="axes_1"' not in text and 'id="text_1"' not in text))


def _parts(text: str) -> tuple[dict[str, tuple[float, float]], list[Drawn], list[Drawn]]:
    """Left side and width of the rectangles, open paths that are clipped to one, and groups of marks."""
    areas: dict[str, tuple[float, float]] = {}
    lines: list[Drawn] = []
    markers: list[Drawn] = []
    clip = marks = ""
    for tag, inside in _TAG.findall(text):
        given = dict(_ATTRIBUTE.findall(inside))
        area = given.get("clip-path", "")[5:-1]  # url(#name)
        if tag == "clipPath":
            clip = given.get("id", "")
        elif tag == "rect":
            areas.setdefault(clip, (_number(given.get("x", "")), _number(given.get("width", ""))))
        elif tag == "path" and area and re.search(r"fill: ?none", given.get("style", "")):
            lines.append((area, _POINT.findall(given.get("d", ""))))
        elif tag == "use" and marks:
            markers[-1][1].append((given.get("x", ""), given.get("y", "")))
        if tag != "use":
            marks = area if tag == "g" else ""
            if marks:
                markers.append((marks, []))
    return areas, lines, markers


def _points(pairs: list[tuple[str, str]], area: tuple[float, float] | None) -> np.ndarray:
    """Float [n, 2] of x and y in traces' units; empty where x does not ascend, as of lines upright or round."""
    points = np.array([(_number(x), _number(y)) for x, y in pairs]).reshape(-1, 2)
    if (
        area is None
        or not 1e-3 < area[1] < _FAR
        or not (np.abs(points) < _FAR).all()
        or (np.diff(points[:, 0]) <= 0).any()
    ):
        return np.empty((0, 2))
    return (points - (area[0], 0)) * (_WIDTH / area[1])


def _even(points: np.ndarray) -> bool:
    steps = np.diff(points[:, 0])
    return bool(np.ptp(steps) < 0.02 * steps.mean())


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan
