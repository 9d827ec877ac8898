"""What the daily report says: each figure of one day, beside a day of the seven before it."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from voice.books import plan
from voice.figures import days
from voice.figures.board import STARS, Board, Period
from voice.figures.showing import number, percent

BEFORE = 7  # days
NAMED = 5  # questions asked in vain, where they may be named
COUNT, SHARE, MILLISECONDS, MEAN = "count", "share", "milliseconds", "mean"


@dataclass(frozen=True, slots=True)
class Figure:
    """``day``: the value of the day, None where there is nothing to tell; ``before``: of the seven days before, a count as
    the mean of one of them."""

    name: str
    kind: str
    day: float | None
    before: float | None

    @property
    def value(self):
        return _written(self.kind, self.day, 0)

    @property
    def usual(self):
        return _written(self.kind, self.before, 1 if self.before is not None and self.before < 100 else 0)

    @property
    def change(self):
        """By how much it differs: of a share in points, else in percent; empty where there is nothing to compare."""
        if self.day is None or not self.before:
            return ""
        if self.kind == SHARE:
            return _("{difference} points").format(difference=_signed((self.day - self.before) * 100, 1))
        return f"{_signed((self.day / self.before - 1) * 100)} %"


@dataclass(frozen=True, slots=True)
class Plot:
    """Days as bars, the day itself last. ``words`` say the same."""

    key: str
    title: str
    labels: list
    values: list

    @property
    def words(self):
        told = (f"{label} {number(value or 0)}" for label, value in zip(self.labels, self.values, strict=True))
        return f"{self.title}: {', '.join(told)}"


@dataclass(frozen=True, slots=True)
class Report:
    day: date
    figures: list
    plots: list
    unanswered: list  # [(words, times)], the most often asked first
    plan: str

    @property
    def title(self):
        return _("Voice on {day}").format(day=date_format(self.day, "DATE_FORMAT"))


def read(day):
    """The Report of a day. Its figures are made anew first while they may change, and those of days that have none."""
    may_change = timezone.now().date() - day <= days.OPEN
    for back in range(BEFORE + 1):
        other = day - timedelta(days=back)
        if not days.is_kept(other) or (back == 0 and may_change):
            days.keep(other)
    today = Board.read(Period(day, day))
    week = Board.read(Period(day - timedelta(days=BEFORE), day - timedelta(days=1)), lists=False)
    steps = {**week.steps, **today.steps}
    return Report(day, _figures(today, week), _plots(steps), today.sum.top("unanswered", NAMED), _plan())


def _figures(today, week):
    """In the order of the letter."""
    told = [
        (_("Conversations"), COUNT, lambda b: b.count("conversations")),
        (_("Calls"), COUNT, lambda b: b.count("calls")),
        (_("Minutes of voice"), COUNT, lambda b: b.minutes),
        (_("Credits"), COUNT, lambda b: b.count("credits")),
        (_("Calls brought to an end"), SHARE, lambda b: b.completion),
        (_("Tool calls, p95"), MILLISECONDS, lambda b: b.sum.spread("lookup").percentile(0.95)),
        (_("Tool calls that failed"), COUNT, lambda b: b.count("lookups-fallback")),
        (_("Calls that did not start"), COUNT, lambda b: b.count("starts-failed")),
        (_("Calls that broke off"), COUNT, lambda b: b.count("calls") - b.count("completed")),
        (_("Questions"), COUNT, lambda b: b.count("asked")),
        (_("Questions asked in vain"), COUNT, lambda b: b.count("unanswered")),
        (_("Ratings"), COUNT, lambda b: sum(b.count(f"stars-{stars}") for stars in STARS)),
        (_("Stars, mean"), MEAN, lambda b: b.rating),
        (_("Thumbs up"), COUNT, lambda b: b.count("liked")),
        (_("Thumbs down"), COUNT, lambda b: b.count("disliked")),
    ]
    return [
        Figure(name, kind, value(today), value(week) / BEFORE if kind == COUNT else value(week))
        for name, kind, value in told
    ]


def _plots(steps):
    labels = [f"{day:%d.%m.}" for day in steps]
    tallies = list(steps.values())
    return [
        Plot("conversations", _("Conversations"), labels, [one.counts["conversations"] for one in tallies]),
        Plot("minutes", _("Minutes of voice"), labels, [one.counts["seconds"] / 60 for one in tallies]),
        Plot("lookups", _("Tool calls, p95 in milliseconds"), labels, [one.spread("lookup").percentile(0.95) for one in tallies]),
    ]  # fmt: skip


def _plan():
    """How much of the plan is left, and until when it lasts; empty while that is not known."""
    known = plan.known()
    if known is None:
        return ""
    used = _("{used} of the plan's {limit} credits are used.").format(
        used=number(known.reading.used), limit=number(known.reading.limit)
    )
    out = known.runs_out
    if out is None or out.likely is None:
        return used
    likely = date_format(out.likely, "DATE_FORMAT")
    return f"{used} {_('At the pace of the last two weeks they are gone about {likely}.').format(likely=likely)}"


def _written(kind, value, decimals):
    if value is None:
        return "–"
    if kind == SHARE:
        return percent(value)
    if kind == MILLISECONDS:
        return f"{number(value, 1 if value < 10 else 0)} ms"
    return number(value, 2 if kind == MEAN else decimals)


def _signed(value, decimals=0):
    rounded = round(value, decimals)
    return f"{'+' if rounded > 0 else '−' if rounded < 0 else '±'}{number(abs(rounded), decimals)}"
