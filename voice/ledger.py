"""What calls used, added up by day and month, so that a start costs the same after a hundred thousand calls as after ten.

Only a call with a report is written down, and remembers with how many seconds (``counted_seconds``). What was used is the sums,
and of every call that stands in none, or in one with other seconds than were reported since, the difference. So it is exact at
every moment, whenever a report comes and whoever writes it down; how a call without a report counts is `voice.minutes`' affair.
"""

from collections import Counter
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from voice.models import Allowance, Session, Used

AT_ONCE = 1000  # calls written down in one transaction
COUNTED_FOR = timedelta(days=62)  # no allowance looks further back


def spans(moment):
    """{per: when the day or month began that a moment lies in}, in the site's time zone."""
    day = timezone.localtime(moment).replace(hour=0, minute=0, second=0, microsecond=0)
    return {Allowance.Per.DAY: day, Allowance.Per.MONTH: day.replace(day=1)}


def known(whose, per, begins_at, span):
    """An expression for an aggregate over calls that are not written down: the sums, less what these calls have in them. One
    statement reads both, so that nothing is written down in between. ``whose``: {field of Used: value}; ``span``: a Q."""
    rows = Used.objects.filter(**whose, per=per, begins_at=begins_at).order_by()
    sums = Subquery(rows.values("per").annotate(all=Sum("seconds")).values("all"))
    return Coalesce(sums, 0) - Coalesce(Sum("counted_seconds", filter=span), 0)


def write_down():
    """Put every reported call into its sums. Safe to repeat and from two workers at once; gives how many there were."""
    done = 0
    while count := _write_down_some():
        done += count
    return done


@transaction.atomic
def _write_down_some():
    """Whoever holds a call now is not waited for: it is written down the next time."""
    rows = Session.objects.not_written_down().exclude(duration_secs=None)
    rows = rows.filter(started_at__gte=timezone.now() - COUNTED_FOR).select_related("conversation")
    calls = list(rows.select_for_update(of=("self", "conversation"), skip_locked=True).order_by("started_at")[:AT_ONCE])
    _add((call, call.duration_secs - (call.counted_seconds or 0)) for call in calls)
    Session.objects.filter(pk__in=[call.pk for call in calls]).update(counted_seconds=F("duration_secs"))
    return len(calls)


@transaction.atomic
def take_back(calls):
    """Strike calls out again before they are deleted, or become another day's or person's. ``calls``: a queryset."""
    recent = calls.filter(started_at__gte=timezone.now() - COUNTED_FOR).select_related("conversation")
    held = list(recent.select_for_update(of=("self",)).order_by("pk"))  # also those that are not written down yet
    found = [call for call in held if call.counted_seconds is not None]
    _add((call, -call.counted_seconds) for call in found)
    Session.objects.filter(pk__in=[call.pk for call in found]).update(counted_seconds=None)


def _add(parts):
    """(call, seconds), … into the sums. Always in the same order, so that no two workers wait for each other."""
    sums = Counter()
    for call, seconds in parts:
        for per, begins_at in spans(call.started_at).items():
            for whose in ("persona_id", "user_id"):
                sums[per, begins_at, whose, getattr(call.conversation, whose)] += seconds
    keys = sorted((key for key in sums if key[3] is not None and sums[key]), key=str)
    rows = [
        Used(per=per, begins_at=begins_at, **{whose: pk})
        for per, begins_at, whose, pk in keys
        if sums[per, begins_at, whose, pk] > 0
    ]
    Used.objects.bulk_create(rows, ignore_conflicts=True)
    for per, begins_at, whose, pk in keys:
        row = Used.objects.filter(per=per, begins_at=begins_at, **{whose: pk})
        row.update(seconds=F("seconds") + sums[per, begins_at, whose, pk])


def forget_old():
    """Delete sums that no allowance looks at any more."""
    Used.objects.filter(begins_at__lt=timezone.now() - COUNTED_FOR).delete()
