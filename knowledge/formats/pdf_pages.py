"""What PDFium sees in a file: glyphs with boxes, page by page, and the outline. The sole importer of pypdfium2.

A page is closed before the next one is opened, so that a long file takes no more memory than a short one.
"""

import ctypes
import math
import re
from dataclasses import dataclass

import pypdfium2.raw as pdfium

from knowledge.formats.blocks import UnreadableDocument

DAMAGED = "The PDF is damaged and cannot be opened. Export it again from the program it was made with."
LOCKED = "The PDF is protected by a password. Save a copy without one and upload that."
ENCRYPTED = "The PDF is encrypted in a way that cannot be read. Save a copy without it."
BOLD = re.compile(r"bold|black|heavy|demi(?!light)|cmbx|cmssbx|sfbx", re.I)
FORCE_BOLD = 1 << 18  # a font's flag, PDF 32000-1, table 123
HYPHENS = (0x02, 0xFFFE)  # PDFium's codes for the hyphen at a line's end
SPACE = (" ", 0, 0, -1)
WORD = re.compile("[^\x00-\x20\xa0]+")
# Not the hyphen at a line's end, since the next line follows it; nor what runs to the left.
PLAIN = re.compile("[^\x02\ufffe\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]+")
MOST_GLYPHS = 200_000  # of one page
MOST_HEADINGS = 5_000
DEEPEST = 12  # of an outline
TITLE_BYTES = 2_000
REOPENED = 100  # pages after which the file is opened anew: PDFium keeps what it parsed until then


@dataclass(frozen=True, slots=True)
class Style:
    """What the glyphs of one drawing operation share. Points; ``angle`` is whole degrees, 0 for upright text."""

    size: float
    bold: bool
    angle: int
    y: float  # the baseline, in the frame of the angle


def open_file(data):
    """A Pdf. Raises UnreadableDocument."""
    pdfium.FPDF_InitLibrary()
    return Pdf(data)


class Pdf:
    """An open file. ``data`` must stay as it is, since PDFium reads from it."""

    def __init__(self, data):
        self.data = data
        self.document = self._load()
        self.count = pdfium.FPDF_GetPageCount(self.document)
        self.fonts = {}
        self.loaded = 0

    def glyphs(self, index):
        """([(characters, left, right, style number), …], [Style, …]) of a page, in the order they are drawn: words,
        or glyphs where it takes a closer look; a space is (" ", 0, 0, -1). None when the page cannot be opened."""
        self._stay_small()
        page = pdfium.FPDF_LoadPage(self.document, index)
        if not page:
            return None
        text = pdfium.FPDFText_LoadPage(page)
        try:
            return self._glyphs(text) if text else None
        finally:
            pdfium.FPDFText_ClosePage(text)
            pdfium.FPDF_ClosePage(page)

    def outline(self):
        """[(level, title, page index or None), …] in its order; however it is tied, each entry comes once."""
        found, seen = [], set()
        stack = [(1, pdfium.FPDFBookmark_GetFirstChild(self.document, None))]
        while stack and len(found) < MOST_HEADINGS:
            level, item = stack.pop()
            if not item or _address(item) in seen:
                continue
            seen.add(_address(item))
            found.append((level, self._ask(pdfium.FPDFBookmark_GetTitle, item), self._target(item)))
            stack.append((level, pdfium.FPDFBookmark_GetNextSibling(self.document, item)))
            if level < DEEPEST:
                stack.append((level + 1, pdfium.FPDFBookmark_GetFirstChild(self.document, item)))
        return found

    def title(self):
        """The title in the file's properties."""
        return self._ask(pdfium.FPDF_GetMetaText, self.document, b"Title")

    def _load(self):
        document = pdfium.FPDF_LoadMemDocument64(self.data, len(self.data), None)
        if not document:
            problem = pdfium.FPDF_GetLastError()
            sentences = {pdfium.FPDF_ERR_PASSWORD: LOCKED, pdfium.FPDF_ERR_SECURITY: ENCRYPTED}
            raise UnreadableDocument(sentences.get(problem, DAMAGED))
        return document

    def _stay_small(self):
        self.loaded += 1
        if self.loaded % REOPENED == 0:
            pdfium.FPDF_CloseDocument(self.document)
            self.document = self._load()

    def _glyphs(self, text):
        self.fonts.clear()  # their addresses are used again
        drawn = _Drawn(self, text)
        count = min(pdfium.FPDFText_CountChars(text), MOST_GLYPHS)
        written = _text_of(text, count)
        if written is None:
            drawn.add(0, count)
            return drawn.glyphs, drawn.styles
        for match in WORD.finditer(written):
            if PLAIN.fullmatch(match.group()):
                drawn.add_word(match.group(), *match.span())
            else:
                drawn.add(*match.span())
            drawn.glyphs.append(SPACE)
        return drawn.glyphs, drawn.styles

    def style(self, text, index):
        """The Style of a glyph."""
        matrix, x, y = pdfium.FS_MATRIX(), ctypes.c_double(), ctypes.c_double()
        pdfium.FPDFText_GetMatrix(text, index, matrix)
        pdfium.FPDFText_GetCharOrigin(text, index, x, y)
        size = pdfium.FPDFText_GetFontSize(text, index) * math.hypot(matrix.c, matrix.d)
        angle = _round(math.degrees(math.atan2(matrix.b, matrix.a)))
        _, baseline = _turned(x.value, y.value, angle)
        font = pdfium.FPDFTextObj_GetFont(pdfium.FPDFText_GetTextObject(text, index))
        return Style(round(size, 1), self._is_bold(font), angle, round(baseline, 2))

    def _is_bold(self, font):
        address = _address(font)
        if address not in self.fonts:
            length = pdfium.FPDFFont_GetBaseFontName(font, None, 0)
            name = ctypes.create_string_buffer(max(length, 1))
            pdfium.FPDFFont_GetBaseFontName(font, name, length)
            flags = max(pdfium.FPDFFont_GetFlags(font), 0)
            self.fonts[address] = bool(BOLD.search(name.value.decode("latin-1")) or flags & FORCE_BOLD)
        return self.fonts[address]

    def _target(self, item):
        target = pdfium.FPDFBookmark_GetDest(self.document, item)
        if not target:
            action = pdfium.FPDFBookmark_GetAction(item)
            target = pdfium.FPDFAction_GetDest(self.document, action) if action else None
        number = pdfium.FPDFDest_GetDestPageIndex(self.document, target) if target else -1
        return number if number >= 0 else None

    def _ask(self, verb, *arguments):
        """What PDFium writes as UTF-16 into a buffer of ours."""
        buffer = ctypes.create_string_buffer(TITLE_BYTES)
        length = verb(*arguments, buffer, TITLE_BYTES)
        return buffer.raw[: max(length - 2, 0)].decode("utf-16-le", "ignore") if length <= TITLE_BYTES else ""


