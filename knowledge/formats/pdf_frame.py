"""What stands around the text of every page: running headers, footers, page numbers, stamps. Pure.

A line at a page's edge belongs to the frame when pages nearby have it at the same height, with the same numbers or with
numbers that count the pages. So left and right pages may differ, and so may chapters.
"""

import re
from collections import deque
from dataclasses import dataclass

EDGE = 3  # rows from the top and from the bottom
NEARBY = 6  # pages to each side, so three of the same hand
AGREEING = 2  # of them; one is enough when a number counts the pages
FREE = 1.3  # of its size: as far as a page number alone stands from the text
HEIGHT = 3.0  # points by which a place may differ
NUMBER = re.compile(r"\d+|(?:^|(?<=\s))[ivxlc]{1,7}(?=\s|$)", re.I)
ROMAN = re.compile(r"(?=[ivxlc])(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})", re.I)
FOLIO = re.compile(
    r"^\W*(?:page|seite|p\.|página|pagina|pág\.|стр\.?|страница|sayfa|strona|صفحة|עמוד|第)?\s*"
    r"(?P<number>\d{1,4}|[ivxlc]{1,7})\s*(?:页|頁|ページ)?\s*(?:(?:/|of|von|de|di|из|/)\s*\d{1,4})?(?:\s*\|\s*page)?\W*$",
    re.I,
)
VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


@dataclass(slots=True)
class _Edge:
    """A line at the edge of a page, in the terms in which pages are compared."""

    place: int  # of the line on its page
    row: tuple  # (0 for the top, 1 for the bottom or 2 for aside; how far in)
    key: str
    numbers: tuple
    y: float
    size: float
    folio: bool


def find_frames(pages):
    """The places of the lines to leave out, a set per page, for pages of lines. Looks at few pages at a time."""
    window = deque()  # (number, edges), at most NEARBY to each side of the one that is judged
    judged = 0
    for number, lines in enumerate(pages):
        window.append((number, _edges(lines)))
        if number - judged >= NEARBY:
            yield _judge(window, judged)
            judged += 1
            while window[0][0] < judged - NEARBY:
                window.popleft()
    last = window[-1][0] if window else -1
    while judged <= last:
        yield _judge(window, judged)
        judged += 1
        while window[0][0] < judged - NEARBY:
            window.popleft()


def _judge(window, judged):
    mine = next(edges for number, edges in window if number == judged)
    others = [(number - judged, edges) for number, edges in window if number != judged]
    alone = len(others) < 2
    left_out, open_ = set(), {0: 0, 1: 0, 2: 0}
    for row in sorted({edge.row for edge in mine}):
        side, depth = row
        if side != 2 and depth > open_[side]:
            continue
        level = [edge for edge in mine if edge.row == row]
        framed = [edge for edge in level if _is_framed(edge, others, alone)]
        left_out.update(edge.place for edge in framed)
        if len(framed) == len(level):
            open_[side] = depth + 1
    return left_out


def _is_framed(edge, others, alone):
    if edge.folio and edge.row[1] == 0 and (alone or not edge.key.isalpha()):
        return True
    agreeing = 0
    for distance, edges in others:
        shares = [_agree(edge, other, distance) for other in edges]
        if any(shares):
            agreeing += max(shares)
    return agreeing >= AGREEING


def _agree(edge, other, distance):
    """How much the likeness of two lines says: nothing, one, or all that is needed."""
    if edge.key != other.key or edge.row[0] != other.row[0] or abs(edge.size - other.size) > 0.6:
        return 0
    steps = [there - here for here, there in zip(edge.numbers, other.numbers, strict=True)]
    if abs(edge.y - other.y) > HEIGHT or any(step * distance < 0 or abs(step) > abs(distance) for step in steps):
        return 0
    return AGREEING if distance in steps else int(not any(steps))


def _edges(lines):
    upright = [(line.y, place) for place, line in enumerate(lines) if not line.aside]
    heights = []
    for y, _ in sorted(upright, reverse=True):
        if not heights or heights[-1] - y > HEIGHT:
            heights.append(y)
    found = []
    for place, line in enumerate(lines):
        if line.aside:
            found.append(_edge(place, line, (2, 0)))
            continue
        depth = next(rank for rank, y in enumerate(heights) if y - line.y <= HEIGHT)
        below = len(heights) - 1 - depth
        if min(depth, below) < EDGE and not _is_inner_row(lines, place):
            edge = _edge(place, line, (0, depth) if depth <= below else (1, below))
            near = [abs(line.y - y) for y in heights[max(depth - 1, 0) : depth + 2] if abs(line.y - y) > HEIGHT]
            edge.folio = edge.folio and min(near, default=1000) > FREE * line.size
            found.append(edge)
    return found


def _is_inner_row(lines, place):
    """A table's row, unless the table is that one row."""
    return lines[place].cells is not None


def _edge(place, line, row):
    folio = FOLIO.match(line.text)
    numbers = []

    def note(match):
        value = int(match.group()) if match.group().isdigit() else _count(match.group())
        if not value and not match.group().isdigit():
            return match.group()
        numbers.append(value)
        return "#"

    key = NUMBER.sub(note, line.text.casefold()[:200])
    return _Edge(place, row, key, tuple(numbers), line.y, line.size, bool(folio and numbers))


def _count(roman):
    """The value of a Roman numeral, or 0 for what is none: "civil" is a word."""
    if not ROMAN.fullmatch(roman):
        return 0
    values = [VALUES[letter] for letter in roman.lower()]
    return sum(
        -value if value < following else value for value, following in zip(values, [*values[1:], 0], strict=True)
    )
