import io
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import embeddings, index, shelf, terms

pytestmark = pytest.mark.django_db


def postings(texts):
    return index.Postings(*index._postings([index.word_keys(text.split()) for text in texts]).values())


def bm25(texts, query):
    """BM25 straight from its definition."""
    documents = [text.split() for text in texts]
    mean = max(sum(map(len, documents)) / len(documents), 1)
    scores = []
    for document in documents:
        total = 0.0
        for word in query.split():
            standing = sum(word in other for other in documents)
            rareness = math.log(1 + (len(documents) - standing + 0.5) / (standing + 0.5))
            count = Counter(document)[word]
            norm = index.K1 * (1 - index.B + index.B * len(document) / mean)
            total += rareness * count * (index.K1 + 1) / (count + norm) if count else 0
        scores.append(total)
    return scores


TEXTS = st.lists(st.lists(st.sampled_from("abcdef"), max_size=12).map(" ".join), min_size=1, max_size=8)


@given(TEXTS, st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=5).map(" ".join))
def test_scores_are_those_of_bm25(texts, query):
    scores = postings(texts).score(index.word_keys(query.split()), len(texts))
    assert np.allclose(scores, bm25(texts, query), atol=1e-5)


def test_an_index_is_read_as_it_was_written(harbour):
    found = shelf.find(harbour)
    passage = harbour.passages.order_by("document_id", "position").with_vectors(embeddings.LOCAL).first()
    record = found.record(0)
    assert (record.id, record.text, record.start) == (passage.pk, passage.text, passage.start)
    assert found.documents[record.document].id == str(passage.document_id)
    assert np.allclose(found.vectors[0], np.frombuffer(passage.vector, np.float16))
    assert len(found.sentence_vectors) == sum(len(one.sentences) for one in harbour.passages.all())


def test_an_index_without_passages_can_be_searched(persona):
    found = shelf.find(persona)
    assert len(found) == 0
    assert found.words.score(index.word_keys(["boat"]), 0).tolist() == []


@pytest.mark.parametrize("damage", [lambda data: data[:40], lambda data: data[:-64], lambda data: b"x" * 200, lambda data: data[:8] + b"\xff" * 8 + data[16:]])  # fmt: skip
def test_a_damaged_file_is_known_as_one(damage):
    whole = io.BytesIO()
    index.write(index.compute([], [], "en", 1, "an engine"), whole)
    with pytest.raises(index.BrokenIndex):
        index.read_bytes(damage(whole.getvalue()))


def test_words_and_grams_of_a_heading_find_its_passage(persona, teach, upload):
    teach(persona, "Rules", file=upload("rules.md", b"# Pets\n\nThey stay on a lead.\n\n# Noise\n\nQuiet after ten.\n"))
    found = shelf.find(persona)
    scores = found.words.score(index.word_keys(terms.words("pets", "en")), len(found))
    assert found.record(int(scores.argmax())).heading == "Pets"
