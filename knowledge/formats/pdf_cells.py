"""A table's lines to its rows: wrapped cells put together, the head recognised. Pure."""

import re
from dataclasses import dataclass
from statistics import median

from knowledge.formats.pdf_words import close_up

DIGIT = re.compile(r"\d")
GROUPS, NAMES = 0.6, 0.8  # of the columns: a first line with fewer names groups of them, when the next names so many


@dataclass(slots=True)
class Row:
    """A row of a table, or while it is made up, a line of one."""

    row: list  # its segments
    cells: list


def make(lines, free):
    """(lines above the columns' names, Rows, whether the first one names the columns), from lines of segments and the
    spaces between the columns."""
    lines = [Row(row, _cells(row, free)) for row in lines]
    above = []
    while len(lines) > 2 and _names_groups(lines[0], lines[1]):
        above.append(lines.pop(0).row)
    merged = _merge(lines)
    for row in merged:
        row.cells = [" ".join(cell.split()) for cell in row.cells]
    return above, merged, has_head([row.cells for row in merged], [_is_bold(row) for row in merged])


def _names_groups(line, following):
    columns = len(line.cells)
    return sum(map(bool, line.cells)) < GROUPS * columns and sum(map(bool, following.cells)) >= max(3, NAMES * columns)


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
    close = [step <= 1.12 * closest for step in steps]
    spaced = closest < 0.82 * max(steps) and closest <= 1.5 * size and _are_fragments(lines, close)
    merged = [lines[0]]
    for step, line in zip(steps, lines[1:], strict=True):
        above = merged[-1]
        near = step <= 1.45 * size and not line.cells[0] and bool(above.cells[0])
        if step < 0.9 * size or (step <= 1.12 * closest if spaced else near and not _is_whole(line, above)):
            _join(above, line)
        elif near and not spaced:
            merged.append(Row(line.row, [above.cells[0], *line.cells[1:]]))
        else:
            merged.append(Row(line.row, list(line.cells)))
    return merged


def _is_whole(line, above):
    """Whether a line fills all cells but the first, with figures under figures: a row that shares its first cell."""
    figures = any(DIGIT.search(cell) and DIGIT.search(over) for cell, over in zip(line.cells, above.cells, strict=True))
    return figures and len(line.cells) > 2 and all(line.cells[1:])


def _are_fragments(lines, close):
    """Whether the lines that follow closely fill clearly fewer cells than those that begin a row."""
    filled = [sum(map(bool, line.cells)) for line in lines]
    inner = [count for count, follows in zip(filled[1:], close, strict=True) if follows]
    outer = [filled[0], *(count for count, follows in zip(filled[1:], close, strict=True) if not follows)]
    return sum(inner) / len(inner) < 0.8 * sum(outer) / len(outer)


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
    if not rest or sum(map(bool, first)) < max(2, min(len(first) - 1, NAMES * len(first))):
        return False
    if bold[0] and not all(bold[1:]):
        return True
    if any(DIGIT.search(cell) for cell in first[1:]):
        return False
    figures = [2 * sum(bool(DIGIT.search(row[place])) for row in rest) > len(rest) for place in range(1, len(first))]
    return any(figures) or len(first) > 2


def _is_bold(line):
    return all(word.bold for part in line.row for word in part.words)
