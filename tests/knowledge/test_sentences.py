import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.language.sentences import MAX_CHARACTERS, find_sentences


def cut(text, language="en"):
    return [text[start:end] for start, end in find_sentences(text, language)]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Dr. Smith paid $3.50 on Jan. 5. He left.", ["Dr. Smith paid $3.50 on Jan. 5.", "He left."]),
        ("en", "See e.g. Fig. 3 for J. K. Rowling. Done.", ["See e.g. Fig. 3 for J. K. Rowling.", "Done."]),
        ("en", '"Really?" he said. Yes!', ['"Really?" he said.', "Yes!"]),
        ("en", "It rose by 2.5 per cent in 1990. Then it fell.", ["It rose by 2.5 per cent in 1990.", "Then it fell."]),
        ("de", "Am 3. Oktober war es so weit. Danach kam z.B. Regen.", ["Am 3. Oktober war es so weit.", "Danach kam z.B. Regen."]),
        ("zh", "石油危机始于1973年。谁是“领导”？是他！", ["石油危机始于1973年。", "谁是“领导”？", "是他！"]),
        ("hi", "यह एक वाक्य है। यह दूसरा है।", ["यह एक वाक्य है।", "यह दूसरा है।"]),
        ("ar", "ما هذا؟ هذا كتاب.", ["ما هذا؟", "هذا كتاب."]),
        ("el", "Τι είναι; Είναι βιβλίο.", ["Τι είναι;", "Είναι βιβλίο."]),
    ],
)  # fmt: skip
def test_sentences_end_where_people_end_them(language, text, expected):
    assert cut(text, language) == expected


def test_list_items_are_sentences_of_their_own():
    assert cut("Bring:\n- a rope\n- two fenders\n") == ["Bring:", "- a rope", "- two fenders"]


def test_a_line_break_inside_wrapped_prose_ends_nothing():
    text = "The harbour office is open on every day of the week,\nand the keeper answers the radio."
    assert cut(text) == [text]


def test_thai_is_cut_at_its_spaces():
    text = "ราคาน้ำมันเพิ่มขึ้น จากสามดอลลาร์ " * 12
    found = cut(text, "th")
    assert len(found) > 2
    assert all(len(sentence) <= 110 for sentence in found)


def test_text_without_any_end_is_cut_to_what_can_be_said():
    found = cut("x" * 5_000)
    assert "".join(found) == "x" * 5_000
    assert max(map(len, found)) <= MAX_CHARACTERS


@given(st.text(max_size=600), st.sampled_from(["en", "de", "zh", "th", "hi", "ar", "el"]))
def test_sentences_hold_every_visible_character_once_and_in_order(text, language):
    spans = find_sentences(text, language)
    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in zip(spans, spans[1:], strict=False))
    kept = "".join(text[start:end] for start, end in spans)
    assert "".join(kept.split()) == "".join(text.split())
