"""What the dashboard shows of a period: kept days added up, and what follows from the sums."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from voice.figures.spoken import NAMED
from voice.figures.tally import Tally, add_up
from voice.models import DayFigures, ToolCall

GOOD = (
    ToolCall.Outcome.ANSWERED,
    ToolCall.Outcome.NOTHING,
)  # what a look-up may end in; the fallback line is a failure
FAILED = (ToolCall.Outcome.FALLBACK,)
PER_CALL, PER_ANSWER = ("credits", "reported"), ("credits", f"lookups-{ToolCall.Outcome.ANSWERED}")
STARS = range(1, 6)
DRAWN_BY_DAY = 92  # days at most: in a year's plot no day can be told from the next, and drawing them takes the longest
WEEK = 7
COLUMNS = "figures__counts", "figures__spreads", "figures__lists"


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day, both included; of one persona or all (None), one channel or all of visitors' (empty). ``among``: the
    ids of the personas that the reader looks after, which are then all there are; None for no limit."""

    first: date
    last: date
    persona: object = None
    channel: str = ""
    among: frozenset | None = None

    @property
    def days(self):
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    def before(self):
        """The period of the same length that ended the day before."""
        length = self.last - self.first + timedelta(days=1)
        return Period(self.first - length, self.last - length, self.persona, self.channel, self.among)


class Board:
    """A period's figures. Shares are 0 to 1 and None where there is nothing to take a share of."""

    def __init__(self, steps, lists=None, weekly=False, months=None):
        """``steps``: {first day: Tally} of days or weeks, one after the other. ``lists`` are what the sum has of them, where
        the steps have none of their own. ``months``: {first day: Counter} of what of each month is in it."""
        self.steps, self.weekly, self.months = steps, weekly, months or {}
        self.sum = add_up(steps.values())
        self.sum.lists = lists or self.sum.lists

    @classmethod
    def read(cls, period, daily=False, lists=True):
        """One query; every day of the period is there, also an empty one: by itself, or, unless ``daily``, in its week when
        there are many. Without ``lists`` the sum has none: they are the larger part of what is kept."""
        rows = DayFigures.objects.filter(day__range=(period.first, period.last), channel=period.channel)
        if period.persona is None and period.among is not None:
            rows = rows.filter(persona__in=period.among)
        else:
            rows = rows.filter(persona=period.persona)
        kept, listed, months = defaultdict(list), [], defaultdict(Counter)
        for day, counts, spreads, *words in rows.values_list("day", *COLUMNS[: 3 if lists else 2]):
            kept[day].append({"counts": counts, "spreads": spreads})
            listed += [{"lists": one} for one in words]
            months[day.replace(day=1)].update(counts)
        dates, weekly = period.days, not daily and len(period.days) > DRAWN_BY_DAY
        length = WEEK if weekly else 1
        steps = {
            dates[first]: Tally.of(*(one for day in dates[first : first + length] for one in kept.get(day, ())))
            for first in range(0, len(dates), length)
        }
        return cls(steps, Tally.of(*listed).lists, weekly, dict(months))

    def count(self, name):
        return self.sum.counts[name]

    def each(self, name):
        """How many of each step."""
        return [tally.counts[name] for tally in self.steps.values()]

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
        return share(self.sum, *PER_CALL)

    @property
    def credits_per_answer(self):
        """Of calls: what was paid for one look-up that found something."""
        return share(self.sum, *PER_ANSWER)

    @property
    def languages(self):
        """[(code, conversations)], most often first."""
        found = {name.removeprefix(NAMED): n for name, n in self.sum.counts.items() if name.startswith(NAMED)}
        return sorted(found.items(), key=lambda one: (-one[1], one[0]))

    def funnel(self):
        """[(name, people or calls), …]: each step's number, in order."""
        return [
            (name, self.count(name)) for name in ("offered", "pressed", "allowed", "answered", "finished", "returned")
        ]


def share(tally, name, of):
    return tally.counts[name] / tally.counts[of] if tally.counts[of] else None


def success(tally):
    good, failed = (sum(tally.counts[f"lookups-{outcome}"] for outcome in group) for group in (GOOD, FAILED))
    return good / (good + failed) if good + failed else None
