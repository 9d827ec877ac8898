"""Tables whose cells are ruled: the lines say what belongs together, however much text wraps in a cell. Pure.

A rule is (x0, y0, x1, y1) in points, thinner than letters. Words inside such a table are replaced by one word for each of its rows,
which carries the cells.
"""

from collections import Counter
from dataclasses import dataclass

from knowledge.formats.pdf_cells import has_head, join_cell
from knowledge.formats.pdf_layout import make_rows
from knowledge.formats.pdf_words import Word, write

NEAR = 2.5  # points within which lines meet
MOST_LINES = 400  # of a page; more are a drawing
CELL_CHARACTERS = 700  # a cell with more is a box with text in it, not a table's
MOST_COLUMNS = 30


@dataclass(slots=True)
class _Line:
    place: float  # y of a level one, x of an upright one
    start: float
    end: float


@dataclass(slots=True)
class _Grid:
    level: list  # _Lines
    upright: list

    def edges(self):
        """(xs from left to right, ys from top to bottom) at which there are lines."""
        return _places(self.upright), _places(self.level)[::-1]


def take_tables(words, rules):
    """The words, those of ruled tables as one word per row that has ``cells``, ``columns`` and ``heads``."""
    for grid in _grids(rules):
        xs, ys = grid.edges()
        inside = [word for word in words if not word.angle and _is_inside(word, xs, ys)]
        rows = _rows(grid, inside) if inside else []
        if _is_table(rows):
            chosen = set(map(id, inside))
            words = [word for word in words if id(word) not in chosen] + _write(rows, xs)
    return words


def _grids(rules):
    """Lines that touch each other, as grids of at least two rows and two columns."""
    level = _merge(_Line((y0 + y1) / 2, x0, x1) for x0, y0, x1, y1 in rules if x1 - x0 > y1 - y0)
    upright = _merge(_Line((x0 + x1) / 2, y0, y1) for x0, y0, x1, y1 in rules if x1 - x0 <= y1 - y0)
    if not level or not upright or len(level) + len(upright) > MOST_LINES:
        return
    free = list(level)
    while free:
        grid = _Grid([free.pop()], [])
        waiting = [(grid.level[0], True)]
        while waiting:
            line, is_level = waiting.pop()
            pool, kept = (upright, grid.upright) if is_level else (free, grid.level)
            for other in [other for other in pool if _touch(line, other) and not any(other is one for one in kept)]:
                kept.append(other)
                waiting.append((other, not is_level))
                if not is_level:
                    free = pool = [one for one in free if one is not other]
        xs, ys = grid.edges()
        if len(ys) > 2 and 2 < len(xs) <= MOST_COLUMNS:
            yield grid


def _merge(lines):
    """Lines in one, where borders are drawn cell by cell."""
    merged = []
    for line in sorted(lines, key=lambda line: (line.place, line.start)):
        same = next(
            (one for one in merged[:-8:-1] if abs(one.place - line.place) < 1.5 and line.start <= one.end + NEAR), None
        )
        if same is None:
            merged.append(line)
        else:
            same.end = max(same.end, line.end)
            same.start = min(same.start, line.start)
    return merged


def _touch(line, other):
    return line.start - NEAR <= other.place <= line.end + NEAR and other.start - NEAR <= line.place <= other.end + NEAR


def _places(lines):
    places = []
    for place in sorted(line.place for line in lines):
        if not places or place - places[-1] > 2 * NEAR:
            places.append(place)
    return places


def _is_inside(word, xs, ys):
    return xs[0] < (word.x0 + word.x1) / 2 < xs[-1] and ys[-1] < word.y + 0.3 * word.size < ys[0]


def _rows(grid, words):
    """[(words, cells), …]: a cell over several columns stands in the first of them, one over several rows in each."""
    xs, ys = grid.edges()
    rows, above = [], None
    for top, bottom in zip(ys, ys[1:], strict=False):
        chosen = [word for word in words if bottom < word.y + 0.3 * word.size <= top]
        cells, columns = [""] * (len(xs) - 1), {}
        for word in chosen:
            columns.setdefault(_column(grid, xs, word, (top + bottom) / 2), []).append(word)
        for column, inside in columns.items():
            for row in make_rows(inside):
                cells[column] = join_cell(cells[column], write(row))
        if above is not None:
            for column, cell in enumerate(above):
                middle = (xs[column] + xs[column + 1]) / 2
                if cell and not cells[column] and not _covered(grid.level, top, middle):
                    cells[column] = cell
        if any(cells):
            rows.append((chosen, cells))
        above = cells
    return rows


def _column(grid, xs, word, y):
    """The column in which a word's cell begins: back to the nearest upright line that is drawn beside it."""
    middle = (word.x0 + word.x1) / 2
    column = sum(x < middle for x in xs[1:-1])
    while column and not _covered(grid.upright, xs[column], y):
        column -= 1
    return column


def _covered(lines, place, point):
    return any(abs(line.place - place) <= 2 * NEAR and line.start - NEAR <= point <= line.end + NEAR for line in lines)


def _is_table(rows):
    cells = [cell for _, row in rows for cell in row if cell]
    several = sum(sum(map(bool, row)) > 1 for _, row in rows)
    return several > 1 and 2 * several >= len(rows) and max(map(len, cells)) <= CELL_CHARACTERS


def _write(rows, xs):
    """One word per row."""
    heads = has_head([cells for _, cells in rows], [all(word.bold for word in words) for words, _ in rows])
    written = []
    for place, (words, cells) in enumerate(rows):
        size = Counter(word.size for word in words).most_common(1)[0][0] if words else written[-1].size
        y = max(word.y for word in words) if words else written[-1].y - size
        row = Word(" ".join(filter(None, cells)), xs[0], xs[-1], y, size)
        row.cells, row.columns, row.heads = cells, [round(x, 1) for x in xs[:-1]], heads and not place
        written.append(row)
    return written
