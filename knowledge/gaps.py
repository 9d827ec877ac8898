"""What visitors ask and the documents do not hold: gathered, asked again when the documents change, closed when answered.

Two questions are one gap when they are the same but for case, spaces and end punctuation, or when they mean the same:
where the persona speaks a language that the host's own model learned, a cosine of 0.72 or more; elsewhere, and without
the model, four tenths of their words in common. Measured on 55 pairs of paraphrases written for the demo and on all
3,160 pairs of its golden questions, which all mean different things: by meaning 71 % of the paraphrases come together,
by words 40 %, and in both cases none of the others. (At 0.7 it is 78 %, with one wrong pair.)
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import numpy as np
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from knowledge import answering, caching, embeddings
from knowledge.language import terms
from knowledge.language.scripts import base
from knowledge.models import Asked, Gap, Library

NEAR, NEAR_BY_WORDS = 0.72, 0.4
COMPARED = 500  # gaps of a persona, the newest, that a new question is held against
AT_ONCE = 500  # questions gathered in one go
ASKED_AGAIN = 20  # different wordings of one gap
REVIEWED = 200  # open gaps asked again after one change


class NoReason(Exception):
    """A gap is dismissed for a reason or not at all."""


@dataclass(frozen=True, slots=True)
class Again:
    """What asking a gap's questions again brought: [(question, Answer), …]."""

    answers: list
    closed: bool


def gather(persona=None):
    """Put questions without an answer into gaps; how many. Opens a closed gap that was asked again in vain."""
    waiting = Asked.objects.ungathered()
    if persona is not None:
        waiting = waiting.filter(persona=persona)
    rows = list(waiting.select_related("persona").order_by("persona_id", "at", "pk")[:AT_ONCE])
    for owner, asked in groupby(rows, key=lambda row: row.persona):
        _gather(owner, list(asked))
    return len(rows)


def ask_again(gap, by=None):
    """Ask every wording of a gap now. When all are answered the gap is closed, with the document that answers it."""
    version = Library.objects.read_version(gap.persona_id)
    answers = try_again(gap)
    closed = bool(answers) and all(answer.found for _, answer in answers)
    Gap.objects.filter(pk=gap.pk).update(version=version)
    if closed and gap.status != Gap.Status.CLOSED:
        document = answers[0][1].citations[0].document_id
        _settle(gap, Gap.Status.CLOSED, by, document_id=document, reason="")
    return Again(answers, closed)


def try_again(gap):
    """[(question, Answer), …] of every wording of a gap, asked now; nothing is changed by it."""
    return [(question, answering.look_up(gap.persona, question).answer) for question in wordings(gap)]


def wordings(gap):
    """The different ways in which a gap's question was put, the first one first."""
    asked = [gap.question, *gap.questions.order_by("at", "pk").values_list("question", flat=True)[: 10 * ASKED_AGAIN]]
    return list({caching.normalise(question): question for question in reversed(asked)}.values())[::-1][:ASKED_AGAIN]


def review(persona):
    """Ask the open gaps again that were not asked since the knowledge moved; how many of them are closed now."""
    version = Library.objects.read_version(persona.pk)
    found = Gap.objects.open().filter(persona=persona).exclude(version=version).select_related("persona")
    return sum(ask_again(gap).closed for gap in found[:REVIEWED])


def find_due(settled):
    """Ids of the personas whose knowledge moved, and not after the moment given, since their open gaps were asked."""
    found = Gap.objects.open().filter(persona__library__changed_at__lt=settled)
    moved = found.exclude(version=F("persona__library__version"))
    return list(moved.order_by().values_list("persona_id", flat=True).distinct())


def dismiss(gap, by, reason):
    """Set a gap aside, for a reason. It stays aside when it is asked again. Raises NoReason."""
    if not reason.strip():
        raise NoReason(gettext("Say why it needs no answer: whoever looks at this later will want to know."))
    _settle(gap, Gap.Status.DISMISSED, by, reason=reason.strip()[:500], document_id=None)


def reopen(gap):
    """Look for an answer again."""
    rows = Gap.objects.filter(pk=gap.pk)
    rows.update(status=Gap.Status.OPEN, reason="", document=None, settled_at=None, settled_by=None)
    gap.refresh_from_db()


def _settle(gap, status, by, **fields):
    Gap.objects.filter(pk=gap.pk).update(status=status, settled_at=timezone.now(), settled_by=by, **fields)
    gap.refresh_from_db()


def _gather(persona, asked):
    gaps = Gap.objects.filter(persona=persona)
    known = list(gaps.order_by("-pk")[:COMPARED])
    named = gaps.filter(key__in={_key(row.question) for row in asked})  # however old
    by_key = {gap.key: gap for gap in [*named, *known]}
    nearness = _Nearness(persona, known, [row for row in asked if _key(row.question) not in by_key])
    version = Library.objects.read_version(persona.pk)
    for row in asked:
        gap = by_key.get(_key(row.question)) or nearness.find(row.question)
        if gap is None:
            gap, _ = Gap.objects.get_or_create(
                persona=persona, key=_key(row.question), defaults={"question": row.question, "version": version}
            )
            by_key[gap.key] = gap
            nearness.add(gap, row.question)
        Asked.objects.filter(pk=row.pk, gap=None).update(gap=gap)
        if gap.status == Gap.Status.CLOSED and row.at > gap.settled_at:
            reopen(gap)


def _key(question):
    return hashlib.blake2b(caching.normalise(question).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@lru_cache(maxsize=2000)
def _embed(question):
    """A question's vector, kept: the gaps of a persona are compared at every gathering. By the host's own model, which
    the likeness was measured with, whatever answers questions."""
    return embeddings.find(embeddings.LOCAL).embed_question(question)


class _Nearness:
    """Which gap means the same as a question: by vectors where the model knows the language, else by words."""

    def __init__(self, persona, known, new):
        self.language, self.gaps = persona.language, []
        texts = list(dict.fromkeys([*(gap.question for gap in known), *(row.question for row in new)])) if new else []
        self.vectors = self._embed(texts)
        for gap in known if new else []:
            self.add(gap)

    def add(self, gap, question=""):
        """Compare with a gap, too, by its own question or by another way of putting it."""
        self.gaps.append((gap, self._seen(question or gap.question)))

    def find(self, question):
        """The nearest gap, or None when none is near enough."""
        seen, least = self._seen(question), NEAR if self.vectors else NEAR_BY_WORDS
        near = [(self._compare(seen, other), gap) for gap, other in self.gaps]
        best = max(near, key=lambda one: one[0], default=(0.0, None))
        return best[1] if best[0] >= least else None

    def _embed(self, texts):
        if base(self.language) not in embeddings.find(embeddings.LOCAL).languages:
            return {}
        try:
            return {text: _embed(text) for text in texts}
        except embeddings.EmbeddingFailed:
            return {}

    def _seen(self, question):
        return self.vectors[question] if self.vectors else set(terms.content_words(question, self.language))

    def _compare(self, one, other):
        if self.vectors:
            return float(np.dot(one, other))
        return len(one & other) / len(one | other) if one | other else 0.0
