"""A change of engine: the new one embeds every passage while the old one's vectors answer, then the persona changes over
in one transaction, and the old vectors go.

The same work fills in vectors that are missing since the engine could not be had. It is done in pieces that are kept as
they are made, by one worker per persona, who gives signs of life: interrupted anywhere, it is taken up again where it
was, and until it is complete the old vectors answer. If the setting goes back meanwhile, what was made is dropped.
"""

import time
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from knowledge import caching, embeddings, vectors
from knowledge.models import Library, Vectors

AT_ONCE = 256  # passages kept together: seconds of work that a crash can cost
STALE = timedelta(minutes=5)  # without a sign of life the worker is taken for dead


class Taken(Exception):
    """Somebody else makes this persona's vectors."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a persona is on its way to the engine that the settings name."""

    answering: str  # id of the engine whose vectors answer
    wanted: str
    done: int  # passages
    total: int
    problem: str  # why it stands still
    words_alone: str  # why the old vectors cannot answer meanwhile; ""

    @property
    def percent(self):
        """Rounded down: 100 is only said when it is true."""
        return 100 * self.done // self.total if self.total else 100

    @property
    def is_seen(self):
        """Whether there is anything to wait for: missing vectors, or another engine that still answers."""
        return bool(self.total) and (self.done < self.total or self.is_change)

    @property
    def is_change(self):
        """Whether another engine answers until then; otherwise vectors are only missing."""
        return self.answering not in ("", self.wanted)


def find_due():
    """Ids of the personas that are not settled with the engine in use, and that nobody works on."""
    free = Q(embedding_since=None) | Q(embedding_since__lt=timezone.now() - STALE)
    return list(Library.objects.unsettled(embeddings.configured().id).filter(free).values_list("pk", flat=True))


def find_waiting():
    """Ids of the personas that another engine than the one in use answers."""
    engine = embeddings.configured().id
    return list(Library.objects.exclude(engine__in=["", engine]).values_list("pk", flat=True))


def describe(persona):
    """The persona's Standing, None when it is settled."""
    engine = embeddings.configured()
    library = Library.objects.unsettled(engine.id).filter(pk=persona.pk).first()
    if library is None:
        return None
    left, total = vectors.lacking(persona, engine).count(), persona.passages.count()
    words_alone = ""
    try:
        embeddings.find(library.engine or engine.id)
    except embeddings.EmbeddingFailed as problem:
        words_alone = str(problem)
    return Standing(library.engine, engine.id, total - left, total, library.embedding_problem, words_alone)


def carry_on(persona, seconds=None, threads=1, advance=lambda count: None):
    """Bring the persona's vectors to the engine that the settings name; whether nothing is left to do after ``seconds``.

    Safe to repeat and to interrupt. ``advance`` hears how many passages were embedded. Raises Taken when somebody else is
    at it, embeddings.EmbeddingFailed when the engine fails, after the reason was kept for staff.
    """
    claim = _take(persona)
    try:
        return _work(claim, None if seconds is None else time.monotonic() + seconds, threads, advance)
    except embeddings.EmbeddingFailed as problem:
        claim.row.update(embedding_problem=str(problem))
        raise
    finally:
        claim.let_go()


@dataclass(slots=True)
class _Claim:
    """The right to make a persona's vectors, proved by the last sign of life."""

    persona: object
    at: object

    @property
    def row(self):
        return Library.objects.filter(pk=self.persona.pk, embedding_since=self.at)

    def report(self, _share=None):
        """Give a sign of life. Raises Taken when the claim is lost."""
        now = timezone.now()
        if not self.row.update(embedding_since=now):
            raise Taken(f"Somebody else makes the vectors of {self.persona} now.")
        self.at = now

    def let_go(self):
        self.row.update(embedding_since=None)


def _take(persona):
    """By a conditional update: two workers can never both have it."""
    Library.objects.get_or_create(persona=persona)
    now = timezone.now()
    free = Q(embedding_since=None) | Q(embedding_since__lt=now - STALE)
    if not Library.objects.filter(free, pk=persona.pk).update(embedding_since=now):
        raise Taken(f"The vectors of {persona} are being made by a worker already.")
    return _Claim(persona, now)


def _work(claim, until, threads, advance):
    persona, engine = claim.persona, embeddings.configured()
    vectors.remove_others(persona, [Library.objects.read(persona.pk)[1], engine.id])
    while True:
        last = 0
        while passages := list(vectors.lacking(persona, engine).filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
            if until is not None and time.monotonic() >= until:
                return False
            made = vectors.embed(persona, passages, engine, threads, claim.report)
            _keep(persona, engine, passages, made)
            last = passages[-1].pk
            advance(len(passages))
        if _change_over(persona, engine):
            break
    vectors.remove_others(persona, [engine.id])
    return _settle(persona, engine)


def _keep(persona, engine, passages, made):
    """Beside the passages that are still there. Where this engine answers already, the knowledge moves with it."""
    answers = Library.objects.read(persona.pk)[1] in ("", engine.id)
    with caching.changing(persona.pk) if answers else nullcontext(), transaction.atomic():
        library = Library.objects.lock(persona.pk)
        there = set(persona.passages.filter(pk__in=[one.pk for one in passages]).values_list("pk", flat=True))
        kept = [(passage, pair) for passage, pair in zip(passages, made, strict=True) if passage.pk in there]
        vectors.keep(library, [passage for passage, _ in kept], {engine.id: [pair for _, pair in kept]})
        Library.objects.filter(pk=persona.pk).update(embedding_problem="")
        if library.engine == engine.id:
            Library.objects.moved(persona.pk)


def _change_over(persona, engine):
    """From now on this engine's vectors answer; False when passages came in that have none yet."""
    if Library.objects.read(persona.pk)[1] == engine.id:
        return not vectors.lacking(persona, engine).exists()
    with caching.changing(persona.pk), transaction.atomic():
        Library.objects.lock(persona.pk)
        if vectors.lacking(persona, engine).exists():
            return False
        Library.objects.filter(pk=persona.pk).update(engine=engine.id, settled=False)
        Library.objects.moved(persona.pk)
    return True


def _settle(persona, engine):
    """Note that nothing is left to do, if that is so."""
    with transaction.atomic():
        library = Library.objects.lock(persona.pk)
        others = Vectors.objects.filter(passage__persona=persona).exclude(engine=engine.id)
        settled = library.engine == engine.id and not vectors.lacking(persona, engine).exists() and not others.exists()
        Library.objects.filter(pk=persona.pk).update(settled=settled, embedding_problem="")
    return settled
