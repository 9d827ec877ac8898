"""Tables in a region: lines whose cells stand under each other. Pure."""

import re
from dataclasses import dataclass, field
from statistics import median

from knowledge.formats.pdf_cells import make

APART = 3.2  # of the letters' size: rows further from each other are not of one table
BETWEEN = 0.45  # the narrowest space between columns
NUMBERED = re.compile(r"(?:[-*•‣▪◦·–—o]|\(?\d{1,3}[.)]|\(?[a-z][.)]|\d+(?:\.\d+)+\.?|[ivx]+[.)]|\[\d+\])$")
MOST_COLUMNS = 30
CROSSED = 25  # rows of which one may stand in the space between columns
CELL_CHARACTERS = 60  # of a cell in the median; more is prose


@dataclass(slots=True)
class Part:
    """A line, or with cells a table's row."""

    segments: list
    cells: list | None = None
    columns: list | None = None
    heads: bool = False


@dataclass(slots=True)
class _Grid:
    """Rows that may be a table, and the spaces all of them leave free."""

    rows: list = field(default_factory=list)
    free: list = field(default_factory=list)  # [(left, right), …]

    def cells(self):
        return sum(len(row) > 1 for row in self.rows) * (len(self.free) + 1)


def find_tables(region):
    """The region's lines from top to bottom as Parts."""
    parts, place = [], 0
    while place < len(region.rows):
        ruled = region.rows[place][0].words[0]
        if ruled.cells is not None and len(region.rows[place]) == 1:
            parts.append(Part(region.rows[place], ruled.cells, ruled.columns, ruled.heads))
            place += 1
            continue
        grid = _grow(region.rows, place)
        if grid is not None and not _has_better(region.rows, place, grid):
            parts += _rows(grid)
            place += len(grid.rows)
        else:
            parts.append(Part(region.rows[place]))
            place += 1
    return parts


def _grow(rows, place):
    """The largest table that begins at this row, or None."""
    if len(rows[place]) < 2:
        return None
    grid = _Grid([rows[place]], _gaps(rows[place]))
    for row in rows[place + 1 :]:
        above = grid.rows[-1]
        free = _common(grid.free, row)
        if (
            any(part.words[0].cells is not None for part in row)
            or not free
            or above[0].y - row[0].y > APART * max(row[0].size, above[0].size)
            or _is_other(row, above)
        ):
            break
        grid.rows.append(row)
        grid.free = free
    while grid.rows and len(grid.rows[-1]) == 1 and _is_text_below(grid):
        grid.rows.pop()
    grid.free = _open_spaces(grid.rows)
    return grid if grid.free and _is_table(grid) else None


def _open_spaces(rows):
    """The spaces between columns that (nearly) no row stands in, whether or not each row has all of the columns."""
    edges = sorted(edge for row in rows for part in row for edge in ((part.x0, 1), (part.x1, -1)))
    most, size = len(rows) // CROSSED, median(row[0].size for row in rows)
    spaces, inside, since = [], 0, None
    for x, step in edges:
        if since is not None and inside <= most < inside + step and x - since >= BETWEEN * size:
            spaces.append((since, x))
        inside += step
        since = since if inside <= most and step > 0 else x if inside <= most else None
    return spaces


def _has_better(rows, place, grid):
    """Whether a larger table begins a row or two below: what stands here names groups of its columns."""
    later = (_grow(rows, below) for below in range(place + 1, min(place + 3, len(rows))))
    return any(other is not None and other.cells() > 1.3 * grid.cells() for other in later)


def _gaps(row):
    return [
        (left.x1, right.x0)
        for left, right in zip(row, row[1:], strict=False)
        if right.x0 - left.x1 >= BETWEEN * left.size
    ]


def _common(free, row):
    """The spaces between columns that this row leaves free, too."""
    kept = []
    for left, right in free:
        for part in row:
            if part.x0 < right and part.x1 > left:  # it stands in the space: what is left of it?
                if part.x0 <= left + 0.1:
                    left = max(left, part.x1)
                else:
                    right = min(right, part.x0)
        if right - left >= BETWEEN * row[0].size:
            kept.append((left, right))
    sides = {sum(part.x0 >= right - 0.1 for _, right in kept) for part in row}
    return kept if len(row) == 1 or len(sides) > 1 else []


def _is_other(row, above):
    """Clearly larger letters begin something new."""
    return row[0].size > 1.25 * above[0].size


def _is_text_below(grid):
    """Whether the last row, of one cell in the first column, is a line below the table and no wrapped cell."""
    last = grid.rows[-1][0]
    if len(grid.rows) == 1 or last.x0 >= grid.free[0][1] - 0.1:
        return len(grid.rows) == 1
    return grid.rows[-2][0].y - last.y > 1.3 * last.size or not last.text[:1].islower()


def _is_table(grid):
    full = [row for row in grid.rows if len(row) > 1]
    if len(full) < 2 or len(grid.free) >= MOST_COLUMNS:
        return False
    if (
        len(full) == 2
        and len(grid.free) == 1
        and min(right - left for left, right in grid.free) < 1.5 * full[0][0].size
    ):
        return False
    first = [row[0].text for row in full]
    if len(grid.free) == 1 and 2 * sum(bool(NUMBERED.match(text)) for text in first) > len(first):
        return False  # a list whose numbers stand apart
    return median(len(part.text) for row in full for part in row) <= CELL_CHARACTERS


def _rows(grid):
    columns = [round(x, 1) for x in (min(row[0].x0 for row in grid.rows), *(right for _, right in grid.free))]
    above, rows, heads = make(grid.rows, grid.free)
    return [Part(row) for row in above] + [
        Part(row.row, row.cells, columns, heads and not place) for place, row in enumerate(rows)
    ]
