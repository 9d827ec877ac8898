"""One day's rows as tallies, by persona and channel. Days are UTC's. A day is read with a handful of queries, whose rows
stream by."""

from collections import defaultdict
from datetime import UTC, datetime, time, timedelta

from voice.figures import asking, spoken, starting, talking
from voice.figures.tally import Tally

VERSION = 3  # of what is counted: days kept with an earlier one are made again, see voice.figures.days.renew
PARTS = (*talking.PARTS, *spoken.PARTS, *starting.PARTS, *asking.PARTS)


def gather(day):
    """{(persona id, channel): Tally} of everything that happened on a date."""
    first = datetime.combine(day, time.min, UTC)
    tallies = defaultdict(Tally)
    for part in PARTS:
        part(tallies, first, first + timedelta(days=1))
    return dict(tallies)
