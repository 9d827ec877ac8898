"""Word documents: what a reader reads, in order, and nothing else."""

import io

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from knowledge.formats import docx as word
from tests.knowledge import samples

W = nsdecls("w")


def read(document):
    file = io.BytesIO()
    document.save(file)
    return word.read(file.getvalue())


def sections(found):
    return [(heading, found.text[start:end].strip()) for start, end, heading in found.sections]


def add(document, xml):
    """Put an element of our own at the end of the body."""
    document.element.body.insert(
        -1, parse_xml(xml.replace("<w:p>", f"<w:p {W}>", 1).replace("<w:sdt>", f"<w:sdt {W}>", 1))
    )


def test_numbered_items_keep_their_numbers():
    document = docx.Document()
    for text in ("Cast off", "Hoist the sail"):
        document.add_paragraph(text, style="List Number")
    document.add_paragraph("Water is free", style="List Bullet")
    assert read(document).text == "1. Cast off\n2. Hoist the sail\n- Water is free"


def test_numbers_go_down_in_levels_and_begin_anew():
    document = docx.Document()
    numbering = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for n, (kind, text) in enumerate([("decimal", "%1."), ("lowerLetter", "%2)"), ("upperRoman", "%1.%3.")])
    )
    numbering.insert(0, parse_xml(f'<w:abstractNum {W} w:abstractNumId="77">{levels}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {W} w:numId="88"><w:abstractNumId w:val="77"/></w:num>'))
    for level, text in [(0, "one"), (1, "first"), (1, "second"), (2, "deep"), (0, "two"), (1, "again")]:
        add(
            document,
            f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="88"/></w:numPr></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>',
        )
    lines = read(document).text.splitlines()
    assert [line.removeprefix("- ") for line in lines] == [
        "1. one",
        "a) first",
        "b) second",
        "1.I. deep",
        "2. two",
        "a) again",
    ]


