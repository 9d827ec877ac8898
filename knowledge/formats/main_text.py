"""Which part of a web page is what it says, and which is its frame: menus, banners, lists of links, questions about
cookies.

Judged by what the page declares (main, roles, names of classes) and, where it declares nothing, by where the text
stands that is not links: the innermost element that holds most of it."""

import re

from bs4 import NavigableString, Tag

from knowledge.formats.unseen import is_not_shown

DROPPED = "script style noscript template iframe object embed svg canvas nav aside select input textarea dialog"
LEFT_OUT = frozenset([*DROPPED.split(), "head", "menu"])
DOUBTFUL = frozenset(["form", "button"])  # some pages stand in a form altogether, some questions in a button
FRAME = frozenset(["header", "footer"])  # of the page; inside an article they belong to it
ROLES = frozenset(
    ["navigation", "banner", "contentinfo", "complementary", "search", "dialog", "alertdialog", "menu", "menubar"]
)
REFERENCES = frozenset(["noteref", "doc-noteref", "doc-backlink", "doc-toc", "pagebreak", "doc-pagebreak"])
_NAMES = """cookie cookies consent gdpr newsletter subscribe breadcrumb breadcrumbs share sharing social sidebar related
    recommended recommendations promo advert advertisement ads ad sponsored pagination pager skip skiplink toc navbar nav
    navigation menu footer masthead popup modal overlay comments disqus"""
NAMES = frozenset(_NAMES.split())
UNSEEN = frozenset(["sr-only", "visually-hidden", "screen-reader-text", "visuallyhidden"])
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
MOST = 0.7  # of a page's text: an element with that much is the page
SHARE = 0.35  # of the text: nothing that holds so much is frame, whatever it is called
LINKS = 0.75  # of the text of a list: more is a list of links
HOLDERS = frozenset(["div", "section", "article", "main", "td", "tr", "tbody", "table", "center", "form", "ul", "ol"])


def find(soup):
    """The element that holds the page's text, and the set of ids (of Python's) of elements in it to leave out."""
    declared = soup.find("main") or soup.find(attrs={"role": "main"}) or _only(soup.find_all("article"))
    root = declared or soup.body or soup
    weights = _weigh(root)
    if declared is None:
        root = _descend(root, weights)
    total = weights.get(id(root), (0, 0))[0] or 1
    return root, {
        place
        for place, (text, links, node) in ((id(node), (*weights[id(node)], node)) for node in _tags(root, weights))
        if node is not root and text < SHARE * total and (_is_frame(node) or _is_links(node, text, links))
    }


def is_left_out(node, root):
    """Whether an element says nothing to a reader: by its kind, its role, its style."""
    if node.name in LEFT_OUT or node.get("hidden") is not None or node.get("aria-hidden") == "true":
        return True
    if node is root:
        return False
    if node.name in FRAME and node.parent is not None and node.parent.name in ("body", "html"):
        return True
    marks = {*(node.get("epub:type") or "").split(), node.get("role") or ""}
    return bool(marks & REFERENCES or UNSEEN & set(node.get("class") or ())) or is_not_shown(node)


def _only(found):
    return found[0] if len(found) == 1 else None


def _weigh(root):
    """{id(element): (characters of text, of these in links)} without what is left out. Walked with a stack of our own:
    pages may be nested more deeply than Python calls."""
    weights, stack = {}, [(root, False, False)]
    while stack:
        node, linked, done = stack.pop()
        if isinstance(node, NavigableString):
            continue
        if done:
            weights[id(node)] = _sum(node, weights, linked)
        elif node is root or not is_left_out(node, root):
            linked = linked or node.name == "a"
            stack.append((node, linked, True))
            stack.extend((child, linked, False) for child in node.contents if isinstance(child, Tag))
    return weights


def _sum(node, weights, linked):
    own = sum(len(child.strip()) for child in node.contents if type(child) is NavigableString)
    text, links = own, own if linked else 0
    for child in node.contents:
        if id(child) in weights:
            more, of_links = weights[id(child)]
            text, links = text + more, links + of_links
    return text, links


def _descend(root, weights):
    """The innermost element that holds most of the text that is not links."""
    said = {place: text - links for place, (text, links) in weights.items()}
    for node in list(_tags(root, weights)):
        if node is not root and _is_frame(node) and said[id(node)] < SHARE * (said[id(root)] or 1):
            for parent in [node, *node.parents]:
                if id(parent) in said and parent is not node:
                    said[id(parent)] -= said[id(node)]
            said[id(node)] = 0
    total = said[id(root)]
    while True:
        inner = [child for child in root.contents if isinstance(child, Tag) and child.name in HOLDERS]
        heaviest = max(inner, key=lambda child: said.get(id(child), 0), default=None)
        if heaviest is None or not total or said.get(id(heaviest), 0) < MOST * total:
            return root
        root = heaviest


def _tags(root, weights):
    """The weighed elements under a root, outer ones first."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(child for child in reversed(node.contents) if id(child) in weights)


def _is_frame(node):
    if node.name in DOUBTFUL:
        return node.name == "form" or node.find_parent(["h1", "h2", "h3", "h4", "h5", "h6", "dt", "summary"]) is None
    if (node.get("role") or "") in ROLES:
        return True
    named = " ".join([*(node.get("class") or ()), node.get("id") or ""])
    return any(word.lower() in NAMES for word in WORD.findall(named))


def _is_links(node, text, links):
    """A list of nothing but links, as menus and "read on" are; one or two links are a list of sources."""
    return node.name in ("ul", "ol", "div", "p") and links > LINKS * text and len(node.find_all("a", limit=4)) > 2
