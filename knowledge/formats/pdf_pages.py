"""A PDF as PDFium opens it: its pages one by one, its outline, its title.

A page is closed before the next one is opened, so that a long file takes no more memory than a short one.
"""

import ctypes

import pypdfium2.raw as pdfium

from knowledge.formats.blocks import UnreadableDocument
from knowledge.formats.pdf_drawing import read_drawing, read_paper
from knowledge.formats.pdf_drawn import Sheet, address, read_glyphs

DAMAGED = "The PDF is damaged and cannot be opened. Export it again from the program it was made with."
LOCKED = "The PDF is protected by a password. Save a copy without one and upload that."
ENCRYPTED = "The PDF is encrypted in a way that cannot be read. Save a copy without it."
MOST_HEADINGS = 5_000
DEEPEST = 12  # of an outline
TITLE_BYTES = 2_000
REOPENED = 100  # pages after which the file is opened anew: PDFium keeps what it parsed until then


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
        self.loaded = 0

    def look(self, index):
        """A page as a Sheet; None when it cannot be opened."""
        self._stay_small()
        page = pdfium.FPDF_LoadPage(self.document, index)
        if not page:
            return None
        text = pdfium.FPDFText_LoadPage(page)
        try:
            return Sheet(*read_glyphs(text), *read_drawing(page), read_paper(page)) if text else None
        finally:
            pdfium.FPDFText_ClosePage(text)
            pdfium.FPDF_ClosePage(page)

    def outline(self):
        """[(level, title, page index or None), …] in its order; however it is tied, each entry comes once."""
        found, seen = [], set()
        stack = [(1, pdfium.FPDFBookmark_GetFirstChild(self.document, None))]
        while stack and len(found) < MOST_HEADINGS:
            level, item = stack.pop()
            if not item or address(item) in seen:
                continue
            seen.add(address(item))
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
