"""HTML: the main text with its headings, lists and tables, without menus, scripts and what is hidden."""

import re
from dataclasses import dataclass, field

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.element import PreformattedString

from knowledge.formats import grids, main_text
from knowledge.formats.blocks import ASKED, END, HEADING, ITEM, PARAGRAPH, Block, assemble
from knowledge.formats.decoding import MARKS, decode
from knowledge.formats.unseen import find_unseen, is_not_shown, is_white

HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = """address article blockquote body center dd details div dl dt fieldset figcaption figure footer header hgroup
    hr li main ol p pre section summary table tbody td tfoot th thead tr ul html"""
BLOCKS = frozenset([*_BLOCKS.split(), *HEADINGS])
DECLARED = re.compile(rb"<meta[^>]{0,200}charset|<\?xml[^>]{0,100}encoding", re.I)
FOLDED = ("details", "dl")  # what a question in them heads ends with them


def read(data):
    """Bytes of a web page as a Reading; the encoding is the one it declares, else guessed."""
    soup = parse(data)
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    unseen = list(find_unseen(soup))
    root, frame = main_text.find(soup)
    found = list(blocks(root, frame))
    return assemble("html", [*_heading_outside(soup, root, found), *found, *unseen], title=title)


def parse(data):
    """The tree of a page, from bytes."""
    if DECLARED.search(data[:4096]) or data.startswith(tuple(mark for mark, _ in MARKS)):
        return BeautifulSoup(data, "lxml")
    return BeautifulSoup(decode(data), "lxml")


def blocks(root, frame=frozenset(), level=0):
    """Blocks under an element in reading order; ``frame`` are the ids of elements to leave out, ``level`` that of the
    heading it stands under."""
    walk, stack = _Walk(level=level), [(root, False)]
    while stack:
        node, done = stack.pop()
        if isinstance(node, NavigableString):
            if not isinstance(node, PreformattedString):
                walk.text.append(str(node))
        elif not isinstance(node, Tag) or id(node) in frame or (not done and main_text.is_left_out(node, root)):
            continue
        elif done:
            yield from walk.close(node)
            if node.name in FOLDED and _asks(node):
                yield Block(END, "", walk.level + 1)
        elif node.name == "table" and not node.find("table"):
            yield from walk.close(None)
            for hidden in node.find_all(is_not_shown):
                hidden.extract()
            yield from grids.blocks(node)
        elif is_white(node):
            yield from walk.close(node.parent)
            yield Block(PARAGRAPH, node.get_text(" ", strip=True), hidden="written in white")
        elif node.name == "br":
            walk.text.append("\n")
        else:
            if node.name in BLOCKS:
                yield from walk.close(node.parent)
                walk.open(node)
                stack.append((node, True))
            stack.extend((child, False) for child in reversed(node.contents))
    yield from walk.close(None)


def _heading_outside(soup, root, found):
    """The page's one main heading when it stands above the part that was chosen."""
    heads = soup.find_all("h1", limit=2)
    if len(heads) != 1 or any(parent is root for parent in heads[0].parents) or heads[0] is root:
        return []
    text = " ".join(heads[0].get_text(" ").split())
    return (
        [Block(HEADING, text)]
        if text and not any(block.kind == HEADING and block.text == text for block in found)
        else []
    )


@dataclass(slots=True)
class _Walk:
    """What was gathered since the last block, the level of the last heading, and the term that is being explained."""

    text: list = field(default_factory=list)
    level: int = 0
    term: str = ""
    mark: str = ""  # what stands before the item that has begun: "- ", "3. "
    counts: dict = field(default_factory=dict)  # id of a numbered list → its last number

    def open(self, node):
        """A list's item begins."""
        if node.name == "li":
            self.mark = "- "
            if node.parent is not None and node.parent.name == "ol":
                place = id(node.parent)
                self.counts[place] = self.counts.get(place, _start(node.parent) - 1) + 1
                self.mark = f"{self.counts[place]}. "

    def close(self, node):
        """What was gathered so far, as the kind of block it stands in."""
        found = "\n".join(" ".join(line.split()) for line in "".join(self.text).split("\n")).strip()
        self.text.clear()
        name = node.name if node is not None else ""
        if found:
            yield from self._block(name, found)

    def _block(self, name, found):
        if name in HEADINGS:
            self.level = HEADINGS[name]
            yield Block(HEADING, found, self.level)
        elif name == "summary" or (name == "dt" and found.endswith(ASKED)):
            yield Block(HEADING, found, self.level + 1)
        elif name == "dt":
            self.term = f"{self.term}, {found}" if self.term else found
        else:
            found, self.term = (f"{self.term.rstrip(':')}: {found}", "") if self.term else (found, "")
            mark, self.mark = self.mark, ""
            yield Block(ITEM if mark or name in ("li", "dd") else PARAGRAPH, f"{mark}{found}")


def _start(numbered):
    given = numbered.get("start") or ""
    return int(given) if given.isascii() and given.isdigit() and len(given) < 6 else 1


def _asks(node):
    return node.name == "details" or any(term.get_text().strip().endswith(ASKED) for term in node.find_all("dt"))
