import math
from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knowledge.index import postings, word_keys

TEXTS = st.lists(st.lists(st.sampled_from("abcdef"), max_size=12).map(" ".join), min_size=1, max_size=20)
QUERY = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=5).map(" ".join)


def build(*runs):
    """Postings of runs of texts, each run counted by itself."""
    tallies, start = [], 0
    for texts in runs:
        tallies.append(postings.tally([word_keys(text.split()) for text in texts], start))
        start += len(texts)
    return postings.Postings(*postings.merge(tallies).values())


def asked(query):
    return postings.Asked.of(word_keys(query.split()))


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
            norm = postings.K1 * (1 - postings.B + postings.B * len(document) / mean)
            total += rareness * count * (postings.K1 + 1) / (count + norm) if count else 0
        scores.append(total)
    return scores


@given(TEXTS, QUERY)
def test_scores_are_those_of_bm25(texts, query):
    assert np.allclose(build(texts).score(asked(query)), bm25(texts, query), atol=1e-5)


@given(TEXTS, TEXTS, QUERY)
def test_runs_counted_apart_score_like_one(first, second, query):
    keys = asked(query)
    assert np.array_equal(build(first, [], second).score(keys), build(first + second).score(keys))


@given(TEXTS, QUERY, st.integers(0, 30), st.data())
def test_a_first_look_and_what_it_left_make_the_whole_score(texts, query, most, data):
    found, keys = build(texts), asked(query)
    scores, seen, left = found.scan(keys, most)
    assert set(seen.tolist()) == set(np.flatnonzero(scores).tolist())
    rows = np.array(sorted(data.draw(st.sets(st.integers(0, len(texts) - 1)))), np.int64)
    assert np.allclose(scores[rows] + found.score_rows(left, rows), found.score(keys)[rows], atol=1e-5)


def test_a_first_look_leaves_the_most_frequent_terms():
    texts = ["a", "a b", *["c"] * 30]
    found = build(texts)
    _, _, left = found.scan(asked("a b c"), most=1)
    assert left.keys.tolist() == word_keys(["a", "c"]).tolist()


def test_a_count_stops_at_what_a_byte_holds():
    found = build(["a " * 300, "b"])
    assert found.score(asked("a")).argmax() == 0


def test_nothing_known_scores_nothing():
    assert build([]).score(asked("a")).tolist() == []
    assert build(["b"]).score(asked("a")).tolist() == [0.0]
    assert build(["b"]).score(asked("")).tolist() == [0.0]


def test_a_term_counts_by_its_share():
    found = build(["a", "b", "a b"])
    whole, half = asked("a"), postings.Asked.of(word_keys(["b"]), 0.5)
    assert np.allclose(found.score(whole + half), found.score(whole) + found.score(asked("b")) / 2, atol=1e-6)
