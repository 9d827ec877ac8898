"""How well sentences and passages fit a question, and whether that is enough to answer at all. Pure.

A sentence is judged by four things: its passage's score, its cosine with the question, and the share of the question's
words and of its character 3-grams that stand in it, each weighed by how rare it is in the persona's documents.
"""

from dataclasses import dataclass

import numpy as np

from knowledge.index import word_keys
from knowledge.language import terms
from knowledge.language.scripts import base
from personas.models import Persona

PASSAGES = 6  # the best ones, whose sentences are looked at
JUDGED = 3  # of them, for whether there is an answer at all

# Evidence is 0.15 × passage cosine + 0.35 × sentence cosine + 0.3 × share of words + 0.2 × share of 3-grams, each the
# best of three passages; without vectors the two shares as retrieval weighs them. Weights and thresholds come from
# logistic regression on ten SQuAD articles, each asked its own questions, those of other articles, and its own with the
# answering paragraph taken away; then rounded. On XQuAD, as personas of 1 to 80 paragraphs, English refuses 95 % to 99 %
# of other articles' questions and 0.8 % to 1.3 % of its own. The thresholds for words alone were read off XQuAD itself:
# about 2 % of the own questions are refused, and 85 % to 98 % of others', fewer the more a persona knows. Questions of
# the right field that nothing answers are refused one time in five to two: near misses look like answers to any measure
# of likeness. On the demo, whose questions are short and whose three personas have much in common (opening hours, dogs,
# tickets), 0.38 refuses 73 % of the others' questions and 1.7 % of the own, 0.4 refuses 76 % and 3.3 %, 0.42 82 % and 5 %.
# Another engine's cosines are brought to the same scale first (embeddings.yardstick); while that is not known, and in
# other languages, for which no such engine was measured, words alone are evidence.
ENOUGH = 0.4
ENOUGH_BY_WORDS = {"ar": 0.29, "es": 0.37, "fr": 0.35, "hi": 0.32, "it": 0.35, "ja": 0.2, "ko": 0.25, "pt": 0.35, "ro": 0.36, "th": 0.35, "vi": 0.38, "zh": 0.2}  # fmt: skip
ENOUGH_BY_WORDS_ELSEWHERE = 0.33
# How much of that is needed, by how far a persona keeps to its documents: the one place that turns the dial.
Strictness = Persona.Strictness
FACTORS = {Strictness.ONLY_DOCUMENTS: 1.0, Strictness.DOCUMENTS_FIRST: 0.85, Strictness.FREE: 0.7}
# Among fewer passages than this rareness says little: with one passage every word of it would count as common.
FEW = 20

# How well a sentence fits, beside its passage's score: its cosine, the question's words and 3-grams in it, and those in
# the sentences before and after it, since what answers often follows what the question names. From a ranking model
# fitted on half the documents of three sets as whole articles (SQuAD, XQuAD in eight languages) and rounded: on the other
# halves the answer is said in 0.2 to 3 points more contents of the same length than by 1 : 0.4 : 0.4 : 0 : 0.
COSINE, WORDS, GRAMS, BEFORE, AFTER = 0.4, 0.3, 0.35, 0.17, 0.08

QUESTION_MARKS = ("?", "？", "؟")
ASKS = -0.5  # a question in the document is what was asked, not what was answered
FOLLOWS_QUESTION, FOLLOWS_COLON = 0.95, 0.8  # what comes after it inherits that much


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a found passage and how well it fits."""

    rank: int  # of its passage, 0 is best
    start: int  # in the passage
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Evidence:
    sentences: list  # of the best passages, in their order
    strength: float  # 0 to about 1
    needed: float

    @property
    def is_enough(self):
        return self.strength >= self.needed


def judge(search, strictness=Strictness.ONLY_DOCUMENTS):
    """The Evidence that a search's matches hold for a question.

    ``strictness`` is the persona's dial. Only from documents needs what was calibrated above; documents first and freely
    are content with less, by FACTORS: there a near miss that is told beats a plain no.
    """
    matches = search.matches[:PASSAGES]
    if not matches:
        return Evidence([], 0.0, 1.0)
    places = [(rank, start, end) for rank, match in enumerate(matches) for start, end in match.record.sentences]
    words, grams = _find_terms(search.heard.text, _choose_language(search), search.index, matches, places)
    scores = _score(search, matches, places, words, grams)
    sentences = [Sentence(*place, score) for place, score in zip(places, scores, strict=True)]
    strength, needed = _strength(search, matches, places, words, grams)
    return Evidence(sentences, strength, needed * FACTORS[strictness])


def _choose_language(search):
    """The language in which question and passages are compared: of those the question may be in, the best passage's."""
    best = search.matches[0].language
    return best if best in search.heard.languages else search.heard.languages[0]


