"""A page's words as lines in reading order: columns, full-width headings between them, sideways text. Pure.

A region is what is read from top to bottom without leaving it: a column, or the full width above, between or below
columns.
"""

from collections import Counter
from dataclasses import dataclass, field
from statistics import median

from knowledge.formats.pdf_words import is_right_to_left, write
from knowledge.language.sentences import BULLET

ROW = 0.3  # of the letters' size: as far apart baselines of one row may be
WIDE = 0.8  # a gap that parts a row, since it may lie between columns or cells
GUTTER = 0.7  # the narrowest space between columns
MOST_SEGMENTS = 3_000  # a page with more is a drawing
MOST_CANDIDATES = 12
DEEPEST = 6  # columns in columns
WORDS_OF_PROSE, FLOWING, FULL = 2.6, 0.3, 0.5
TERMINAL = (".", "!", "?", ":", "。", "！", "？", "؟", "।", "…")


@dataclass(slots=True)
class Segment:
    """Words of one row without a wide gap between them."""

    words: list
    x0: float
    x1: float
    y: float
    size: float
    text: str = ""


@dataclass(slots=True)
class Region:
    """Rows of segments from top to bottom, each from left to right, and the edges they keep."""

    rows: list = field(default_factory=list)
    x0: float = 0.0
    x1: float = 0.0
    aside: bool = False  # text at another angle than the page's
    mirrored: bool = False


def regions(words):
    """Regions in reading order: the page's main direction first, then what stands sideways."""
    angles = Counter()
    for word in words:
        angles[word.angle] += len(word.text)
    found = []
    for place, (angle, _) in enumerate(angles.most_common()):
        chosen = [word for word in words if word.angle == angle]
        mirrored = is_right_to_left("".join(word.text for word in chosen))
        segments = [segment for row in make_rows(chosen) for segment in _segments(row)]
        sign = -1 if mirrored else 1
        if mirrored:
            segments = [_mirror(segment) for segment in segments]
        found += [_region(part, place > 0, sign) for part in _arrange(segments) if part]
    return found


def make_rows(words):
    """Words that share a baseline, from top to bottom."""
    rows = []
    for word in sorted(words, key=lambda word: -word.y):
        for row in rows[:-4:-1]:
            if row[0].y - word.y <= ROW * min(word.size, row[0].size):
                row.append(word)
                break
        else:
            rows.append([word])
    return rows


def group(segments):
    """Segments as rows of a region, from top to bottom and from left to right."""
    return [sorted(row, key=lambda segment: segment.x0) for row in make_rows(segments)]


def _segments(row):
    row = sorted(row, key=lambda word: word.x0)
    parts = [[row[0]]]
    right = row[0].x1
    for word in row[1:]:
        if word.x0 - right > WIDE * max(word.size, parts[-1][-1].size):
            parts.append([])
        parts[-1].append(word)
        right = max(right, word.x1)
    return [_segment(part) for part in parts]


def _segment(part):
    main = max(part, key=lambda word: (word.size, len(word.text)))
    size = Counter()
    for word in part:
        size[word.size] += len(word.text)
    return Segment(part, part[0].x0, max(word.x1 for word in part), main.y, size.most_common(1)[0][0], write(part))


def _mirror(segment):
    return Segment(segment.words, -segment.x1, -segment.x0, segment.y, segment.size, segment.text)


def _region(segments, aside, sign):
    return Region(
        group(segments),
        min(segment.x0 for segment in segments),
        max(segment.x1 for segment in segments),
        aside,
        sign < 0,
    )


def _arrange(segments, depth=0):
    """[[Segment, …] of a region, …]: cut at the best gutter, band by band, each side again."""
    cut = _find_gutter(segments) if depth < DEEPEST and 3 < len(segments) < MOST_SEGMENTS else None
    if cut is None:
        return [segments]
    found = []
    for band in cut:
        if len(band) == 1:
            found += _arrange(band[0], depth + 1)
        else:
            found += [region for side in band for region in _arrange(side, depth + 1)]
    return found


