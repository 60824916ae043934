"""Read curves off a plot: the axes by their frame or by a ground of their own, the curves by their hue. Text and
legends are not read, nor are axes without either, and curves in black or grey.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from .colours import commonest

_DARK = 130  # a frame's pixels have no channel above
_GREY = 30  # nor channels that differ by more
_COLOURED = 60  # by which the channels of a curve's pixels differ
_HUE = 14  # degrees on either side of a curve's hue
_TICK = 9  # pixels by which a mark of a scale may lengthen a side
_SPAN = 0.8  # of a frame's width, at least, that a curve goes along
_WHOLE = 0.93  # of its columns in which a line is seen
_GAP = 4  # pixels between two lines in a column
_THICK = 0.04  # of its height, in a column on average, that is more than a line
_MOST = 8_000_000  # pixels
_WIDTH = 500  # pixels of a usual frame
_SEEN = 0.6  # of the epochs at which a curve must be seen
_APART = 3  # pixels between two markers
_FRAMES = 9  # of a picture, at most
_ROWS = 100  # dark ones that are looked at
_FILLED, _SOLID = 0.5, 0.8  # of what is not the picture's ground, and of a rectangle, in its ground's colour
_GRID = (7, 7)  # pixels, more than a grid's lines are wide
_MARGIN = 1 / 22  # of the width, as Matplotlib leaves it beside a curve
_LEAST = 40  # pixels of a frame's sides
_BLOBS = (1, 2, 3)  # pixels around the middle of a marker that are of its colour


@dataclass(frozen=True)
class Trace:
    """A curve: the places of its pixels, or of its markers, float [n], `x` ascending and `y` downwards. `whole` where
    none is missing, as behind another curve.
    """

    x: np.ndarray
    y: np.ndarray
    whole: bool
    reach: float  # pixels across from a place within which the curve is seen there
    width: int  # of the frame
    places: int = 0  # of markers, at equal distances

    def misses(self, values: np.ndarray) -> float:
        """How many pixels the curve is away from values, float [n], at n places at equal distances: at the worst of
        those where it is seen but for a sixth, which other curves and a legend may cover; infinite where it is seen at
        few of them, or where markers tell another number. Of a frame wider than 500 pixels as if it were so wide.
        """
        if self.places and not self.may_show(len(values)):
            return np.inf
        ends = [(self.x[0], self.x[-1]), (self.width * _MARGIN, self.width * (1 - _MARGIN))]
        least = min(self._misses(values, np.linspace(*pair, len(values))) for pair in ends)
        return least * min(1.0, _WIDTH / self.width)

    def may_show(self, epochs: int) -> bool:
        """Whether there are so many markers, but for one that is hidden, or one at every second epoch, say."""
        return abs(self.places - epochs) <= 1 or (epochs - 1) % (self.places - 1) == 0

    def _misses(self, values: np.ndarray, places: np.ndarray) -> float:
        after = np.searchsorted(self.x, places).clip(1, len(self.x) - 1)
        nearest = after - (places - self.x[after - 1] < self.x[after] - places)
        kept = np.abs(self.x[nearest] - places) <= self.reach
        if kept.sum() < max(4, _SEEN * len(values)):
            return np.inf
        heights = -self.y[nearest]
        slope, worst = 0.0, np.inf
        for _ in range(len(values) // 6 + 1):
            slope, start = np.polyfit(values[kept], heights[kept], 1)
            away = np.where(kept, np.abs(slope * values + start - heights), 0)
            worst = float(away.max())
            kept[away.argmax()] = False
        return worst if slope > 0 else float(np.ptp(heights))


def read(pixels: np.ndarray) -> list[Trace]:
    """The curves in the frames of a picture, uint8 [height, width, 3] of at most eight million pixels."""
    if pixels.size > 3 * _MOST:
        return []
    return [
        trace
        for top, bottom, left, right in _frames(pixels) or _grounds(pixels)
        for trace in _traces(pixels[top + 2 : bottom - 1, left + 2 : right - 1])
    ]


def _frames(pixels: np.ndarray) -> list[tuple[int, int, int, int]]:
    """Top, bottom, left and right of rectangles of dark lines, as Matplotlib draws around axes."""
    wide = pixels.astype(np.int16)
    dark = (wide.max(axis=2) < _DARK) & (wide.max(axis=2) - wide.min(axis=2) < _GREY)
    rows = [(y, *run) for y in np.flatnonzero(dark.sum(axis=1) >= _LEAST) for run in _runs(dark[y])][:_ROWS]
    found: list[tuple[int, int, int, int]] = []
    for top, *upper in rows:
        for bottom, *lower in rows:
            near = max(abs(a - b) for a, b in zip(upper, lower, strict=True)) <= _TICK
            if bottom - top < _LEAST or not near or len(found) == _FRAMES:
                continue
            if any(f[0] - 5 < top < f[1] and f[2] - _TICK < upper[0] < f[3] for f in found):  # that one, or in it
                continue
            ends = [_upright(dark[top : bottom + 1], x) for x in (upper[0], upper[1] - _TICK)]
            if all(map(len, ends)):
                found.append((top, bottom, ends[0].max(), ends[1].min()))
    return found


def _grounds(pixels: np.ndarray) -> list[tuple[int, int, int, int]]:
    """The same of rectangles that are filled with one colour, not the picture's, as seaborn and ggplot fill axes."""
    codes = (pixels.astype(np.int32) << (16, 8, 0)).sum(axis=2)
    others = codes[codes != codes[0, 0]]
    if len(others) < _FILLED * codes.size / 2:
        return []
    ground = codes == commonest(others)
    if np.count_nonzero(ground) < _FILLED * len(others):
        return []
    filled = ndimage.grey_closing(ground.astype(np.uint8), size=_GRID)  # over the lines of a grid
    labels, _ = ndimage.label(filled)
    found = []
    for number, (down, across) in enumerate(ndimage.find_objects(labels)[:_ROWS], 1):
        large = min(down.stop - down.start, across.stop - across.start) >= 2 * _LEAST
        if large and len(found) < _FRAMES and (labels[down, across] == number).mean() > _SOLID:
            found.append((down.start - 1, down.stop, across.start - 1, across.stop))
    return found


