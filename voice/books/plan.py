"""The plan: how much of it is used, and on which day it runs out at the pace of the last two weeks."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Sum
from django.utils import timezone

from voice.figures import forecast
from voice.models import Compared, Reading, Spending

MARKS = (80, 95)  # percent: where staff are told (voice.watch)
FAR = 3650  # days: nobody plans for later


@dataclass(frozen=True, slots=True)
class RunsOut:
    """The likely day and the range it lies in; None is a day that is too far away to say. ``lasts``: whether new credits come
    before the old ones are gone; None when it may go either way, or is not known."""

    likely: date | None
    earliest: date | None
    latest: date | None
    lasts: bool | None


@dataclass(frozen=True, slots=True)
class Plan:
    """As it was told last. ``of_calls``: the forecast rests on our calls alone, since the account's days are not known."""

    reading: Reading
    runs_out: RunsOut | None
    of_calls: bool

    @property
    def left(self):
        return max(self.reading.limit - self.reading.used, 0)

    @property
    def share(self):
        """Used, of all: 0 to 1."""
        return min(self.reading.used / self.reading.limit, 1) if self.reading.limit else 0

    @property
    def percent(self):
        return self.share * 100

    @property
    def passed(self):
        """The highest mark that is reached, or 0."""
        return max((mark for mark in MARKS if self.percent >= mark), default=0)


def known():
    """The Plan, or None before it was ever told."""
    reading = Reading.objects.exclude(used=None).exclude(limit=None).order_by("-day").first()
    if reading is None:
        return None
    spent, of_calls = _lately(reading.day)
    left = max(reading.limit - reading.used, 0)
    return Plan(reading, _runs_out(left, spent, reading), of_calls)


def _lately(today):
    """(credits of each of the last whole days, whether of our calls alone)."""
    first, last = today - timedelta(days=forecast.DAYS), today - timedelta(days=1)
    span = {"day__range": (first, last)}
    of_all = dict(Spending.objects.filter(**span).values_list("day").annotate(all=Sum("credits")))
    of_calls = dict(Compared.objects.filter(**span).values_list("day").annotate(all=Sum("credits_there")))
    sums = of_all or of_calls
    return [sums.get(first + timedelta(days=number), 0) for number in range(forecast.DAYS)], not of_all


def _runs_out(left, spent, reading):
    found = forecast.run_out(left, spent)
    if found is None:
        return None
    likely, earliest, latest = (_day(reading.at, days) for days in (found.days, found.earliest, found.latest))
    return RunsOut(likely, earliest, latest, _lasts(earliest, latest, reading.resets_at))


def _day(at, days):
    return None if days > FAR else (at + timedelta(days=days)).date()


def _lasts(earliest, latest, resets_at: datetime | None):
    """Whether new credits come before the old ones are gone."""
    if resets_at is None:
        return None
    anew = timezone.localtime(resets_at).date()
    if earliest is None or earliest >= anew:
        return True
    return False if latest is not None and latest < anew else None
