"""Passages' scores for a question.

score = words × BM25/max + grams × BM25 of character 3-grams/max + dense × (cosine of the passage + cosine of its best
sentence)/2. In a small index every passage gets it. In a large one a first look finds candidates, by the rarest terms
and by the cells nearest to the question; those get it exactly, the maxima being those among them.
"""

from dataclasses import dataclass

import numpy as np

from knowledge.index.postings import Asked

LOOKED_AT = 400_000  # counts of terms added up at a first look
BY_TERMS, BY_VECTORS = 250, 500  # candidates of each kind; twice as many where not all vectors are looked at
TINY = 1e-9
READ = 400  # the best of them, whose sentences are compared; of the others the passage alone counts


@dataclass(frozen=True, slots=True)
class Weights:
    words: float
    grams: float
    dense: float


@dataclass(frozen=True, slots=True)
class Question:
    """What of a question is compared."""

    words: Asked
    grams: Asked
    vector: np.ndarray | None
    favour: np.ndarray | None = None  # of each passage, what its score is multiplied with; None: all alike


@dataclass(frozen=True, slots=True)
class Scores:
    """Best first; equal ones in the order of the rows, so that a question asked twice has the same answer."""

    rows: np.ndarray
    values: np.ndarray
    parts: dict  # words, trigrams, passage, sentence: an array each, between 0 and 1

    def __len__(self):
        return len(self.rows)

    def without(self, hidden):
        """Those of rows that are not ``hidden``, a bool for every row of the index."""
        kept = ~hidden[self.rows]
        return Scores(self.rows[kept], self.values[kept], {name: part[kept] for name, part in self.parts.items()})


def score(index, question, weights):
    """The Scores of an index's passages: of all, or of a large index's candidates."""
    return (_score_all if index.small else _score_candidates)(index, question, weights)


def _score_all(index, question, weights):
    rows = np.arange(len(index))
    words, grams = index.words.score(question.words), index.grams.score(question.grams)
    passage = sentence = np.zeros(len(rows))
    if question.vector is not None and len(rows):
        passage = np.maximum(index.weigh(index.vectors.cosines(question.vector)), 0)
        best = np.maximum.reduceat(index.sentences.cosines(question.vector), index.first_sentence[:-1])
        sentence = np.maximum(index.weigh(best), 0)
    return _fuse(rows, words, grams, passage, sentence, weights, question.favour)


def _score_candidates(index, question, weights):
    words, word_rows, words_left = index.words.scan(question.words, LOOKED_AT)
    grams, gram_rows, grams_left = index.grams.scan(question.grams, LOOKED_AT)
    seen = _unite(len(index), word_rows, gram_rows)
    if question.vector is None and len(seen) < BY_TERMS:
        return _score_all(index, question, weights)  # a question of common terms: no look could choose among passages
    rows = _find_candidates(index, question, weights, words, grams, seen)
    words = words[rows] + index.words.score_rows(words_left, rows)
    grams = grams[rows] + index.grams.score_rows(grams_left, rows)
    passage = sentence = np.zeros(len(rows))
    if question.vector is not None:
        passage = np.maximum(index.weigh(index.vectors.cosines(question.vector, rows)), 0)
        lexical = weights.words * _relative(words) + weights.grams * _relative(grams)
        read = np.sort(best(lexical + weights.dense * passage, READ))
        sentence = np.zeros(len(rows))
        sentence[read] = np.maximum(index.weigh(_best_sentences(index, question.vector, rows[read])), 0)
    return _fuse(rows, words, grams, passage, sentence, weights, question.favour)


def _find_candidates(index, question, weights, words, grams, seen):
    """Rows worth a second look, ascending. Of a million passages only those seen or near are touched."""
    of_words = weights.words / max(words[seen].max(initial=0), TINY)
    of_grams = weights.grams / max(grams[seen].max(initial=0), TINY)
    wider = 2 if index.cells and index.cells.divided else 1
    by_terms = seen[best(words[seen] * of_words + grams[seen] * of_grams, wider * BY_TERMS)]
    if question.vector is None:
        return np.sort(by_terms)
    near, cosines = index.cells.near(question.vector)
    values = words[near] * of_words + grams[near] * of_grams + weights.dense * index.weigh(cosines)
    return np.unique(np.concatenate([by_terms, near[best(values, wider * BY_VECTORS)]]))


def _unite(size, *several):
    """The rows that are in any of several arrays, each once, ascending."""
    seen = np.zeros(size, bool)
    for rows in several:
        seen[rows] = True
    return np.flatnonzero(seen)


def _best_sentences(index, vector, rows):
    """The cosine of the best sentence of passages in some rows."""
    first = index.first_sentence
    counts = first[rows + 1] - first[rows]
    begins = np.cumsum(counts) - counts  # where each passage's sentences begin among those looked at
    places = np.arange(counts.sum()) + np.repeat(first[rows] - begins, counts)
    return np.maximum.reduceat(index.sentences.cosines(vector, places), begins)


def _fuse(rows, words, grams, passage, sentence, weights, favour):
    parts = {"words": _relative(words), "trigrams": _relative(grams), "passage": passage, "sentence": sentence}
    values = weights.words * parts["words"] + weights.grams * parts["trigrams"]
    values = values + weights.dense * (passage + sentence) / 2
    values = values if favour is None else values * favour[rows]
    order = np.argsort(-values, kind="stable")
    return Scores(rows[order], values[order], {name: part[order] for name, part in parts.items()})


def _relative(scores):
    """Shares of the best passage's score."""
    most = scores.max(initial=0.0)
    return scores / most if most > 0 else scores


def best(scores, limit):
    """Places of the best scores, in no order; of equal ones the first."""
    if len(scores) <= limit:
        return np.arange(len(scores))
    bound = np.partition(scores, len(scores) - limit)[len(scores) - limit]
    above = np.flatnonzero(scores > bound)
    return np.concatenate([above, np.flatnonzero(scores == bound)[: limit - len(above)]])
