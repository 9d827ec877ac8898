"""Text that a page holds and does not show: white on white, without ink, tiny, outside the paper. Pure.

White text is an ordinary heading in front of something dark, and text without ink is what recognition (OCR) lays over a
picture; so both are only told where nothing else is drawn.
"""

from collections import defaultdict

from knowledge.formats.pdf_layout import make_rows
from knowledge.formats.pdf_words import write

WHITE, INKLESS, TINY = "white", "inkless", "tiny"  # what a Style says of itself
HOWS = {WHITE: "written in white", INKLESS: "written without ink", TINY: "written too small to read"}
OUTSIDE = "placed outside the page"


def take_unseen(words, grounds, paper):
    """(the words a reader sees, [(how the others are hidden, what they say), …]).

    ``grounds`` are (x0, y0, x1, y1, whether it may be dark) of what is drawn besides text, None for more than could be
    looked at; ``paper`` is (x0, y0, x1, y1). Only upright words are judged.
    """
    if not any(word.look or not _is_on(word, paper) for word in words):
        return words, []
    seen, unseen = [], defaultdict(list)
    mostly_inkless = 2 * sum(word.look == INKLESS for word in words) > len(words)
    for word in words:
        how = "" if word.angle else _judge(word, grounds, paper, mostly_inkless)
        (unseen[how] if how else seen).append(word)
    return seen, [(how, "\n".join(write(row) for row in make_rows(found))) for how, found in unseen.items()]


def _judge(word, grounds, paper, mostly_inkless):
    if not _is_on(word, paper):
        return OUTSIDE
    if word.look == TINY:
        return HOWS[TINY]
    if not word.look or grounds is None or (word.look == INKLESS and mostly_inkless):
        return ""
    x, y = (word.x0 + word.x1) / 2, word.y + 0.3 * word.size
    behind = (dark for x0, y0, x1, y1, dark in grounds if x0 <= x <= x1 and y0 <= y <= y1)
    return "" if any(dark or word.look == INKLESS for dark in behind) else HOWS[word.look]


def _is_on(word, paper):
    return bool(word.angle) or (
        word.x1 > paper[0] and word.x0 < paper[2] and paper[1] < word.y + word.size and word.y < paper[3]
    )
