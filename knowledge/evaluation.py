"""How good retrieval is on questions with known answers: asked of throw-away personas, through the ordinary path."""

import json
import logging
import math
import os
import secrets
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import numpy as np
from django.core.files import File
from django.utils import timezone

from knowledge import answering, evidence, ingestion, speech
from knowledge.language import mishearing
from knowledge.reading import UnreadableDocument
from personas import story
from personas.models import Persona

logger = logging.getLogger(__name__)

PREFIX = "evaluation-"
LEFT_BEHIND = timedelta(hours=6)  # throw-away personas older than this belong to a run that was killed
RANKS = 10


class Malformed(Exception):
    """The file is not what an evaluation reads. The message names the place."""


@dataclass(slots=True)
class Outcome:
    """What one question brought. None: not asked."""

    rank: int | None = None  # of the expected document, 1 is best; 0 when it was not among the first ten
    first: bool | None = None  # an answer string in the best passage
    five: bool | None = None
    said: bool | None = None
    refused: bool = False
    expected_nothing: bool = False
    search_ms: float = 0.0
    embed_ms: float | None = None
    sufficiency: float | None = None  # the evidence as a share of what the strictest persona needs
    answer: answering.Answer | None = field(default=None, repr=False)


@dataclass(slots=True)
class Run:
    """One persona's outcomes."""

    outcomes: list = field(default_factory=list)
    heard: list = field(default_factory=list)  # of the same questions, misheard
    foreign: list = field(default_factory=list)  # of questions that other personas were made for
    passages: int = 0
    seconds: float = 0.0


def load(path):
    """The plan in a file: [{slug, name, language, extra_languages, documents, questions}]. Raises Malformed."""
    try:
        plan = json.loads(Path(path).read_bytes())
    except OSError as problem:
        raise Malformed(f"{path} cannot be read: {problem.strerror}.") from problem
    except (ValueError, RecursionError) as problem:
        raise Malformed(f"{path} is not JSON: {problem}.") from problem
    personas = _want(plan, dict, "the file", "an object with “personas”").get("personas")
    _want(personas, list, "personas", "a list")
    if not personas:
        raise Malformed("personas: there is none to ask.")
    checked = [_check_persona(one, f"personas[{place}]") for place, one in enumerate(personas)]
    slugs = [one["slug"] for one in checked]
    for place, slug in enumerate(slugs):
        if slug in slugs[:place]:
            raise Malformed(f"personas[{place}].slug: “{slug}” stands there twice.")
    return checked


@contextmanager
def throw_away(plan):
    """A persona that nobody hears of (no signal, so no agent is made for it), gone with all it knew at the end."""
    slug = f"{PREFIX}{secrets.token_hex(4)}-{plan['slug']}"[:80]
    spoken = {"language": plan["language"], "extra_languages": plan.get("extra_languages", [])}
    persona = Persona(name=plan["name"][:80], slug=slug, status=Persona.Status.DRAFT, **spoken)
    Persona.objects.bulk_create([persona])
    try:
        yield persona
    finally:
        story.erase(persona)


def remove_left_behind():
    """Throw-away personas of runs that were killed."""
    old = Persona.objects.filter(slug__startswith=PREFIX, created_at__lt=timezone.now() - LEFT_BEHIND)
    for persona in old:
        story.erase(persona)


def run(persona, plan, folder, advance=lambda count: None, heard=False, foreign=()):
    """Ingest a persona's documents, ask its questions, with ``heard`` also as a bad ear hands them on, and the
    ``foreign`` ones, which nothing answers, and give the Run. ``advance`` hears of every step done."""
    result, titles = Run(), {}
    started = time.perf_counter()
    for place, document in enumerate(plan["documents"]):
        kept = _ingest(persona, document, folder, f"{plan['slug']}, documents[{place}]")
        titles.setdefault(document["title"], set()).add(str(kept.pk))
        advance(1)
    result.seconds = time.perf_counter() - started
    result.passages = persona.passages.count()
    ingestion.warm(persona)
    for question in plan["questions"]:
        result.outcomes.append(ask(persona, question, titles))
        if heard:
            misheard = mishearing.mishear(question["question"], plan["language"])
            result.heard.append(ask(persona, {**question, "question": misheard}, titles))
        advance(1)
    for question in foreign:
        result.foreign.append(ask(persona, {"question": question, "document": None}, titles))
    return result


def summarise(runs, heard=False):
    """The figures of one or more runs, of the questions as written or as heard. Shares are 0 to 1; None where nothing
    was asked."""
    outcomes = [outcome for one in runs for outcome in (one.heard if heard else one.outcomes)]
    ranked = [outcome.rank for outcome in outcomes if outcome.rank is not None]
    answerable = [outcome for outcome in outcomes if not outcome.expected_nothing]
    hopeless = [outcome for outcome in outcomes if outcome.expected_nothing]
    search_ms = [outcome.search_ms for outcome in outcomes]
    embed_ms = [outcome.embed_ms for outcome in outcomes if outcome.embed_ms is not None]
    seconds = sum(one.seconds for one in runs)
    return {
        **{f"hit@{most}": _share(0 < rank <= most for rank in ranked) for most in (1, 3, 5)},
        "mrr@10": _share(1 / rank if rank else 0 for rank in ranked),
        "ndcg@10": _share(1 / math.log2(rank + 1) if rank else 0 for rank in ranked),
        "answer@1": _share(outcome.first for outcome in outcomes if outcome.first is not None),
        "answer@5": _share(outcome.five for outcome in outcomes if outcome.five is not None),
        "answer_in_content": _share(outcome.said for outcome in outcomes if outcome.said is not None),
        "refused": _share(outcome.refused for outcome in hopeless),
        "falsely_refused": _share(outcome.refused for outcome in answerable),
        "search_ms_p50": _percentile(search_ms, 50),
        "search_ms_p95": _percentile(search_ms, 95),
        "embed_ms_p50": _percentile(embed_ms, 50),
        "embed_ms_p95": _percentile(embed_ms, 95),
        "passages_per_second": round(sum(one.passages for one in runs) / seconds, 1) if seconds else None,
        "questions": len(outcomes),
    }


