"""A question's matches: every passage of the persona scored exactly, in process.

score = words × BM25/max + grams × BM25 of character 3-grams/max + dense × (cosine of the passage + cosine of its best
sentence)/2. Scores are fused, not ranks: a rank throws away by how much one passage is better than the next (measured
on SQuAD: 86.6 % of first places right, reciprocal rank fusion 78.4 %). How much the vectors count depends on the
persona's language, since the model learned English.
"""

import time
from dataclasses import dataclass, field

import numpy as np

from knowledge import embeddings, hearing, shelf, terms
from knowledge.index import Index, Record, word_keys
from knowledge.scripts import base

# Passages above which only the best candidates' sentences are compared. With 50 candidates of 268 and of 619 passages
# hit@1 to hit@5 stay the same to the last question (XQuAD and ten SQuAD articles in one), so 100 are ample.
LARGE = 800
CANDIDATES = 100
RESERVED_SECONDS = 0.05  # of the time left, what embedding must leave for the rest


@dataclass(frozen=True, slots=True)
class Weights:
    words: float
    grams: float
    dense: float


@dataclass(frozen=True, slots=True)
class Match:
    """A passage found for a question, with its scores: each part between 0 and 1."""

    passage_id: int
    document_id: str
    score: float
    parts: dict  # words, trigrams, passage, sentence
    row: int = field(repr=False)
    record: Record = field(repr=False)
    title: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    matches: list  # best first
    milliseconds: dict  # embed, search
    degraded: bool  # words only: no model, or no vectors yet
    problem: str  # why it is degraded; ""
    heard: hearing.Heard  # the question as it was probably meant
    index: Index = field(repr=False)
    vector: np.ndarray | None = field(repr=False)  # of the question
    weights: Weights = field(repr=False)
    scores: np.ndarray = field(repr=False)  # of every passage

    def rank_documents(self, limit):
        """Ids of the documents with the best passages, best first."""
        best = {}
        for row in np.argsort(-self.scores, kind="stable").tolist():
            best.setdefault(int(self.index.owners[row]), row)
            if len(best) == limit:
                break
        return [self.index.documents[owner].id for owner in best]


def search(persona, question, *, limit=10, deadline=None):
    """The passages that fit a question best, at most ``limit``, with score parts and milliseconds by stage.

    Goes on with words alone, ``degraded``, where the model fails or is late. ``deadline`` is a time.monotonic() value;
    raises shelf.NotInTime when the index cannot be had before it.
    """
    started = time.perf_counter()
    found = shelf.find(persona, deadline)
    heard = hearing.hear(question, found, embeddings.is_word)
    waited = time.perf_counter()
    vector, share, problem = _embed(found, persona.language, heard.text, deadline)
    embedded = time.perf_counter()
    weights = choose_weights(persona.language, share)
    scores, parts = score(found, heard, vector, weights)
    matches = [_match(found, row, scores, parts) for row in _top(scores, limit)]
    milliseconds = {
        "embed": (embedded - waited) * 1000,
        "search": (waited - started + time.perf_counter() - embedded) * 1000,
    }
    return Search(matches, milliseconds, bool(problem), problem, heard, found, vector, weights, scores)


def choose_weights(language, share):
    """How much each part counts: the vectors by their engine's ``share``, 0 where there are none; a Han character carries
    a word, so Chinese 3-grams count for little."""
    words = {"zh": 0.8, "ja": 0.7}.get(base(language), 0.5)
    return Weights(words * (1 - share), (1 - words) * (1 - share), share)


def score(found, heard, vector, weights):
    """(scores, parts) of every passage of an index for a question as Heard and its vector (None: words alone); the parts
    are arrays by name."""
    size = len(found)
    parts = {
        "words": _relative(_score_words(found, heard)),
        "trigrams": _relative(_score_grams(found, heard)),
        "passage": np.zeros(size),
        "sentence": np.zeros(size),
    }
    scores = weights.words * parts["words"] + weights.grams * parts["trigrams"]
    if vector is not None and size:
        parts["passage"] = np.maximum(found.vectors @ vector, 0)
        provisional = scores + weights.dense * parts["passage"]
        parts["sentence"] = np.maximum(_best_sentences(found, vector, provisional), 0)
        scores = scores + weights.dense * (parts["passage"] + parts["sentence"]) / 2
    return scores, parts


