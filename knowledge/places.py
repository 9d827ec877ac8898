"""Where a quote stands in a document now, which may have changed since it was quoted. Pure."""

import re

QUOTED = 160  # characters of a quote by which it is known again


def shorten(quote):
    """As much of a quote as is needed to know it again; what an address of a citation carries."""
    return quote[:QUOTED]


def find(text, start, end, quote=""):
    """(first, last) of what was quoted from text[start:end], or None when it stands there no longer. ``quote`` is its
    beginning; without it the place is believed as long as it lies inside the text. Where the quote stands several times
    the place nearest to the old one is taken."""
    quote = shorten(quote)  # it comes from an address, and a long one is sought for minutes among leaders of dots
    is_inside = 0 <= start < end <= len(text)
    if not quote.strip():
        return (start, end) if is_inside else None
    if is_inside and text.startswith(quote, start):
        return start, end
    pattern = re.compile(r"\s+".join(map(re.escape, quote.split())))
    found = min(pattern.finditer(text), key=lambda match: abs(match.start() - start), default=None)
    if found is None:
        return None
    length = max(found.end() - found.start(), end - start if len(quote) >= QUOTED else 0)
    return found.start(), min(found.start() + length, len(text))
