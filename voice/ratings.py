"""What visitors think of it: stars for a talk, a thumb for an answer. Kept here first, then told to ElevenLabs."""

from contextlib import suppress

from voice import gateway
from voice.models import Conversation, Turn


def rate(conversation, stars, comment=""):
    """Keep 1 to 5 stars and a comment; a second rating replaces the first. Returns whether ElevenLabs is to be told."""
    spoken = _call_of(conversation) is not None
    Conversation.objects.filter(pk=conversation.pk).update(rating=stars, comment=comment, rating_due=spoken)
    return spoken


def judge(turn, liked, note=""):
    """Keep a thumb for one answer: True, False, or None to take it back. A note goes with a thumb down."""
    Turn.objects.filter(pk=turn.pk).update(liked=liked, liked_note=note if liked is False else "")


def tell(conversation):
    """Tell ElevenLabs of the rating, once. Raises Unreachable; what they refuse is not asked again."""
    call = _call_of(conversation)
    if call is not None and conversation.rating is not None:
        with suppress(gateway.Refused):  # it is gone there, or was never held: the stars stand here all the same
            gateway.rate(call.elevenlabs_conversation_id, conversation.rating, conversation.comment)
    told = Conversation.objects.filter(pk=conversation.pk, rating=conversation.rating, comment=conversation.comment)
    told.update(rating_due=False)  # a newer rating meanwhile stays due


def _call_of(conversation):
    """The call that was rated: the latest one that was connected to."""
    return (
        conversation.sessions.exclude(elevenlabs_conversation_id__startswith="reserved:")
        .order_by("-started_at")
        .first()
    )