def _find_gutter(segments):
    """The page as bands, [(segments,) or (left, right), …], at the gutter that parts most lines; or None."""
    best, most = None, 0
    for x in _candidates(segments):
        bands = _bands(segments, x)
        parted = sum(len(left) + len(right) for left, right in (band for band in bands if len(band) == 2))
        if parted > most:
            best, most = bands, parted
    return best


def _candidates(segments):
    """Left edges that several segments share and that others end before."""
    edges = Counter(round(segment.x0 / 3) for segment in segments)
    first = min(segment.x0 for segment in segments)
    wide = median(segment.size for segment in segments)
    counts = {edge: count + edges[edge + 1] for edge, count in edges.items()}
    shared = [edge for edge in sorted(counts, key=lambda edge: -counts[edge])[:MOST_CANDIDATES] if counts[edge] > 1]
    starts = [min(s.x0 for s in segments if round(s.x0 / 3) in (edge, edge + 1)) for edge in shared]
    return [x for x in starts if x > first + 4 * wide]


def _bands(segments, x):
    """What lies left of x, right of it or across it, from top to bottom."""
    bands, strip = [], ([], [])
    for row in make_rows(segments):
        crossing = any(part.x0 < x - 1 and part.x1 > x - GUTTER * part.size for part in row)
        if crossing:
            _close(bands, strip, row)
            strip = ([], [])
            continue
        for part in row:
            strip[part.x0 >= x - 1].append(part)
    _close(bands, strip, [])
    return bands


def _close(bands, strip, crossing):
    left, right = strip
    if are_columns(left, right):
        bands.append((left, right))
        bands += [(crossing,)] if crossing else []
        return
    for part in (left + right, crossing):
        if part and bands and len(bands[-1]) == 1:
            bands[-1][0].extend(part)
        elif part:
            bands.append((list(part),))


def are_columns(left, right):
    """Whether two sides are read one after the other, not row by row as a table is."""
    lines = [group(side) for side in (left, right)]
    if min(map(len, lines)) < 2 or not _stand_beside(*lines):
        return False
    fewer, more = sorted(lines, key=len)
    baselines = [row[0].y for row in more]
    shared = sum(any(abs(row[0].y - y) < ROW * row[0].size for y in baselines) for row in fewer) / len(fewer)
    if shared < 0.6 and len(fewer) >= 3:
        return True
    prose = [_is_prose(side) for side in lines]
    return all(prose) or any(prose) and all(_is_solid(side) and len(side) >= 4 for side in lines) or _are_lists(lines)


def _stand_beside(left, right):
    return min(left[0][0].y, right[0][0].y) > max(left[-1][0].y, right[-1][0].y)


def _is_prose(lines):
    """Whether the lines are sentences that run on: several words each, most of them in mid-sentence or full."""
    texts = [" ".join(part.text for part in row) for row in lines]
    x0, x1 = min(row[0].x0 for row in lines), max(row[-1].x1 for row in lines)
    whole = "".join(texts)
    letters = sum(map(str.isalpha, whole))
    if len(whole) < 14 * len(texts) or x1 <= x0 or 2 * letters < len(whole) - whole.count(" "):
        return False
    full = sum(row[-1].x1 - row[0].x0 > 0.75 * (x1 - x0) for row in lines) / len(lines)
    small, capital = sum(map(str.islower, whole)), sum(map(str.isupper, whole))
    if 2 * (small + capital) < letters:  # a script without small letters
        return full >= FULL
    words = sum(len(text.split()) for text in texts) / len(texts)
    flowing = sum(
        text[:1].islower() and not before.endswith(TERMINAL) for before, text in zip(texts, texts[1:], strict=False)
    )
    return words >= WORDS_OF_PROSE and full >= 0.3 and flowing >= FLOWING * (len(texts) - 1)


def _is_solid(lines):
    """Whether line follows line without a gap, as in a paragraph."""
    steps = [upper[0].y - lower[0].y for upper, lower in zip(lines, lines[1:], strict=False)]
    return median(steps) <= 1.45 * median(row[0].size for row in lines)


def _are_lists(lines):
    return all(2 * sum(bool(BULLET.match(row[0].text + " ")) for row in side) >= len(side) for side in lines)
