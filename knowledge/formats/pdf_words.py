"""Glyphs to words, and words to a line of text: ligatures, raised figures, Arabic and Hebrew, Chinese. Pure.

Coordinates are points; x runs to the right and y upwards, as in a PDF.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from statistics import median

LIGATURES = str.maketrans(
    dict.fromkeys("\uf0b7\uf0a7\uf0d8\uf076\uf0fc●○■□➢➤►▶✓✔❖", "•")
    | {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "\u00a0": " ", "\u2011": "-"}
)
PRESENTED = re.compile("[\ufb1d-\ufdfb\ufe70-\ufefc]")  # letters in the shape they have in one place of a word
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
ARABIC_DIGIT = re.compile("[\u0660-\u0669\u06f0-\u06f9]")
SPACELESS = re.compile("[\u2e80-\u303f\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")  # fmt: skip
MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")
LEADER = re.compile(r"\s*(?:[.·…_]\s?){4,}\s*")
UNIT = re.compile(r"(?:^|[\s\d(/])(?:[kcdmµ]?m|ft|in|yd|s)$|\d$")  # what an exponent stands behind
RAISED = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
MARK = re.compile(r"\d{1,3}(?:[,–-]\d{1,3})*$")
BETWEEN, INSIDE = 0.2, 0.45  # of the size: a gap that is a space, between words as they are drawn and inside one
SMALLER = 0.85  # than its neighbour: raised or lowered, when its baseline is another one


@dataclass(slots=True)
class Word:
    text: str
    x0: float
    x1: float
    y: float  # baseline
    size: float
    bold: bool = False
    glued: bool = False  # to the word before it, without a space
    glyphs: list = field(default_factory=list)  # [(left, right, character), …] where the order is to be found out
    angle: int = 0
    look: str = ""  # as Style has it
    cells: list | None = None  # of a ruled table's row, which is one word here
    columns: list | None = None
    heads: bool = False


def words(glyphs, styles):
    """A page's glyphs, as Pdf.look gives them, as words. A word ends at a space, and where its letters jump."""
    found, word, before = [], None, (-1, 0, 0)
    for character, left, right, number in glyphs:
        if number < 0:
            word = None
            continue
        style = styles[number]
        if word is not None and number == before[0] and 0 <= left - word.x1 + 0.1 < 0.2 * word.size:  # nearly always
            word.text += character
            word.x1 = right
        elif word is not None and (number, left, right) == before:  # a ligature's letters
            word.text += character
        elif word is not None and _continues(word, style, left, right):
            word.text += character
            word.x0, word.x1 = min(word.x0, left), max(word.x1, right)
        else:
            glued = word is not None and _touches(word, style, left)
            word = Word(character, left, right, style.y, style.size, style.bold, glued, [], style.angle, style.look)
            found.append(word)
        word.glyphs.append((left, right, character))
        before = number, left, right
    return _settle(found)


def write(row):
    """A row's words, in any order, as text as it is read."""
    row = sorted(row, key=lambda word: word.x0)
    if any(word.glyphs for word in row):
        return _write_both_ways(row)
    text, before = "", None
    for word in row:
        if before is not None and not _is_doubled(before, word):
            text += ("" if word.glued and word.x0 - before.x1 < 0.3 * word.size else " ") + word.text
        elif before is None:
            text = word.text
        before = word
    return clean(text)


def clean(text):
    """Text with plain letters for ligatures, without leaders, and without spaces between Chinese characters."""
    text = " ".join(text.split()) if text.isascii() else " ".join(text.translate(LIGATURES).split())
    if "..." in text or ". ." in text or "__" in text or "…" in text or "··" in text:
        text = LEADER.sub(": ", text).removesuffix(": ").removeprefix(": ")
    if text.isascii():
        return text
    if PRESENTED.search(text):
        text = PRESENTED.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text)
    return close_up(text) if SPACELESS.search(text) else text


def close_up(text):
    """Without the spaces between characters of scripts that have none."""
    kept = []
    for place, character in enumerate(text):
        if character == " " and SPACELESS.match(text[place - 1]) and SPACELESS.match(text[place + 1 : place + 2]):
            continue
        kept.append(character)
    return "".join(kept)


