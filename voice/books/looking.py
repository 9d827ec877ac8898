"""What ElevenLabs says of our use, asked by a task and kept: the plan, the calls of the account, what it spent by day.

Each part stands for itself: one that is refused or late leaves what was known before. Safe to repeat and from two workers at
once; a run is bounded, and the next one goes on where it ended.
"""

import logging
from datetime import UTC, datetime, timedelta
from itertools import islice

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from voice import capacity, gateway
from voice.books import comparing
from voice.models import Agent, Listed, Reading, Spending

logger = logging.getLogger(__name__)
OVER = ("done", "failed")
FIRST_LOOK = timedelta(days=31)  # how far back the first look goes
SLACK = timedelta(minutes=10)  # until a call that has begun is surely in the list
PATIENCE = timedelta(days=1)  # calls that are not over are looked at again for so long
MOST_PAGES = 100  # of one run: ten thousand calls
SPENT_DAYS = 31
KEPT = timedelta(days=400)  # of what was listed: a year can be looked at


def look():
    """Ask for everything, keep it, and compare the days that are new in it."""
    now = timezone.now()
    told = {**_part("the plan", _plan), **_part("the calls under way", _running)}
    told["running_here"] = capacity.taken()
    told |= _part("the list of calls", _list)
    Reading.objects.update_or_create(day=now.date(), defaults={"at": now, **told})
    _part("what the account spent", _spent)
    _forget_old(now)
    comparing.keep_recent(now.date())


def last():
    """The newest Reading, or None before the first look."""
    return Reading.objects.order_by("-day").first()


def listed_to():
    """Every call that began before this moment is in the list; None before the first look."""
    known = Reading.objects.exclude(listed_to=None).order_by("-day")
    return known.values_list("listed_to", flat=True).first()


def _part(name, ask):
    """What it gave, as fields of a Reading; nothing when it could not be asked."""
    try:
        return ask()
    except gateway.GatewayError as fault:
        logger.warning("%s could not be read: %s", name, fault)
        return {}


def _plan():
    plan = gateway.plan()
    resets = plan.get("next_character_count_reset_unix")
    return {
        "used": plan.get("character_count"),
        "limit": plan.get("character_limit"),
        "resets_at": datetime.fromtimestamp(resets, UTC) if resets else None,
    }


def _running():
    return {"running_there": gateway.calls_running()}


def _list():
    """Put down every call since the last look, and again those that were not over then."""
    now = timezone.now()
    known, since = listed_to(), _where_to_begin(now)
    owners = dict(Agent.objects.filter(persona__isnull=False).values_list("elevenlabs_agent_id", "persona_id"))
    rows = gateway.all_conversations_since(int(since.timestamp()))
    for _page in range(MOST_PAGES):
        calls = {row["conversation_id"]: _call(row, owners) for row in islice(rows, gateway.PAGE)}
        if not calls:
            return {"listed_to": now}
        _keep(calls.values())
        reached = max(call.started_at for call in calls.values())
    return {"listed_to": max(reached, known or reached)}


def _where_to_begin(now):
    """Not a day back each time: an account may have more calls a day than one run lists, and would never come to an end."""
    known = listed_to()
    if known is None:
        return now - FIRST_LOOK
    unfinished = Listed.objects.filter(is_over=False, started_at__gte=known - PATIENCE)
    return min(known - SLACK, unfinished.aggregate(first=Min("started_at"))["first"] or known)


def _call(row, owners):
    agent_id = row["agent_id"]
    return Listed(
        elevenlabs_conversation_id=row["conversation_id"],
        elevenlabs_agent_id=agent_id,
        agent_name=(row.get("agent_name") or "")[:255],
        persona_id=owners.get(agent_id),
        started_at=datetime.fromtimestamp(row.get("start_time_unix_secs") or 0, UTC),
        seconds=row.get("call_duration_secs") or 0,
        credits=row.get("cost") or 0,
        is_over=row.get("status") in OVER,
    )


def _keep(calls):
    """Whose a call is stays as it was first seen: an agent may be deleted, or made anew, later."""
    Listed.objects.bulk_create(
        calls,
        update_conflicts=True,
        unique_fields=["elevenlabs_conversation_id"],
        update_fields=["agent_name", "started_at", "seconds", "credits", "is_over"],
    )


def _spent():
    today = timezone.now().date()
    first = today - timedelta(days=SPENT_DAYS - 1)
    sums = {}
    for day, product, credits in gateway.credits_by_day(first, today):
        sums[day, product[:100]] = sums.get((day, product[:100]), 0) + credits
    with transaction.atomic():
        Spending.objects.filter(day__gte=first).delete()
        rows = [Spending(day=day, product=product, credits=credits) for (day, product), credits in sums.items()]
        Spending.objects.bulk_create(rows, ignore_conflicts=True)
    return {}


def _forget_old(now):
    Listed.objects.filter(started_at__lt=now - KEPT).delete()
    for rows in (Reading, Spending):
        rows.objects.filter(day__lt=(now - KEPT).date()).delete()
