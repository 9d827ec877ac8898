"""How many calls run at once, and the one door through which the next one begins."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from voice.models import Session, Spent, Workspace

LEASE = timedelta(seconds=90)  # a page that was not heard of for so long no longer counts as a call
OPENS = timedelta(minutes=16)  # an address opens its call within 15; a minute for clocks that differ


def hold():
    """Inside a transaction: from here to its end nobody else counts lines or minutes and begins a call on the strength of
    it. Any row that everybody can lock will do; SQLite lets one transaction write at a time anyway."""
    if Workspace.objects.select_for_update().filter(pk=1).first() is None:
        Workspace.objects.get_or_create(pk=1)
        Workspace.objects.select_for_update().get(pk=1)


def in_use():
    """The sessions that hold a line. A page is heard of as long as it lives; that its call is over it only says, so a call
    that ElevenLabs knows to run, or does not know while its address can still open it, holds its line, too
    (`voice.endings`). A phone call, which nobody hears of, counts until its report comes, or for the longest a call may
    last."""
    now = timezone.now()
    heard_of = Q(ended_at=None, seen_at__gte=now - LEASE) | Q(ended_at__gte=now - LEASE)
    opens = Q(there=Session.There.NONE, started_at__gte=now - OPENS)
    doubted = Session.objects.unsettled().filter(heard_of | opens | Q(there=Session.There.RUNS), passed_on=False)
    by_phone = Session.objects.live().filter(
        channel=Session.Channel.PHONE, started_at__gte=now - timedelta(seconds=settings.VOICE_MAX_SECONDS)
    )
    return doubted | by_phone


def taken():
    """How many lines are in use, by calls whose thread was deleted meanwhile, too."""
    return in_use().count() + Spent.objects.filter(line_until__gt=timezone.now()).count()


def line_until(session):
    """Until when a call may hold a line of which nothing more will be heard here; None when it is over."""
    if not Session.objects.unsettled().filter(pk=session.pk).exists():
        return None
    runs = session.there == Session.There.RUNS or session.ended_at is None
    return session.started_at + (settings.VOICE_SESSION_MAX_AGE if runs else OPENS)
