"""PDFs as they come: columns, tables, frames, headings, notes and other scripts."""

import re

import pytest
from django.core.files.base import ContentFile

from knowledge import reading
from tests.knowledge import samples, sheets


def read(data):
    return reading.read_file(ContentFile(data), "a.pdf")


def numbers(text):
    """Which of the made-up sentences there are, in the order in which they are read."""
    return [int(number) for number in re.findall(r"Sentence (\d+) says", text)]


def headings(found):
    return [heading for _, _, heading in found.sections]


def test_two_columns_below_a_title_are_read_one_after_the_other():
    found = read(sheets.article(24))
    assert numbers(found.text) == list(range(144))
    assert found.text.startswith("The harbour that was painted twice and nobody knows why\n\nPart A of the story\n\n")


def test_a_heading_in_a_column_stands_above_its_own_text():
    found = read(sheets.article(8))
    title = "The harbour that was painted twice and nobody knows why"
    assert headings(found) == [f"{title} › Part {letter} of the story" for letter in "ABC"]
    start, end, _ = found.sections[1]
    assert numbers(found.text[start:end]) == list(range(18, 36))


def test_a_paragraph_that_goes_on_in_the_next_column_is_one():
    paragraphs = read(sheets.article(24, sheets.INDENTED)).text.split("\n\n")
    assert [len(numbers(text)) for text in paragraphs if numbers(text)] == [6] * 24


def test_three_columns_are_read_one_after_the_other_and_addresses_line_by_line():
    found = read(sheets.leaflet())
    assert numbers(found.text) == [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15]
    assert headings(found) == ["Coming in", "Staying", "Finding us"]
    assert found.text.endswith("Harbour Office\n12 Quay Street\nPort Ellery\nTelephone 0123 456\noffice@ellery.example")


@pytest.mark.parametrize("grid", [True, False], ids=["ruled", "unruled"])
def test_a_table_becomes_rows_that_stand_alone_with_wrapped_and_empty_cells(grid):
    long = "For boats of up to ten metres that have paid in advance at the office by noon"
    rows = [["Berth", "Night", "Notes"], ["A", "25 euros", long], ["B", "", "Only in summer"], ["C", "31 euros", long]]
    text = read(sheets.table(rows, [60, 80, 160], grid)).text
    assert f"\n\nBerth: A; Night: 25 euros; Notes: {long}.\nBerth: B; Notes: Only in summer.\nBerth: C; Night" in text
    assert numbers(text) == list(range(6))


def test_a_ruled_table_of_long_texts_is_read_row_by_row():
    ask = "May boats of more than ten metres lie at the visitors' pontoon on a night in winter"
    say = "They may, when they have told the office before noon and no storm is expected to come from the south"
    rows = [[f"{number}: {ask}?", f"{number}: {say}."] for number in range(1, 4)]
    text = read(sheets.table(rows, [200, 240])).text
    assert all(f"\n{number}: {ask}? {number}: {say}." in text for number in range(1, 4))


def test_a_ruled_cell_over_several_rows_stands_in_each_of_them():
    rows = [["Pier", "Berth", "Night"], ["West", "A", "25 euros"], ["", "B", "31 euros"], ["East", "C", "19 euros"]]
    text = read(sheets.table(rows, more=[("SPAN", (0, 1), (0, 2))])).text
    assert "Pier: West; Berth: B; Night: 31 euros.\nPier: East; Berth: C; Night: 19 euros." in text


def test_a_frame_around_a_paragraph_makes_no_table_of_it():
    text = read(sheets.table([[sheets.sentences(3, 50)]], [440])).text
    assert numbers(text) == [0, 1, 2, 50, 51, 52, 3, 4, 5]


def test_a_wide_table_of_figures_is_read_row_by_row_below_names_of_groups():
    names = ["State", *(f"Kind {letter}" for letter in "ABCDEFG")]
    rows = [[f"Land {n}", *(f"{n * place:,}" for place in range(101, 108))] for n in range(1, 21)]
    drawn = [(120, 740, "First group"), (330, 740, "Second group")]
    drawn += [
        (50 + 65 * place, 720 - 12 * n, cell) for n, row in enumerate([names, *rows]) for place, cell in enumerate(row)
    ]
    text = read(sheets.lines(drawn, size=9)).text
    assert text.startswith("First group Second group\n\n")
    assert "State: Land 7; Kind A: 707; Kind B: 714; Kind C: 721" in text


def test_a_table_without_a_head_names_no_columns():
    text = read(sheets.table([["Monday", "9–17"], ["Tuesday", "10–18"], ["Wednesday", "closed"]])).text
    assert "\n\nMonday: 9–17.\nTuesday: 10–18.\nWednesday: closed.\n\n" in text


def test_a_table_over_two_pages_keeps_its_head():
    rows = [["Berth", "Night"], *([f"Number {number}", f"{number + 10} euros"] for number in range(60))]
    text = read(sheets.table(rows)).text
    assert len(re.findall(r"Berth: Number \d+; Night: \d+ euros\.", text)) == 60


def test_a_list_with_numbers_set_apart_is_no_table():
    page = [
        part
        for n in range(1, 5)
        for part in ((60, 700 - 14 * n, f"{n}."), (90, 700 - 14 * n, f"Point {n} of the rules"))
    ]
    assert "1. Point 1 of the rules\n2. Point 2 of the rules" in read(sheets.lines(page)).text


def test_heads_and_numbers_of_left_and_right_pages_are_left_out():
    text = read(sheets.book(30)).text
    assert not re.search(r"Handbook|Foreword|Chapter|–", text)
    assert numbers(text) == list(range(120))


