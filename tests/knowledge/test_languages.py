"""A persona that knows things in several languages, asked in each of them."""

import pytest

from knowledge import answering, shelf
from knowledge.models import Library

pytestmark = pytest.mark.django_db

DOCUMENTS = {
    "Bridge": "The swing bridge opens at six in the morning for fishing boats. In winter it stays closed on Sundays.",
    "Mooring": "A night at the guest berth costs twenty euros, water and electricity included.",
    "Räucherei": "Die Räucherei am Kai verkauft freitags frischen Aal. Das Kilo kostet vierzehn Euro.",
    "Leuchtturm": "Der Leuchtturm wurde 1891 gebaut. Führungen gibt es von Mai bis September an jedem Samstag.",
    "Museo": "El museo de la pesca abre los martes. La entrada es gratuita para los niños menores de doce años.",
    "Astillero": "El astillero repara barcos de madera durante todo el invierno y alquila sus gradas a los visitantes.",
}
QUESTIONS = [
    ("When does the swing bridge open?", "Bridge", "six in the morning"),
    ("What does a night at the berth cost?", "Mooring", "twenty euros"),
    ("Was kostet ein Kilo Aal?", "Räucherei", "vierzehn Euro"),
    ("Wann wurde der Leuchtturm gebaut?", "Leuchtturm", "1891"),
    ("um wann gibt es Führungen im Leuchturm", "Leuchtturm", "Samstag"),
    ("¿Cuándo abre el museo?", "Museo", "martes"),
    ("este qué repara el astilero", "Astillero", "barcos de madera"),
]


@pytest.fixture
def polyglot(persona, teach):
    persona.extra_languages = ["de", "es"]
    persona.save()
    for title, text in DOCUMENTS.items():
        teach(persona, title, text)
    return persona


@pytest.mark.parametrize(("question", "title", "said"), QUESTIONS)
def test_a_question_is_answered_in_the_language_it_is_asked_in(polyglot, question, title, said):
    trial = answering.look_up(polyglot, question)
    assert trial.search.matches[0].title == title
    assert trial.answer.found
    assert said in trial.answer.content


def test_every_passage_is_kept_in_its_own_language(polyglot):
    found = shelf.find(polyglot)
    spoken = {
        found.documents[owner].title: found.languages[tongue]
        for owner, tongue in zip(found.owners, found.tongues, strict=True)
    }
    assert spoken == {
        "Bridge": "en",
        "Mooring": "en",
        "Räucherei": "de",
        "Leuchtturm": "de",
        "Museo": "es",
        "Astillero": "es",
    }


def test_of_two_passages_that_say_the_same_the_one_in_the_visitor_s_language_comes_first(persona, teach):
    persona.extra_languages = ["de"]
    persona.save()
    teach(persona, "English", "The captain of the Aurora is Jonas Brandt.")
    teach(persona, "Deutsch", "Der Kapitän der Aurora ist Jonas Brandt.")
    for question, title in (
        ("Who is the captain of the Aurora?", "English"),
        ("Wer ist der Kapitän der Aurora?", "Deutsch"),
    ):
        assert answering.look_up(persona, question).search.matches[0].title == title


def test_what_nobody_wrote_down_is_refused_in_every_language(polyglot):
    for question in ("Who painted the Mona Lisa?", "Wer hat die Mona Lisa gemalt?", "¿Quién pintó la Mona Lisa?"):
        assert not answering.look_up(polyglot, question).answer.found


def test_a_further_language_is_another_index(polyglot):
    before = Library.objects.get(persona=polyglot).version
    polyglot.extra_languages = ["de"]
    polyglot.save()
    assert Library.objects.get(persona=polyglot).version > before
    assert shelf.find(polyglot).languages == ("en", "de")
