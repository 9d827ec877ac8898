"""A PDF's lines, and which of them are headings: those the outline names, else those in larger letters."""

import re
from collections import Counter
from dataclasses import dataclass

LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "\u00a0": " "}
)
TITLE_LINES = 4  # of a heading that is set in several
MOST_HEADINGS = 5000
LARGER = 1.15  # than the text: a heading
HEADING_CHARACTERS = 120
ENDS = (".", "!", "?", ":", ";", "。", "！", "？", "।", "…", "”", '"')


@dataclass(slots=True)
class Line:
    text: str
    size: float
    bold: bool
    level: int | None = None  # of a heading


def clean(text):
    return " ".join(text.translate(LIGATURES).split())


def mark_outlined(pages, outline):
    """Mark the lines that the outline names, in its order; how many were found. The page an outline points to is not
    relied on: browsers write it in ways that are read differently."""
    found, number, place = 0, 0, 0
    for level, title in outline:
        at = _find_title(pages, _key(title), number, place)
        if at is None:
            continue
        number, place, taken = at
        lines = pages[number]
        lines[place : place + taken] = [Line(title, lines[place].size, lines[place].bold, level)]
        found, place = found + 1, place + 1
    return found


def _find_title(pages, wanted, number, place):
    """(page index, line index, how many lines) of a title, from a place on; or None."""
    while wanted and number < len(pages):
        lines = pages[number]
        for first in range(place, len(lines)):
            if not wanted.startswith(_key(lines[first].text) or "\0"):
                continue
            for taken in range(1, TITLE_LINES + 1):
                if _key("".join(line.text for line in lines[first : first + taken])) == wanted:
                    return number, first, taken
        number, place = number + 1, 0
    return None


def read_outline(reader):
    """[(level, title)], [] when there is none or it is broken."""
    found = []
    try:
        stack = [(1, iter(reader.outline))]
        while stack and len(found) < MOST_HEADINGS:
            level, items = stack[-1]
            item = next(items, None)
            if item is None:
                stack.pop()
            elif isinstance(item, list):
                stack.append((level + 1, iter(item)))
            else:
                found.append((level, clean(str(item.title or ""))))
    except Exception:  # a broken outline costs headings, not the document
        return []
    return found


def mark_by_size(pages):
    """Mark lines in clearly larger letters than the text, and short bold ones; larger is further out. A heading set in
    several lines becomes one."""
    letters = Counter()
    for lines in pages:
        for line in lines:
            letters[line.size] += len(line.text)
    body = letters.most_common(1)[0][0] if letters else 0.0
    marked = [
        line for lines in pages for place, line in enumerate(lines) if _stands_out(line, body, lines[place + 1 :])
    ]
    if not body or len(marked) > 0.3 * sum(len(lines) for lines in pages):  # then size means something else here
        return
    sizes = sorted({line.size for line in marked}, reverse=True)
    for line in marked:
        line.level = min(sizes.index(line.size) + 1, 6)
    for lines in pages:
        for place in range(len(lines) - 1, 0, -1):
            before, line = lines[place - 1], lines[place]
            if line.level and before.level == line.level and before.size == line.size and not line.text[0].isdigit():
                lines[place - 1 : place + 1] = [Line(f"{before.text} {line.text}", line.size, line.bold, line.level)]


def _stands_out(line, body, following):
    if not (2 < len(line.text) <= HEADING_CHARACTERS) or not any(letter.isalpha() for letter in line.text):
        return False
    if line.size >= LARGER * body:
        return True
    after = next((other for other in following if other.text), None)
    return line.bold and not line.text.endswith((*ENDS, ",")) and after is not None and not after.bold


def _key(text):
    return re.sub(r"[\W_]+", "", text).casefold()
