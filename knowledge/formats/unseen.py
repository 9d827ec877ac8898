"""What a web page holds and does not show: comments, descriptions, hidden elements, text in the colour of the paper.

Only what stands in the element itself is judged. Style sheets are not read: there most of what is hidden is a menu or
a panel that opens, and its text belongs to the page.
"""

import re

from bs4 import NavigableString, Tag
from bs4.element import Comment

from knowledge.formats.blocks import OUT, Block

ATTRIBUTES = {"alt": "a picture's description", "title": "a label shown on pointing", "aria-label": "a label for screen readers", "aria-description": "a label for screen readers"}  # fmt: skip
MOST = 200_000  # characters of it that are looked at
NOT_SHOWN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*[01](?:\.\d+)?(?:px|pt|%|em(?<=0em))?\s*(?:;|!|$)"
    r"|opacity\s*:\s*0(?![.\d])|(?:text-indent|left|top|right)\s*:\s*-\d{3,}|clip\s*:\s*rect\(\s*0",
    re.I,
)
WHITE = re.compile(
    r"(?<![\w-])color\s*:\s*(?:#fff(?:fff)?\b|white\b|transparent\b|rgba?\(\s*255\s*,\s*255\s*,\s*255|rgba\([^)]*,\s*0?\.?0*\s*\))",
    re.I,
)


def find_unseen(soup):
    """Blocks of what the page does not show, none of it part of its text."""
    left, within = MOST, set()
    for node in soup.descendants:
        for how, text in _hold(node, within):
            if text and left > 0:
                left -= len(text)
                yield Block(OUT, text[:left], hidden=how)


def is_not_shown(node):
    """Whether the element itself says that it is not to be seen."""
    if node.get("hidden") is not None or node.get("aria-hidden") == "true":
        return True
    style = node.get("style")
    return bool(style) and bool(NOT_SHOWN.search(style))


def is_white(node):
    """Whether an element's text is white, or transparent, with nothing behind it that is said to be dark."""
    style = node.get("style")
    if not style or not WHITE.search(style):
        return False
    for place in (node, *node.parents):
        dark = "background" in (place.get("style") or "") or place.get("bgcolor")
        if dark or (place.get("class") and place.name not in ("body", "html")):
            return False
    return True


def _hold(node, within):
    """[(how it is hidden, text), …] of one node. ``within`` are the ids of elements in hidden ones, told with them."""
    if isinstance(node, Comment):
        return [("in a comment", str(node))]
    if isinstance(node, NavigableString) or not isinstance(node, Tag):
        return []
    found = [(how, " ".join(node[name].split())) for name, how in ATTRIBUTES.items() if isinstance(node.get(name), str)]
    if node.name == "meta" and isinstance(node.get("content"), str):
        found.append(("in the page's own description", node["content"]))
    if id(node.parent) in within:
        within.add(id(node))
    elif is_not_shown(node):
        within.add(id(node))
        found.append(("in an element that is not shown", node.get_text(" ", strip=True)))
    return found