def is_right_to_left(text):
    """Whether most of its letters are Arabic, Hebrew or of their kin."""
    letters = [letter for letter in text if letter.isalpha()]
    return bool(letters) and 2 * sum(bool(RIGHT_TO_LEFT.match(letter)) for letter in letters) > len(letters)


def _continues(word, style, left, right):
    if (style.size, style.bold, style.angle, style.look) != (word.size, word.bold, word.angle, word.look) or abs(
        style.y - word.y
    ) > 0.1 * word.size:
        return False
    return _touches(word, style, left) or -0.25 * word.size < word.x0 - right < 0.25 * word.size


def _touches(word, style, left):
    near = max(word.size, style.size)
    return style.angle == word.angle and -0.5 * near < left - word.x1 < 0.35 * near and abs(style.y - word.y) < near


def _settle(found):
    """Raised and lowered figures become part of their neighbours; order is kept only where it matters."""
    kept = []
    for word in found:
        before = kept[-1] if kept and (word.glued or _is_raised(word, kept[-1])) else None
        if before is not None and word.size <= SMALLER * before.size and word.y != before.y:
            before.text += _raise(word.text, before.text) if word.y > before.y else word.text
            before.x1 = max(before.x1, word.x1)
            continue
        if before is not None and before.size <= SMALLER * word.size and before.y > word.y + 0.1 * word.size:
            before.text, before.y, word.glued = _raise(before.text, ""), word.y, False
        if kept and _is_initial(kept[-1], word):
            initial = kept.pop()
            word.text, word.x0, word.glued = initial.text + word.text, initial.x0, False
        kept.append(word)
    for word in kept:
        if word.text.isascii() or not RIGHT_TO_LEFT.search(word.text):
            word.glyphs = []
    return kept


def _is_raised(word, before):
    """Whether a small word stands close behind another and above its baseline."""
    if len(before.text) == 1 and before.size > 1.8 * word.size:  # a tall initial
        return False
    close = -0.3 * before.size < word.x0 - before.x1 < 0.35 * before.size and word.angle == before.angle
    return close and word.size <= SMALLER * before.size and 0.1 < (word.y - before.y) / before.size < 0.75


def _is_initial(before, word):
    """A capital several lines high, and the word that begins with it on the first of them."""
    return (
        before.size > 1.8 * word.size
        and len(before.text) == 1
        and before.text.isalpha()
        and before.y < word.y < before.y + before.size
        and word.text[:1].isalpha()
    )


def _raise(text, before):
    """A raised figure: an exponent behind a unit or a number, else the mark of a note, in brackets as our speech leaves
    out."""
    if not MARK.match(text):
        return text
    return text.translate(RAISED) if UNIT.search(before) else f"[{text}]"


def _is_doubled(before, word):
    """Bold letters made by printing them twice."""
    return word.text == before.text and abs(word.x0 - before.x0) < 0.15 * word.size


def _write_both_ways(row):
    """Right-to-left text is drawn in the order of the eye: find that of the voice. Runs of the other direction keep
    theirs."""
    units = sorted((unit for word in row for unit in _units(word)), key=lambda unit: unit[0] + unit[1])
    base = is_right_to_left("".join(unit[2] for unit in units))
    size = median(word.size for word in row)
    runs = []
    for unit in units[::-1] if base else units:
        if runs and runs[-1][0][3] == unit[3]:
            runs[-1].append(unit)
        else:
            runs.append([unit])
    ordered = [unit for run in runs for unit in (run[::-1] if run[0][3] != base else run)]
    text, before = "", None
    for left, right, character, turned, word in ordered:
        gap = 0 if before is None else max(left - before[1], before[0] - right)
        apart = gap > (INSIDE if before and word == before[2] else BETWEEN) * size
        text += (" " if apart else "") + (character.translate(MIRRORED) if turned else character)
        before = left, right, word
    return clean(text)


def _units(word):
    """(left, right, text, whether it runs to the left, of which word): a word of one direction whole, one of Arabic or
    Hebrew letter by letter."""
    if not word.glyphs:
        return [(word.x0, word.x1, word.text, not any(map(str.isalnum, word.text)), id(word))]
    return [(left, right, letter, not _runs_right(letter), id(word)) for left, right, letter in word.glyphs]


def _runs_right(letter):
    return bool(ARABIC_DIGIT.match(letter)) or letter.isalnum() and not RIGHT_TO_LEFT.match(letter)
