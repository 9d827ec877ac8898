"""PDF: the text of each page as paragraphs, with headings from the outline or from the size of the letters."""

import io
import re
from collections import Counter

import pypdf
from pypdf.errors import PyPdfError

from knowledge.formats.blocks import HEADING, ITEM, PARAGRAPH, Block, UnreadableDocument, assemble
from knowledge.formats.pdf_lines import ENDS, Line, clean, mark_by_size, mark_outlined, read_outline
from knowledge.sentences import BULLET

DAMAGED = "The PDF is damaged and cannot be opened. Export it again from the program it was made with."
SCANNED = "This PDF holds pictures of pages, but no text: it is a scan. Run text recognition (OCR) on it and upload that file."
HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010]$")
PAGE_NUMBER = re.compile(
    r"^\W*(?:page|seite|p\.|página|pagina|стр\.?)?\s*\d{1,4}\s*(?:(?:/|of|von|de|из)\s*\d{1,4})?\W*$", re.I
)
DIGITS = re.compile(r"\d+")
EDGE_LINES = 3  # at the top and at the bottom, where headers and footers stand
REPEATED = 0.5  # of the pages


def read(data, most_pages):
    """Bytes of a PDF as a Reading. Raises UnreadableDocument."""
    reader = _open(data)
    try:
        count = len(reader.pages)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise UnreadableDocument(DAMAGED) from problem
    if count == 0:
        raise UnreadableDocument("The PDF has no pages. Export it again from the program it was made with.")
    if count > most_pages:
        raise UnreadableDocument(
            f"The PDF has {count} pages; at most {most_pages} are read. Split it into several files."
        )
    pages, failed = _read_pages(reader)
    silent = [number for number, lines in enumerate(pages, 1) if not any(line.text.strip() for line in lines)]
    if len(silent) == count or sum(len(line.text) for lines in pages for line in lines) < 4 * count:
        raise UnreadableDocument(DAMAGED if len(failed) == count else SCANNED)
    pages = _drop_repeated(pages)
    if not mark_outlined(pages, read_outline(reader)):
        mark_by_size(pages)
    width = _width(pages)
    blocks = [block for number, lines in enumerate(pages, 1) for block in _blocks(lines, number, width)]
    return assemble("pdf", _rejoin(blocks), count, _title(reader), _warn(silent, count))


def _open(data):
    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableDocument("The PDF is protected by a password. Save a copy without one and upload that.")
    except UnreadableDocument:
        raise
    except NotImplementedError as problem:
        raise UnreadableDocument(
            "The PDF is encrypted in a way that cannot be read. Save a copy without it."
        ) from problem
    except Exception as problem:  # on damaged files pypdf raises nearly every class there is
        raise UnreadableDocument(DAMAGED) from problem
    return reader


def _read_pages(reader):
    """([[Line, …] per page], numbers of the pages that could not be read)."""
    pages, failed = [], []
    for number in range(1, len(reader.pages) + 1):
        try:
            pages.append(_lines(reader.pages[number - 1]))
        except MemoryError:
            raise
        except Exception:  # one bad page must not cost the others; the warning names it
            pages.append([])
            failed.append(number)
    return pages, failed


def _lines(page):
    """The page's lines with the size of their letters."""
    runs = []

    def note(text, matrix, text_matrix, font, size):
        scale = abs(text_matrix[3] or text_matrix[1]) * abs(matrix[3] or matrix[1])
        name = str((font or {}).get("/BaseFont", ""))
        runs.append((text, round((size or 0) * scale, 1), "bold" in name.lower() or "black" in name.lower()))

    whole = page.extract_text(visitor_text=note)
    joined = "".join(text for text, _, _ in runs)
    if len(joined) < 0.8 * len(whole):  # the visitor missed something: keep the text, do without sizes
        runs = [(whole, 0.0, False)]
    lines, text, sizes, bold = [], "", Counter(), Counter()
    for run, size, is_bold in [*runs, ("\n", 0.0, False)]:
        for place, piece in enumerate(run.split("\n")):
            if place:
                lines.append(Line(clean(text), sizes.most_common(1)[0][0] if sizes else 0.0, bold[True] > bold[False]))
                text, sizes, bold = "", Counter(), Counter()
            text += piece
            letters = len(piece.strip())
            if letters:
                sizes[size] += letters
                bold[is_bold] += letters
    return lines


