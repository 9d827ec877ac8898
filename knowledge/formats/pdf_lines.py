"""What a page is kept as between its reading and its writing: lines in reading order, some of them rows of a table."""

import zlib
from collections import Counter

import msgspec

from knowledge.formats.pdf_layout import regions
from knowledge.formats.pdf_rules import take_tables
from knowledge.formats.pdf_tables import find_tables
from knowledge.formats.pdf_unseen import take_unseen
from knowledge.formats.pdf_words import clean, words

ALONE = 40  # characters of the longest line in an address or a list of names


class Line(msgspec.Struct, array_like=True, omit_defaults=True):
    """One line of a region, or one row of a table. Points, in the frame of the text's own direction."""

    text: str
    x0: float = 0.0
    x1: float = 0.0
    y: float = 0.0  # baseline
    size: float = 0.0
    bold: bool = False
    region: int = 0  # its number on the page
    left: float = 0.0  # the region's edges
    right: float = 0.0
    aside: bool = False  # stands at another angle than the page's text
    cells: list[str] | None = None  # of a table's row
    columns: list[float] | None = None  # where they begin
    heads: bool = False  # the row names the columns
    level: int | None = None  # of a heading
    loose: bool = False  # each line of the region stands for itself, as in an address


def read_lines(sheet):
    """(a page's lines in reading order, [(how it is hidden, what it says), …]), from Pdf.look."""
    seen, unseen = take_unseen(words(sheet.glyphs, sheet.styles), sheet.grounds, sheet.paper)
    lines = []
    for number, region in enumerate(regions(take_tables(seen, sheet.rules))):
        found = [_line(part, region, number) for part in find_tables(region)]
        if _stand_alone([line for line in found if line.cells is None]):
            for line in found:
                line.loose = True
        lines += found
    return [line for line in lines if line.text], unseen


def pack(lines):
    """A page's lines in fewer bytes than they have letters."""
    return zlib.compress(msgspec.msgpack.encode(lines), 1)


def unpack(packed):
    return msgspec.msgpack.decode(zlib.decompress(packed), type=list[Line])


def _stand_alone(lines):
    """Whether no line goes on in the next: all are short, and none after the first begins with a small letter."""
    texts = [line.text for line in lines]
    return (
        len(texts) > 2
        and max(map(len, texts)) <= ALONE
        and any(letter.islower() for letter in "".join(texts))
        and not any(text[:1].islower() and "@" not in text and "." not in text for text in texts[1:])
        and not any(text.endswith(("-", ",")) for text in texts)
    )


def _line(part, region, number):
    """A line of a row of segments; of a table's row, from its cells."""
    segments = part.segments
    letters = [word for segment in segments for word in segment.words]
    sizes, bold = Counter(), 0
    for word in letters:
        sizes[word.size] += len(word.text)
        bold += len(word.text) if word.bold else 0
    ordered = segments[::-1] if region.mirrored else segments
    text = " ".join(segment.text for segment in segments)
    return Line(
        clean(text),
        round(segments[0].x0, 1),
        round(segments[-1].x1, 1),
        round(ordered[0].y, 1),
        sizes.most_common(1)[0][0],
        2 * bold > sizes.total(),
        number,
        round(region.x0, 1),
        round(region.x1, 1),
        region.aside,
        part.cells,
        part.columns,
        part.heads,
    )
