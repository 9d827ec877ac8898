"""Results over time as points of a drawing; the template draws it."""

from dataclasses import dataclass

WIDTH, HEIGHT = 720, 200
LEFT, RIGHT, TOP, BOTTOM = 48, 12, 12, 28


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float
    run: object
    kind: str  # accepted, overridden, worse: each with a shape of its own


@dataclass(frozen=True, slots=True)
class Plot:
    """Coordinates in a box of 720 × 200, y downwards."""

    points: list
    line: str  # "x,y x,y …"
    ticks: list  # (y, label)
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM

    @property
    def first(self):
        return self.points[0]

    @property
    def last(self):
        return self.points[-1]


def draw(runs):
    """The Plot of runs given newest first, oldest at the left; None for fewer than two, which make no line."""
    if len(runs) < 2:
        return None
    step = (WIDTH - LEFT - RIGHT) / (len(runs) - 1)
    points = [Point(round(LEFT + place * step, 1), _y(_share(run)), run, _kind(run)) for place, run in enumerate(reversed(runs))]  # fmt: skip
    line = " ".join(f"{point.x},{point.y}" for point in points)
    return Plot(points, line, [(_y(share), f"{round(100 * share)} %") for share in (0, 0.25, 0.5, 0.75, 1)])


def _share(run):
    return run.passed / run.asked if run.asked else 0


def _y(share):
    return round(TOP + (1 - share) * (HEIGHT - TOP - BOTTOM), 1)


def _kind(run):
    if not run.is_accepted:
        return "worse"
    return "overridden" if run.reason else "accepted"
