import pytest

from knowledge import hearing, shelf
from knowledge.hearing import hear

pytestmark = pytest.mark.django_db

TEXT = """Ellery Hartmann proclaimed the embargo on the harbour of Königsberg. The swing bridge opens at six for boats. Fishermen
pay a withdrawal fee, and the computer in the lighthouse counts the boats of Kathrine. Hundreds of fishermen came."""


@pytest.fixture
def index(persona, teach):
    teach(persona, "Harbour", TEXT)
    return shelf.find(persona)


def is_word(word):
    return word in {"people", "kind"}


def test_a_question_spelt_right_stays_as_it_is(index):
    question = "When does the swing bridge open for the boats of Königsberg?"
    heard = hear(question, index)
    assert (heard.text, heard.asked, heard.guesses) == (question, question, "")


@pytest.mark.parametrize(
    ("spoken", "meant"),
    [
        ("who proclaimd the embrgo", "who proclaimed the embargo"),
        ("whta is the embargo", "what is the embargo"),
        ("the swingbridge", "the swing bridge"),
        ("the withdrawalfee ofthe fishermen", "the withdrawal fee of the fishermen"),
        ("the com puter counts", "the computer counts"),
        ("who is Elly", "who is ellery"),
        ("the boats of Catherin", "the boats of kathrine"),
        ("the harbour of Konigsbrg", "the harbour of königsberg"),
    ],
)
def test_what_was_misheard_is_read_as_the_documents_spell_it(index, spoken, meant):
    assert hear(spoken, index).text == meant


@pytest.mark.parametrize(
    "spoken", ["um who is Ellery", "who is uh Ellery", "uhm er who is Ellery", "Um, who is Ellery"]
)
def test_hesitation_is_left_out(index, spoken):
    assert hear(spoken, index).asked.lstrip(", ") == "who is Ellery"


def test_a_sound_that_the_documents_use_as_a_word_stays_where_it_may_be_meant(persona, teach):
    teach(persona, "Universities", "The UM is the University of Michigan.")
    assert hear("what is UM", shelf.find(persona)).text == "what is UM"


def test_a_word_of_the_language_is_not_read_otherwise(index):
    assert hear("how many people of this kind", index, is_word).text == "how many people of this kind"


def test_a_word_far_from_every_other_stays(index):
    assert hear("who painted the rhinoceros", index).text == "who painted the rhinoceros"


def test_numbers_stay(index):
    assert hear("in 1947 and 12345", index).text == "in 1947 and 12345"


def test_what_was_asked_is_kept_beside_what_is_guessed(index):
    heard = hear("um the embrgo", index)
    assert (heard.text, heard.asked, heard.guesses) == ("the embargo", "the embrgo", "embargo")
    assert 0 < hearing.SHARE < 1


@pytest.mark.parametrize("question", ["", "?", "um", "  ", "é", "旋转桥什么时候开放？", "ab cd"])
def test_anything_can_be_heard(index, question):
    assert hear(question, index).text == question


def test_a_persona_without_documents_hears_too(other):
    assert hear("who is Elly", shelf.find(other)).text == "who is Elly"
