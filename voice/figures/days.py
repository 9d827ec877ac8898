"""Keeping each day's figures: those that may still change are made anew."""

from collections import defaultdict
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from voice.figures.gathering import RETURN_WITHIN, gather
from voice.figures.tally import Tally
from voice.models import DayFigures, Turn, Visit

# Reports come late, thumbs later, and whether somebody came back is known after a week.
OPEN = RETURN_WITHIN + timedelta(days=1)


def keep(day):
    """Make one day's figures from its rows, in place of what was kept. Safe from two workers at once."""
    tallies = gather(day)
    rows = [
        DayFigures(day=day, persona_id=persona, channel=channel, figures=tally.as_json())
        for (persona, channel), tally in _with_sums(tallies).items()
    ]
    with transaction.atomic():
        DayFigures.objects.filter(day=day).delete()
        DayFigures.objects.bulk_create(rows, ignore_conflicts=True)


def _with_sums(tallies):
    """The tallies, and those of all channels, of all personas, and of all of both."""
    sums = defaultdict(Tally)
    for (persona, channel), tally in tallies.items():
        for key in ((persona, channel), (persona, ""), (None, channel), (None, "")):
            sums[key].include(tally)
    return sums


def keep_recent():
    """Today and yesterday: what people look at and what changes."""
    for back in range(2):
        keep(_today() - timedelta(days=back))


def keep_open(today=None):
    """Every day that may still change, and every earlier one that has rows and no figures yet."""
    today = today or _today()
    first = Turn.objects.order_by("at").values_list("at", flat=True).first() or timezone.now()
    kept = set(DayFigures.objects.values_list("day", flat=True).distinct())
    day = min(first.date(), today)
    while day <= today:
        if day not in kept or today - day <= OPEN:
            keep(day)
        day += timedelta(days=1)


def note_visit(persona, visitor):
    """Somebody sees that they may talk. Once a day for each; costs one insert."""
    Visit.objects.bulk_create([Visit(day=_today(), persona=persona, visitor=visitor)], ignore_conflicts=True)


def made_at():
    """When the newest figures were made; None before there are any."""
    return DayFigures.objects.order_by("-made_at").values_list("made_at", flat=True).first()


def _today() -> date:
    return timezone.now().date()
