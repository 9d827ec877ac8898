"""What was really heard: which of an answer's citations remain when it was cut short. Pure."""

import re
import unicodedata
from collections import Counter
from difflib import SequenceMatcher

# Scripts written without spaces: each character counts as a word, and a run of them must be longer to mean something.
SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0dff\u20d0-\u20ff"  # inside words
WORD = re.compile(rf"[{SPACELESS}]|(?:(?![{SPACELESS}])[\w{MARKS}])+")
RUN, SPACELESS_RUN = 3, 6
MOST_COMPARED = 10_000  # pairs of words: a tenth of a second at worst


def citations(cited, spoken):
    """The citations whose quote was begun in ``spoken``, in their order; none twice.

    The agent's model may rephrase, so words are compared, not strings: a quote counts as heard when a run of three of
    its words, or half of its longer words, stands in what was spoken. Words that another quote of the same answer has as
    well prove nothing: two sources may begin alike, and the voice may have been cut before they part.
    """
    heard, cited = _words(spoken), once(cited)
    quotes = [_words(citation["quote"]) for citation in cited]
    begun = [_was_begun(quote, [*quotes[:place], *quotes[place + 1 :]], heard) for place, quote in enumerate(quotes)]
    return [citation for citation, was_begun in zip(cited, begun, strict=True) if was_begun]


def similarity(one, other):
    """0 to 1: how alike two wordings are, by their words in order; long ones, which a page may have made up so that
    comparing them takes minutes, by which words they have."""
    ours, theirs = _words(one), _words(other)
    if len(ours) * len(theirs) > MOST_COMPARED:
        return 2 * (Counter(ours) & Counter(theirs)).total() / (len(ours) + len(theirs))
    return SequenceMatcher(None, ours, theirs, autojunk=False).ratio()


def wording(text):
    """The words alone, to tell whether two say the same; a text without any is its own wording."""
    return " ".join(_words(text)) or text


def once(cited):
    """The same citations in the same order, none twice."""
    return list({(citation["passage_id"], citation["quote"]): citation for citation in cited}.values())


def _was_begun(quote, others, heard):
    if not quote or not heard:
        return False
    length = SPACELESS_RUN if sum(len(word) == 1 for word in quote) * 2 > len(quote) else RUN
    if _own(_runs, quote, others, length) & _runs(heard, length):
        return True
    long_words = _own(_long, quote, others, length)
    return bool(long_words) and len(long_words & set(heard)) * 2 >= len(long_words)


def _own(parts, quote, others, length):
    """The parts of a quote that no other one has; of a quote that is a part of another, all."""
    mine = parts(quote, length)
    return mine.difference(*(parts(other, length) for other in others)) or mine


def _runs(words, length):
    return {tuple(words[i : i + length]) for i in range(max(1, len(words) - length + 1))}


def _long(words, _):
    return {word for word in words if len(word) > 4}


def _words(text):
    return WORD.findall(unicodedata.normalize("NFKC", text).casefold())
