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


def test_the_title_that_staff_gave_comes_before_the_name_of_the_file():
    assert naming.choose_title("  Fees  and charges ", "fees.pdf") == "Fees and charges"
    assert naming.choose_title("", "opening_hours-2026.txt") == "Opening hours 2026"
