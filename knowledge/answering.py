"""A question's way through: cache, search, is there enough, what to say, and where each part of it stands."""

import logging
import time
from dataclasses import dataclass, field, replace

import msgspec
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from knowledge import caching, composing, embeddings, evidence, flights, followups, retrieval, shelf, speech
from knowledge.composing import Citation

logger = logging.getLogger(__name__)

MATCHES = 10
_flights = flights.Flights()


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: content, and where each part of it stands."""

    content: str  # sentences as they are said; the persona's fallback line when nothing was found
    citations: tuple[Citation, ...] = ()
    found: bool = True
    reason: str = ""  # why nothing was found, or why by words alone
    matches: tuple[tuple[int, float], ...] = ()  # (passage id, score), best first
    milliseconds: dict[str, float] = field(default_factory=dict)
    degraded: bool = False
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """An answer with all that led to it, for staff who want to see why."""

    answer: Answer
    search: retrieval.Search
    evidence: evidence.Evidence


def answer(persona, question, *, earlier=(), cache=True, deadline=None, recall=None, library=None):
    """The persona's Answer to a question, from its ready documents alone.

    ``earlier`` are the questions before it in the same thread, oldest first, for one that leans on them. ``deadline`` is
    a time.monotonic() value that every step keeps to: embedding is given up for words alone, and shelf.NotInTime is
    raised when even the index cannot be had. ``recall`` is what the caller's own trip to Redis for this question, as
    ``resolve`` gives it, brought, if it made one; ``library`` is the (version, engine) of the knowledge, if the caller has
    just read it. Answers found by words alone for want of the model are never cached.
    """
    question = resolve(persona.languages, question, earlier)
    if not cache:
        return look_up(persona, question, deadline=deadline, library=library).answer
    started = time.perf_counter()
    recall = recall or caching.recall(persona.pk, caching.OWN_LANGUAGE, question)
    milliseconds = {"recall": (time.perf_counter() - started) * 1000}
    kept = unpack(recall.payload)
    if kept is not None:
        return replace(kept, milliseconds=milliseconds)
    said = _look_up_once(persona, question, deadline, recall, library)
    return replace(said, milliseconds=milliseconds | said.milliseconds)


def _look_up_once(persona, question, deadline, recall, library):
    """The Answer, looked up and kept. Equal questions at one moment share it where the ``library`` was read by each: that
    is what makes sure that nobody hears what was so before they asked."""

    def look():
        trial = look_up(persona, question, deadline=deadline, library=library)
        _keep(persona, question, trial, recall)
        return trial.answer

    if library is None:
        return look()
    languages, engine = tuple(persona.languages), embeddings.configured().id
    key = (persona.pk, *library, engine, languages, persona.strictness, persona.fallback_message, question)
    try:
        return _flights.share(key, look, until=deadline, lasts=lambda said: not said.degraded)
    except TimeoutError:
        raise shelf.NotInTime(_("The same question is still being looked up.")) from None


def look_up(persona, question, *, earlier=(), deadline=None, limit=MATCHES, library=None):
    """The Trial of a question: the answer, every match with its score parts, and the evidence. Not cached."""
    question = resolve(persona.languages, question, earlier)
    search = retrieval.search(persona, question, limit=limit, deadline=deadline, library=library)
    started = time.perf_counter()
    judged = evidence.judge(search, persona.strictness)
    content, citations, reason = persona.fallback_message, (), _explain(search, judged)
    if judged.is_enough:
        content, citations = composing.compose(search, judged.sentences, settings.ANSWER_CHARACTERS)
    found = bool(citations)
    said = Answer(
        content=content if found else persona.fallback_message,
        citations=citations,
        found=found,
        reason=search.problem if found else reason,
        matches=tuple((match.passage_id, match.score) for match in search.matches),
        milliseconds=search.milliseconds | {"compose": (time.perf_counter() - started) * 1000},
        degraded=search.degraded,
    )
    return Trial(said, search, judged)


def resolve(languages, question, earlier=()):
    """A question as it is looked up and cached: clean, and with its topic when it leans on earlier ones."""
    return followups.resolve(clean(question), [clean(one) for one in earlier], languages)


def clean(question):
    """A question as it is looked up: one line, without hidden characters."""
    return speech.clean_question(question)


def pack(said):
    """An Answer as bytes for the cache."""
    return msgspec.msgpack.encode(said)


def unpack(payload):
    """The Answer in cached bytes, or None: garbage is a miss."""
    if not payload:
        return None
    try:
        return replace(msgspec.msgpack.decode(payload, type=Answer), cached=True)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        logger.warning("A cached answer could not be read and is looked up anew.")
        return None


def _keep(persona, question, trial, recall):
    """Cache it under the version it was found in, unless it was found by less than all means."""
    if trial.answer.degraded or not recall.available:
        return
    if recall.version is None:
        caching.settle(persona.pk)
    caching.keep(persona.pk, trial.search.index.version, caching.OWN_LANGUAGE, question, pack(trial.answer))


@translation.override(settings.LANGUAGE_CODE)
def _explain(search, judged):
    """Why there is no answer, for staff, in the site's language: it is kept, and read by whoever comes."""
    if not len(search.index):
        return _("This persona has no document that is ready.")
    if not search.matches or not judged.sentences:
        return _("No passage fits the question.")
    if not judged.is_enough:
        strength, needed = f"{judged.strength:.2f}", f"{judged.needed:.2f}"
        if strength == needed:
            return _("The evidence is too thin: hardly less than the {needed} needed.").format(needed=needed)
        return _("The evidence is too thin: {strength} of the {needed} needed.").format(
            strength=strength, needed=needed
        )
    return _("The passages found hold nothing that can be said.")
