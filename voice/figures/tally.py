"""Figures that can be added up: counts, spreads of durations, and lists of what came how often."""

import heapq
import math
from collections import Counter
from dataclasses import dataclass, field

STEP = math.log(1.04)  # a duration is kept to about two percent either way
LONGEST_LIST = 200  # of one day: what is rarer is left out, and the list says that it may be


def bucket(milliseconds):
    """The number of the step a duration falls in; 0 is up to a millisecond."""
    return round(math.log(milliseconds) / STEP) if milliseconds > 1 else 0


@dataclass(slots=True)
class Spread:
    """How long something took, many times: steps of four percent, so that days add up to months without the rows."""

    steps: Counter = field(default_factory=Counter)

    def add(self, milliseconds):
        self.steps[bucket(milliseconds)] += 1

    @property
    def cases(self):
        return self.steps.total()

    def percentile(self, share):
        """The duration in milliseconds that this share of all cases did not exceed (nearest rank); None for no cases."""
        wanted, seen = math.ceil(self.cases * share), 0
        for step in sorted(self.steps):
            seen += self.steps[step]
            if seen >= wanted:
                return math.exp(step * STEP)
        return None


@dataclass(slots=True)
class Tally:
    """One day's figures, or many days' added up. ``counts`` by name, ``spreads`` by name, ``lists`` of words by name."""

    counts: Counter = field(default_factory=Counter)
    spreads: dict[str, Spread] = field(default_factory=dict)
    lists: dict[str, Counter] = field(default_factory=dict)

    def took(self, name, milliseconds):
        self.spreads.setdefault(name, Spread()).add(milliseconds)

    def named(self, name, words, times=1):
        self.lists.setdefault(name, Counter())[words] += times

    def spread(self, name):
        return self.spreads.get(name, Spread())

    def top(self, name, most=10):
        """[(words, times), …], most often first, then by the words."""
        return heapq.nsmallest(most, self.lists.get(name, {}).items(), key=lambda one: (-one[1], one[0]))

    def include(self, other):
        """Add another tally to this one."""
        _add(self.counts, other.counts)
        for name, spread in other.spreads.items():
            _add(self.spreads.setdefault(name, Spread()).steps, spread.steps)
        for name, words in other.lists.items():
            _add(self.lists.setdefault(name, Counter()), words)

    def as_json(self):
        lists = {name: dict(words.most_common(LONGEST_LIST)) for name, words in self.lists.items()}
        spreads = {
            name: {str(step): times for step, times in spread.steps.items()} for name, spread in self.spreads.items()
        }
        return {"counts": dict(self.counts), "spreads": spreads, "lists": lists}

    @classmethod
    def of(cls, *kept):
        """The tally that ``as_json`` wrote, or all of them added up: a year's are read with every page."""
        counts, spreads, lists = Counter(), {}, {}
        for one in kept:
            _add(counts, one.get("counts", {}))
            for kind, sums in (("spreads", spreads), ("lists", lists)):
                for name, counted in one.get(kind, {}).items():
                    _add(sums.setdefault(name, Counter()), counted)
        steps = {
            name: Spread(Counter({int(step): times for step, times in one.items()})) for name, one in spreads.items()
        }
        return cls(counts, steps, lists)


def _add(sums, counted):
    """As ``Counter.update`` does, in half the time."""
    if not sums:
        sums.update(counted)
        return
    for key, times in counted.items():
        sums[key] = sums.get(key, 0) + times


def add_up(tallies):
    """One Tally of them all."""
    added = Tally()
    for tally in tallies:
        added.include(tally)
    return added
