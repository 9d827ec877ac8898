import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.language import terms


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "The boats were sailing", "boat sails"),
        ("en", "Café", "cafe"),
        ("de", "Straßen", "STRASSE"),
        ("fr", "l'électricité", "électricités"),
        ("ru", "лодки", "лодку"),
        ("ar", "الكِتابُ", "الكتاب"),
        ("tr", "İstanbul", "istanbul"),
        ("el", "λιμάνι", "ΛΙΜΑΝΙ"),
    ],
)
def test_what_means_the_same_is_found_by_the_same_word(language, one, other):
    assert terms.words(one, language) == terms.words(other, language) != []


def test_a_hindi_word_keeps_its_vowel_signs():
    assert terms.words("विश्वविद्यालय में", "hi") == ["विश्वविद्यालय"]


def test_chinese_is_found_by_pairs_and_by_single_characters():
    assert terms.words("石油价格", "zh") == ["石油", "油价", "价格", "石", "油", "价", "格"]


def test_vietnamese_keeps_its_tones_and_pairs_its_syllables():
    assert terms.words("học sinh", "vi") == ["học", "sinh", "học sinh"]
    assert terms.words("hoc sinh", "vi") != terms.words("học sinh", "vi")


def test_words_that_only_ask_are_left_out():
    assert terms.words("What is the price?", "en") == terms.words("price", "en")


def test_a_question_of_such_words_alone_is_asked_with_them():
    assert terms.content_words("Who are you?", "en") == ["who", "are", "you"]


def test_numbers_are_one_word_however_they_are_written():
    assert terms.words("1,500 or 1.500", "en") == ["1500", "1500"]


def test_a_misspelt_word_shares_most_of_its_grams():
    right, wrong = set(terms.grams("harbour").tolist()), set(terms.grams("harbuor").tolist())
    assert len(right & wrong) >= 3
    assert terms.words("harbour", "en") != terms.words("harbuor", "en")


@given(
    st.lists(
        st.text(alphabet=st.characters(exclude_characters=terms.BETWEEN, codec="utf-8"), max_size=80),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from(["en", "vi", "zh", "hi", "xx"]),
)
def test_several_texts_at_once_give_what_one_by_one_gives(texts, language):
    assert terms.words_in_each(texts, language) == [terms.words(text, language) for text in texts]
    keys, owners = terms.grams_in_each(texts)
    for place, text in enumerate(texts):
        assert np.array_equal(np.sort(keys[owners == place]), np.sort(terms.grams(text)))


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_folding_twice_changes_nothing_more(text):
    once = terms.fold(text)
    assert terms.fold(once) == once
