import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import naming


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\files\\a.pdf", "a.pdf"),
        ("a\u202efdp.txt", "afdp.txt"),
        ("nul\x00byte.md", "nulbyte.md"),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
    ],
)
def test_a_file_name_is_only_a_name(given, kept):
    assert naming.clean_name(given) == kept


@given(st.text(max_size=400))
def test_any_name_becomes_one_that_can_be_stored(name):
    clean = naming.clean_name(name)
    assert 0 < len(clean) <= 255
    assert not set("/\\\x00\n") & set(clean)


def test_a_title_is_one_line_and_a_file_or_an_address_gives_one():
    assert naming.clean_title("  Fees  and\u202e charges ") == "Fees and charges"
    assert naming.title_of("opening_hours-2026.txt") == "Opening hours 2026"
    assert naming.title_of_address("https://example.org/f%C3%A4hre/") == "example.org/fähre"
