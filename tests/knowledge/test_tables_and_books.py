"""EPUB, CSV and Excel: books with their chapters, tables with their questions."""

import pytest
from django.core.files.base import ContentFile

from knowledge import answering, reading
from knowledge.reading import UnreadableDocument
from tests.knowledge import samples


def read(name, data):
    return reading.read_file(ContentFile(data), name)


def sections(found):
    return [(heading, found.text[start:end].strip()) for start, end, heading in found.sections]


def refusal(name, data):
    with pytest.raises(UnreadableDocument) as refused:
        read(name, data)
    return str(refused.value)


FAQ = 'Question,Answer\nWhat does a night cost?,A night costs 25 euros.\nMay dogs come along?,"Yes, free of charge."\n'


def test_each_question_of_a_table_is_the_heading_of_its_answer():
    assert sections(read("faq.csv", FAQ.encode())) == [
        ("What does a night cost?", "A night costs 25 euros."),
        ("May dogs come along?", "Yes, free of charge."),
    ]


@pytest.mark.parametrize(
    "header",
    ["Frage;Antwort", "Pregunta;Respuesta", "Вопрос;Ответ", "问题;答案", "السؤال;الجواب", "Question (EN);Réponse"],
)
def test_the_columns_are_known_by_their_names_in_many_languages(header):
    found = read("faq.csv", f"{header}\nOpen;At nine\n".encode())
    assert sections(found) == [("Open", "At nine")]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_whatever_separates_the_columns_is_found_out(separator):
    rows = [["Question", "Answer"], ["Is it open, now?", "Yes; always"], ["Is it near | far?", "Near"]]
    text = "\n".join(separator.join(f'"{cell}"' for cell in row) for row in rows)
    name = "faq.tsv" if separator == "\t" else "faq.csv"
    assert sections(read(name, text.encode())) == [("Is it open, now?", "Yes; always"), ("Is it near | far?", "Near")]


def test_what_excel_is_told_about_the_separator_is_no_row():
    assert sections(read("faq.csv", b"sep=;\nFrage;Antwort\nOffen?;Ja\n")) == [("Offen?", "Ja")]


def test_two_columns_without_names_are_questions_when_most_of_the_first_is_asked():
    found = read("faq.csv", b"When is it open?,At nine\nWhere is it?,At the quay\nPrices,25 euros\n")
    assert sections(found)[0] == ("When is it open?", "At nine")


def test_a_further_column_is_named_behind_the_answer():
    found = read("faq.csv", b"Topic,Question,Answer\nFees,What does a night cost?,25 euros.\n")
    assert sections(found) == [("What does a night cost?", "25 euros.\n\nTopic: Fees.")]


def test_a_row_without_a_question_goes_on_with_the_answer_above():
    assert sections(read("faq.csv", b"Question,Answer\nWhen?,At nine.\n,Sundays at ten.\n")) == [
        ("When?", "At nine.\n\nSundays at ten.")
    ]


def test_a_question_without_an_answer_is_left_out():
    assert sections(read("faq.csv", b"Question,Answer\nWhen?,\nWhere?,Here.\n")) == [("Where?", "Here.")]


def test_a_table_of_anything_else_becomes_rows_that_stand_alone():
    found = read("prices.csv", b"Prices 2026\nLength,Night\n8 metres,19 euros\n10 metres,25 euros\n")
    assert found.text == "Prices 2026\n\nLength: 8 metres; Night: 19 euros.\nLength: 10 metres; Night: 25 euros."


def test_a_table_in_an_old_encoding_is_read():
    assert sections(read("faq.csv", "Frage;Antwort\nMöwen füttern?;Nein, verboten für Gäste\n".encode("cp1252"))) == [
        ("Möwen füttern?", "Nein, verboten für Gäste")
    ]


def test_a_table_of_ten_thousand_columns_is_refused_with_the_limit_named():
    assert "10,000 columns; at most 200" in refusal("wide.csv", ("x," * 9_999 + "x\n").encode())


