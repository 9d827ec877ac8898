"""By which channel a thing is counted: a visitor's by the way they took, what staff and rehearsals do apart."""

from datetime import timedelta

from django.db.models import Q

from voice.models import Conversation, Session
from voice.models.figures import Channel

LONGEST = timedelta(days=1)  # of a call, and far above it
VISITOR = Conversation.Kind.VISITOR


def way(kind, elsewhere, taken):
    """The Channel of what happened in a thread of this kind; ``taken`` is how a visitor talked, a page where it is empty."""
    if elsewhere:
        return Channel.STAFF
    if kind and kind != VISITOR:
        return Channel(kind)
    return Channel(taken or Channel.BROWSER)


def of_threads(first, last):
    """{thread's id as text: Channel} of the threads, alive between two moments, in which what was said is not simply typed
    or spoken on a page by a visitor. Few: it is held in memory."""
    alive = Q(started_at__lt=last, last_turn_at__gte=first)
    rows = Conversation.objects.filter(alive & (Q(elsewhere=True) | ~Q(kind=VISITOR)))
    ways = {
        str(pk): way(kind, elsewhere, "")
        for pk, kind, elsewhere in rows.values_list("pk", "kind", "elsewhere").iterator()
    }
    phoned = Session.objects.filter(channel=Session.Channel.PHONE, started_at__gte=first - LONGEST, started_at__lt=last)
    for thread in phoned.values_list("conversation_id", flat=True).iterator():
        ways.setdefault(str(thread), Channel.PHONE)
    return ways
