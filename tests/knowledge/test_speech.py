import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import speech


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("**Bold** and _quiet_ and `code`.", "Bold and quiet and code."),
        ("See [the list](https://example.org/a?b=c) first.", "See the list first."),
        ("Write to office@example.org or https://example.org/page.", "Write to or."),
        ("It rose by half [12] and more [3, 4].", "It rose by half and more."),
        ("- an item", "an item"),
        ("1. First of all", "First of all"),
        ("| Length | Price |", "Length, Price"),
        ("# A heading", "A heading"),
        ("<b>Bold</b> text", "Bold text"),
        ("over\ntwo   lines", "over two lines"),
        ("Costs 5 * 3 = 15 euros.", "Costs 5 * 3 = 15 euros."),
    ],
)
def test_what_is_said_holds_no_marks(written, said):
    assert speech.say(written) == said


def test_what_nobody_sees_is_removed():
    hidden = "a\x00b\u202ec\u200bd\U000e0041e\ud800f\u00adg\ufeff"
    assert speech.remove_hidden(hidden) == "abcdefg"


def test_joiners_stay_where_a_script_needs_them():
    assert speech.remove_hidden("می\u200cخواهم") == "می\u200cخواهم"
    assert speech.remove_hidden("a\u200db") == "ab"


def test_a_text_is_cut_behind_a_word_and_says_that_it_goes_on():
    assert speech.cut("one two three four", 12) == "one two…"


def test_list_items_get_their_full_stop():
    assert speech.join(["a rope", "two fenders."], "en") == "a rope. two fenders."
    assert speech.join(["一", "二。"], "zh") == "一。二。"


@given(st.text(max_size=300), st.integers(1, 100))
def test_nothing_cut_is_longer_than_asked(text, limit):
    assert len(speech.cut(text, limit)) <= limit


@given(st.text(max_size=300))
def test_cleaned_text_can_be_stored_anywhere(text):
    clean = speech.remove_hidden(text)
    assert "\x00" not in clean
    assert clean.encode("utf-8").decode() == clean
    assert speech.remove_hidden(clean) == clean