def _drop_repeated(pages):
    """Without headers, footers and page numbers: lines at the edges that most pages share, numbers aside."""
    if len(pages) < 3:
        return [[line for line in lines if not _is_edge_number(lines, line)] for lines in pages]
    seen = Counter()
    for lines in pages:
        seen.update({DIGITS.sub("#", line.text) for line in _edges(lines)})
    often = {text for text, count in seen.items() if count >= max(3, REPEATED * len(pages)) and text}
    kept = []
    for lines in pages:
        edges = {id(line) for line in _edges(lines)}
        kept.append([line for line in lines if not (id(line) in edges and _is_frame(line, often))])
    return kept


def _is_frame(line, often):
    return DIGITS.sub("#", line.text) in often or bool(PAGE_NUMBER.match(line.text))


def _is_edge_number(lines, line):
    return bool(PAGE_NUMBER.match(line.text)) and any(line is edge for edge in _edges(lines))


def _edges(lines):
    written = [line for line in lines if line.text]
    return written[:EDGE_LINES] + written[max(EDGE_LINES, len(written) - EDGE_LINES) :]


def _width(pages):
    """How long a full line is: nine in ten are shorter."""
    lengths = sorted(len(line.text) for lines in pages for line in lines if line.text)
    return lengths[int(0.9 * (len(lengths) - 1))] if lengths else 0


def _blocks(lines, number, width):
    """Lines as paragraphs: a line that ends early or before a list item closes one."""
    text, before = "", None
    for line in [*lines, Line("", 0.0, False)]:
        item = bool(BULLET.match(line.text + " "))
        if text and (not line.text or line.level or item or _ends_early(before, line, width)):
            yield Block(ITEM if BULLET.match(text + " ") else PARAGRAPH, text, page=number)
            text = ""
        if line.level:
            yield Block(HEADING, line.text, line.level, number)
        elif line.text:
            text = HYPHEN.sub("", text) + line.text if _hyphenated(text, line.text) else f"{text} {line.text}".strip()
        before = line


def _ends_early(before, line, width):
    return (
        before is not None
        and before.text.endswith(ENDS)
        and len(before.text) < 0.8 * width
        and not line.text[:1].islower()
    )


def _hyphenated(text, following):
    return bool(HYPHEN.search(text)) and following[:1].islower()


def _rejoin(blocks):
    """A paragraph that goes on over the page's end is one paragraph, of the page where it begins."""
    joined = []
    for block in blocks:
        last = joined[-1] if joined else None
        if (
            last
            and block.kind == last.kind == PARAGRAPH
            and block.page != last.page
            and _goes_on(last.text, block.text)
        ):
            text = (
                HYPHEN.sub("", last.text) + block.text
                if _hyphenated(last.text, block.text)
                else f"{last.text} {block.text}"
            )
            joined[-1] = Block(PARAGRAPH, text, page=last.page)
        else:
            joined.append(block)
    return joined


def _goes_on(before, following):
    return not before.endswith(ENDS) and following[:1].islower()


def _title(reader):
    try:
        return str((reader.metadata or {}).get("/Title") or "")
    except Exception:  # a title is a courtesy
        return ""


def _warn(silent, count):
    if not silent:
        return ""
    named = ", ".join(map(str, silent[:20])) + (" …" if len(silent) > 20 else "")
    pages = "Page" if len(silent) == 1 else "Pages"
    return f"{pages} {named} of {count} {'holds' if len(silent) == 1 else 'hold'} no text and cannot be cited."
