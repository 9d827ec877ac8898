"""A visitor for whom no line is free: which place they have, how long it may take, and what staff see of it."""

import statistics
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from django.conf import settings
from django.utils import timezone

from knowledge import caching
from voice import capacity, queue, sessions, tallies
from voice.models import Session

VISIBLE, HIDDEN = 20, 75  # seconds a place is kept unasked; browsers let a page in the background ask once a minute
ANOTHER_PAGE = 8  # seconds a closed page leaves to another one of the same visitor
AGAIN = ((3, 3), (10, 5), (1_000_000, 10))  # up to that place: seconds between two questions
FRESH = timedelta(seconds=60)  # how old a call may be that its page says was refused
MEDIAN, MEDIAN_SECONDS, ENOUGH = "queue:median", 60, 8  # the fact's key, how long it is kept, calls it takes


@dataclass(frozen=True, slots=True)
class Standing:
    """``minutes``: about how long it may take, None where nothing can be said. ``again``: seconds until the next question."""

    place: queue.Place
    minutes: int | None
    again: int


def wait(persona, visitor, *, ticket="", joins=False, hidden=False, refused=None):
    """The visitor's Standing. ``joins``: a place is taken when there is none. ``refused``: their session, when ElevenLabs
    had no line for it although we thought so. Raises queue.Gone, and queue.Away."""
    since = _give_up(refused) if refused is not None else ""
    place = queue.ask(
        queue.place_of(visitor, persona.pk),
        capacity.taken(),
        HIDDEN if hidden else VISIBLE,
        ticket=ticket,
        joins=joins or bool(since),
        since=since,
    )
    if joins and not ticket:
        tallies.count("queue-joined")
    return Standing(place, _minutes(place.number), next(again for last, again in AGAIN if place.number <= last))


def leave(persona, visitor, *, closed=False):
    """The visitor gives up their place, or closed a page that waited."""
    queue.leave(queue.place_of(visitor, persona.pk), ANOTHER_PAGE if closed else 0)
    if not closed:
        tallies.count("queue-left")


def counts():
    """For staff: lines, calls that run, visitors who wait (None: not known), and who joined and left lately."""
    return {
        "lines": settings.VOICE_MAX_SESSIONS,
        "taken": capacity.taken(),
        "waiting": queue.length(),
        "joined": tallies.lately("queue-joined"),
        "left": tallies.lately("queue-left"),
    }


def _give_up(session):
    """ElevenLabs refused this call: its line is none. Since when its visitor waits, in microseconds; "" for an old call, of
    which any page could say so, and for one that it has said so of already."""
    if session.ended_at or session.started_at < timezone.now() - FRESH or session.turns.exists():
        return ""
    sessions.end(session, "refused by ElevenLabs: all lines taken")
    queue.shut(capacity.in_use().exclude(pk=session.pk).count())
    tallies.count("queue-refused")
    return str(int(session.started_at.timestamp() * 1_000_000))


def _minutes(number):
    """With n lines and calls of a usual length, a line comes free every n-th part of it."""
    usual = _usual_seconds()
    return ceil(number * usual / max(1, settings.VOICE_MAX_SESSIONS) / 60) if usual else None


def _usual_seconds():
    """The median length of the last day's calls, 0 when there were too few to say; looked up once a minute."""
    kept = caching.recall_fact(MEDIAN)
    if kept is not None:
        return float(kept)
    day = timezone.now() - timedelta(days=1)
    lengths = Session.objects.filter(started_at__gte=day, duration_secs__gt=0).order_by("-started_at")
    last = list(lengths.values_list("duration_secs", flat=True)[:50])
    usual = statistics.median(last) if len(last) >= ENOUGH else 0
    caching.remember(MEDIAN, str(usual), MEDIAN_SECONDS)
    return usual
