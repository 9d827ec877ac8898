"""The numbers and letters that Word puts before the items of a list, which stand nowhere in the text."""

import re

from docx.oxml.ns import qn

BULLET = "- "
PLACE = re.compile(r"%(\d)")
ROMAN = [(1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")]  # fmt: skip


class Lists:
    """Counts the items of every list as they come."""

    def __init__(self, document):
        self._counts = {}  # list → [items so far on each level]
        self._levels = {}  # list → {level: (format, pattern, first number)}
        numbering = next((rel.target_part for rel in document.part.rels.values() if rel.reltype.endswith("/numbering") and not rel.is_external), None)  # fmt: skip
        root = getattr(numbering, "element", None)
        if root is None:
            return
        drawn = {one.get(qn("w:abstractNumId")): _levels(one) for one in root.iter(qn("w:abstractNum"))}
        for one in root.iter(qn("w:num")):
            kind = one.find(qn("w:abstractNumId"))
            if kind is not None:
                self._levels[one.get(qn("w:numId"))] = drawn.get(kind.get(qn("w:val")), {}) | _overrides(one)

    def label(self, paragraph, style):
        """What stands before a paragraph: "3. ", "b) ", "- "; None when it is no item of a list."""
        said = paragraph.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
        said = style.numbering if said is None else said
        number = _value(said, "w:numId")
        if number == "0" or (number is None and not style.is_item):
            return None
        level = min(int(_value(said, "w:ilvl") or 0), 8)
        if number not in self._levels or level not in self._levels[number]:
            return BULLET
        return self._count(number, level)

    def _count(self, number, level):
        levels = self._levels[number]
        counts = self._counts.setdefault(number, {})
        counts[level] = counts.get(level, levels[level][2] - 1) + 1
        for deeper in [one for one in counts if one > level]:
            del counts[deeper]
        if levels[level][0] in ("bullet", "none"):
            return BULLET
        first = {place: one[2] for place, one in levels.items()}
        said = PLACE.sub(
            lambda match: _spell(counts.get(int(match[1]) - 1, first.get(int(match[1]) - 1, 1)), levels.get(int(match[1]) - 1, ("decimal",))[0]),
            levels[level][1],
        )  # fmt: skip
        return f"{said} " if said.strip() else BULLET


def _levels(part):
    found = {}
    for level in part.iter(qn("w:lvl")):
        start = _value(level, "w:start") or "1"
        place = level.get(qn("w:ilvl"), "0")
        if place.isdecimal():
            found[int(place)] = (_value(level, "w:numFmt") or "decimal", (_value(level, "w:lvlText") or "")[:40], int(start) if start.isdecimal() else 1)  # fmt: skip
    return found


def _overrides(number):
    return {place: one for override in number.iter(qn("w:lvlOverride")) for place, one in _levels(override).items()}


def _value(part, name):
    found = None if part is None else part.find(qn(name))
    return None if found is None else found.get(qn("w:val"))


def _spell(number, how):
    if how in ("lowerLetter", "upperLetter") and number > 0:
        letter = chr(ord("a") + (number - 1) % 26) * min((number - 1) // 26 + 1, 5)
        return letter.upper() if how == "upperLetter" else letter
    if how in ("lowerRoman", "upperRoman") and 0 < number < 4000:
        said = ""
        for value, letters in ROMAN:
            said += letters * (number // value)
            number %= value
        return said.upper() if how == "upperRoman" else said
    return str(number)
