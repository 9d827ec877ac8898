"""Keeping each day's figures: those that may still change are made anew."""

from collections import defaultdict
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from voice.figures.gathering import VERSION, gather
from voice.figures.talking import RETURN_WITHIN
from voice.figures.tally import Tally
from voice.models import DayFigures, Turn, Visit
from voice.models.figures import APART

# Reports come late, thumbs later, and whether somebody came back is known after a week.
OPEN = RETURN_WITHIN + timedelta(days=1)
RENEWED_AT_ONCE = 10  # days kept with an earlier version: a year is through in three hours of five minutes


def keep(day):
    """Make one day's figures from its rows, in place of what was kept, unless the day is closed. Safe from two workers at once."""
    tallies = gather(day)
    rows = [
        DayFigures(day=day, persona_id=persona, channel=channel, figures=tally.as_json(), version=VERSION)
        for (persona, channel), tally in _with_sums(tallies).items()
    ]
    with transaction.atomic():
        kept = DayFigures.objects.filter(day=day)
        if kept.filter(closed=True).exists():
            return
        kept.delete()
        DayFigures.objects.bulk_create(rows, ignore_conflicts=True)


def _with_sums(tallies):
    """The tallies, and those of all channels of visitors, of all personas, and of all of both."""
    sums = defaultdict(Tally)
    for (persona, channel), tally in tallies.items():
        for name in {channel, channel if channel in APART else ""}:
            sums[persona, name].include(tally)
            sums[None, name].include(tally)
    return sums


def keep_recent():
    """Today and yesterday: what people look at and what changes; and some of the days in which less was counted."""
    for back in range(2):
        keep(_today() - timedelta(days=back))
    renew()


def renew(most=RENEWED_AT_ONCE):
    """Make some days again that were kept before today's figures were counted, newest first; how many there were.

    Never the day of the oldest row, nor one before it: what was deleted since was counted then, and stays."""
    rows = DayFigures.objects.filter(version__lt=VERSION, day__gt=_oldest(), closed=False).order_by("-day")
    old = list(rows.values_list("day", flat=True).distinct()[:most])
    for day in old:
        keep(day)
    return len(old)


def keep_open(today=None):
    """Every day that may still change, and every earlier one that has rows and no figures yet."""
    today = today or _today()
    kept = set(DayFigures.objects.values_list("day", flat=True).distinct())
    day = min(_oldest(), today)
    while day <= today:
        if day not in kept or today - day <= OPEN:
            keep(day)
        day += timedelta(days=1)


def close(first, last):
    """Before rows of these days are let go, the last one not among them: make the figures that they lack, or have from when the day
    could still change or less was counted, and let them be the last."""
    rows = DayFigures.objects.filter(day__gte=first, day__lt=last).values_list("day")
    made, oldest = rows.annotate(Min("made_at"), Min("version")).order_by("day"), _oldest()
    final = {day for day, at, version in made if at.date() - day >= OPEN and (version == VERSION or day <= oldest)}
    for number in range((last - first).days):
        if (day := first + timedelta(days=number)) not in final:
            keep(day)
    DayFigures.objects.filter(day__gte=first, day__lt=last, closed=False).update(closed=True)


def is_kept(day):
    """Whether there are figures of that day."""
    return DayFigures.objects.filter(day=day).exists()


def note_visit(persona, visitor):
    """Somebody sees that they may talk. Once a day for each; costs one insert."""
    Visit.objects.bulk_create([Visit(day=_today(), persona=persona, visitor=visitor)], ignore_conflicts=True)


def made_at():
    """When the newest figures were made; None before there are any."""
    return DayFigures.objects.order_by("-made_at").values_list("made_at", flat=True).first()


def _oldest() -> date:
    """The day of the oldest turn; today before there is one."""
    first = Turn.objects.order_by("at").values_list("at", flat=True).first()
    return (first or timezone.now()).date()


def _today() -> date:
    return timezone.now().date()