@dataclass(frozen=True, slots=True)
class _Terms:
    """Which of a question's terms stand in which sentence."""

    found: np.ndarray  # bool [sentences, terms]
    weights: np.ndarray  # of the terms, by rareness; they add up to 1

    @property
    def shares(self):
        return self.found @ self.weights


def _find_terms(question, language, index, matches, places):
    texts = [matches[rank].record.text[start:end] for rank, start, end in places]
    asked = list(dict.fromkeys(terms.content_words(question, language)))
    headings = [match.record.heading for match in matches]  # a heading counts as said by every sentence under it
    found = [set(one) for one in terms.words_in_each(texts + headings, language)]
    there = [found[place] | found[len(texts) + rank] for place, (rank, *_) in enumerate(places)]
    words = np.array([[word in known for word in asked] for known in there], bool).reshape(len(texts), len(asked))
    keys = np.unique(terms.grams(question))
    grams = np.zeros((len(texts), len(keys)), bool)
    if len(keys):
        every, owners = terms.grams_in_each(texts + headings)
        near = np.minimum(np.searchsorted(keys, every), len(keys) - 1)
        same = keys[near] == every
        standing = np.zeros((len(texts) + len(headings), len(keys)), bool)
        standing[owners[same], near[same]] = True
        grams = standing[: len(texts)] | standing[[len(texts) + rank for rank, *_ in places]]
    size = max(len(index), FEW)
    word_weights = index.words.weigh(word_keys(asked), size)
    return _Terms(words, _normal(word_weights)), _Terms(grams, _normal(index.grams.weigh(keys, size)))


def _score(search, matches, places, words, grams):
    """How well each sentence fits: its passage's score, its cosine, and the question's terms in and around it."""
    ranks = np.array([rank for rank, _, _ in places])
    cosines = np.concatenate([_cosines(search, match.row) for match in matches])
    own = COSINE * cosines + WORDS * words.shares + GRAMS * grams.shares
    scores = np.array([match.score for match in matches])[ranks] + own
    together = ranks[1:] == ranks[:-1]  # a sentence and the next one of the same passage
    scores[1:] += BEFORE * together * grams.shares[:-1]
    scores[:-1] += AFTER * together * grams.shares[1:]
    texts = [matches[rank].record.text[start:end] for rank, start, end in places]
    return _pass_on(scores.tolist(), texts, ranks.tolist())


def _strength(search, matches, places, words, grams):
    """(strength, how much is needed of the strictest), of the best of the first passages."""
    ranks = np.array([rank for rank, _, _ in places])
    judged = range(min(JUDGED, len(matches)))
    shared = [
        max(float(one.found[ranks == rank].any(axis=0) @ one.weights) for rank in judged) for one in (words, grams)
    ]
    language = base(_choose_language(search))
    measured = language == "en" and search.index.is_scaled
    # A model that hardly knows the language proves no absence.
    if search.vector is None or search.weights.dense < 0.5 or not measured:
        share = search.weights.words / (search.weights.words + search.weights.grams)
        strength = share * shared[0] + (1 - share) * shared[1]
        return strength, ENOUGH_BY_WORDS.get(language, ENOUGH_BY_WORDS_ELSEWHERE)
    passage, sentence = (max(match.parts[part] for match in matches[:JUDGED]) for part in ("passage", "sentence"))
    return 0.15 * passage + 0.35 * sentence + 0.3 * shared[0] + 0.2 * shared[1], ENOUGH


def _cosines(search, row):
    if search.vector is None:
        return np.zeros(search.index.first_sentence[row + 1] - search.index.first_sentence[row])
    first, last = search.index.first_sentence[row : row + 2]
    cosines = search.index.sentences.cosines(search.vector, slice(first, last))
    return search.index.weigh(cosines) * (search.weights.dense / 0.7)


def _pass_on(scores, texts, ranks):
    """What follows a question or a colon answers it: it inherits, and the question itself steps back."""
    passed = list(scores)
    for place, text in enumerate(texts[:-1]):
        share = (
            FOLLOWS_QUESTION if text.endswith(QUESTION_MARKS) else FOLLOWS_COLON if text.endswith((":", "：")) else 0
        )
        if share and ranks[place] == ranks[place + 1]:
            passed[place + 1] = max(passed[place + 1], share * passed[place])
    return [score + ASKS if text.endswith(QUESTION_MARKS) else score for score, text in zip(passed, texts, strict=True)]


def _normal(weights):
    total = weights.sum()
    return weights / total if total > 0 else weights
