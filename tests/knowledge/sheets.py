"""PDFs that are hard to read, as printers, offices and enemies make them; made here so that none has to be kept."""

import io
import zlib

from reportlab.lib.colors import grey
from reportlab.lib.enums import TA_JUSTIFY
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas
from reportlab.platypus import BaseDocTemplate, FrameBreak, PageTemplate, Paragraph, Table
from reportlab.platypus.doctemplate import NextPageTemplate
from reportlab.platypus.frames import Frame

DEJAVU = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
TEXT = ParagraphStyle("text", fontName="Times-Roman", fontSize=10, leading=12, alignment=TA_JUSTIFY, firstLineIndent=0, spaceAfter=6)  # fmt: skip
INDENTED = ParagraphStyle("indented", TEXT, firstLineIndent=12, spaceAfter=0)
TITLE = ParagraphStyle("title", fontName="Times-Bold", fontSize=18, leading=22, alignment=1, spaceAfter=12)
HEAD = ParagraphStyle("head", fontName="Helvetica-Bold", fontSize=11, leading=14, spaceBefore=6, spaceAfter=3)
CELL = ParagraphStyle("cell", fontName="Helvetica", fontSize=9, leading=11)

SUBJECTS = ["harbour", "bridge", "ferry", "lighthouse", "pontoon", "lock", "basin", "quay", "crane", "slipway"]


def sentences(count, first=0):
    """Sentences that are all different and all known by a number of their own."""
    return " ".join(
        f"Sentence {number} says that the {SUBJECTS[number % 10]} was painted by {3 + number % 7} people in the year {1900 + number}, "
        f"before anybody had asked for it."
        for number in range(first, first + count)
    )


def article(paragraphs=8, style=TEXT):
    """A title over the full width, then two columns with headings in them, on as many pages as it takes."""
    width, height = A4
    body = height - 110
    first = [Frame(50, height - 110, width - 100, 60, id="top")]
    columns = [Frame(50, 50, 240, body - 60, 0, 0, 0, 0), Frame(306, 50, 240, body - 60, 0, 0, 0, 0)]
    later = [Frame(50, 50, 240, body, 0, 0, 0, 0), Frame(306, 50, 240, body, 0, 0, 0, 0)]
    story = [Paragraph("The harbour that was painted twice and nobody knows why", TITLE), FrameBreak(), NextPageTemplate("later")]  # fmt: skip
    for number in range(paragraphs):
        if number % 3 == 0:
            story.append(Paragraph(f"Part {'ABCDEFGHIJKLMNOP'[number // 3]} of the story", HEAD))
        story.append(Paragraph(sentences(6, number * 6), style))
    return _build(story, [PageTemplate("first", [*first, *columns]), PageTemplate("later", later)])


def leaflet():
    """Three columns on a page across, the last one with addresses instead of sentences."""
    width, height = landscape(A4)
    frames = [Frame(30 + place * 265, 40, 245, height - 80, 0, 0, 0, 0) for place in range(3)]
    story = []
    for place, name in enumerate(["Coming in", "Staying", "Finding us"]):
        story.append(Paragraph(name, HEAD))
        if place < 2:
            story += [Paragraph(sentences(3, 10 * place + 3 * number), TEXT) for number in range(2)]
            story.append(FrameBreak())
    story += [Paragraph(line, CELL) for line in ["Harbour Office", "12 Quay Street", "Port Ellery", "Telephone 0123 456", "office@ellery.example"]]  # fmt: skip
    return _build(story, [PageTemplate("only", frames)], landscape(A4))


def table(rows, widths=None, grid=True, more=()):
    """Text, a table in a column of the page's width, text."""
    style = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("FONTSIZE", (0, 0), (-1, -1), 9)]
    style += [("GRID", (0, 0), (-1, -1), 0.5, grey)] if grid else []
    style += more
    cells = [[Paragraph(cell, CELL) if len(cell) > 18 else cell for cell in row] for row in rows]
    story = [Paragraph(sentences(3), TEXT), Table(cells, widths, style=style, hAlign="LEFT"), Paragraph(sentences(3, 3), TEXT)]  # fmt: skip
    return _build(story, [PageTemplate("only", [Frame(50, 50, 495, 740)])])


def lines(*pages, font="Helvetica", size=11, step=14, left=60, top=780, rotation=0, turned=0):
    """Pages whose lines stand exactly as given: a text, or (x, y, text) or (x, y, text, font, size)."""
    file = io.BytesIO()
    paper = canvas.Canvas(file, A4, invariant=1)
    for page in pages:
        y = top
        paper.setPageRotation(rotation)
        if turned:
            paper.translate(A4[0], 0)
            paper.rotate(turned)
        for line in page:
            x, height, text, *look = (left, y, line) if isinstance(line, str) else line
            paper.setFont(*(look or (font, size)))
            paper.drawString(x, height, text)
            y = height - step
        paper.showPage()
    paper.save()
    return file.getvalue()


