"""Words broken at the end of a line: which of their hyphens belong to the word. Pure."""

import re

from knowledge.formats.pdf_words import SPACELESS

BROKEN = re.compile(r"([^\W\d_]+(?:[-‐][^\W\d_]+)*)[-‐\u00ad]$")
FIRST = re.compile(r"[^\W\d_]+")
WORD = re.compile(r"[^\W\d_]+(?:[-‐][^\W\d_]+)*")
SUSPENDED = frozenset(
    ["und", "oder", "and", "or", "bis", "to", "y", "o", "et", "ou", "e", "en", "of", "og", "och", "i", "или"]
)  # "pre- and post-war"
SOFT = "\u00ad"
LONGEST = 80  # characters in which a word's beginning is looked for


class Hyphens:
    """What a document shows of its own spelling: first its broken words are noted, then where they stand whole."""

    def __init__(self):
        self.broken = {}  # the word without its hyphen: with it
        self.seen = set()

    def note(self, lines):
        for line, following in zip(lines, lines[1:], strict=False):
            if not line.text.endswith(("-", "‐", SOFT)):
                continue
            ended, goes_on = BROKEN.search(line.text[-LONGEST:]), FIRST.match(following.text)
            if ended and goes_on:
                first, rest = ended[1].lower().replace("‐", "-"), goes_on.group().lower()
                self.broken[first + rest] = f"{first}-{rest}"

    def look(self, lines):
        """Note which of the broken words stand whole somewhere, with the hyphen or without."""
        wanted = {*self.broken, *self.broken.values()}
        for line in lines if wanted else ():
            for word in WORD.findall(line.text):
                if (word := word.lower().replace("‐", "-")) in wanted:
                    self.seen.add(word)

    def seam(self, text, following):
        """How two lines become one text: (how much of the first one stays, what comes between them). A hyphen goes
        unless it belongs to the word: before a capital or a figure, before "and", and where the document has the word
        with its hyphen and never without."""
        whole = len(text)
        if text.endswith(SOFT):
            return whole - 1, ""
        if SPACELESS.match(text[-1:]) and SPACELESS.match(following):
            return whole, ""
        ended, goes_on = BROKEN.search(text[-LONGEST:]), FIRST.match(following)
        if ended is None:
            figures = text[-2:-1].isdigit() and text[-1:] in ("-", "–") and following[:1].isdigit()
            return whole, "" if figures else " "
        if goes_on is None or not following[:1].islower():
            return whole, ""
        if goes_on.group() in SUSPENDED:
            return whole, " "
        first, rest = ended[1].lower().replace("‐", "-"), goes_on.group()
        kept = first + rest not in self.seen and f"{first}-{rest}" in self.seen
        return (whole if kept else whole - 1), ""
