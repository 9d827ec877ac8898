"""What a file is, by what is in it; the name must agree."""

import codecs
import io
import re
import zipfile
from pathlib import PurePath

from charset_normalizer import from_bytes

from knowledge.formats.blocks import UnreadableDocument

ENDINGS = {
    ".pdf": "pdf", ".docx": "docx", ".html": "html", ".htm": "html", ".xhtml": "html",
    ".md": "md", ".markdown": "md", ".txt": "txt", ".text": "txt", "": "txt",
}  # fmt: skip
NAMES = {"pdf": "a PDF", "docx": "a Word document", "html": "a web page", "md": "Markdown", "txt": "plain text"}
TAKEN = "PDF, Word (.docx), HTML, Markdown and plain text can be read."

OTHERS = [
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "This is an old Office file (.doc, .xls, .ppt). Save it as .docx or PDF and upload that."),
    (b"{\\rtf", "This is a rich text file (RTF). Save it as .docx or PDF and upload that."),
    (b"\x89PNG", "This is a picture. If it shows text, make a PDF with recognised text (OCR) of it and upload that."),
    (b"\xff\xd8\xff", "This is a picture. If it shows text, make a PDF with recognised text (OCR) of it and upload that."),
    (b"GIF8", "This is a picture. If it shows text, make a PDF with recognised text (OCR) of it and upload that."),
    (b"\x7fELF", "This is a program, not a document."),
    (b"MZ", "This is a program, not a document."),
]  # fmt: skip
MOST_UNPACKED = 300 * 1024 * 1024
MOST_ENTRIES = 10_000
WORST_RATIO = 200  # text packs 10 to 20 times; a bomb a thousand
PAGE = re.compile(rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.I | re.S)
SAMPLE = 262_144  # bytes from which an encoding is guessed
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")
MARKS = [
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]


def tell(data, file_name):
    """The kind of a file: pdf, docx, html, md or txt. Raises UnreadableDocument when it is none, or not what its name
    says."""
    if not data.strip(b"\0 \t\r\n"):
        raise UnreadableDocument("The file is empty. Check that it was saved, and upload it again.")
    ending = PurePath(file_name).suffix.lower()
    named = ENDINGS.get(ending)
    if named is None:
        raise UnreadableDocument(f"Files ending in {ending[:12]} cannot be read. {TAKEN}")
    kind = _look(data)
    if kind == "text":
        kind = named if named in ("html", "md", "txt") else "txt"
    if kind == "html" and named == "md":
        kind = "md"
    if kind != named:
        right = {"pdf": ".pdf", "docx": ".docx", "html": ".html"}.get(kind, ".txt")
        raise UnreadableDocument(
            f"The name ends in {ending or 'nothing'}, but this is {NAMES[kind]}. "
            f"If that is what you meant to upload, give it the ending {right}."
        )
    return kind


def decode(data):
    """Bytes as text, in whatever encoding they are. Raises UnreadableDocument for what is no text."""
    text = _decode(data)
    strange = len(CONTROL.findall(text, 0, SAMPLE))
    if strange > max(8, min(len(text), SAMPLE) * 0.01):
        raise UnreadableDocument(f"This is not text: it holds binary data. {TAKEN}")
    return text


def check_archive(data):
    """Raise UnreadableDocument for an archive that would not stay small when unpacked. Nothing is unpacked."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as problem:
        raise UnreadableDocument("The file is damaged. Open it in Word, save it again and upload that.") from problem
    unpacked, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or unpacked > WORST_RATIO * max(packed, 50_000):
        raise UnreadableDocument("Unpacked, this file would be far too large. It was not opened.")
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableDocument("The file is protected by a password. Save a copy without one and upload that.")
    return {entry.filename for entry in entries}


def _look(data):
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        if "word/document.xml" in check_archive(data):
            return "docx"
        raise UnreadableDocument(f"This is an archive or an Office file of another kind. {TAKEN}")
    for start, sentence in OTHERS:
        if data.startswith(start):
            raise UnreadableDocument(sentence)
    return "html" if PAGE.match(data[:SAMPLE]) else "text"


def _decode(data):
    for mark, name in MARKS:
        if data.startswith(mark):
            return data.decode(name, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    sample = data[:SAMPLE]
    zeros = sample.count(0)
    if zeros > len(sample) * 0.2:  # UTF-16 without a mark: every other byte of Latin text is zero
        return data.decode("utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be", "replace")
    best = from_bytes(sample).best() if not zeros else None
    if best is None:
        raise UnreadableDocument(f"This is not text: it holds binary data. {TAKEN}")
    return data.decode(best.encoding, "replace")
