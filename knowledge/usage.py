"""What personas are asked and what is cited for it, written down after the answer went out."""

import logging
from dataclasses import dataclass, field
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import Count, Max, Q
from django.utils import timezone

from knowledge.models import Asked, Cited, Document, Gap
from knowledge.speech import remove_hidden
from personas.models import Persona

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Note:
    """A question that was answered or not: ``citations`` as an Answer's ``as_json`` gives them, ``thread`` names the talk."""

    persona_id: UUID
    question: str
    channel: str
    found: bool
    reason: str = ""
    citations: list = field(default_factory=list)
    thread: str = ""
    at: object = None


def note(notes):
    """Keep what was asked and cited; whether it was kept. Never raises: a diary must not stop a conversation.

    The one way in, for both channels. What was deleted since is left out.
    """
    try:
        with transaction.atomic():
            _keep(notes)
    except DatabaseError as fault:
        # Its text would repeat the question.
        logger.warning("%d questions could not be noted: %s", len(notes), type(fault).__name__)
        return False
    return True


def forget(thread):
    """Remove what was asked in one talk, also where it gave a gap its name."""
    asked = Asked.objects.filter(thread=thread)
    with transaction.atomic():
        gaps = list(Gap.objects.filter(questions__thread=thread).distinct())
        asked.delete()
        for gap in gaps:
            left = gap.questions.order_by("at", "pk").first()
            if left is None:
                gap.delete()
            else:
                Gap.objects.filter(pk=gap.pk).update(question=left.question)


def cited_in(document):
    """The Cited of a document as it was last read, newest first: earlier places are places in another text."""
    rows = Cited.objects.filter(document=document).select_related("asked").order_by("-asked__at", "-pk")
    return rows.filter(asked__at__gte=document.read_at) if document.read_at else rows.none()


def count_citations(documents, since=None):
    """Documents with how many questions cited them from a moment on (None: ever), and when one last did: ``times`` and
    ``last_at``. The most cited first, then by title."""
    asked = Q() if since is None else Q(cited__asked__at__gte=since)
    counted = documents.annotate(
        times=Count("cited__asked", filter=asked, distinct=True), last_at=Max("cited__asked__at")
    )
    return counted.order_by("-times", "title", "pk")


def count_questions(personas, since=None):
    """{asked, answered, spoken} of these personas from a moment on."""
    rows = Asked.objects.filter(persona__in=personas)
    if since is not None:
        rows = rows.filter(at__gte=since)
    return rows.aggregate(
        asked=Count("pk"), answered=Count("pk", filter=Q(found=True)), spoken=Count("pk", filter=Q(channel="spoken"))
    )


def _keep(notes):
    wanted = {str(one["document_id"]) for note in notes for one in note.citations}
    documents = {str(pk) for pk in Document.objects.filter(pk__in=wanted).values_list("pk", flat=True)}
    personas = set(Persona.objects.filter(pk__in={note.persona_id for note in notes}).values_list("pk", flat=True))
    kept = [note for note in notes if note.persona_id in personas]
    rows = Asked.objects.bulk_create([_asked(note) for note in kept])
    Cited.objects.bulk_create(
        Cited(asked=row, document_id=one["document_id"], start=one["start"], end=one["end"])
        for row, note in zip(rows, kept, strict=True)
        for one in note.citations
        if str(one["document_id"]) in documents
    )


def _asked(note):
    return Asked(
        persona_id=note.persona_id,
        question=remove_hidden(note.question)[:1000],
        channel=note.channel,
        found=note.found,
        reason="" if note.found else note.reason[:300],
        thread=note.thread[:64],
        at=note.at or timezone.now(),
    )
