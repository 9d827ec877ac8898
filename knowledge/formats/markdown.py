"""Markdown: heading path, paragraphs, lists, tables, code."""

import re

from markdown_it import MarkdownIt

from knowledge.formats import html
from knowledge.formats.blocks import END, HEADING, ITEM, OUT, PARAGRAPH, Block, assemble, table
from knowledge.formats.decoding import decode

FRONT_MATTER = re.compile(r"\A(?:---\s*\n(.*?)\n(?:---|\.\.\.)|\+\+\+\s*\n(.*?)\n\+\+\+)\s*\n", re.S)
TITLE = re.compile(r"^title\s*[:=]\s*[\"']?(.+?)[\"']?\s*$", re.M)
NOTE = re.compile(r"\[\^[^\]\s]{1,40}\](?::[ \t]*)?")  # [^1] where it is referred to, [^1]: where it stands
COMMENT = re.compile(r"<!--(.*?)-->|^\[(?://|comment)\]:\s*#?\s*(.+)$", re.S | re.M)
NESTING = 40  # deeper lists and quotations are taken as they stand


def read(data):
    """Bytes of Markdown as a Reading."""
    source = decode(data).replace("\r\n", "\n")
    front = FRONT_MATTER.match(source)
    title = TITLE.search(front.group(1) or front.group(2) or "") if front else None
    parser = MarkdownIt("commonmark", {"maxNesting": NESTING}).enable(["table", "strikethrough"])
    tokens = parser.parse(source[front.end() :] if front else source)
    blocks = list(_blocks(tokens))
    first = next((block.text for block in blocks if block.kind == HEADING and block.level == 1), "")
    comments = [Block(OUT, "".join(filter(None, found)), hidden="in a comment") for found in COMMENT.findall(source)]
    return assemble("md", blocks + comments, title=title.group(1) if title else first)


def _blocks(tokens):
    heading, under, lists, mark, rows = 0, 0, 0, "", None
    for token in tokens:
        if token.type == "heading_open":
            heading = under = int(token.tag[1])
        elif token.type == "heading_close":
            heading = 0
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            lists += 1
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists -= 1
        elif token.type == "list_item_open":
            mark = f"{token.info}. " if token.info else "- "
        elif token.type == "table_open":
            rows = []
        elif token.type == "tr_open":
            rows.append([])
        elif token.type == "table_close":
            yield from table(rows)
            rows = None
        elif token.type == "inline" and rows is not None:
            rows[-1].append(_plain(token))
        elif token.type == "inline":
            kind = HEADING if heading else ITEM if lists and mark else PARAGRAPH
            yield Block(kind, f"{mark if kind == ITEM else ''}{_plain(token)}", heading or 1)
            mark = ""
        elif token.type in ("fence", "code_block"):
            yield Block(PARAGRAPH, token.content)
        elif token.type == "html_block":
            yield from _html(token.content, under)


def _html(source, under):
    """What HTML between the lines says. Its elements may be closed further down: then so is what their headings head."""
    root = html.parse(source.encode())
    for block in html.blocks(root.body or root, level=under):
        if block.kind != END or "</details" in source.lower():
            yield block
    if "</details" in source.lower() and "<details" not in source.lower():
        yield Block(END, "", under + 1)


def _plain(token):
    """An inline token's text without its markup; a picture's description stands for the picture."""
    parts = []
    for child in token.children or []:
        if child.type == "text":
            parts.append(NOTE.sub("", child.content))
        elif child.type == "code_inline":
            parts.append(child.content)
        elif child.type == "html_inline" and child.content[:3].lower() == "<br":
            parts.append("\n")
        elif child.type == "softbreak":
            parts.append(" ")
        elif child.type == "hardbreak":
            parts.append("\n")
        elif child.type == "image":
            parts.append(child.content)
    return "".join(parts)
