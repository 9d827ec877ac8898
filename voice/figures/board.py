"""What the dashboard shows of a period: kept days added up, and what follows from the sums."""

from dataclasses import dataclass
from datetime import date, timedelta

from voice.figures.tally import Tally, add_up
from voice.models import DayFigures, ToolCall

GOOD = (
    ToolCall.Outcome.ANSWERED,
    ToolCall.Outcome.NOTHING,
)  # what a look-up may end in; the fallback line is a failure
FAILED = (ToolCall.Outcome.FALLBACK,)
STARS = range(1, 6)
DRAWN_BY_DAY = 92  # days at most: in a year's plot no day can be told from the next, and drawing them takes the longest
WEEK = 7


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day, both included; of one persona or all (None), one channel or all (empty)."""

    first: date
    last: date
    persona: object = None
    channel: str = ""

    @property
    def days(self):
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    def before(self):
        """The period of the same length that ended the day before."""
        length = self.last - self.first + timedelta(days=1)
        return Period(self.first - length, self.last - length, self.persona, self.channel)


class Board:
    """A period's figures. Shares are 0 to 1 and None where there is nothing to take a share of."""

    def __init__(self, days):
        """``days``: {date: Tally}, one after the other. ``steps`` are what is drawn: these days, or {first day: Tally} of
        weeks when there are too many."""
        self.days, self.weekly = days, len(days) > DRAWN_BY_DAY
        self.steps = _weeks(days) if self.weekly else days
        self.sum = add_up(self.steps.values())

    @classmethod
    def read(cls, period):
        """One query; every day of the period is there, also an empty one."""
        rows = DayFigures.objects.filter(day__range=(period.first, period.last))
        rows = rows.filter(persona=period.persona, channel=period.channel)
        kept = dict(rows.values_list("day", "figures"))
        return cls({day: Tally.of(kept[day]) if day in kept else Tally() for day in period.days})

    def count(self, name):
        return self.sum.counts[name]

    def share(self, name, of):
        return share(self.sum, name, of)

    @property
    def minutes(self):
        return self.count("seconds") / 60

    @property
    def completion(self):
        """Of calls whose end is known to be anybody's wish and no failure."""
        return self.share("completed", "calls")

    @property
    def success(self):
        """Of tool calls that were neither refused nor over the limit: those that did not end in the fallback line."""
        return success(self.sum)

    @property
    def rating(self):
        """Mean of all stars, 1 to 5."""
        given = sum(self.count(f"stars-{stars}") for stars in STARS)
        return sum(stars * self.count(f"stars-{stars}") for stars in STARS) / given if given else None

    @property
    def credits_per_call(self):
        return self.share("credits", "reported")

    @property
    def credits_per_answer(self):
        """Of calls: what was paid for one look-up that found something."""
        return self.share("credits", f"lookups-{ToolCall.Outcome.ANSWERED}")

    def funnel(self):
        """[(name, people or calls), …]: each step's number, in order."""
        return [
            (name, self.count(name)) for name in ("offered", "pressed", "allowed", "answered", "completed", "returned")
        ]


def _weeks(days):
    """{first day: Tally} of every seven days, the last of which may be fewer."""
    dates = list(days)
    return {
        dates[first]: add_up(days[day] for day in dates[first : first + WEEK]) for first in range(0, len(dates), WEEK)
    }


def share(tally, name, of):
    return tally.counts[name] / tally.counts[of] if tally.counts[of] else None


def success(tally):
    good, failed = (sum(tally.counts[f"lookups-{outcome}"] for outcome in group) for group in (GOOD, FAILED))
    return good / (good + failed) if good + failed else None