class _Drawn:
    """A page's glyphs as they are gathered, with their styles."""

    def __init__(self, pdf, text):
        self.pdf, self.text = pdf, text
        self.glyphs, self.styles, self.numbers, self.box = [], [], {}, pdfium.FS_RECTF()
        self.last = self.number = None  # the drawing operation, and the number of its style

    def add(self, start, end):
        """Glyph by glyph."""
        for index in range(start, end):
            code = pdfium.FPDFText_GetUnicode(self.text, index)
            drawn = _address(pdfium.FPDFText_GetTextObject(self.text, index))
            if drawn is None or (code <= 0x20 and code not in HYPHENS) or code == 0xA0:
                self.glyphs.append(SPACE)
                continue
            self._look(drawn, index)
            left, right = self._sides(index)
            self.glyphs.append(("-" if code in HYPHENS else chr(code), left, right, self.number))

    def add_word(self, word, start, end):
        """A word at once, which takes a fifth of the time, when one operation drew it."""
        drawn = _address(pdfium.FPDFText_GetTextObject(self.text, start))
        last = _address(pdfium.FPDFText_GetTextObject(self.text, end - 1)) if end - start > 1 else drawn
        if drawn is None or drawn != last:
            self.add(start, end)
            return
        self._look(drawn, start)
        left, right = self._sides(start)
        if end - start > 1:
            first, last = self._sides(end - 1)
            left, right = min(left, first), max(right, last)
        self.glyphs.append((word, left, right, self.number))

    def _look(self, drawn, index):
        if drawn == self.last:
            return
        self.last = drawn
        style = self.pdf.style(self.text, index)
        self.number = self.numbers.setdefault(style, len(self.styles))
        if self.number == len(self.styles):
            self.styles.append(style)

    def _sides(self, index):
        box, angle = self.box, self.styles[self.number].angle
        pdfium.FPDFText_GetLooseCharBox(self.text, index, box)
        if not angle:
            return box.left, box.right
        corners = [_turned(x, y, angle)[0] for x in (box.left, box.right) for y in (box.bottom, box.top)]
        return min(corners), max(corners)


def _text_of(text, count):
    """The page's text, a character for each glyph; None when they cannot be told from each other."""
    buffer = ctypes.create_string_buffer(2 * count + 2)
    pdfium.FPDFText_GetText(text, 0, count, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)))
    written = buffer.raw[: 2 * count].decode("utf-16-le", "replace")
    return written if len(written) == count and "\0" not in written and "\ufffd" not in written else None


def _address(pointer):
    return ctypes.c_void_p.from_buffer(pointer).value if pointer else None


def _round(degrees):
    """Upright and sideways text stands straight, even when a scanner was not quite; the rest in steps of 15°."""
    quarter = round(degrees / 90) * 90
    return int(quarter if abs(degrees - quarter) <= 10 else round(degrees / 15) * 15) % 360


def _turned(x, y, angle):
    """A point in the frame in which text of this angle runs from left to right."""
    if not angle:
        return x, y
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return x * cosine + y * sine, y * cosine - x * sine
