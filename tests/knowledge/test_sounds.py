import pytest

from knowledge.language.sounds import key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("catherine", "kathryn"),
        ("philipp", "filip"),
        ("knight", "nite"),
        ("schmidt", "shmit"),
        ("stephen", "stefan"),
        ("wright", "rite"),
    ],
)
def test_spellings_of_one_sound_have_one_key(one, other):
    assert key(one) == key(other) != ""


@pytest.mark.parametrize(("one", "other"), [("bergen", "hamburg"), ("tower", "water"), ("anna", "hanso")])
def test_words_that_sound_different_have_different_keys(one, other):
    assert key(one) != key(other)


@pytest.mark.parametrize("word", ["мост", "पुल", "1947", "", "naïve"])
def test_what_is_not_in_plain_latin_letters_has_no_key(word):
    assert key(word) == ""