def test_a_cell_without_end_is_refused():
    assert "quotation mark" in refusal("open.csv", b'a,"' + b"x" * 1_500_000)


def test_a_workbook_is_read_sheet_by_sheet_without_the_hidden_ones():
    sheets = {
        "Questions": [["Question", "Answer"], ["What does a night cost?", "25 euros."]],
        "Prices": [["Length", "Night"], [8, 19], [10.5, 25.25]],
        "Notes": [["secret", "thing"]],
    }
    found = read("faq.xlsx", samples.workbook(sheets, hidden=["Notes"]))
    assert sections(found) == [
        ("Questions › What does a night cost?", "25 euros."),
        ("Prices", "Length: 8; Night: 19.\nLength: 10.5; Night: 25.25."),
    ]


def test_a_damaged_workbook_is_refused():
    assert "damaged" in refusal("a.xlsx", samples.packed({"xl/workbook.xml": "<no"}))


@pytest.mark.django_db
def test_a_question_of_a_table_is_found_and_only_its_answer_is_quoted(persona, teach, upload):
    teach(persona, "", file=upload("faq.csv", FAQ.encode()))
    said = answering.answer(persona, "What does a night cost?")
    assert said.content == "A night costs 25 euros."
    assert [(citation.heading, citation.quote) for citation in said.citations] == [
        ("What does a night cost?", said.content)
    ]


CHAPTERS = {
    "cover.xhtml": '<body epub:type="cover"><p>Cover text</p></body>',
    "one.xhtml": "<body><p>Boats lie at the long quay.<a epub:type='noteref' href='#n1'>1</a></p></body>",
    "two.xhtml": "<body><h1>Fees</h1><h2>Nights</h2><p>A night costs 25 euros.</p></body>",
}


def test_a_book_gives_its_chapters_in_order_without_cover_and_contents():
    found = read("book.epub", samples.epub(CHAPTERS, contents=[("one.xhtml", "Mooring"), ("two.xhtml", "Fees")]))
    assert (found.kind, found.title) == ("epub", "The Harbour Book")
    assert sections(found) == [("Mooring", "Boats lie at the long quay."), ("Fees › Nights", "A night costs 25 euros.")]
    assert "Cover" not in found.text
    assert "Contents" not in found.text


def test_a_locked_book_says_so_plainly():
    lock = '<encryption><EncryptedData><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></EncryptedData></encryption>'
    assert "copy protection" in refusal("a.epub", samples.epub(CHAPTERS, extra={"META-INF/encryption.xml": lock}))


def test_scrambled_fonts_lock_no_book():
    lock = '<encryption><EncryptedData><EncryptionMethod Algorithm="http://www.idpf.org/2008/embedding"/></EncryptedData></encryption>'
    assert "25 euros" in read("a.epub", samples.epub(CHAPTERS, extra={"META-INF/encryption.xml": lock})).text


def test_names_in_a_book_never_lead_outside_of_it():
    chapters = {"../../../../etc/passwd": "<body><p>inside</p></body>", "two.xhtml": CHAPTERS["two.xhtml"]}
    assert "root:" not in read("a.epub", samples.epub(chapters)).text


def test_a_book_that_would_unpack_without_end_is_refused():
    assert "far too large" in refusal("a.epub", samples.epub(CHAPTERS, extra={"big": "0" * (350 * 1024 * 1024)}))


def test_entities_of_a_book_are_not_resolved():
    package = samples.epub(
        CHAPTERS, title="&outside;Book", doctype='<!DOCTYPE x [<!ENTITY outside SYSTEM "file:///etc/passwd">]>'
    )
    assert read("a.epub", package).title == "Book"


def test_a_book_without_a_package_is_damaged():
    assert "damaged" in refusal("a.epub", samples.packed({"META-INF/container.xml": "<container/>"}))
