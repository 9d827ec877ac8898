"""How many calls run at once, and the one door through which the next one begins."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from voice.models import Session, Workspace

LEASE = timedelta(seconds=90)  # a page that was not heard of for so long no longer counts as a call


def hold():
    """Inside a transaction: from here to its end nobody else counts lines or minutes and begins a call on the strength of
    it. Any row that everybody can lock will do; SQLite lets one transaction write at a time anyway."""
    if Workspace.objects.select_for_update().filter(pk=1).first() is None:
        Workspace.objects.get_or_create(pk=1)
        Workspace.objects.select_for_update().get(pk=1)


def in_use():
    """The sessions that hold a line. A page is heard of as long as it lives; a phone call, which nobody hears of, counts until
    its report comes, or for the longest a call may last."""
    now = timezone.now()
    heard_of = Q(seen_at__gte=now - LEASE)
    by_phone = Q(channel=Session.Channel.PHONE, started_at__gte=now - timedelta(seconds=settings.VOICE_MAX_SECONDS))
    return Session.objects.live().filter(heard_of | by_phone)


def taken():
    """How many lines are in use."""
    return in_use().count()
