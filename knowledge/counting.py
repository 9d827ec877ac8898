"""Limits counted in this process alone: a stand-in for Redis' counts (``trips.RECALL``) while it keeps none.

The meaning is the same, per process: with n processes at most n times the limit passes.
"""

import threading
from collections import OrderedDict

ROOM = 10_000  # names kept; those not counted for longest are forgotten


class Windows:
    """Sliding windows: the last one counts by the share of it that still lies within one window's length. A refused call
    is not counted."""

    def __init__(self, room=ROOM):
        self._room, self._lock = room, threading.Lock()
        self._counts = OrderedDict()  # (name, seconds) → (place of the window, count in it, count in the one before)

    def count(self, limits, now):
        """Count a call against (name, most, seconds) limits at ``now``, a time.time() value. Gives the names of those it
        would exceed, and the seconds until it would pass."""
        with self._lock:
            over, wait = [], 0.0
            for name, most, seconds in limits:
                place, count, last = self._look(name, seconds, now)
                passed = now - place * seconds
                if count + last * (1 - passed / seconds) + 1 > most:
                    over.append(name)
                    wait = max(wait, _wait(most, seconds, passed, count, last))
            if not over:
                self._note(limits, now)
            return tuple(over), wait

    def reset(self):
        """As at the start of a process."""
        with self._lock:
            self._counts.clear()

    def _look(self, name, seconds, now):
        place, (then, count, last) = int(now // seconds), self._counts.get((name, seconds), (0, 0, 0))
        if then == place:
            return place, count, last
        return place, 0, count if then == place - 1 else 0

    def _note(self, limits, now):
        for name, _, seconds in limits:
            place, count, last = self._look(name, seconds, now)
            self._counts[name, seconds] = (place, count + 1, last)
            self._counts.move_to_end((name, seconds))
        while len(self._counts) > self._room:
            self._counts.popitem(last=False)


def _wait(most, seconds, passed, count, last):
    """Seconds until one more would pass: in this window if what is left of the last one is all that is in the way."""
    if count + 1 <= most and last > 0:
        return seconds * (1 - (most - count - 1) / last) - passed
    return seconds - passed


here = Windows()  # this process's own
