"""HTML: the main text with its headings, without menus, scripts and what is hidden."""

import re

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.element import PreformattedString

from knowledge.formats.blocks import HEADING, ITEM, PARAGRAPH, Block, assemble, table

DROPPED = (
    "script style noscript template iframe object embed svg canvas nav aside form button select input textarea dialog"
)
LEFT_OUT = frozenset([*DROPPED.split(), "head", "menu"])
FRAME = frozenset(["header", "footer"])  # of the page; inside an article they belong to it
HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = """address article blockquote body center dd details div dl dt fieldset figcaption figure footer header hgroup
    hr li main ol p pre section summary table tbody td tfoot th thead tr ul html"""
BLOCKS = frozenset([*_BLOCKS.split(), *HEADINGS])
HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])", re.I
)
MOST_CELLS = 100_000


def read(data):
    """Bytes of a web page as a Reading; the encoding is the one it declares, else guessed."""
    soup = BeautifulSoup(data, "lxml")
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    root = (
        soup.find("main") or soup.find(attrs={"role": "main"}) or _only(soup.find_all("article")) or soup.body or soup
    )
    return assemble("html", list(_blocks(root)), title=title)


def _only(found):
    return found[0] if len(found) == 1 else None


def _blocks(root):
    """Blocks in reading order. Walked with a stack of our own: pages may be nested more deeply than Python calls."""
    text, stack = [], [(root, False)]
    while stack:
        node, done = stack.pop()
        if isinstance(node, NavigableString):
            if not isinstance(node, PreformattedString):
                text.append(str(node))
            continue
        if not isinstance(node, Tag) or _left_out(node, root):
            continue
        if done:
            yield from _close(node, text)
        elif node.name == "table" and not node.find("table"):
            yield from _close(None, text)
            yield from table(_rows(node))
        elif node.name == "br":
            text.append("\n")
        else:
            if node.name in BLOCKS:
                yield from _close(node.parent, text)
                stack.append((node, True))
            stack.extend((child, False) for child in reversed(node.contents))
    yield from _close(None, text)


def _close(node, text):
    """What was gathered so far, as the kind of block it stands in."""
    found = "\n".join(" ".join(line.split()) for line in "".join(text).split("\n")).strip()
    text.clear()
    if not found:
        return
    name = node.name if node is not None else ""
    if name in HEADINGS:
        yield Block(HEADING, found, HEADINGS[name])
    else:
        yield Block(ITEM if name in ("li", "dd", "dt") else PARAGRAPH, found)


def _left_out(node, root):
    if node.name in LEFT_OUT or node.get("hidden") is not None or node.get("aria-hidden") == "true":
        return True
    if node.name in FRAME and node.parent is not None and node.parent.name in ("body", "html"):
        return True
    return node is not root and bool(HIDDEN.search(node.get("style") or ""))


def _rows(node):
    rows, cells = [], 0
    for line in node.find_all("tr"):
        found = [" ".join(cell.get_text(" ").split()) for cell in line.find_all(["td", "th"])]
        cells += len(found)
        if cells > MOST_CELLS:
            break
        rows.append(found)
    return rows
