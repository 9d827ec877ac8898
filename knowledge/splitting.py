"""Text to passages: stretches small enough to hand over, whole in themselves, with the place where they stand. Pure.

80 to 120 words, cut at sentence ends, with a third of overlap: for a fixed budget of text, what a voice can read out,
small passages find more answers, and the overlap keeps a statement together with the sentence before it. What is
short, a paragraph kept as a document or the text under one heading, stays whole.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from knowledge.language.scripts import HAN_AND_KANA, THAI_AND_KIN
from knowledge.language.sentences import find_sentences

WHOLE_WORDS = 210  # about what the embedding model reads at once (256 tokens)
MOST_WORDS = 120
OVERLAP_WORDS = 40

HAN = re.compile(f"[{HAN_AND_KANA}]")
THAI = re.compile(f"[{THAI_AND_KIN}]")


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of text under one heading path; the heading's own line is not in it."""

    start: int
    end: int
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    text: str
    start: int  # text == document[start:end]
    end: int
    heading: str
    page: int | None  # 1-based, of the first character
    sentences: list = field(default_factory=list)  # [[start, end], …] within text


def split(text, language="en", sections=None, page_starts=()):
    """The passages of a text in order. Every character that is not white space and stands in a section is in at least
    one of them; ``page_starts`` are the offsets at which its pages begin."""
    passages = []
    for section in sections if sections is not None else [Section(0, len(text))]:
        sentences = find_sentences(text, language, section.start, section.end)
        for first, last in windows([count_words(text[start:end]) for start, end in sentences]):
            passages.append(_passage(text, sentences[first:last], section.heading, page_starts))
    return passages


def set_apart(sections, spans):
    """The sections with each of the spans, [(start, end), …], as sections of its own, so that no passage mixes what is
    in a span with what is not."""
    for start, end in spans:
        sections = [part for section in sections for part in _parts(section, start, end)]
    return sections


def windows(sizes):
    """[(first, last), …]: runs of sentences of at most MOST_WORDS, each beginning about OVERLAP_WORDS before the end of
    the one before. A sentence longer than that stands alone. Everything together when it is short."""
    if not sizes:
        return []
    if sum(sizes) <= WHOLE_WORDS:
        return [(0, len(sizes))]
    found, first = [], 0
    while True:
        last, words = first + 1, sizes[first]
        while last < len(sizes) and words + sizes[last] <= MOST_WORDS:
            words += sizes[last]
            last += 1
        if sum(sizes[last:]) <= OVERLAP_WORDS // 2:  # a last line alone says little: it stays with what it follows
            last = len(sizes)
        found.append((first, last))
        if last == len(sizes):
            return found
        first = _step_back(sizes, first, last)


def count_words(text):
    """Words, or what amounts to one where they are not written apart: a word of English is about 1.7 Chinese letters
    or 4.5 Thai ones."""
    words = len(text.split())
    return words if text.isascii() else round(words + len(HAN.findall(text)) / 1.7 + len(THAI.findall(text)) / 4.5)


def find_page(page_starts, offset):
    """The page (1-based) that holds an offset, or None where there are no pages."""
    return max(1, bisect_right(page_starts, offset)) if page_starts else None


def _parts(section, start, end):
    """A section cut where a span begins and ends."""
    places = [section.start, min(max(start, section.start), section.end), max(min(end, section.end), section.start)]
    places = sorted({*places, section.end})
    return [Section(*pair, section.heading) for pair in zip(places, places[1:], strict=False)]


def _step_back(sizes, first, last):
    """Where the next window begins: as far back as the overlap allows and the next sentence leaves room for, always
    further than this one began."""
    begin, words = last, 0
    room = min(OVERLAP_WORDS, MOST_WORDS - sizes[last])
    while begin - 1 > first and words + sizes[begin - 1] <= room:
        begin -= 1
        words += sizes[begin]
    return begin


def _passage(text, sentences, heading, page_starts):
    start, end = sentences[0][0], sentences[-1][1]
    inner = [[first - start, last - start] for first, last in sentences]
    return Passage(text[start:end], start, end, heading, find_page(page_starts, start), inner)
