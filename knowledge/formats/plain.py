"""Plain text: as it is, with the headings that typists make."""

import re

from knowledge.formats.blocks import MOST_CHARACTERS, Hidden, Reading, UnreadableDocument
from knowledge.formats.decoding import decode
from knowledge.formats.invisible import find_invisible
from knowledge.speech import remove_hidden

# A line by itself in capitals, or underlined with === or ---.
HEADING = re.compile(
    r"(?:\A|(?<=\n\n))[^\S\n]*(?:(?P<capitals>[^\n]{3,80})\n(?=[^\S\n]*(?:\n|\Z))|(?P<underlined>[^\n]{2,120})\n[^\S\n]*(?:={3,}|-{3,})[^\S\n]*(?:\n|\Z))"
)


def read(data):
    """Bytes in any common encoding as a Reading."""
    return read_text(decode(data))


def read_text(text):
    """Text that was pasted as a Reading. Its characters stay where they are."""
    hidden = [Hidden(*spotted) for spotted in find_invisible(text)]
    text = remove_hidden(text).strip()
    if len(text) > MOST_CHARACTERS:
        raise UnreadableDocument("There is more text in it than one document may hold. Split it into several files.")
    return Reading("txt", text, _sections(text), hidden=hidden)


def _sections(text):
    """The stretches between headings, or None without any."""
    sections, start, name = [], 0, ""
    for match in HEADING.finditer(text):
        found = (match["underlined"] or match["capitals"] or "").strip()
        if match["capitals"] and not _in_capitals(found):
            continue
        sections.append([start, match.start(), name])
        start, name = match.end(), found
    if not name:
        return None
    sections.append([start, len(text), name])
    return [section for section in sections if text[section[0] : section[1]].strip()] or None


def _in_capitals(line):
    letters = [letter for letter in line if letter.isalpha()]
    return len(letters) >= 3 and line.isupper() and not line.endswith((".", "!", "?", ",", ";"))