def _upright(dark: np.ndarray, start: int) -> np.ndarray:
    """The columns, int [n], near one that are dark from top to bottom."""
    return start + np.flatnonzero(dark[:, start : start + _TICK + 1].mean(axis=0) > 0.97)


def _runs(line: np.ndarray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], line.astype(np.int8), [0]])))
    return [(start, end - 1) for start, end in zip(edges[::2], edges[1::2], strict=True) if end - start >= _LEAST]


def _traces(inside: np.ndarray) -> list[Trace]:
    wide = inside.astype(np.float32)
    high, low = wide.max(axis=2), wide.min(axis=2)
    coloured = high - low > _COLOURED
    hue = _hues(wide, high, high - low)
    found = []
    left = coloured.copy()
    for _ in range(6):
        if left.sum() < 40:
            break
        counts = np.bincount(hue[left].astype(int), minlength=360)
        smooth = ndimage.uniform_filter1d(counts.astype(float), 7, mode="wrap")
        apart = np.abs((hue - smooth.argmax() + 180) % 360 - 180)
        found += _of_one_hue(coloured & (apart <= _HUE))
        left &= apart > 1.5 * _HUE
    return found


def _hues(wide: np.ndarray, high: np.ndarray, spread: np.ndarray) -> np.ndarray:
    red, green, blue = (wide[..., channel] for channel in range(3))
    spread = np.maximum(spread, 1)
    sector = np.where(
        high == red,
        (green - blue) / spread % 6,
        np.where(high == green, (blue - red) / spread + 2, (red - green) / spread + 4),
    )
    return np.minimum(sector * 60, 359.9)


def _of_one_hue(mask: np.ndarray) -> list[Trace]:
    """The line in one hue, and the middles of markers."""
    found, line = [], mask
    for radius in _BLOBS:
        side = np.ones((2 * radius + 1, 2 * radius + 1), bool)
        cores = ndimage.binary_erosion(mask, side)
        labels, count = ndimage.label(cores)
        if not 3 < count < 300:
            continue
        sizes = np.bincount(labels.ravel())[1:]
        alike = sizes > np.quantile(sizes, 0.75) / 2  # markers of one size, and not what is left of the line
        middles = np.array(ndimage.center_of_mass(cores, labels, 1 + np.flatnonzero(alike)))
        middles = middles[middles[:, 1].argsort()]
        on, alone, gap = _on_a_grid(middles[:, 1])
        x, y = middles[alone, 1], middles[alone, 0]
        if len(x) > 3 and np.ptp(middles[on, 1]) > _SPAN * mask.shape[1]:
            places = round(np.ptp(middles[on, 1]) / gap) + 1
            found.append(Trace(x, y, bool(np.ptp(np.diff(x)) < gap / 2), gap / 5, mask.shape[1], places))
            line = mask & ~ndimage.binary_dilation(cores, np.ones((2 * radius + 5, 2 * radius + 5), bool))
    line = _without_legend(line)
    count, height = line.sum(axis=0), len(line)
    first, last = line.argmax(axis=0), height - 1 - line[::-1].argmax(axis=0)
    columns = np.flatnonzero((count > 0) & (last - first - count < _GAP))  # and not two lines above each other
    if (
        not len(columns)
        or columns[-1] - columns[0] < _SPAN * mask.shape[1]
        or line.sum() > _THICK * height * count.size
    ):
        return found
    y = (line * np.arange(height)[:, None])[:, columns].sum(axis=0) / count[columns]
    return [*found, Trace(columns.astype(float), y, bool(len(columns) > _WHOLE * np.ptp(columns)), 1.5, mask.shape[1])]


def _without_legend(line: np.ndarray) -> np.ndarray:
    """Without short level pieces by themselves, one of which is the legend's."""
    pieces, _ = ndimage.label(line, np.ones((3, 3)))
    level = [
        number
        for number, (down, across) in enumerate(ndimage.find_objects(pieces), 1)
        if down.stop - down.start <= 14 and 12 <= across.stop - across.start <= 70
    ]
    left = line & ~np.isin(pieces, level)
    return left if left.any(axis=0).sum() > line.any(axis=0).sum() / 2 else line


def _on_a_grid(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Which markers, bool [n], stand at equal distances, as the legend's does not; which of them are alone at their
    place; and the distance.
    """
    steps = np.diff(x)
    if not (steps > _APART).any():
        return np.zeros(len(x), bool), np.zeros(len(x), bool), 0.0
    gap = float(np.median(steps[steps > _APART]))
    off = np.abs((x[:, None] - x) / gap - np.round((x[:, None] - x) / gap)) > 0.15
    on = ~off[off.sum(axis=1).argmin()]
    near = np.diff(x, prepend=-np.inf) < gap / 2
    return on, on & ~near & ~np.append(near[1:], False), gap
