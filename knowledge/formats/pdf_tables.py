"""Tables in a region: rows whose cells stand under each other, with wrapped cells put together. Pure."""

import re
from dataclasses import dataclass, field
from statistics import median

from knowledge.formats.pdf_words import close_up

APART = 3.2  # of the letters' size: rows further from each other are not of one table
BETWEEN = 0.45  # the narrowest space between columns
NUMBERED = re.compile(r"(?:[-*•‣▪◦·–—o]|\(?\d{1,3}[.)]|\(?[a-z][.)]|\d+(?:\.\d+)+\.?|[ivx]+[.)]|\[\d+\])$")
DIGIT = re.compile(r"\d")
MOST_COLUMNS = 30
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
        if grid is not None:
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
    return grid if _is_table(grid) else None


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
    columns = [min(row[0].x0 for row in grid.rows), *(right for _, right in grid.free)]
    lines = [_Line(row, _cells(row, grid.free)) for row in grid.rows]
    merged = _merge(lines)
    heads = has_head([line.cells for line in merged], [_is_bold(line) for line in merged])
    return [
        Part(
            line.row,
            [" ".join(cell.split()) for cell in line.cells],
            [round(x, 1) for x in columns],
            heads and not place,
        )
        for place, line in enumerate(merged)
    ]


@dataclass(slots=True)
class _Line:
    row: list
    cells: list


def _cells(row, free):
    cells = [""] * (len(free) + 1)
    for part in row:
        place = sum((part.x0 + min(part.x1, part.x0 + 2 * part.size)) / 2 > (left + right) / 2 for left, right in free)
        cells[place] = f"{cells[place]} {part.text}".strip()
    return cells


def _merge(lines):
    """Lines that go on a cell of the row above become part of it: those that follow more closely than rows do, else
    those without a first cell."""
    steps = [upper.row[0].y - lower.row[0].y for upper, lower in zip(lines, lines[1:], strict=False)]
    size = median(line.row[0].size for line in lines)
    closest = min(steps)
    spaced = closest < 0.82 * max(steps) and closest <= 1.5 * size
    merged = [lines[0]]
    for step, line in zip(steps, lines[1:], strict=True):
        follows = step <= 1.12 * closest if spaced else step <= 1.45 * size and not line.cells[0]
        if follows or step < 0.9 * size:
            _join(merged[-1], line)
        else:
            merged.append(_Line(line.row, list(line.cells)))
    return merged


def _join(above, line):
    above.row = above.row + line.row
    for place, cell in enumerate(line.cells):
        above.cells[place] = join_cell(above.cells[place], cell)


def join_cell(before, after):
    """Two lines of a cell as one."""
    if not before or not after:
        return before or after
    return close_up(before[:-1] + after if _is_broken(before, after) else f"{before} {after}")


def _is_broken(before, after):
    return before.endswith("-") and before[-2:-1].isalpha() and after[:1].islower()


def has_head(rows, bold):
    """Whether the first row of cells names the columns: it is bold and others are not, or it alone holds no figures.
    ``bold`` says of each row whether all of it is."""
    first, rest = rows[0], rows[1:]
    if not rest or sum(map(bool, first)) < 2 or sum(map(bool, first)) < len(first) - 1:
        return False
    if bold[0] and not all(bold[1:]):
        return True
    if any(DIGIT.search(cell) for cell in first[1:]):
        return False
    figures = [2 * sum(bool(DIGIT.search(row[place])) for row in rest) > len(rest) for place in range(1, len(first))]
    return any(figures) or len(first) > 2


def _is_bold(line):
    return all(word.bold for part in line.row for word in part.words)