def _score_words(found, heard):
    """BM25 of the words asked, and of those guessed for less: float64 [passages]."""
    size = len(found)
    scores = found.words.score(word_keys(terms.content_words(heard.asked, found.language)), size)
    if heard.guesses:
        guessed = word_keys(terms.words(heard.guesses, found.language))
        scores = scores + hearing.SHARE * found.words.score(guessed, size)
    return scores


def _score_grams(found, heard):
    """The same of 3-grams; those of a guess that were heard as well count once."""
    asked = terms.grams(heard.asked)
    scores = found.grams.score(asked, len(found))
    if heard.guesses:
        guessed = np.setdiff1d(terms.grams(heard.guesses), asked)
        scores = scores + hearing.SHARE * found.grams.score(guessed, len(found))
    return scores


def _embed(found, language, question, deadline):
    """(vector, how much it counts, "") or (None, 0, why not), by the engine that made the index's vectors and by no other.
    A language whose vectors do not count needs none and is not degraded."""
    if not len(found):
        return None, 0.0, ""
    seconds = None if deadline is None else deadline - time.monotonic() - RESERVED_SECONDS
    try:
        engine = embeddings.find(found.engine)
        share = engine.choose_share(language)
        if not share:
            return None, 0.0, ""
        if not found.embedded:
            return None, 0.0, "No passage has a vector yet: found by words alone."
        vector = engine.embed_question(question, seconds)
    except embeddings.EmbeddingFailed as problem:
        return None, 0.0, f"Found by words alone: {problem}"
    if len(vector) != found.width:
        return (
            None,
            0.0,
            f"Found by words alone: {engine.id} gives {len(vector)} numbers, the passages have {found.width}.",
        )
    return vector, share, ""


def _relative(scores):
    """Shares of the best passage's score."""
    most = scores.max(initial=0.0)
    return scores / most if most > 0 else scores


def _best_sentences(found, vector, provisional):
    """The cosine of each passage's best sentence; in a large index only the best candidates', 0 for the others."""
    first = found.first_sentence
    if len(found) <= LARGE:
        return np.maximum.reduceat(found.sentence_vectors @ vector, first[:-1])
    best = np.zeros(len(found))
    rows = _top(provisional, CANDIDATES)
    counts = first[rows + 1] - first[rows]
    begins = np.cumsum(counts) - counts  # where each candidate's sentences begin among those looked at
    places = np.arange(counts.sum()) + np.repeat(first[rows] - begins, counts)
    best[rows] = np.maximum.reduceat(found.sentence_vectors[places] @ vector, begins)
    return best


def _top(scores, limit):
    """Rows of the best scores, best first; equal ones in the order of the rows, so that a question asked twice has
    the same answer."""
    if limit < 1:
        return np.zeros(0, np.int64)
    if len(scores) > limit:
        rows = np.argpartition(-scores, limit - 1)[:limit]
        rows = np.flatnonzero(scores >= scores[rows].min())
    else:
        rows = np.arange(len(scores))
    return rows[np.argsort(-scores[rows], kind="stable")][:limit]


def _match(found, row, scores, parts):
    record = found.record(row)
    source = found.documents[record.document]
    shown = {name: round(float(values[row]), 4) for name, values in parts.items()}
    return Match(record.id, source.id, round(float(scores[row]), 6), shown, int(row), record, source.title)


def explain(search, match, question):
    """Why a passage was found, for staff: [(what, share of its score in percent), …] biggest first, and the words of the
    question that stand in it."""
    language, weights = search.index.language, search.weights
    shares = {
        "the same words": weights.words * match.parts["words"],
        "the same letters": weights.grams * match.parts["trigrams"],
        "the meaning of the passage": weights.dense * match.parts["passage"] / 2,
        "the meaning of a sentence in it": weights.dense * match.parts["sentence"] / 2,
    }
    total = sum(shares.values()) or 1
    reasons = [(what, round(100 * share / total)) for what, share in sorted(shares.items(), key=lambda one: -one[1])]
    there = set(terms.words(f"{match.record.heading}\n{match.record.text}", language))
    asked = [word for word in terms.WORD.findall(question) if there.intersection(terms.words(word, language))]
    return [reason for reason in reasons if reason[1]], list(dict.fromkeys(asked))