def test_merged_cells_keep_the_columns_apart():
    document = docx.Document()
    table = document.add_table(4, 3)
    for place, text in enumerate(["Length", "Summer", "Winter", "8 m", "19", "12", "10 m", "", "16", "All", "ask", ""]):
        table.cell(place // 3, place % 3).text = text
    table.cell(1, 1).merge(table.cell(2, 1))
    table.cell(3, 1).merge(table.cell(3, 2))
    assert read(document).text == (
        "Length: 8 m; Summer: 19; Winter: 12.\nLength: 10 m; Summer: 19; Winter: 16.\nLength: All; Summer: ask."
    )


def test_a_table_in_a_table_is_read_once():
    document = docx.Document()
    outer = document.add_table(1, 2)
    outer.cell(0, 0).text = "Left"
    inner = outer.cell(0, 1).add_table(2, 2)
    for place, text in enumerate(["Boat", "Price", "Dinghy", "9"]):
        inner.cell(place // 2, place % 2).text = text
    text = read(document).text
    assert text.count("Boat: Dinghy; Price: 9.") == 1
    assert text.startswith("Left")


def test_what_is_wrapped_in_a_control_is_read():
    document = docx.Document()
    add(document, "<w:sdt><w:sdtContent><w:p><w:r><w:t>Inside a control.</w:t></w:r></w:p></w:sdtContent></w:sdt>")
    assert read(document).text == "Inside a control."


def test_tracked_changes_are_read_as_if_accepted():
    document = docx.Document()
    run = "<w:r><w:{0}>{1}</w:{0}></w:r>".format
    add(
        document,
        f'<w:p>{run("t", "A night costs ")}<w:del w:id="1">{run("delText", "25")}</w:del><w:ins w:id="2">{run("t", "30")}</w:ins>'
        f'<w:moveFrom w:id="3">{run("t", "GONE")}</w:moveFrom>{run("t", " euros.")}</w:p>',
    )
    assert read(document).text == "A night costs  30 euros.".replace("  ", " ")


def test_a_text_box_is_read_once_though_it_stands_there_twice():
    document = docx.Document()
    box = "<w:txbxContent><w:p><w:r><w:t>In the box.</w:t></w:r></w:p></w:txbxContent>"
    namespaces = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    add(
        document,
        f"<w:p><w:r><w:t>Before.</w:t></w:r><w:r><mc:AlternateContent {namespaces}><mc:Choice Requires='wps'>{box}</mc:Choice>"
        f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r></w:p>",
    )
    assert read(document).text == "Before.\n\nIn the box."


def test_notes_stand_behind_the_paragraph_that_refers_to_them():
    document = docx.Document()
    add(document, '<w:p><w:r><w:t>A night costs 25 euros.</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>')
    document.add_paragraph("Dogs travel free.")
    part = docx.opc.part.Part(
        docx.opc.packuri.PackURI("/word/footnotes.xml"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml",
        f'<w:footnotes {W}><w:footnote w:id="2"><w:p><w:r><w:t>In winter 16.</w:t></w:r></w:p></w:footnote></w:footnotes>'.encode(),
        document.part.package,
    )
    document.part.relate_to(part, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes")
    assert read(document).text == "A night costs 25 euros.\n\nIn winter 16.\n\nDogs travel free."


def test_headers_footers_and_the_table_of_contents_are_left_out():
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Harbour Office"
    document.sections[0].footer.paragraphs[0].text = "Page 1"
    document.styles.add_style("toc 1", docx.enum.style.WD_STYLE_TYPE.PARAGRAPH)
    document.add_paragraph("Fees ........ 3", style="toc 1")
    document.add_paragraph("A night costs 25 euros.")
    assert read(document).text == "A night costs 25 euros."


@pytest.mark.parametrize(
    "name", ["Überschrift 1", "Titre 1", "Nagłówek 1", "Заголовок 1", "見出し 1", "标题 1", "Heading 1"]
)
def test_headings_are_known_by_their_style_in_many_languages(name):
    document = docx.Document()
    if name != "Heading 1":
        document.styles.add_style(name, docx.enum.style.WD_STYLE_TYPE.PARAGRAPH)
    document.add_paragraph("Fees", style=name)
    document.add_paragraph("25 euros.")
    assert sections(read(document)) == [("Fees", "25 euros.")]


def test_a_style_made_from_a_heading_is_a_heading():
    document = docx.Document()
    own = document.styles.add_style("Chapter", docx.enum.style.WD_STYLE_TYPE.PARAGRAPH)
    own.base_style = document.styles["Heading 2"]
    document.add_paragraph("Fees", style="Chapter")
    document.add_paragraph("25 euros.")
    assert sections(read(document)) == [("Fees", "25 euros.")]


def test_a_file_whose_parts_stand_elsewhere_is_read_without_asking_for_them():
    data = samples.word()
    outside = '<Relationship Id="rX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" Target="{}" TargetMode="External"/>'
    links = "".join(outside.format(kind, to).replace("rX", f"r{kind}") for kind, to in [
        ("footnotes", "file:///etc/passwd"), ("comments", "http://169.254.169.254/"), ("attachedTemplate", "http://127.0.0.1/x.dotm"),
        ("numbering9", "\\\\evil\\share"),
    ])  # fmt: skip
    changed = samples.repacked(
        data, "word/_rels/document.xml.rels", lambda text: text.replace("</Relationships>", f"{links}</Relationships>")
    )
    found = word.read(changed)
    assert "25 euros" in found.text
    assert "root:" not in found.text


def test_entities_of_a_document_are_not_resolved():
    def change(text):
        declared = (
            '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
        )
        head, _, rest = text.partition("?>")
        return f"{head}?>{declared}{rest}".replace("Water is free", "Water &b;&c; is free")

    found = word.read(samples.repacked(samples.word(), "word/document.xml", change))
    assert "aaaa" not in found.text
    assert "root:" not in found.text


def test_a_span_that_is_no_number_is_one():
    document = docx.Document()
    table = document.add_table(2, 2)
    for place, text in enumerate(["Boat", "Price", "Dinghy", "9"]):
        table.cell(place // 2, place % 2).text = text
    properties = table.cell(0, 0)._tc.get_or_add_tcPr()
    properties.append(parse_xml(f'<w:gridSpan {W} w:val="9999999999"/>'))
    assert properties.find(qn("w:gridSpan")) is not None
    assert "Boat: Dinghy; Price: 9." in read(document).text