def _check_persona(one, place):
    _want(one, dict, place, "an object")
    slug = _want_text(one.get("slug"), f"{place}.slug")
    language, extra = one.get("language", "en"), one.get("extra_languages", [])
    for code in [language, *_want(extra, list, f"{place}.extra_languages", "a list of codes")]:
        if not isinstance(code, str) or not 2 <= len(code) <= 10:
            raise Malformed(f"{place}.language: expected a code such as “en”.")
    documents = _want(one.get("documents"), list, f"{place}.documents", "a list")
    for number, document in enumerate(documents):
        _check_document(document, f"{place}.documents[{number}]")
    titles = {document["title"] for document in documents}
    questions = _want(one.get("questions"), list, f"{place}.questions", "a list")
    for number, question in enumerate(questions):
        _check_question(question, titles, f"{place}.questions[{number}]")
    name = one.get("name") if isinstance(one.get("name"), str) else slug
    languages = {"language": language, "extra_languages": extra}
    return {"slug": slug, "name": name or slug, **languages, "documents": documents, "questions": questions}


def _check_document(document, place):
    _want(document, dict, place, "an object")
    _want_text(document.get("title"), f"{place}.title")
    if "file" in document and "text" not in document:
        _want_text(document["file"], f"{place}.file")
    else:
        _want_text(document.get("text"), f"{place}.text")


def _check_question(question, titles, place):
    _want(question, dict, place, "an object")
    _want_text(question.get("question"), f"{place}.question")
    expected = question.get("document")
    if expected is not None and (not isinstance(expected, str) or expected not in titles):
        raise Malformed(f"{place}.document: there is no document titled “{expected}” (null means: nothing answers it).")
    for name in ("answers", "earlier"):
        texts = question[name] = question.get(name) or []
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise Malformed(f"{place}.{name}: expected a list of texts.")


def _want(value, kind, place, what):
    if not isinstance(value, kind):
        raise Malformed(f"{place}: expected {what}.")
    return value


def _want_text(value, place):
    if not isinstance(value, str) or not value.strip():
        raise Malformed(f"{place}: expected a text that is not empty.")
    return value


def _ingest(persona, document, folder, place):
    try:
        if "text" in document:
            kept = ingestion.receive(persona, document["title"], text=document["text"])
        else:
            with open(folder / document["file"], "rb") as file:
                kept = ingestion.receive(persona, document["title"], file=File(file))
        return ingestion.ingest(kept, threads=os.cpu_count() or 1)
    except ingestion.AlreadyKnown as known:
        return known.document
    except (UnreadableDocument, OSError) as problem:
        raise Malformed(f"{place} (“{document['title']}”): {problem}") from problem


def ask(persona, question, titles):
    """The Outcome of one question, {question, document, answers, earlier}; ``titles`` is {title: {id, …}} of the documents. A
    document of None means that nothing answers it, unless ``expects_nothing`` says what is meant."""
    trial = answering.look_up(persona, question["question"], earlier=question.get("earlier") or ())
    said, search = trial.answer, trial.search
    outcome = Outcome(refused=not said.found, answer=said)
    outcome.expected_nothing = question.get("expects_nothing", question.get("document") is None)
    outcome.sufficiency = trial.evidence.strength / (trial.evidence.needed / evidence.FACTORS[persona.strictness])
    outcome.search_ms = said.milliseconds["search"]
    outcome.embed_ms = said.milliseconds["embed"] if search.vector is not None else None
    if outcome.expected_nothing:
        return outcome
    if question.get("document"):
        ranked, wanted = search.rank_documents(RANKS), titles.get(question["document"], ())
        outcome.rank = next((place for place, found in enumerate(ranked, 1) if found in wanted), 0)
    answers = [_plain(answer) for answer in question["answers"] if answer.strip()]
    if answers:
        texts = [_plain(match.record.text) for match in search.matches[:5]]
        outcome.first = any(answer in text for answer in answers for text in texts[:1])
        outcome.five = any(answer in text for answer in answers for text in texts)
        outcome.said = any(answer in _plain(said.content) for answer in answers)
    return outcome


def _plain(text):
    """Text as it is compared: hidden characters and the kind of white space do not matter, letters and case do."""
    return " ".join(speech.remove_hidden(text).split())


def _share(values):
    values = [float(value) for value in values]
    return round(sum(values) / len(values), 4) if values else None


def _percentile(values, share):
    return round(float(np.percentile(values, share)), 3) if values else None
