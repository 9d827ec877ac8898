"""Documents for the knowledge tests, good and hostile, made here so that none of them has to be kept as a file."""

import html
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


def workbook(sheets, hidden=()):
    """An Excel workbook of {sheet name: rows of texts and numbers}."""
    kind = "http://schemas.openxmlformats.org"
    main, relations = f"{kind}/spreadsheetml/2006/main", f"{kind}/officeDocument/2006/relationships"
    entries = {"_rels/.rels": _relations({"r1": ("officeDocument", "xl/workbook.xml")})}
    named = enumerate(sheets, 1)
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="s{n}"{" state=" + chr(34) + "hidden" + chr(34) if name in hidden else ""}/>'
        for n, name in named
    )
    entries["xl/workbook.xml"] = f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>{listed}</sheets></workbook>'
    parts = {f"s{n}": ("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)}
    entries["xl/_rels/workbook.xml.rels"] = _relations(parts)
    for n, rows in enumerate(sheets.values(), 1):
        lines = "".join(f"<row>{''.join(map(_cell, cells))}</row>" for cells in rows)
        entries[f"xl/worksheets/sheet{n}.xml"] = f'<worksheet xmlns="{main}"><sheetData>{lines}</sheetData></worksheet>'
    return packed(entries)


def _cell(value):
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t>{html.escape(value)}</t></is></c>'
    return f"<c><v>{value}</v></c>"


def _relations(parts):
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    listed = "".join(
        f'<Relationship Id="{name}" Type="{office}/{kind}" Target="{path}"/>' for name, (kind, path) in parts.items()
    )
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{listed}</Relationships>'
    )


def packed(entries):
    """A zip file of {name: text or bytes}."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return file.getvalue()


def epub(chapters, title="The Harbour Book", contents=(), extra=None, doctype=""):
    """An EPUB of {file name: body}; ``contents`` is [(file name, chapter title), …] of its navigation."""
    links = "".join(f'<li><a href="{name}#top">{label}</a></li>' for name, label in contents)
    navigation = (
        f'<html xmlns:epub="x"><body><nav epub:type="toc"><h1>Contents</h1><ol>{links}</ol></nav></body></html>'
    )
    items = "".join(
        f'<item id="c{n}" href="text/{name}" media-type="application/xhtml+xml"/>' for n, name in enumerate(chapters)
    )
    order = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    package = f"""<?xml version="1.0"?>{doctype}<package xmlns="http://www.idpf.org/2007/opf" version="3.0">
        <metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title></metadata>
        <manifest><item id="nav" href="text/nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>{items}</manifest>
        <spine><itemref idref="nav"/>{order}</spine></package>"""
    container = '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
    entries = {"mimetype": "application/epub+zip", "META-INF/container.xml": container, "OEBPS/book.opf": package}
    entries["OEBPS/text/nav.xhtml"] = navigation
    for name, body in chapters.items():
        entries[f"OEBPS/text/{name}"] = f'<html xmlns:epub="x"><head><title/></head>{body}</html>'
    return packed(entries | (extra or {}))


def bomb():
    """A DOCX of less than a megabyte that would unpack to 400."""
    return archive(word_document__xml=b"0" * (400 * 1024 * 1024))


def repacked(data, name, change):
    """A zip file with the text of one entry changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = {entry: archive.read(entry) for entry in archive.namelist()}
    return packed(entries | {name: change(entries[name].decode())})
