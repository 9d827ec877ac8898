"""Plots as coordinates: the template draws them, and the table beside each says the same in numbers."""

import math
from dataclasses import dataclass, field

WIDTH, HEIGHT = 640, 180
LEFT, RIGHT, TOP, BOTTOM = 52, 10, 10, 26
SHAPES = ("dot", "square", "cross")  # so that lines are told apart without colour


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    shape: str
    points: list  # (x, y) or None where there is no value
    path: str  # of SVG, broken where values are missing
    values: list


@dataclass(frozen=True, slots=True)
class Plot:
    """A box of 640 × 180, y downwards. ``labels`` belong to every value; ``marks`` are (x, label) along the bottom."""

    title: str
    labels: list
    lines: list
    ticks: list
    marks: list
    bars: list
    unit: str = ""
    head: str = ""  # of the labels in the table; empty: days or weeks
    addresses: list = field(default_factory=list)  # of what is behind each label; none, or "", for none
    digits: str = "-1"  # after the point, as floatformat takes them
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM

    @property
    def rows(self):
        """The table: (label, [values], address or "")."""
        series = [line.values for line in self.lines] or [[value for *_, value in self.bars]]
        behind = self.addresses or [""] * len(self.labels)
        return list(zip(self.labels, zip(*series, strict=True), behind, strict=True))


def lines(title, labels, series, unit="", digits="-1"):
    """A Plot of {name: [value or None, …]}; at most three series, one value for each label."""
    top = ceiling(max([value for values in series.values() for value in values if value is not None], default=0))
    step = (WIDTH - LEFT - RIGHT) / max(1, len(labels) - 1)
    drawn = []
    for shape, (name, values) in zip(SHAPES, series.items(), strict=False):
        points = [
            None if value is None else (round(LEFT + place * step, 1), _y(value, top))
            for place, value in enumerate(values)
        ]
        drawn.append(Line(name, shape, points, _path(points), values))
    return Plot(title, labels, drawn, _ticks(top), _marks(labels, step), [], unit, digits=digits)


def bars(title, labels, values, unit="", head="", addresses=()):
    """A Plot with one bar for each label: (x, y, width, height, value)."""
    top = ceiling(max(values, default=0))
    step = (WIDTH - LEFT - RIGHT) / max(1, len(labels))
    drawn = [
        (round(LEFT + place * step + step * 0.15, 1), _y(value, top), round(step * 0.7, 1), round(_y(0, top) - _y(value, top), 1), value)
        for place, value in enumerate(values)
    ]  # fmt: skip
    return Plot(title, labels, [], _ticks(top), _marks(labels, step, step / 2), drawn, unit, head, list(addresses))


def ceiling(value):
    """The round number a scale ends at: 1, 2 or 5 times a power of ten, not below the value."""
    if value <= 0:
        return 1
    power = 10 ** math.floor(math.log10(value))
    return next(power * times for times in (1, 2, 5, 10) if power * times >= value)


def _y(value, top):
    return round(TOP + (1 - value / top) * (HEIGHT - TOP - BOTTOM), 1)


def _path(points):
    """M begins a stretch, L goes on; a missing value ends one."""
    parts, fresh = [], True
    for point in points:
        if point is None:
            fresh = True
            continue
        parts.append(f"{'M' if fresh else 'L'}{point[0]} {point[1]}")
        fresh = False
    return " ".join(parts)


def _ticks(top):
    return [(_y(top * part, top), top * part) for part in (0, 0.5, 1)]


def _marks(labels, step, shift=0.0):
    """At most seven labels, evenly: first and last among them."""
    every = max(1, math.ceil((len(labels) - 1) / 6))
    return [(round(LEFT + place * step + shift, 1), labels[place]) for place in range(0, len(labels), every)]
