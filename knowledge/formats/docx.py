"""Word documents: headings, paragraphs, lists, tables, notes and text boxes, in the order in which they are read."""

import io
from dataclasses import dataclass, field

import docx
from docx.oxml.ns import qn
from lxml import etree

from knowledge.formats.archives import DAMAGED, check_archive
from knowledge.formats.blocks import HEADING, ITEM, PARAGRAPH, Block, UnreadableDocument, assemble, table
from knowledge.formats.docx_hidden import find_left_out, hides
from knowledge.formats.docx_lists import Lists
from knowledge.formats.docx_styles import Styles

MOST_NESTED = 20  # tables in tables, text boxes in text boxes
BOX = f"{{{'http://schemas.openxmlformats.org/wordprocessingml/2006/main'}}}txbxContent"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
WRAPPERS = frozenset(map(qn, ["w:sdt", "w:sdtContent", "w:ins", "w:moveTo", "w:customXml", "w:smartTag"]))
# What stands elsewhere, stood there before, or is told apart from the paragraph it hangs on.
APART = frozenset([BOX, FALLBACK, qn("w:del"), qn("w:moveFrom"), qn("w:pPr")])
BREAKS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
NOTES = {"footnotes": qn("w:footnoteReference"), "endnotes": qn("w:endnoteReference")}
BROKEN = (KeyError, ValueError, OSError, etree.LxmlError, AttributeError, TypeError, IndexError)


def read(data):
    """Bytes of a .docx file as a Reading. Raises UnreadableDocument."""
    check_archive(data)
    try:
        document = docx.Document(io.BytesIO(data))
        blocks = list(_Reader(document).read(document.element.body))
        left_out = find_left_out(document)
    except BROKEN as problem:
        raise UnreadableDocument(DAMAGED) from problem
    first = next((block.text for block in blocks if block.kind == HEADING), "")
    return assemble("docx", blocks + left_out, title=(document.core_properties.title or "").strip() or first)


@dataclass(slots=True)
class _Reader:
    """What must be known to read the body: styles, numbering, and the notes that paragraphs refer to."""

    document: object
    styles: Styles = field(init=False)
    lists: Lists = field(init=False)
    notes: dict = field(init=False)

    def __post_init__(self):
        self.styles = Styles(self.document)
        self.lists = Lists(self.document)
        self.notes = _find_notes(self.document)

    def read(self, part, depth=0):
        """Blocks of a body, a cell or a text box."""
        if depth > MOST_NESTED:
            return
        for piece in _pieces(part):
            if piece.tag == qn("w:tbl"):
                yield from self._table(piece, depth)
            else:
                yield from self._paragraph(piece, depth)

    def _paragraph(self, paragraph, depth):
        text, style = _text(paragraph), self.styles.of(paragraph)
        if style.is_contents:
            return
        if style.level is not None:
            yield Block(HEADING, " ".join(text.split()), style.level)
        else:
            label = self.lists.label(paragraph, style)
            yield Block(PARAGRAPH if label is None else ITEM, f"{label or ''}{text}" if text.strip() else "")
        yield from _hidden(paragraph)
        for box in _boxes(paragraph):
            yield from self.read(box, depth + 1)
        for note in self._notes(paragraph):
            yield Block(PARAGRAPH, note)

    def _notes(self, part):
        """The notes at the foot of the page or the end that stand in a paragraph or a table, in order."""
        for kind, reference in NOTES.items():
            for mark in part.iter(reference):
                yield self.notes.get((kind, mark.get(qn("w:id"))), "")

    def _table(self, found, depth):
        """Rows as sentences. A table of one cell, or with tables in it, is layout: its content comes as if it stood free."""
        lines = [[cell for cell in _pieces(line) if cell.tag == qn("w:tc")] for line in found.iter(qn("w:tr"))]
        if sum(map(len, lines)) == 1 or next(found.iterdescendants(qn("w:tbl")), None) is not None:
            for line in _pieces(found):
                for cell in _pieces(line):
                    yield from self.read(cell, depth + 1)
            return
        yield from table(_grid(lines))
        yield from _hidden(found)
        yield from (Block(PARAGRAPH, note) for note in self._notes(found))


def _pieces(part):
    """What a part consists of (paragraphs, tables, rows, cells), also of what is wrapped in controls or tracked changes."""
    stack = list(reversed(part))
    while stack:
        piece = stack.pop()
        if piece.tag in WRAPPERS:
            stack.extend(reversed(piece))
        elif piece.tag in (qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc")):
            yield piece


def _grid(lines):
    """Rows of texts under their columns: a cell over several columns stands in its first, one over several rows in each."""
    rows, above = [], {}
    for line in lines:
        row = []
        for cell in line:
            text = "\n".join(_text(paragraph) for paragraph in cell.iter(qn("w:p")))
            merged = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
            if merged is not None and merged.get(qn("w:val")) != "restart":
                text = above.get(len(row), text)
            above[len(row)] = text
            row += [text, *[""] * (_span(cell) - 1)]
        rows.append(row)
    return rows


def _span(cell):
    span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
    given = "" if span is None else span.get(qn("w:val"), "")
    return max(1, min(int(given), 100)) if given.isascii() and given.isdigit() and len(given) < 6 else 1


def _inside(part):
    """Elements of a paragraph in order, without those that are told apart. Walked with a stack of our own."""
    stack = list(reversed(part))
    while stack:
        node = stack.pop()
        if node.tag not in APART:
            yield node
            stack.extend(reversed(node))


def _text(paragraph):
    """A paragraph's text with links and accepted insertions, without deletions, field codes and what is not seen."""
    parts = []
    for node in _inside(paragraph):
        if node.tag == qn("w:t") and not hides(node.getparent()):
            parts.append(node.text or "")
        elif node.tag in BREAKS and node.getparent().tag == qn("w:r") and not hides(node.getparent()):
            parts.append(BREAKS[node.tag])  # a tab stop's definition is a w:tab, too, but in no run
    return "".join(parts)


def _boxes(paragraph):
    """The text boxes that hang on a paragraph, each once: old Word's copy of it is left out."""
    stack = list(reversed(paragraph))
    while stack:
        node = stack.pop()
        if node.tag == BOX:
            yield node
        elif node.tag not in (FALLBACK, qn("w:del")):
            stack.extend(reversed(node))


def _hidden(part):
    """What a reader does not see of a paragraph or a table: whole runs, in order, each kind as one block."""
    said = {}
    for run in part.iter(qn("w:r")):
        how = hides(run)
        if how:
            said.setdefault(how, []).extend(node.text or "" for node in run.iter(qn("w:t")))
    return [Block(PARAGRAPH, "".join(texts), hidden=how) for how, texts in said.items()]


def _find_notes(document):
    """{(kind, id): text} of the notes. Their part is parsed as the package's own parts are: no entity is resolved."""
    found = {}
    for relation in document.part.rels.values():
        kind = relation.reltype.rpartition("/")[2]
        if relation.is_external or kind not in NOTES:
            continue
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        for note in etree.fromstring(relation.target_part.blob, parser):
            paragraphs = [_text(paragraph) for paragraph in note.iter(qn("w:p"))]
            found[kind, note.get(qn("w:id"))] = "\n".join(paragraphs).strip()
    return found
