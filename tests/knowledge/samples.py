"""Documents for the knowledge tests, good and hostile, made here so that none of them has to be kept as a file."""

import io
import zipfile

import docx
import pypdf
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

HARBOUR = {
    "Berths": (
        "The harbour has forty berths for visitors. A night costs 25 euros for a boat of ten metres. "
        "In winter the price falls to 16 euros. Electricity is included from April to September."
    ),
    "Bridge": (
        "The swing bridge opens for boats at six in the morning and at eight in the evening. "
        "Call the bridge keeper on channel 68 fifteen minutes before. Trains have priority over boats."
    ),
    "Ferry": (
        "The ferry Kittiwake sails to the island of Lesser Hallow at nine, at noon and at four. "
        "The crossing takes thirty-five minutes. Dogs travel free of charge on the open deck."
    ),
}


def pdf(*pages, outline=(), password=None, title=""):
    """A PDF whose pages hold these lines of text; ``outline`` is [(title, page index, level)]."""
    writer = pypdf.PdfWriter()
    for lines in pages:
        page = writer.add_blank_page(595, 842)
        font = DictionaryObject({NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"), NameObject("/BaseFont"): NameObject("/Helvetica")})  # fmt: skip
        fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        stream = DecodedStreamObject()
        stream.set_data(_drawn(lines))
        page[NameObject("/Contents")] = writer._add_object(stream)
    parents = {}
    for name, number, level in outline:
        parents[level] = writer.add_outline_item(title=name, page_number=number, parent=parents.get(level - 1))
    if title:
        writer.add_metadata({"/Title": title})
    if password:
        writer.encrypt(password, algorithm="AES-256")
    return _written(writer)


def _drawn(lines):
    drawn, height = [], 800
    for line in lines:
        size, text = line if isinstance(line, tuple) else (11, line)
        escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        drawn.append(f"BT /F1 {size} Tf 1 0 0 1 60 {height} Tm ({escaped}) Tj ET")
        height -= 16
    return "\n".join(drawn).encode("latin-1")


def _written(document):
    file = io.BytesIO()
    document.write(file) if isinstance(document, pypdf.PdfWriter) else document.save(file)
    return file.getvalue()


def word():
    """A Word document with headings, a list and a table."""
    document = docx.Document()
    document.add_heading("Fees", 1)
    document.add_paragraph("These are the prices for lying in the harbour.")
    document.add_heading("Nights", 2)
    document.add_paragraph("Electricity is included", style="List Bullet")
    document.add_paragraph("Water is free", style="List Bullet")
    table = document.add_table(3, 2)
    for place, text in enumerate(["Length", "Night", "8 metres", "19 euros", "10 metres", "25 euros"]):
        table.cell(place // 2, place % 2).text = text
    return _written(document)


def archive(**files):
    """A zip file; names are given with underscores for slashes and a final __xml."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name.replace("__", ".").replace("_", "/"), data)
    return file.getvalue()


def bomb():
    """A DOCX of less than a megabyte that would unpack to 400."""
    return archive(word_document__xml=b"0" * (400 * 1024 * 1024))
