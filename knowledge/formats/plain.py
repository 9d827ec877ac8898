"""Plain text: as it is, with the headings that typists make."""

import re

from knowledge.formats.blocks import MOST_CHARACTERS, Hidden, Reading, UnreadableDocument
from knowledge.formats.decoding import decode
from knowledge.formats.invisible import find_invisible
from knowledge.speech import remove_hidden

# A line by itself in capitals, one that is numbered or calls itself a chapter, or one underlined with === or ---; and
# in a text that begins with a question, every question by itself that an answer follows.
_WORDS = """chapter section part article appendix kapitel abschnitt teil artikel anhang chapitre partie annexe capítulo sección
    parte artículo capitolo sezione hoofdstuk deel rozdział глава раздел часть статья розділ"""
NUMBERED = rf"(?:(?:{'|'.join(_WORDS.split())})\s+(?:\d{{1,3}}|[IVXLC]{{1,6}})\b|§\s?\d{{1,3}}\b|\d{{1,2}}(?:\.\d{{1,2}}){{0,3}}\.?[^\S\n]+(?=[^\W\d_]))"
HEADING = re.compile(
    r"(?:\A|(?<=\n\n))[^\S\n]*(?:"
    rf"(?P<asked>(?!{NUMBERED})[^\n]{{2,199}}[?？؟])[^\S\n]*\n(?=[^\S\n]*\n)"
    rf"|(?P<line>(?P<numbered>{NUMBERED}[^\n]{{0,80}}(?<![.,;:!]))|[^\n]{{3,80}})\n(?=[^\S\n]*(?:\n|\Z))"
    r"|(?P<underlined>[^\n]{2,120})\n[^\S\n]*(?:={3,}|-{3,})[^\S\n]*(?:\n|\Z))",
    re.I,
)
QUESTION_MARKS = ("?", "？", "؟")
LOOKED_AHEAD = 1000  # characters, for the line after a question
FEWEST = 60  # characters that follow a numbered line for it to be a heading


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
    found = [match for match in HEADING.finditer(text) if _is_heading(match)]
    if found and not (found[0]["asked"] and found[0].start() == 0):
        found = [match for match in found if not match["asked"]]
    if not _head_something(text, [match for match in found if match["numbered"]]):
        found = [match for match in found if not match["numbered"]]
    sections, start, name = [], 0, ""
    for match in found:
        sections.append([start, match.start(), name])
        start, name = match.end(), (match["underlined"] or match["asked"] or match["line"]).strip()
    if not name:
        return None
    sections.append([start, len(text), name])
    return [section for section in sections if text[section[0] : section[1]].strip()] or None


def _is_heading(match):
    if match["asked"]:
        return _is_answered(match)
    return match["underlined"] or match["numbered"] or _in_capitals(match["line"].strip())


def _is_answered(match):
    """Whether something else than another question follows a question."""
    follows = match.string[match.end() : match.end() + LOOKED_AHEAD].strip().partition("\n")[0].rstrip()
    return bool(follows) and not follows.endswith(QUESTION_MARKS)


def _head_something(text, numbered):
    """Whether numbered lines head what follows them; a numbered list with air between its lines does not, nor does one
    line alone."""
    ends = [match.start() for match in numbered[1:]] + [len(text)]
    follow = [len(text[match.end() : end].strip()) for match, end in zip(numbered, ends, strict=False)]
    return len(follow) > 1 and min(follow) >= FEWEST


def _in_capitals(line):
    letters = [letter for letter in line if letter.isalpha()]
    return len(letters) >= 3 and line.isupper() and not line.endswith((".", "!", "?", ",", ";"))
