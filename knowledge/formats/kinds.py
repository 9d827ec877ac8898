"""What a file is, by what is in it; the name must agree."""

import re
from pathlib import PurePath

from knowledge.formats.archives import check_archive
from knowledge.formats.blocks import UnreadableDocument

ENDINGS = {
    ".pdf": "pdf", ".docx": "docx", ".html": "html", ".htm": "html", ".xhtml": "html", ".epub": "epub",
    ".md": "md", ".markdown": "md", ".txt": "txt", ".text": "txt", "": "txt",
    ".csv": "csv", ".tsv": "csv", ".xlsx": "xlsx", ".xlsm": "xlsx",
}  # fmt: skip
NAMES = {
    "pdf": "a PDF", "docx": "a Word document", "html": "a web page", "epub": "an e-book (EPUB)", "md": "Markdown",
    "txt": "plain text", "csv": "a table (CSV)", "xlsx": "an Excel workbook",
}  # fmt: skip
TAKEN = "PDF, Word (.docx), HTML, EPUB, Markdown, plain text, CSV and Excel (.xlsx) can be read."
PACKED = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "META-INF/container.xml": "epub"}
TYPED = ("html", "md", "txt", "csv")  # which of them a text is, its name says

OTHERS = [
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "This is an old Office file (.doc, .xls, .ppt). Save it as .docx, .xlsx or PDF and upload that."),
    (b"{\\rtf", "This is a rich text file (RTF). Save it as .docx or PDF and upload that."),
    (b"\x89PNG", "This is a picture. If it shows text, make a PDF with recognised text (OCR) of it and upload that."),
    (b"\xff\xd8\xff", "This is a picture. If it shows text, make a PDF with recognised text (OCR) of it and upload that."),
    (b"GIF8", "This is a picture. If it shows text, make a PDF with recognised text (OCR) of it and upload that."),
    (b"\x7fELF", "This is a program, not a document."),
    (b"MZ", "This is a program, not a document."),
]  # fmt: skip
PAGE = re.compile(rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.I | re.S)
SAMPLE = 262_144  # bytes within which a page begins


def tell(data, file_name):
    """The kind of a file, a value of ENDINGS. Raises UnreadableDocument when it is none, or not what its name
    says."""
    if not data.strip(b"\0 \t\r\n"):
        raise UnreadableDocument("The file is empty. Check that it was saved, and upload it again.")
    ending = PurePath(file_name).suffix.lower()
    named = ENDINGS.get(ending)
    if named is None:
        raise UnreadableDocument("Files ending in {ending} cannot be read. {taken}", ending=ending[:12], taken=TAKEN)
    kind = _look(data)
    if kind == "text":
        kind = named if named in TYPED else "txt"
    if kind == "html" and named == "md":
        kind = "md"
    if kind != named:
        right = "." + kind
        raise UnreadableDocument(
            "The name ends in {ending}, but this is {kind}. "
            "If that is what you meant to upload, give it the ending {right}.",
            ending=ending or "nothing",
            kind=NAMES[kind],
            right=right,
        )
    return kind


def _look(data):
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        names = check_archive(data)
        for name, kind in PACKED.items():
            if name in names:
                return kind
        raise UnreadableDocument("This is an archive or an Office file of another kind. {taken}", taken=TAKEN)
    for start, sentence in OTHERS:
        if data.startswith(start):
            raise UnreadableDocument(sentence)
    return "html" if PAGE.match(data[:SAMPLE]) else "text"
