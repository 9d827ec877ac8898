"""Which lines are headings: those the outline names, else those in larger, bold or capital letters. Pure."""

import re
from collections import Counter

from knowledge.formats.pdf_words import clean

ENTRY = re.compile(r"(?P<title>.*?\w)\W*\s(?:\d{1,4}|[ivxlc]{1,6})\W*$", re.I)  # of a table of contents
ENTRIES = 3  # on a page that is one
LINES = 4  # of a heading that is set in several
LARGER = 1.15  # than the text: a heading
SAME_HEADING = 1.7  # of the size: as far apart the lines of one heading may be
CHARACTERS = 120
MOST_SHARE = 0.3  # of all letters; when more stand out, size means something else
ENDS = (".", "!", "?", ":", ";", ",", "。", "！", "？", "।", "…", "”", '"')
NUMBERING = re.compile(r"^\W*(?:\d+(?:\.\d+)*|[ivxlc]+(?=[.)])|[a-z](?=[.)]))[.)]?\s+", re.I)
APART = re.compile(r"[\W_]+")


def drop_contents(lines, titles):
    """The page's lines without a table of contents: headings followed by numbers. ``titles`` are keys of headings."""
    entries = {place for place, line in enumerate(lines) if not line.level and _names(line, titles)}
    return lines if len(entries) < ENTRIES else [line for place, line in enumerate(lines) if place not in entries]


def _names(line, titles):
    match = ENTRY.match(" ".join(filter(None, line.cells)) if line.cells else line.text)
    return match is not None and any(key in titles for key in _keys(match["title"]))


class Outline:
    """The outline's entries, found on the pages as these come by."""

    def __init__(self, entries):
        pages = [page for _, _, page in entries if page is not None]
        # Some programs write targets that all lead to the first page: then the order has to do.
        useful = len(set(pages)) > 1 and pages == sorted(pages)
        self.waiting = [
            (level, clean(title), page if useful else None) for level, title, page in entries if clean(title)
        ]
        self.titles = {key for _, title, _ in self.waiting for key in _keys(title)}
        self.found = 0

    def mark(self, lines, index):
        """The page's lines with those the outline names as headings. An entry is looked for on the page it points to and
        on the next; one that points nowhere, from the last one found onwards."""
        places = _titles(lines) if self.waiting else {}
        taken, kept = {}, []
        earliest = -1
        for entry in self.waiting:
            level, title, page = entry
            at = None if page is not None and page > index else _find(places, title, earliest)
            if at is not None and not any(place in taken for place in range(at[0], at[0] + at[1])):
                earliest = at[0]
                taken.update(dict.fromkeys(range(at[0], at[0] + at[1])))
                taken[at[0]] = (level, title)
            elif page is None or page >= index:
                kept.append(entry)
        self.waiting = kept
        self.found += sum(mark is not None for mark in taken.values())
        return _replace(lines, taken)


def _titles(lines):
    """{key: [(place, how many lines), …]} of every stretch of lines that may be a title."""
    found = {}
    for place in range(len(lines)):
        text = ""
        for count, line in enumerate(lines[place : place + LINES], 1):
            if line.cells is not None:
                break
            text = f"{text} {line.text}".strip()
            for key in _keys(text):
                found.setdefault(key, []).append((place, count))
            if len(text) > 2 * CHARACTERS:
                break
    return found


def _find(places, title, earliest):
    for key in _keys(title):
        at = next((at for at in places.get(key, ()) if key and at[0] > earliest), None)
        if at is not None:
            return at
    return None


def _replace(lines, taken):
    marked = []
    for place, line in enumerate(lines):
        if place not in taken:
            marked.append(line)
        elif taken[place] is not None:
            line.level, line.text = taken[place]
            marked.append(line)
    return marked


class Sizes:
    """What the letters' sizes say: first every page is noted, then headings are marked."""

    def __init__(self):
        self.letters, self.outstanding = Counter(), Counter()
        self.titles = set()

    def note(self, lines):
        for line in lines:
            self.letters[line.size] += len(line.text)

    @property
    def body(self):
        """The size of the text itself."""
        return self.letters.most_common(1)[0][0] if self.letters else 0.0

    def count(self, lines):
        """Note which ranks there are, once the size of the text is known."""
        for place, line in enumerate(lines):
            if self._stands_out(lines, place):
                self.outstanding[self._rank(line)] += len(line.text)
                self.titles.update(_keys(line.text))

    def mark(self, lines, index):
        """The page's lines with headings marked; larger is further out, and several lines of one become one."""
        if not self.outstanding or self.outstanding.total() > MOST_SHARE * self.letters.total():
            return lines
        ranks = sorted(self.outstanding, reverse=True)
        for place, line in enumerate(lines):
            if self._stands_out(lines, place):
                line.level = min(ranks.index(self._rank(line)) + 1, 6)
        joined = []
        for line in lines:
            if joined and _goes_on(joined[-1], line):
                joined[-1].text += f" {line.text}"
                joined[-1].y = line.y
            else:
                joined.append(line)
        return joined

    def _rank(self, line):
        return max(round(line.size * 2) / 2, self.body)

    def _stands_out(self, lines, place):
        line = lines[place]
        if line.cells is not None or line.aside or not 2 < len(line.text) <= CHARACTERS:
            return False
        if not any(letter.isalpha() for letter in line.text):
            return False
        if line.size >= LARGER * self.body:
            return True
        after = next((other for other in lines[place + 1 : place + 2 + LINES] if not _goes_on_bold(line, other)), None)
        if after is None or line.text.endswith(ENDS) or line.size < 0.95 * self.body:
            return False
        capitals = line.text.isupper() and sum(map(str.isalpha, line.text)) > 3
        return line.bold and not after.bold or capitals and not after.text.isupper()


def _goes_on_bold(line, other):
    return other.bold and line.bold and other.size == line.size and other.region == line.region


def _goes_on(before, line):
    return (
        bool(line.level)
        and before.level == line.level
        and (before.size, before.region) == (line.size, line.region)
        and before.y - line.y <= SAME_HEADING * line.size
        and not NUMBERING.match(line.text)
        and len(before.text) + len(line.text) < 2 * CHARACTERS
    )


def _keys(title):
    """What a title is compared by: its letters and figures, with its numbering and without."""
    return [key for key in dict.fromkeys((_key(title), _key(NUMBERING.sub("", title)))) if key]


def _key(text):
    return APART.sub("", text).casefold()
