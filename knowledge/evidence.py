"""How well sentences and passages fit a question, and whether that is enough to answer at all. Pure.

A sentence is judged by four things: its passage's score, its cosine with the question, and the share of the question's
words and of its character 3-grams that stand in it, each weighed by how rare it is in the persona's documents.
"""

from dataclasses import dataclass

import numpy as np

from knowledge import terms
from knowledge.index import word_keys
from knowledge.scripts import base

PASSAGES = 6  # the best ones, whose sentences are looked at
JUDGED = 3  # of them, for whether there is an answer at all

# Evidence is 0.35 × passage cosine + 0.35 × sentence cosine + 0.15 × share of words + 0.15 × share of 3-grams, each the
# best of three passages; without vectors the two shares as retrieval weighs them. Fitted by logistic regression on ten
# SQuAD articles asked their own questions and other articles', rounded, and checked on XQuAD, which was not used to
# fit: at these thresholds 98 % of foreign questions are refused with vectors (87 % to 97 % without, by language), and
# 0.5 % (1 % to 4 %) of the persona's own.
ENOUGH = 0.34
ENOUGH_BY_WORDS = {"zh": 0.16, "ja": 0.16, "ko": 0.22, "ar": 0.26}
ENOUGH_BY_WORDS_ELSEWHERE = 0.29

QUESTION_MARKS = ("?", "？", "؟", ";")
ASKS = -0.5  # a question in the document is what was asked, not what was answered
FOLLOWS_QUESTION, FOLLOWS_COLON = 0.95, 0.8  # what comes after it inherits that much


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a found passage and how well it fits."""

    rank: int  # of its passage, 0 is best
    start: int  # in the passage
    end: int
    score: float
    words: float  # share of the question's words, by rareness
    grams: float


@dataclass(frozen=True, slots=True)
class Evidence:
    sentences: list  # of the best passages, in their order
    strength: float  # 0 to about 1
    needed: float

    @property
    def is_enough(self):
        return self.strength >= self.needed


def judge(search, question):
    """The Evidence that a search's matches hold for a question."""
    matches = search.matches[:PASSAGES]
    asked = _Question(question, search)
    sentences, shares = [], []
    for rank, match in enumerate(matches):
        found, share = _look(asked, search, rank, match)
        sentences += found
        shares.append(share)
    if not matches:
        return Evidence([], 0.0, 1.0)
    words, grams = (max(share[place] for share in shares[:JUDGED]) for place in (0, 1))
    if search.vector is None:
        lexical = search.weights.words + search.weights.grams
        strength = (search.weights.words * words + search.weights.grams * grams) / lexical
        language = base(search.index.language)
        return Evidence(sentences, strength, ENOUGH_BY_WORDS.get(language, ENOUGH_BY_WORDS_ELSEWHERE))
    if search.weights.dense < 0.5:  # the model hardly knows the language: its cosines say nothing about absence
        return Evidence(
            sentences, (words + grams) / 2, ENOUGH_BY_WORDS.get(base(search.index.language), ENOUGH_BY_WORDS_ELSEWHERE)
        )
    passage, sentence = (max(match.parts[part] for match in matches[:JUDGED]) for part in ("passage", "sentence"))
    return Evidence(sentences, 0.35 * passage + 0.35 * sentence + 0.15 * words + 0.15 * grams, ENOUGH)


class _Question:
    """A question's terms with their rareness among the persona's passages."""

    def __init__(self, question, search):
        index = search.index
        self.language = index.language
        self.words = list(dict.fromkeys(terms.content_words(question, index.language)))
        self.word_weights = index.words.weigh(word_keys(self.words), len(index))
        self.grams = np.unique(terms.grams(question))
        self.gram_weights = index.grams.weigh(self.grams, len(index))

    def find_words(self, text):
        """Which of the question's words stand in a text, as booleans."""
        there = set(terms.words(text, self.language))
        return np.array([word in there for word in self.words], bool)

    def find_grams(self, text):
        return np.isin(self.grams, terms.grams(text))

    def share_words(self, found):
        return _share(found, self.word_weights)

    def share_grams(self, found):
        return _share(found, self.gram_weights)


def _look(asked, search, rank, match):
    """(the passage's Sentences, its own (words, grams) shares)."""
    record = match.record
    words = [asked.find_words(record.text[start:end]) for start, end in record.sentences]
    grams = [asked.find_grams(record.text[start:end]) for start, end in record.sentences]
    heading = asked.find_words(record.heading) if record.heading else np.zeros(len(asked.words), bool)
    cosines = _cosines(search, match.row)
    scores = [
        match.score + cosine + 0.4 * asked.share_words(word) + 0.4 * asked.share_grams(gram)
        for cosine, word, gram in zip(cosines, words, grams, strict=True)
    ]
    scores = _pass_on(scores, [record.text[start:end] for start, end in record.sentences])
    sentences = [
        Sentence(rank, start, end, score, asked.share_words(word), asked.share_grams(gram))
        for (start, end), score, word, gram in zip(record.sentences, scores, words, grams, strict=True)
    ]
    return sentences, (asked.share_words(np.any([*words, heading], axis=0)), asked.share_grams(np.any(grams, axis=0)))


def _cosines(search, row):
    if search.vector is None:
        return np.zeros(search.index.first_sentence[row + 1] - search.index.first_sentence[row])
    first, last = search.index.first_sentence[row : row + 2]
    return search.index.sentence_vectors[first:last] @ search.vector * (search.weights.dense / 0.7)


def _pass_on(scores, texts):
    """What follows a question or a colon answers it: it inherits, and the question itself steps back."""
    passed = list(scores)
    for place, text in enumerate(texts):
        share = FOLLOWS_QUESTION if text.endswith(QUESTION_MARKS[:3]) else FOLLOWS_COLON if text.endswith(":") else 0
        if share and place + 1 < len(texts):
            passed[place + 1] = max(passed[place + 1], share * passed[place])
    return [score + ASKS if text.endswith(QUESTION_MARKS[:3]) else score for score, text in zip(passed, texts, strict=True)]


def _share(found, weights):
    total = weights.sum()
    return float(weights[found].sum() / total) if total > 0 else 0.0
