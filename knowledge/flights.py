"""Equal questions at one moment are looked up once: thirty callers who ask the same cost what one costs."""

import threading
import time
from collections import OrderedDict
from concurrent.futures import Future

LANDED_SECONDS = 1.0  # whoever began to ask before the answer was kept comes this much later at most
ROOM = 200


class Flights:
    """Work under way in this process, by a key that holds all that decides its result."""

    def __init__(self):
        self._lock, self._flights = threading.Lock(), OrderedDict()  # key → (Future, when it is forgotten)

    def share(self, key, work, *, until=None, lasts=bool):
        """The result of ``work()``, or of somebody else's who began it just before. What ``lasts(result)`` denies is not for
        those who come after it. Raises what the work raises; TimeoutError at ``until``, a time.monotonic() value."""
        flight, leads = self._board(key)
        if not leads:
            try:
                return flight.result(None if until is None else max(0.0, until - time.monotonic()))
            except TimeoutError:
                raise
            except Exception:  # theirs; ours may end better
                return work()
        try:
            result = work()
        except BaseException as fault:
            self._land(key, 0)
            flight.set_exception(fault)
            raise
        self._land(key, LANDED_SECONDS if lasts(result) else 0)
        flight.set_result(result)
        return result

    def _board(self, key):
        with self._lock:
            flight, forgotten = self._flights.get(key, (None, 0.0))
            if flight is not None and time.monotonic() < forgotten:
                return flight, False
            flight = Future()
            self._flights[key] = (flight, float("inf"))
            self._flights.move_to_end(key)
            while len(self._flights) > ROOM:
                self._flights.popitem(last=False)
            return flight, True

    def _land(self, key, seconds):
        with self._lock:
            if key in self._flights:
                self._flights[key] = (self._flights[key][0], time.monotonic() + seconds)
