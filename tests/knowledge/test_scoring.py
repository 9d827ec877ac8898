import io
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import library
from knowledge import index, retrieval, scoring
from knowledge.hearing import Heard
from knowledge.index import arrays, cells, indexing
from knowledge.index.postings import Asked
from knowledge.language import terms
from knowledge.scoring import Question, Weights
from tests.knowledge import samples

LANGUAGE = library.Language()
ENGLISH = Weights(0.15, 0.15, 0.7)


@pytest.fixture(autouse=True)
def seldom_small(monkeypatch):
    """So that a few hundred passages make a large index."""
    monkeypatch.setattr(indexing, "SMALL", 300)


def build(texts, spans, vectors, sentence_vectors):
    """The index of made-up rows. A fifth of them are a document each of their own."""
    first = np.cumsum([0, *map(len, spans)])
    rows = [
        SimpleNamespace(
            pk=place + 1, document_id=str(place // 5), start=0, text=text, page=None, heading="", sentences=spans[place],
            vector=None if vectors is None else vectors[place].tobytes(),
            sentence_vectors=None if vectors is None else sentence_vectors[first[place] : first[place + 1]].tobytes(),
        )
        for place, text in enumerate(texts)
    ]  # fmt: skip
    documents = [index.Source(str(number), "Made up") for number in range(len(texts) // 5 + 1)]
    kept = io.BytesIO()
    arrays.write(indexing.compute(rows, documents, ["en"], 1, "an engine"), kept)
    return index.read_bytes(kept.getvalue())


def stock(count):
    """A made-up shelf, its index and thirty questions about it."""
    shelf = library.fill(LANGUAGE, count, seed=count)
    found = build(shelf.texts, shelf.spans, shelf.vectors, shelf.sentence_vectors)
    return shelf, found, library.ask(LANGUAGE, shelf, 30, seed=1)


def plain(shelf, found, asked, weights=ENGLISH):
    """Every passage's score by the formula as it is written down."""
    question = ask(asked)
    words, grams = found.words.score(question.words), found.grams.score(question.grams)
    passage = shelf.vectors.astype(np.float32) @ asked.vector
    sentence = (shelf.sentence_vectors.astype(np.float32) @ asked.vector).reshape(len(passage), -1).max(axis=1)
    dense = (np.maximum(passage, 0) + np.maximum(sentence, 0)) / 2
    return weights.words * words / words.max() + weights.grams * grams / grams.max() + weights.dense * dense


def ask(asked):
    words = index.word_keys(terms.content_words(asked.text, "en"))
    return Question(Asked.of(words), Asked.of(terms.grams(asked.text)), asked.vector)


def rank(found, question, vector, weights):
    return retrieval.score(found, Heard(question, question), vector, weights)


def recall(shelf, found, questions, first=10):
    """The share of the best ten by the formula that are found, averaged."""
    shares = []
    for asked in questions:
        exact = np.argsort(-plain(shelf, found, asked), kind="stable")[:first]
        shares.append(len(np.intersect1d(exact, scoring.score(found, ask(asked), ENGLISH).rows[:first])) / first)
    return sum(shares) / len(shares)


def test_a_small_index_ranks_by_the_formula_to_the_last_passage():
    shelf, found, questions = stock(120)
    assert found.small
    for asked in questions:
        exact = plain(shelf, found, asked)
        scores = scoring.score(found, ask(asked), ENGLISH)
        assert np.allclose(scores.values, exact[scores.rows], atol=1e-5)
        assert scores.values.tolist() == sorted(scores.values, reverse=True)


def test_a_large_index_finds_what_the_formula_finds():
    shelf, found, questions = stock(2_000)
    assert not found.small
    assert recall(shelf, found, questions) >= 0.98
    for asked in questions:
        exact = plain(shelf, found, asked)
        scores = scoring.score(found, ask(asked), ENGLISH)
        assert scores.rows[0] == exact.argmax()
        assert scores.values[0] == pytest.approx(exact.max(), abs=0.002)


def test_an_index_with_cells_finds_what_the_formula_finds(monkeypatch):
    monkeypatch.setattr(cells, "MANY", 1_000)
    monkeypatch.setattr(cells, "SEARCHED", 900)
    shelf, found, questions = stock(3_000)
    assert len(found.cells.centres) > 50
    assert recall(shelf, found, questions) >= 0.98


def test_terms_left_at_the_first_look_count_at_the_second(monkeypatch):
    monkeypatch.setattr(scoring, "LOOKED_AT", 300)
    shelf, found, questions = stock(1_000)
    exact = plain(shelf, found, questions[0])
    scores = scoring.score(found, ask(questions[0]), ENGLISH)
    assert scores.values[0] == pytest.approx(exact.max(), abs=0.002)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_hardly_any_passages_are_ranked_too(count):
    vectors = LANGUAGE.noise(np.random.default_rng(1), count).astype(np.float16)
    found = build(["The ferry sails.", "The bridge opens."][:count], [[[0, 5]]] * count, vectors, vectors)
    question = rank(found, "When does the ferry sail?", LANGUAGE.noise(np.random.default_rng(2), 1)[0], ENGLISH)
    assert sorted(question.rows.tolist()) == list(range(count))
    assert np.isfinite(question.values).all()


@pytest.mark.parametrize("count", [200, 700])
def test_without_vectors_words_rank_alone(count):
    texts = [f"Berth {number} lies at quay {number % 7}." for number in range(count)]
    found = build(texts, [[[0, len(text)]] for text in texts], None, None)
    scores = rank(found, "Where is berth 77?", None, Weights(0.5, 0.5, 0))
    assert not found.embedded
    assert scores.rows[0] == 77
    assert not scores.parts["passage"].any()


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_real_sentences_rank_alike_in_small_and_large_indexes(data):
    sentences = [sentence for text in samples.HARBOUR.values() for sentence in text.split(". ")]
    texts = data.draw(st.lists(st.sampled_from(sentences), min_size=20, max_size=40))
    vectors = LANGUAGE.noise(np.random.default_rng(len(texts)), len(texts)).astype(np.float16)
    vector = vectors[data.draw(st.integers(0, len(texts) - 1))].astype(np.float32)
    question = data.draw(st.sampled_from(sentences))
    spans = [[[0, len(text)]] for text in texts]
    small = rank(build(texts, spans, vectors, vectors), question, vector, ENGLISH)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(indexing, "SMALL", 10)
        large = rank(build(texts, spans, vectors, vectors), question, vector, ENGLISH)
    order = np.argsort(small.rows), np.argsort(large.rows)
    assert np.allclose(small.values[order[0]], large.values[order[1]], atol=0.003)


def test_equal_scores_keep_the_order_of_the_passages():
    assert np.sort(scoring.best(np.array([0.5, 0.9, 0.5, 0.5]), 3)).tolist() == [0, 1, 2]
    found = build(["The ferry sails."] * 4, [[[0, 5]]] * 4, None, None)
    assert rank(found, "ferry", None, Weights(0.5, 0.5, 0)).rows.tolist() == [0, 1, 2, 3]


def test_a_question_of_common_words_alone_is_judged_over_all_passages():
    texts = [f"The harbour opens{' at the quay of the harbour' * (number == 650)}." for number in range(700)]
    found = build(texts, [[[0, len(text)]] for text in texts], None, None)
    assert rank(found, "harbour quay", None, Weights(1, 0, 0)).rows[0] == 650
    assert len(rank(found, "harbour", None, Weights(1, 0, 0))) == 700
