"""E-books (EPUB 2 and 3): the chapters in the order of the spine, without cover, navigation and index."""

import io
import posixpath
import zipfile
from dataclasses import dataclass
from urllib.parse import unquote

from lxml import etree

from knowledge.formats import html
from knowledge.formats.archives import BROKEN, DAMAGED, check_archive
from knowledge.formats.blocks import HEADING, Block, UnreadableDocument, assemble

LOCKED = "The book is locked by copy protection (DRM) and cannot be read. Ask its publisher for a copy without it."
# Scrambled fonts are no protection: the text can be read all the same.
SCRAMBLED_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
LEFT_OUT = frozenset(["cover", "toc", "title-page", "titlepage", "index", "copyright-page", "loi", "lot"])
MOST_CHAPTERS = 5_000


@dataclass(slots=True)
class Book:
    """An archive that is read by names, none of which ever becomes a path of the disk."""

    archive: zipfile.ZipFile
    names: set

    def read(self, name):
        """The bytes of an entry, or None when there is none of this name."""
        return self.archive.read(name) if name in self.names else None

    def parse(self, name):
        """An XML entry's root, or None. Entities are not resolved and nothing is fetched."""
        data = self.read(name)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
        root = etree.fromstring(data, parser) if data else None
        if root is not None:
            etree.strip_elements(root, etree.Entity, with_tail=False)
        return root


def read(data):
    """Bytes of an .epub file as a Reading. Raises UnreadableDocument."""
    names = check_archive(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read(Book(archive, names))
    except (*BROKEN, etree.LxmlError, KeyError, AttributeError) as problem:
        raise UnreadableDocument(DAMAGED) from problem


def _read(book):
    _check_locks(book)
    root = _first(book.parse("META-INF/container.xml"), "rootfile").get("full-path")
    package = book.parse(root)
    title = " ".join("".join(_first(package, "title").itertext()).split()) if _all(package, "title") else ""
    files = {item.get("id"): item for item in _all(package, "item")}
    names = _chapter_names(book, root, package, files)
    blocks, seen = [], set()
    for path in _spine(root, package, files)[:MOST_CHAPTERS]:
        if path not in seen:
            seen.add(path)
            blocks += _chapter(book.read(path), names.get(path))
    return assemble("epub", blocks, title=title)


def _check_locks(book):
    locks = book.parse("META-INF/encryption.xml")
    for lock in _all(locks, "EncryptedData") if locks is not None else ():
        method = _first(lock, "EncryptionMethod").get("Algorithm", "")
        if method not in SCRAMBLED_FONTS:
            raise UnreadableDocument(LOCKED)
    if "META-INF/rights.xml" in book.names and locks is not None:
        raise UnreadableDocument(LOCKED)


def _spine(root, package, files):
    """The paths of the chapters in reading order."""
    guide = {
        _path(root, mark.get("href")) for mark in _all(package, "reference") if mark.get("type", "").lower() in LEFT_OUT
    }
    found = []
    for place in _all(package, "itemref"):
        item = files.get(place.get("idref"))
        if item is None or place.get("linear") == "no" or item.get("media-type") not in PAGES:
            continue
        path = _path(root, item.get("href"))
        if "nav" not in item.get("properties", "").split() and path not in guide:
            found.append(path)
    return found


def _chapter_names(book, root, package, files):
    """{path: (title, depth)} as the table of contents has them, EPUB 3's before EPUB 2's."""
    for item in files.values():
        path = _path(root, item.get("href"))
        if "nav" in item.get("properties", "").split() and path in book.names:
            return _of_navigation(path, html.parse(book.read(path)))
    for item in files.values():
        path = _path(root, item.get("href"))
        if item.get("media-type") == "application/x-dtbncx+xml" and path in book.names:
            return _of_ncx(path, book.parse(path))
    return {}


def _of_navigation(base, soup):
    found = {}
    nav = soup.find("nav", attrs={"epub:type": "toc"}) or soup.find("nav") or soup
    for link in nav.find_all("a", href=True):
        depth = max(1, len(link.find_parents("ol")))
        found.setdefault(_path(base, link["href"]), (" ".join(link.get_text(" ").split()), depth))
    return found


def _of_ncx(base, root):
    found = {}
    for point in _all(root, "navPoint"):
        content, text = _all(point, "content"), _all(point, "text")
        if content and text:
            depth = 1 + sum(1 for parent in point.iterancestors() if _local(parent) == "navPoint")
            found.setdefault(_path(base, content[0].get("src")), ("".join(text[0].itertext()).strip(), depth))
    return found


def _chapter(data, name):
    """A chapter's blocks; the table of contents gives the heading where the chapter itself has none."""
    if data is None:
        return []
    soup = html.parse(data)
    body = soup.body or soup
    kinds = f"{body.get('epub:type', '')} {' '.join(t.get('epub:type', '') for t in body.find_all('section', limit=1))}"
    if LEFT_OUT & set(kinds.split()):
        return []
    blocks = list(html.blocks(body))
    if name and name[0] and blocks and not any(block.kind == HEADING for block in blocks):
        blocks.insert(0, Block(HEADING, name[0], min(name[1], 6)))
    return blocks


def _path(base, href):
    """Where a link leads inside the archive."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote((href or "").partition("#")[0])))


def _all(root, name):
    return [node for node in root.iter() if _local(node) == name] if root is not None else []


def _first(root, name):
    found = _all(root, name)
    if not found:
        raise KeyError(name)
    return found[0]


def _local(node):
    return etree.QName(node).localname if isinstance(node.tag, str) else ""