def test_what_changes_from_page_to_page_is_no_frame():
    pages = [[f"Berth {10 + 3 * number} costs {20 + number * number} euros", "a night."] for number in range(6)]
    text = read(sheets.lines(*pages)).text
    assert [f"Berth {10 + 3 * number} " in text for number in range(6)] == [True] * 6


def test_an_outline_of_three_levels_gives_heading_paths():
    found = read(sheets.outlined())
    assert headings(found) == ["Boats", "Boats › Sails", "Boats › Sails › Reefing", "Boats › Oars", "Birds"]


def test_an_outline_whose_targets_all_lead_to_the_first_page_is_followed_by_its_order():
    pages = [[name, f"What is said about {name.lower()}."] for name in ("Boats", "Birds", "Bells")]
    found = read(samples.pdf(*pages, outline=[("Boats", 0, 0), ("Birds", 0, 0), ("Bells", 0, 0)]))
    assert headings(found) == ["Boats", "Birds", "Bells"]


def test_a_table_of_contents_is_left_out_and_a_price_list_is_not():
    names = ["Boats", "Birds", "Bells", "Buoys"]
    contents = [
        (60, 780, "Contents", "Helvetica", 18),
        *[f"{n}. {name} ............ {n + 1}" for n, name in enumerate(names, 1)],
    ]
    prices = [
        "What the shop asks for things:",
        "Rope ........ 12",
        "Knife ........ 14",
        "Lamp ........ 20",
        "Boats of paper ........ 30",
    ]
    pages = [
        [(60, 780, f"{n}. {name}", "Helvetica", 18), f"What is said about {name.lower()}."]
        for n, name in enumerate(names, 1)
    ]
    text = read(sheets.lines(contents, *pages, prices)).text
    assert text.startswith("Contents\n\n1. Boats\n\nWhat is said about boats.")
    assert all(price in text for price in ("Rope: 12", "Knife: 14", "Lamp: 20", "Boats of paper: 30"))


def test_sizes_give_levels_where_there_is_no_outline():
    page = [(60, 780, "Harbour", "Helvetica", 24), (60, 750, "Fees", "Helvetica", 16), "A night costs 25 euros.", (60, 700, "Rules", "Helvetica", 16), "No fires are lit on the pier."]  # fmt: skip
    assert headings(read(sheets.lines(page))) == ["Harbour › Fees", "Harbour › Rules"]


def test_a_hyphen_stays_where_the_document_writes_the_word_with_it():
    page = [
        "The keeper is well-",
        "known for his light-",
        "house, for pre-",
        "and post-war boats. His well-known boat is old.",
    ]
    assert read(sheets.lines(page)).text == (
        "The keeper is well-known for his lighthouse, for pre- and post-war boats. His well-known boat is old."
    )


def test_ligatures_are_letters_again():
    assert read(sheets.foreign("The oﬃce of the eﬃcient ﬁsher and the ﬂag")).text == (
        "The office of the efficient fisher and the flag"
    )


@pytest.mark.parametrize("rotation", [0, 90], ids=["turned text", "turned page"])
def test_a_page_on_its_side_is_read(rotation):
    page = ["This page lies on its side and is read", "as any other page would be."]
    text = read(sheets.lines(page, rotation=rotation, turned=90)).text
    assert text == "This page lies on its side and is read as any other page would be."


def test_a_mark_of_a_note_is_no_part_of_the_word():
    page = [(60, 700, "The harbour"), (118, 704, "3", "Helvetica", 7), (125, 700, "is 40 m"), (163, 704, "2", "Helvetica", 7), (170, 700, "large.")]  # fmt: skip
    page = [part if len(part) > 3 else (*part, "Helvetica", 11) for part in page]
    assert read(sheets.lines(page)).text == "The harbour[3] is 40 m² large."


def test_a_tall_initial_belongs_to_its_word():
    page = [(60, 700, "T", "Times-Roman", 40), (90, 718, "here was a harbour that nobody had seen", "Times-Roman", 10), (90, 706, "before the first of May, when it was found.", "Times-Roman", 10)]  # fmt: skip
    assert read(sheets.lines(page)).text.startswith("There was a harbour that nobody had seen before")


def test_hebrew_is_read_in_the_order_of_the_voice():
    # As a printer draws it: from left to right, the last letter first.
    drawn = "שלום עולם, 25 לילה"[::-1].replace("52", "25")
    assert read(sheets.foreign(drawn)).text == "שלום עולם, 25 לילה"


def test_arabic_in_drawn_shapes_is_arabic_again():
    shapes = "\ufee3\ufeae\ufea3\ufe92\ufe8e"  # mim, ra, hah, beh, alef as they are drawn in "welcome"
    assert read(sheets.foreign(shapes[::-1] + " ABC")).text in ("مرحبا ABC", "ABC مرحبا")


def test_chinese_has_no_spaces_between_its_lines():
    text = read(
        sheets.foreign(
            "港口有四十个泊位。一艘十米长的船每晚二十五欧", "元。冬季价格降至十六欧元。", font="STSong-Light"
        )
    ).text
    assert text == "港口有四十个泊位。一艘十米长的船每晚二十五欧元。冬季价格降至十六欧元。"


def test_leaders_become_a_colon():
    assert (
        "Coffee: 3.50 euros" in read(sheets.lines(["Coffee .......... 3.50 euros", "Tea .......... 2.50 euros"])).text
    )


@pytest.mark.parametrize("title", ["Microsoft Word - fees.docx", "untitled", "scan0001.pdf"])
def test_a_title_that_a_program_made_up_gives_way_to_the_first_heading(title):
    lines = [f"Sails must be down before bridge number {number}." for number in range(5)]
    assert read(samples.pdf([(20, "Rules of the harbour"), *lines], title=title)).title == "Rules of the harbour"
