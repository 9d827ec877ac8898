"""What was really heard: which of an answer's citations remain when it was cut short. Pure."""

import re
from difflib import SequenceMatcher

WORD = re.compile(r"\w+")


def citations(cited, spoken):
    """The citations whose quote was begun in ``spoken``, in their order; none twice.

    The agent's model may rephrase, so words are compared, not strings: a quote counts as heard when a run of three of
    its words, or half of its longer words, stands in what was spoken.
    """
    heard = _words(spoken)
    return [citation for citation in once(cited) if _was_begun(_words(citation["quote"]), heard)]


def similarity(one, other):
    """0 to 1: how alike two wordings are, by their words in order."""
    return SequenceMatcher(None, _words(one), _words(other), autojunk=False).ratio()


def wording(text):
    """The words alone, to tell whether two say the same; a text without any is its own wording."""
    return " ".join(_words(text)) or text


def once(cited):
    """The same citations in the same order, none twice."""
    return list({(citation["passage_id"], citation["quote"]): citation for citation in cited}.values())


def _was_begun(quote, heard):
    if not quote or not heard:
        return False
    runs = {tuple(quote[i : i + 3]) for i in range(max(1, len(quote) - 2))}
    if any(tuple(heard[i : i + 3]) in runs for i in range(max(1, len(heard) - 2))):
        return True
    long_words = {word for word in quote if len(word) > 4}
    return bool(long_words) and len(long_words & set(heard)) * 2 >= len(long_words)


def _words(text):
    return WORD.findall(text.casefold())
