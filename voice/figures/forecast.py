"""When the plan's credits run out, from what the last days cost."""

import math
import statistics
from dataclasses import dataclass

DAYS = 14
LEAST = 3  # days with calls: from fewer nothing is foretold
SPREAD = 1.96  # standard errors either way: about 19 of 20 such ranges hold the true mean


@dataclass(frozen=True, slots=True)
class Forecast:
    """In days from now: the likely one, and the range it lies in (``latest`` is infinite when use may be nil)."""

    days: float
    earliest: float
    latest: float


def run_out(left, spent):
    """The Forecast for credits ``left`` from what each of the last days cost (a list, also of days that cost nothing);
    None while too little is known or nothing is spent."""
    if sum(cost > 0 for cost in spent) < LEAST:
        return None
    mean = statistics.fmean(spent)
    error = SPREAD * statistics.stdev(spent) / math.sqrt(len(spent))
    slow = mean - error
    return Forecast(left / mean, left / (mean + error), left / slow if slow > 0 else math.inf)
