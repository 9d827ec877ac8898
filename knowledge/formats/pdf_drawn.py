"""What PDFium sees written on a page: words and glyphs with boxes and styles."""

import ctypes
import math
import re
from dataclasses import dataclass

import pypdfium2.raw as pdfium

from knowledge.formats.pdf_drawing import is_white
from knowledge.formats.pdf_unseen import INKLESS, TINY, WHITE

BOLD = re.compile(r"bold|black|heavy|demi(?!light)|cmbx|cmssbx|sfbx", re.I)
FORCE_BOLD = 1 << 18  # a font's flag, PDF 32000-1, table 123
DOWNWARDS = 270  # an angle: what runs down is read as if the page were turned
HYPHENS = (0x02, 0xFFFE)  # PDFium's codes for the hyphen at a line's end
SPACE = (" ", 0, 0, -1)
WORD = re.compile("[^\x00-\x20\xa0]+")
# Not the hyphen at a line's end, since the next line follows it; nor what runs to the left.
PLAIN = re.compile("[^\x02\ufffe\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]+")
MOST_GLYPHS = 200_000  # of one page
READABLE = 2.0  # points of height; what is smaller nobody reads


@dataclass(frozen=True, slots=True)
class Style:
    """What the glyphs of one drawing operation share. Points; ``angle`` is whole degrees, 0 for upright text."""

    size: float
    bold: bool
    angle: int
    y: float  # the baseline, in the frame of the angle
    look: str = ""  # white, inkless or tiny


@dataclass(slots=True)
class Sheet:
    """What there is on a page."""

    glyphs: list  # [(characters, left, right, style number), …]
    styles: list
    rules: list  # [(x0, y0, x1, y1), …]
    grounds: list | None  # [(x0, y0, x1, y1, whether it may be dark), …]
    paper: tuple  # (x0, y0, x1, y1)


def read_glyphs(text):
    """([(characters, left, right, style number), …], [Style, …]) of a text page, in the order they are drawn: words, or
    glyphs where it takes a closer look; a space is (" ", 0, 0, -1)."""
    drawn = _Drawn(text)
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


class _Drawn:
    """A page's glyphs as they are gathered, with their styles."""

    def __init__(self, text):
        self.text = text
        self.fonts = {}  # whether bold, by address
        self.glyphs, self.styles, self.numbers, self.box = [], [], {}, pdfium.FS_RECTF()
        self.last = self.number = None  # the drawing operation, and the number of its style

    def add(self, start, end):
        """Glyph by glyph."""
        for index in range(start, end):
            code = pdfium.FPDFText_GetUnicode(self.text, index)
            drawn = address(pdfium.FPDFText_GetTextObject(self.text, index))
            if drawn is None or (code <= 0x20 and code not in HYPHENS) or code == 0xA0:
                self.glyphs.append(SPACE)
                continue
            self._look(drawn, index)
            left, right = self._sides(index)
            self.glyphs.append(("-" if code in HYPHENS else chr(code), left, right, self.number))

    def add_word(self, word, start, end):
        """A word at once, which takes a fifth of the time, when one operation drew it."""
        drawn = address(pdfium.FPDFText_GetTextObject(self.text, start))
        last = address(pdfium.FPDFText_GetTextObject(self.text, end - 1)) if end - start > 1 else drawn
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
        style = self._style(index)
        self.number = self.numbers.setdefault(style, len(self.styles))
        if self.number == len(self.styles):
            self.styles.append(style)

    def _style(self, index):
        matrix, x, y = pdfium.FS_MATRIX(), ctypes.c_double(), ctypes.c_double()
        pdfium.FPDFText_GetMatrix(self.text, index, matrix)
        pdfium.FPDFText_GetCharOrigin(self.text, index, x, y)
        size = pdfium.FPDFText_GetFontSize(self.text, index) * math.hypot(matrix.c, matrix.d)
        angle = _round(math.degrees(math.atan2(matrix.b, matrix.a)))
        if not angle and self._falls(index, x.value, y.value, size):
            angle = DOWNWARDS
        _, baseline = _turned(x.value, y.value, angle)
        font = pdfium.FPDFTextObj_GetFont(pdfium.FPDFText_GetTextObject(self.text, index))
        pdfium.FPDFText_GetLooseCharBox(self.text, index, self.box)
        height = 0.75 * (self.box.right - self.box.left if angle in (90, 270) else self.box.top - self.box.bottom)
        if size < 0.5 * height:  # a font that scales its letters by itself
            size = height
        return Style(round(size, 1), self._is_bold(font), angle, round(baseline, 2), self._look_of(index, size))

    def _falls(self, index, x, y, size):
        """Whether the next glyph of the operation stands below this one: Chinese and Japanese in columns."""
        following = pdfium.FPDFText_GetTextObject(self.text, index + 1)
        if address(following) != self.last:
            return False
        below, beside = ctypes.c_double(), ctypes.c_double()
        pdfium.FPDFText_GetCharOrigin(self.text, index + 1, beside, below)
        return abs(beside.value - x) < 0.2 * size and y - below.value > 0.5 * size

    def _look_of(self, index, size):
        if size < READABLE:
            return TINY
        drawn = pdfium.FPDFText_GetTextObject(self.text, index)
        if pdfium.FPDFTextObj_GetTextRenderMode(drawn) == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE:
            return INKLESS
        colour = [ctypes.c_uint() for _ in range(4)]
        return WHITE if pdfium.FPDFText_GetFillColor(self.text, index, *colour) and is_white(colour) else ""

    def _is_bold(self, font):
        known = address(font)
        if known not in self.fonts:
            length = pdfium.FPDFFont_GetBaseFontName(font, None, 0)
            name = ctypes.create_string_buffer(max(length, 1))
            pdfium.FPDFFont_GetBaseFontName(font, name, length)
            flags = max(pdfium.FPDFFont_GetFlags(font), 0)
            self.fonts[known] = bool(BOLD.search(name.value.decode("latin-1")) or flags & FORCE_BOLD)
        return self.fonts[known]

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


def address(pointer):
    """What a pointer of PDFium's can be recognised by, as long as its page is open."""
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
