import pytest

from knowledge import answering, evidence, retrieval
from personas.models import Persona

pytestmark = pytest.mark.django_db


def judge(persona, question):
    return evidence.judge(retrieval.search(persona, question))


def test_the_sentence_that_answers_has_the_highest_score(harbour):
    question = "What does a night cost for a boat of ten metres?"
    search = retrieval.search(harbour, question)
    best = max(evidence.judge(search).sentences, key=lambda sentence: sentence.score)
    text = search.matches[best.rank].record.text[best.start : best.end]
    assert text == "A night costs 25 euros for a boat of ten metres."


def test_what_follows_a_question_in_the_document_answers_it(persona, teach):
    teach(persona, "FAQ", "How can I pay for the night? With coins or a card at the machine. The office is white.")
    sentences = judge(persona, "How can I pay for the night?").sentences
    assert max(sentences, key=lambda sentence: sentence.score) == sentences[1]


def test_own_questions_have_enough_evidence_and_foreign_ones_have_not(harbour):
    own = [
        "When does the ferry sail to the island?",
        "Do dogs travel free on the ferry?",
        "Who has priority, trains or boats?",
    ]
    foreign = ["How do plants make sugar from light?", "Who painted the Mona Lisa?", "What is the capital of Peru?"]
    assert [judge(harbour, question).is_enough for question in own + foreign] == [True] * 3 + [False] * 3


def test_a_persona_with_a_single_sentence_can_answer_from_it(persona, teach):
    persona.language = "de"
    teach(persona, "Fähre", "Die Fähre fährt um neun Uhr zur Insel.")
    assert judge(persona, "Wann fährt die Fähre zur Insel?").is_enough
    assert not judge(persona, "Wer hat die Mona Lisa gemalt?").is_enough


def test_the_heading_counts_as_said_in_its_passage(persona, teach, upload):
    text = "# Hunde\n\nSie bleiben an der Leine.\n\n# Lärm\n\nNach zehn ist Ruhe."
    persona.language = "de"
    teach(persona, "Regeln", file=upload("regeln.md", text.encode()))
    assert judge(persona, "Was gilt für Hunde?").is_enough


def test_the_looser_a_persona_the_less_evidence_it_needs(harbour):
    question = "What does a night cost?"
    search = retrieval.search(harbour, question)
    judged = [evidence.judge(search, strictness) for strictness in Persona.Strictness]
    assert len({one.strength for one in judged}) == 1
    assert [one.needed for one in judged] == sorted((one.needed for one in judged), reverse=True)
    assert len({one.needed for one in judged}) == 3


def test_evidence_between_the_dial_s_marks_is_enough_for_the_looser_alone(harbour, monkeypatch):
    question = "What does a night cost?"
    strength = judge(harbour, question).strength
    monkeypatch.setattr(evidence, "ENOUGH", strength * 1.05)
    found = {}
    for strictness in Persona.Strictness:
        harbour.strictness = strictness
        found[strictness] = answering.look_up(harbour, question).answer.found
    assert found == {"only_documents": False, "documents_first": True, "free": True}


def test_without_passages_there_is_no_evidence(persona):
    assert not judge(persona, "What?").is_enough