def book(pages):
    """Running heads that differ on left and right pages and by chapter, numbers below (Roman in front)."""
    sheets = []
    for number in range(pages):
        front = number < 4
        folio = ["i", "ii", "iii", "iv"][number] if front else str(number - 3)
        chapter = "Foreword" if front else f"Chapter {1 + (number - 4) // 8}: Tides"
        head = (
            (60, 810, f"{folio}      Handbook of the Harbour") if number % 2 else (300, 810, f"{chapter}      {folio}")
        )
        text = sentences(4, number * 4).split(". ")
        body = [(60, 760 - 14 * place, line) for place, line in enumerate(text)]
        sheets.append([head, *body, (290, 30, f"– {folio} –")])
    return lines(*sheets)


def outlined():
    """Three levels of outline over headings that look like text."""
    file = io.BytesIO()
    paper = canvas.Canvas(file, A4)
    for place, (level, name) in enumerate([(0, "Boats"), (1, "Sails"), (2, "Reefing"), (1, "Oars"), (0, "Birds")]):
        paper.bookmarkPage(f"p{place}")
        paper.addOutlineEntry(name, f"p{place}", level)
        paper.setFont("Helvetica", 11)
        paper.drawString(60, 780, f"{place + 1}. {name}")
        paper.drawString(60, 760, f"What is said about {name.lower()} stands here and nowhere else.")
        paper.showPage()
    paper.save()
    return file.getvalue()


def foreign(*rows, font="dejavu"):
    """Lines in a font that has the letters, drawn as they are given, glyph by glyph from left to right."""
    if font == "dejavu":
        pdfmetrics.registerFont(TTFont("dejavu", DEJAVU))
    else:
        pdfmetrics.registerFont(UnicodeCIDFont(font))
    return lines(rows, font=font)


def guarded(text):
    """A page that opens without a password; only changing it needs one."""
    file = io.BytesIO()
    paper = canvas.Canvas(file, A4, encrypt=StandardEncryption("", ownerPassword="owner", canCopy=0))
    paper.drawString(60, 700, text)
    paper.save()
    return file.getvalue()


def secretive(secret, *, size=11, colour="white", mode=0, x=60, ground=None):
    """A page with a sentence for everybody and one that is kept from readers; ``ground`` colours a box behind it."""
    file = io.BytesIO()
    paper = canvas.Canvas(file, A4)
    paper.setFont("Helvetica", 11)
    paper.drawString(60, 700, "The tide table hangs in the office, next to the door.")
    if ground:
        paper.setFillColor(ground)
        paper.rect(50, 640, 480, 40, stroke=0, fill=1)
    line = paper.beginText(x, 655)
    line.setFont("Helvetica", size)
    line.setFillColor(colour)
    line.setTextRenderMode(mode)
    line.textOut(secret)
    paper.drawText(line)
    paper.save()
    return file.getvalue()


def long(pages):
    """Many pages of two columns, a table on every tenth."""
    sheets = []
    for number in range(pages):
        rows = simpleSplit(sentences(22, number * 22), "Times-Roman", 9, 240)
        half = len(rows) // 2
        left = [(50, 770 - 12 * place, row, "Times-Roman", 9) for place, row in enumerate(rows[:half])]
        right = [(310, 770 - 12 * place, row, "Times-Roman", 9) for place, row in enumerate(rows[half:])]
        sheets.append([(50, 810, "Annals of the Harbour"), *left, *right, (290, 30, str(number + 1))])
    return lines(*sheets)


def bomb(megabytes=2000):
    """A page whose content unpacks to this much."""
    packer = zlib.compressobj(1)
    packed = b"".join(packer.compress(b" " * 1024 * 1024) for _ in range(megabytes)) + packer.flush()
    return raw(
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
        (f"<< /Length {len(packed)} /Filter /FlateDecode >>", packed),
    )


def raw(*objects):
    """A PDF of these objects, numbered from 1: dictionaries as text, or (dictionary, stream)."""
    file, places = io.BytesIO(), []
    file.write(b"%PDF-1.7\n")
    for number, made in enumerate(objects, 1):
        head, stream = made if isinstance(made, tuple) else (made, None)
        places.append(file.tell())
        file.write(f"{number} 0 obj\n{head}\n".encode("latin-1"))
        file.write(b"stream\n" + stream + b"\nendstream\n" if stream is not None else b"")
        file.write(b"endobj\n")
    start = file.tell()
    table_ = "".join(f"{place:010} 00000 n \n" for place in places)
    file.write(
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table_}trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    )
    return file.getvalue()


def _build(story, templates, size=A4):
    file = io.BytesIO()
    document = BaseDocTemplate(file, pagesize=size, pageTemplates=templates, invariant=1)
    document.build(story)
    return file.getvalue()
