"""PDF: the text of each page as it is read, with headings, paragraphs, list items and tables.

Pages come one by one and are kept as packed lines, so that two thousand of them take little more memory than two
hundred. What only the whole document knows (its frame, its sizes, its spelling) is gathered in passes over those.
"""

import re
from collections import Counter

from knowledge.formats.blocks import HEADING, PARAGRAPH, Block, UnreadableDocument, assemble
from knowledge.formats.pdf_frame import find_frames
from knowledge.formats.pdf_headings import Outline, Sizes, drop_contents
from knowledge.formats.pdf_hyphens import Hyphens
from knowledge.formats.pdf_lines import pack, read_lines, unpack
from knowledge.formats.pdf_pages import DAMAGED, open_file
from knowledge.formats.pdf_paragraphs import Writer, steps_of, usual_step
from knowledge.formats.pdf_words import clean

SCANNED = "This PDF holds pictures of pages, but no text: it is a scan. Run text recognition (OCR) on it and upload that file."
EMPTY = "The PDF has no pages. Export it again from the program it was made with."
NO_TITLE = re.compile(
    r"(?:untitled.*|\(?anonymous\)?|about:blank|document\d*|slide \d+|powerpoint.*|microsoft (?:word|excel|powerpoint).*|.*\.(?:docx?|xlsx?|pptx?|pdf|indd|tex|dvi|html?|odt|rtf|qxd)|[\W\d_]*)$",
    re.I,
)


def read(data, most_pages):
    """Bytes of a PDF as a Reading. Raises UnreadableDocument."""
    file = open_file(data)
    if file.count == 0:
        raise UnreadableDocument(EMPTY)
    if file.count > most_pages:
        raise UnreadableDocument(
            "The PDF has {count} pages; at most {most} are read. Split it into several files.",
            count=file.count,
            most=most_pages,
        )
    outline, title = Outline(file.outline()), clean(file.title())
    pages, unseen, silent, failed = _read_pages(file)
    if len(silent) == file.count or sum(map(_letters, pages)) < 4 * (file.count - failed):
        raise UnreadableDocument(DAMAGED if failed == file.count else SCANNED)
    blocks = _among(_blocks(_Pages(pages), outline), unseen)
    first = next(blocks, None)
    if NO_TITLE.match(title):
        title = first.text if first is not None and first.kind == HEADING and first.page == 1 else ""
    return assemble("pdf", _chain(first, blocks), file.count, title, _warn(silent, file.count))


def _read_pages(file):
    """([packed lines per page], Blocks of what is not seen, numbers of the pages without text, how many could not be
    read)."""
    pages, unseen, silent, failed = [], [], [], 0
    for index in range(file.count):
        sheet = file.look(index)
        lines, hidden = read_lines(sheet) if sheet is not None else ([], [])
        unseen += [Block(PARAGRAPH, text, page=index + 1, hidden=how) for how, text in hidden if text]
        failed += sheet is None
        if not lines:
            silent.append(index + 1)
        pages.append(pack(lines))
    return pages, unseen, silent, failed


class _Pages:
    """Packed pages, unpacked one at a time, without what stands in ``frames``."""

    def __init__(self, packed):
        self.packed = packed
        self.frames = list(find_frames(map(unpack, packed)))

    def __iter__(self):
        for packed, frame in zip(self.packed, self.frames, strict=True):
            yield [line for place, line in enumerate(unpack(packed)) if place not in frame]


def _letters(packed):
    return sum(len(line.text) for line in unpack(packed))


def _blocks(pages, outline):
    """The document's Blocks, after looking at all of it for what is usual in it."""
    sizes, hyphens, steps, found = Sizes(), Hyphens(), Counter(), Outline(outline.waiting)
    for index, lines in enumerate(pages):
        sizes.note(lines)
        hyphens.note(lines)
        found.mark(lines, index)
        steps.update(steps_of(lines))
    for lines in pages:
        sizes.count(lines)
        hyphens.look(lines)
    mark, titles = (outline.mark, found.titles) if found.found else (sizes.mark, sizes.titles)
    marked = ((drop_contents(mark(lines, index), titles), index + 1) for index, lines in enumerate(pages))
    return Writer(sizes.body, usual_step(steps), hyphens.seam).write(marked)


def _among(blocks, unseen):
    """Blocks with those that a reader does not see at the end of their page."""
    place = 0
    for block in blocks:
        while place < len(unseen) and unseen[place].page < block.page:
            yield unseen[place]
            place += 1
        yield block
    yield from unseen[place:]


def _chain(first, blocks):
    if first is not None:
        yield first
        yield from blocks


def _warn(silent, count):
    if not silent:
        return ""
    named = ", ".join(map(str, silent[:20])) + (" …" if len(silent) > 20 else "")
    pages = "Page" if len(silent) == 1 else "Pages"
    return f"{pages} {named} of {count} {'holds' if len(silent) == 1 else 'hold'} no text and cannot be cited."
