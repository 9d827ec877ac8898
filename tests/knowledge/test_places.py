import time

from hypothesis import given
from hypothesis import strategies as st

from knowledge import places

TEXT = "A night costs 25 euros.\n\nDogs travel free. A night costs 25 euros."


def test_a_quote_is_found_where_it_was_quoted_from():
    assert places.find(TEXT, 0, 23, "A night costs 25 euros.") == (0, 23)
    assert places.find(TEXT, 43, 66, "A night costs 25 euros.") == (43, 66)


def test_a_quote_that_has_moved_is_found_nearest_to_where_it_was():
    assert places.find(f"New. {TEXT}", 43, 66, "A night costs 25 euros.") == (48, 71)
    assert places.find(f"New. {TEXT}", 0, 23, "A night costs 25 euros.") == (5, 28)


def test_a_quote_without_end_is_not_sought_without_end():
    started = time.monotonic()
    assert places.find(". " * 100_000, 0, 1, ". " * 3000 + "end") is not None
    assert time.monotonic() - started < 1


def test_a_quote_broken_over_lines_is_found():
    assert places.find("See: A night\n costs 25 euros.", 0, 23, "A night costs 25 euros.") == (5, 29)


def test_a_quote_that_is_gone_is_nowhere():
    assert places.find(TEXT, 0, 23, "A night costs 30 euros.") is None


def test_without_a_quote_a_place_inside_the_text_is_believed():
    assert places.find(TEXT, 3, 8) == (3, 8)
    assert [places.find(TEXT, *place) for place in [(5, 2), (-1, 4), (1, 9_999)]] == [None, None, None]


@given(st.text(min_size=1), st.integers(0, 40), st.integers(1, 400))
def test_whatever_is_quoted_is_found_again(text, start, length):
    start = min(start, len(text) - 1)
    end = min(start + length, len(text))
    assert places.find(text, start, end, places.shorten(text[start:end])) == (start, end)
