"""Word documents: headings, paragraphs, lists and tables."""

import io
import re

import docx
from docx.oxml.ns import qn
from docx.table import Table
from lxml import etree

from knowledge.formats.archives import DAMAGED, check_archive
from knowledge.formats.blocks import HEADING, ITEM, PARAGRAPH, Block, UnreadableDocument, assemble, table
from knowledge.formats.docx_hidden import find_left_out, hides

LEVEL = re.compile(r"(?:heading|überschrift|titre|título|titolo|kop|rubrik|заголовок)\s*(\d)", re.I)
MOST_NESTED = 20  # tables in tables


def read(data):
    """Bytes of a .docx file as a Reading. Raises UnreadableDocument."""
    check_archive(data)
    try:
        document = docx.Document(io.BytesIO(data))
    except (KeyError, ValueError, OSError, etree.LxmlError, AttributeError) as problem:
        raise UnreadableDocument(DAMAGED) from problem
    blocks = list(_blocks(document))
    blocks += find_left_out(document)
    first = next((block.text for block in blocks if block.kind == HEADING), "")
    return assemble("docx", blocks, title=(document.core_properties.title or "").strip() or first)


def _blocks(part, depth=0):
    for piece in part.iter_inner_content():
        if isinstance(piece, Table):
            yield from _table(piece, depth)
            continue
        text = _text(piece._p)
        level = _level(piece)
        if level is not None:
            yield Block(HEADING, " ".join(text.split()), level)
        else:
            yield Block(ITEM if _is_item(piece) else PARAGRAPH, text)
        yield from _hidden(piece._p)


def _table(found, depth):
    """Rows as sentences. A table of one cell, or with tables in it, is layout: its content comes as if it stood free."""
    if depth < MOST_NESTED and (len(found._cells) == 1 or found._tbl.findall(f".//{qn('w:tc')}/{qn('w:tbl')}")):
        for line in found.rows:
            for cell in line.cells:
                yield from _blocks(cell, depth + 1)
        return
    rows = []
    for line in found._tbl.tr_lst:
        rows.append(["\n".join(_text(paragraph) for paragraph in cell.iter(qn("w:p"))) for cell in line.tc_lst])
    yield from table(rows)
    yield from _hidden(found._tbl)


def _hidden(part):
    """What a reader does not see of a paragraph or a table: whole runs, in order, each kind as one block."""
    said = {}
    for run in part.iter(qn("w:r")):
        how = hides(run)
        if how:
            said.setdefault(how, []).extend(node.text or "" for node in run.iter(qn("w:t")))
    return [Block(PARAGRAPH, "".join(texts), hidden=how) for how, texts in said.items()]


def _text(paragraph):
    """A paragraph's text with links and accepted insertions, without deletions, field codes and what is not seen."""
    parts = []
    for node in paragraph.iter(qn("w:t"), qn("w:tab"), qn("w:br"), qn("w:noBreakHyphen")):
        if hides(node.getparent()):
            continue
        if node.tag == qn("w:t"):
            parts.append(node.text or "")
        elif node.tag == qn("w:noBreakHyphen"):
            parts.append("-")
        elif node.getparent().tag == qn("w:r"):  # a tab stop's definition is a w:tab, too
            parts.append("\t" if node.tag == qn("w:tab") else "\n")
    return "".join(parts)


def _level(paragraph):
    """The heading level, by outline level or by the style's name; None for a paragraph."""
    style = paragraph.style
    for _ in range(8):
        if style is None:
            break
        if style.name == "Title":
            return 1
        named = LEVEL.match(style.name or "")
        if named:
            return int(named.group(1))
        outline = style.element.find(f".//{qn('w:outlineLvl')}")
        if outline is not None and int(outline.get(qn("w:val"), "9")) < 9:
            return int(outline.get(qn("w:val"))) + 1
        style = style.base_style
    outline = paragraph._p.find(f"./{qn('w:pPr')}/{qn('w:outlineLvl')}")
    return int(outline.get(qn("w:val"))) + 1 if outline is not None and outline.get(qn("w:val"), "9") < "9" else None


def _is_item(paragraph):
    numbered = paragraph._p.find(f"./{qn('w:pPr')}/{qn('w:numPr')}") is not None
    return numbered or (paragraph.style is not None and (paragraph.style.name or "").startswith("List"))
