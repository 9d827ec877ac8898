"""What one visitor has talked about before: found again, searched, and deleted for good."""

from django.db import transaction
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from voice import endings, minutes
from voice.models import Conversation, Session, Turn

MOST_WORDS = 6  # of a search; more only make it slower


def find(visitor, user=None, persona_slug="", words=""):
    """Their threads in which something was said, newest first, each with ``first_question``, ``turn_count``,
    ``is_spoken``, ``is_typed``, ``call_count`` and ``call_seconds``. ``words`` must all have been said in it."""
    threads = Conversation.objects.of(visitor, user).begun()
    if persona_slug:
        threads = threads.filter(persona__slug=persona_slug)
    for word in words.split()[:MOST_WORDS]:
        threads = threads.filter(Exists(_turns().filter(text__icontains=word)) | Q(persona__name__icontains=word))
    return _described(threads).select_related("persona").order_by("-last_turn_at", "-started_at")


def personas(visitor, user=None):
    """(slug, name) of everyone they have talked with, by name."""
    known = Conversation.objects.of(visitor, user).begun().order_by("persona__name")
    return list(known.values_list("persona__slug", "persona__name").distinct())


def delete(conversation):
    """Everything kept of a thread goes: what was said, its calls with their recordings and reports, what was looked up in
    it. What ElevenLabs keeps of its calls is theirs to delete. How long the calls took stays, without them, and the line
    of one that may still run."""
    endings.settle(conversation.visitor)
    with transaction.atomic():
        minutes.keep(conversation)
        conversation.delete()


def _described(threads):
    questions = _turns().filter(speaker=Turn.Speaker.VISITOR).order_by("at", "id")
    return threads.annotate(
        first_question=Subquery(questions.values("text")[:1]),
        turn_count=_count(_turns()),
        is_spoken=Exists(_turns().filter(channel=Turn.Channel.SPOKEN)),
        is_typed=Exists(_turns().filter(channel=Turn.Channel.TYPED)),
        call_count=_count(_calls()),
        call_seconds=Subquery(
            _calls().order_by().values("conversation").annotate(all=Sum("duration_secs")).values("all"),
            output_field=IntegerField(),
        ),
    )


def _turns():
    return Turn.objects.filter(conversation=OuterRef("pk"))


def _calls():
    """Those that were connected to."""
    return Session.objects.filter(conversation=OuterRef("pk")).exclude(elevenlabs_conversation_id__contains=":")


def _count(rows):
    counted = rows.order_by().values("conversation").annotate(all=Count("pk")).values("all")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
