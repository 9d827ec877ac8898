import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.index import vocabulary
from knowledge.index.vocabulary import Vocabulary, distance

TEXT = "The embargo was proclaimed; Ellery kept the cañón. Защита порта. Commission, communion and embargo."


@pytest.fixture
def book():
    return Vocabulary(**vocabulary.compute([TEXT], ["en"]))


def near(book, word, edits):
    return {book.word(place): apart for place, apart in book.near(word, edits)}


def test_a_word_one_edit_away_is_near_in_any_script(book):
    assert near(book, "embrgo", 1) == {"embargo": 1}
    assert near(book, "защта", 1) == {"защита": 1}


def test_two_edits_are_found_when_two_are_allowed(book):
    assert near(book, "commision", 2) == {"commission": 1, "communion": 2}


def test_accents_are_folded_for_finding_and_kept_in_the_word(book):
    (place,) = book.find("canon")
    assert book.word(place) == "cañón"


def test_a_word_that_is_not_there_is_not_found(book):
    assert book.find("commissions") == []


def test_words_that_sound_alike_are_found(book):
    assert [book.word(place) for place in book.alike("elerie")] == ["ellery"]


def test_how_often_a_word_stands_there_is_known(book):
    assert book.counts[book.find("embargo")[0]] == 2


def test_stop_words_of_the_language_belong_to_it(book):
    assert near(book, "whihc", 1)["which"] == 1


def test_numbers_and_runs_without_spaces_are_no_words():
    assert len(vocabulary.compute(["1974 旋转桥 สะพาน"])["sizes"]) == 0


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [
        ("bridge", "brigde", 1),
        ("bridge", "bride", 1),
        ("bridge", "bridges", 1),
        ("kitten", "sitting", 3),
        ("", "ab", 2),
    ],
)
def test_letters_changed_dropped_put_in_and_swapped_are_counted(one, other, edits):
    assert distance(one, other, 9) == distance(other, one, 9) == edits


@given(st.text("abcd", min_size=4, max_size=9), st.text("abcd", min_size=4, max_size=9), st.integers(1, 2))
def test_the_masks_lose_no_word_that_is_near(one, other, edits):
    found = Vocabulary(**vocabulary.compute([one])).near(other, edits)
    expected = distance(one, other, 9) <= edits and (edits == 1 or one[0] in other[:2])
    assert bool(found) == expected
