import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.language.hesitation import SOUNDS
from knowledge.language.mishearing import mishear

QUESTIONS = [
    ("en", "When does the swing bridge open for the boats of fishermen?"),
    ("de", "Wann öffnet die Drehbrücke für die Boote der Fischer?"),
    ("ru", "Когда разводной мост открывается для рыбацких лодок?"),
    ("ar", "متى يفتح الجسر المتحرك لقوارب الصيادين؟"),
    ("hi", "मछुआरों की नावों के लिए झूला पुल कब खुलता है?"),
    ("zh", "旋转桥什么时候为渔船开放？"),
    ("th", "สะพานหมุนเปิดให้เรือประมงเมื่อไร"),
]


def hear_often(question, language="en"):
    return [mishear(question, language, seed) for seed in range(60)]


@pytest.mark.parametrize(("language", "question"), QUESTIONS)
def test_a_question_of_any_script_is_misheard_in_its_own_script(language, question):
    heard = hear_often(question, language)
    assert len(set(heard)) > 20
    letters = {letter for one in heard for letter in one if letter.isalpha()}
    scripts = {unicodedata.name(letter).split(" ")[0] for letter in letters}
    assert scripts == {unicodedata.name(next(filter(str.isalpha, question))).split(" ")[0]}


def test_the_same_question_is_always_misheard_in_the_same_way():
    question = QUESTIONS[0][1]
    first = mishear(question)
    mishear("What else was asked in between?")
    assert mishear(question) == first


def test_every_kind_of_mistake_is_made():
    question = QUESTIONS[0][1]
    heard = hear_often(question)
    spoken = {word for one in heard for word in one.split()}
    assert spoken & set(SOUNDS["en"])
    assert any("?" not in one and one == one.lower() for one in heard)
    assert any(len(one.split()) < len(question.split()) for one in heard)
    assert spoken - {re.sub(r"\W", "", word) for word in question.split()}


def test_numbers_are_heard_right():
    heard = hear_often("Which treaty of 1947 bound 120 states?")
    assert all("1947" in one and "120" in one for one in heard)


def test_short_words_lose_no_letter():
    heard = [
        [word for word in one.lower().split() if word not in SOUNDS["en"]] for one in hear_often("is it on the map")
    ]
    assert {"".join(words) for words in heard} == {"isitonthemap"}


@given(st.text(min_size=1, max_size=80), st.sampled_from(["en", "zh", "th", "xx"]))
def test_anything_can_be_misheard_and_something_is_left(text, language):
    heard = mishear(text, language)
    assert heard
    assert mishear(text, language) == heard
