"""A question's matches: the passages of the persona that fit it best, scored in process.

Scores are fused, not ranks: a rank throws away by how much one passage is better than the next (measured on SQuAD:
86.6 % of first places right, reciprocal rank fusion 78.4 %). How much the vectors count depends on the question's
language, since the model learned English.
"""

import time
from dataclasses import dataclass, field

import numpy as np
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from knowledge import embeddings, hearing, scoring, shelf, telemetry
from knowledge.index import Index, Record, word_keys
from knowledge.index.postings import Asked
from knowledge.language import terms
from knowledge.language.scripts import base
from knowledge.scoring import Question, Scores, Weights

# Of its score, what a passage keeps that is in none of the languages of the question: of two that say the same, the one
# in the visitor's own is better.
OTHER_LANGUAGE = 0.9
NEWEST_MISSING = _("The newest documents are still being made ready for questions: answered without them.")
RESERVED_SECONDS = 0.05  # of the time left, what embedding must leave for the rest


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
    language: str = ""


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
    scores: Scores = field(repr=False)

    def rank_documents(self, limit):
        """Ids of the documents with the best passages, best first."""
        best = {}
        for row in self.scores.rows.tolist():
            best.setdefault(int(self.index.owners[row]), row)
            if len(best) == limit:
                break
        return [self.index.documents[owner].id for owner in best]


@telemetry.spanned("search")
def search(persona, question, *, limit=10, deadline=None, library=None):
    """The passages that fit a question best, at most ``limit``, with score parts and milliseconds by stage.

    Goes on with words alone, ``degraded``, where the model fails or is late. ``deadline`` is a time.monotonic() value;
    raises shelf.NotInTime when the index cannot be had before it. ``library``: see shelf.find.
    """
    started = time.perf_counter()
    with telemetry.span("index"):
        found = shelf.find(persona, deadline, library)
    heard = hearing.hear(question, found, embeddings.is_word)
    waited = time.perf_counter()
    vector, share, problem = _embed(found, heard.languages[0], heard.text, deadline)
    embedded = time.perf_counter()
    weights = choose_weights(heard.languages[0], share)
    scores = score(found, heard, vector, weights)
    if found.hidden is not None:
        scores, problem = scores.without(found.hidden), problem or NEWEST_MISSING
    matches = _match(found, scores, limit)
    milliseconds = {
        "embed": (embedded - waited) * 1000,
        "search": (waited - started + time.perf_counter() - embedded) * 1000,
    }
    return Search(matches, milliseconds, bool(problem), problem, heard, found, vector, weights, scores)


def choose_weights(language, share):
    """How much each part counts: the vectors by their engine's ``share``, 0 where there are none; a Han character carries
    a word, so Chinese 3-grams count for little; Arabic writes little words together with big ones and Thai all of them, so
    theirs count for more (XQuAD, hit@1 on either half of the articles: Arabic +0.3 and +0.5, Thai +0.2 and +0.5)."""
    words = {"zh": 0.8, "ja": 0.7, "ar": 0.4, "th": 0.4}.get(base(language), 0.5)
    return Weights(words * (1 - share), (1 - words) * (1 - share), share)


@telemetry.spanned("score")
def score(found, heard, vector, weights):
    """The Scores of an index's passages for a question as Heard and its vector (None: words alone)."""
    return scoring.score(found, understand(found, heard, vector), weights)


def understand(found, heard, vector):
    """The Question that a Heard one is to an index. What was guessed counts less, and not again what was heard."""
    words = _find_keys(terms.content_words, heard.asked, heard.languages)
    grams = terms.grams(heard.asked)
    asked = [Asked.of(words), Asked.of(grams)]
    if heard.guesses:
        guessed = _find_keys(terms.words, heard.guesses, heard.languages)
        asked[0] += Asked.of(guessed, hearing.SHARE)
        heard_too = set(grams.tolist())
        fresh = [gram for gram in terms.grams(heard.guesses).tolist() if gram not in heard_too]
        asked[1] += Asked.of(np.array(fresh, np.int64), hearing.SHARE)
    return Question(*asked, vector, _favour(found, heard.languages))


def _find_keys(find, text, languages):
    """The keys of a text's words; once each where it is read in several languages."""
    if len(languages) == 1:
        return word_keys(find(text, languages[0]))
    return word_keys(dict.fromkeys(word for language in languages for word in find(text, language)))


def _favour(found, languages):
    """What each passage keeps of its score for its language; None in a persona of one language."""
    if len(found.languages) == 1:
        return None
    asked = [place for place, language in enumerate(found.languages) if language in languages]
    return np.where(np.isin(found.tongues, asked), 1, OTHER_LANGUAGE)


@telemetry.spanned("embed")
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
            return None, 0.0, gettext("No passage has a vector yet: found by words alone.")
        vector = engine.embed_question(question, seconds)
    except embeddings.EmbeddingFailed as problem:
        return None, 0.0, gettext("Found by words alone: {problem}").format(problem=problem)
    if len(vector) != found.width:
        problem = gettext("{id} gives {count} numbers, the passages have {width}.").format(
            id=engine.id, count=len(vector), width=found.width
        )
        return None, 0.0, gettext("Found by words alone: {problem}").format(problem=problem)
    return vector, share, ""


def _match(found, scores, limit):
    """The best as Matches. Rounded all at once: one by one takes longer than scoring them did."""
    limit = max(limit, 0)
    values = scores.values[:limit].round(6).tolist()
    parts = zip(*(part[:limit].round(4).tolist() for part in scores.parts.values()), strict=True)
    matches = []
    for row, value, shown in zip(scores.rows[:limit].tolist(), values, parts, strict=True):
        record = found.record(row)
        source, language = found.documents[record.document], found.languages[found.tongues[row]]
        shown = dict(zip(scores.parts, shown, strict=True))
        matches.append(Match(record.id, source.id, value, shown, row, record, source.title, language))
    return matches


def explain(search, match, question):
    """Why a passage was found, for staff: [(what, share of its score in percent), …] biggest first, and the words of the
    question that stand in it."""
    language, weights = match.language, search.weights
    shares = {
        gettext("the same words"): weights.words * match.parts["words"],
        gettext("the same letters"): weights.grams * match.parts["trigrams"],
        gettext("the meaning of the passage"): weights.dense * match.parts["passage"] / 2,
        gettext("the meaning of a sentence in it"): weights.dense * match.parts["sentence"] / 2,
    }
    total = sum(shares.values()) or 1
    reasons = [(what, round(100 * share / total)) for what, share in sorted(shares.items(), key=lambda one: -one[1])]
    there = set(terms.words(f"{match.record.heading}\n{match.record.text}", language))
    asked = [word for word in terms.WORD.findall(question) if there.intersection(terms.words(word, language))]
    return [reason for reason in reasons if reason[1]], list(dict.fromkeys(asked))
