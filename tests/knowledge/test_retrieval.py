import numpy as np
import pytest

from knowledge import embeddings, retrieval
from knowledge.hearing import Heard
from knowledge.retrieval import choose_weights, search

pytestmark = pytest.mark.django_db


def test_the_best_passage_comes_first_with_every_part_of_its_score(harbour):
    found = search(harbour, "When does the swing bridge open for boats?")
    best = found.matches[0]
    weights = found.weights
    assert best.title == "Bridge"
    assert set(best.parts) == {"words", "trigrams", "passage", "sentence"}
    assert all(0 <= part <= 1 for part in best.parts.values())
    dense = weights.dense * (best.parts["passage"] + best.parts["sentence"]) / 2
    expected = weights.words * best.parts["words"] + weights.grams * best.parts["trigrams"] + dense
    assert best.score == pytest.approx(expected, abs=1e-3)


def test_no_more_matches_are_given_than_asked_for(harbour):
    assert len(search(harbour, "boats", limit=2).matches) == 2
    assert search(harbour, "boats", limit=0).matches == []


@pytest.mark.parametrize(
    ("language", "dense"), [("en", 0.7), ("de", 0.3), ("pt-br", 0.3), ("zh", 0), ("ru", 0), ("ar", 0)]
)
def test_how_much_vectors_count_depends_on_the_language(language, dense):
    weights = choose_weights(language, embeddings.configured().choose_share(language))
    assert weights.dense == dense
    assert weights.words + weights.grams + weights.dense == pytest.approx(1)


def test_without_vectors_the_words_take_the_whole_weight():
    weights = choose_weights("en", 0.0)
    assert (weights.dense, weights.words + weights.grams) == (0, 1)


def test_documents_are_ranked_by_their_best_passage(harbour):
    found = search(harbour, "How long does the crossing to the island take?")
    titles = {str(document.pk): document.title for document in harbour.documents.all()}
    ranked = [titles[document_id] for document_id in found.rank_documents(10)]
    assert ranked[0] == "Ferry"
    assert sorted(ranked) == sorted(titles.values())


def test_a_passage_explains_why_it_was_found(harbour):
    question = "When does the swing bridge open?"
    found = search(harbour, question)
    reasons, words = retrieval.explain(found, found.matches[0], question)
    assert 98 <= sum(percent for _, percent in reasons) <= 102
    assert words == ["swing", "bridge", "open"]


def test_a_misheard_question_finds_what_was_meant(harbour):
    spoken = search(harbour, "um wehn does the swingbridge opne for bots")
    assert spoken.matches[0].title == "Bridge"
    assert spoken.heard.text == "when does the swing bridge open for boats"


def test_a_question_spelt_right_is_scored_as_it_stands(harbour):
    question = "When does the swing bridge open for boats?"
    found = search(harbour, question)
    scores = retrieval.score(found.index, Heard(question, question), found.vector, found.weights)
    assert np.array_equal(scores.values, found.scores.values)
