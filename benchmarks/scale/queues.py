"""A discrete-event simulation of stations with servers and a queue each, where the first to come is the first served."""

import heapq
import itertools
from collections import defaultdict, deque
from dataclasses import dataclass, field

SLICE_SECONDS = 0.005  # a longer piece of work lets others in between, as a processor's scheduler does


@dataclass
class Station:
    """So many servers before one queue. ``busy`` are seconds that servers were taken; ``most`` the longest queue."""

    servers: int
    free: int = 0
    busy: float = 0.0
    most: int = 0
    waiting: deque = field(default_factory=deque)

    def __post_init__(self):
        self.free = self.servers


@dataclass
class Told:
    """What came of a simulation. ``waits``: {kind: [seconds from coming to going]} of those that went in time."""

    seconds: float
    waits: dict
    came: int
    went: int
    inside: int
    shares: dict  # by station: of its servers' time, what was taken, 0 to 1
    longest: dict  # by station: the longest queue

    def percentile(self, kind, share):
        """Seconds; infinite where nobody of that kind went."""
        ranked = sorted(self.waits.get(kind, ()))
        return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else float("inf")


@dataclass(slots=True)
class _Job:
    kind: str
    born: float
    steps: list
    place: int = 0


def work(station, seconds):
    """Steps: be served there for so long, a slice at a time."""
    steps = []
    while seconds > 0:
        part = min(seconds, SLICE_SECONDS)
        steps += [("hold", station, 0.0), ("wait", station, part), ("free", station, 0.0)]
        seconds -= part
    return steps


def holding(station, inner):
    """Steps: be served there for as long as the steps inside take, waiting among them."""
    return [("hold", station, 0.0), *inner, ("free", station, 0.0)]


def simulate(servers, arrivals, until, settled=0.0):
    """Told of a run. ``servers``: {station: how many}; ``arrivals``: (seconds, kind, steps), earliest first. Waits count of those
    who came after ``settled`` seconds."""
    return _Run(servers, until, settled).go(arrivals)


class _Run:
    def __init__(self, servers, until, settled):
        self.stations = {name: Station(count) for name, count in servers.items()}
        self.until, self.settled = until, settled
        self.events, self.order, self.waits = [], itertools.count(), defaultdict(list)
        self.came = self.went = 0

    def go(self, arrivals):
        arrivals = iter(arrivals)
        coming = next(arrivals, None)
        while coming is not None or self.events:
            if coming is not None and (not self.events or coming[0] <= self.events[0][0]):
                now, kind, steps = coming
                coming = next(arrivals, None)
                job = _Job(kind, now, steps)
                self.came += now <= self.until
            else:
                now, _, job = heapq.heappop(self.events)
            if now > self.until:
                break
            self._go_on(job, now)
        shares = {name: one.busy / one.servers / self.until for name, one in self.stations.items()}
        longest = {name: one.most for name, one in self.stations.items()}
        return Told(self.until, dict(self.waits), self.came, self.went, self.came - self.went, shares, longest)

    def _go_on(self, job, now):
        """Take a job's steps up to where it has to wait."""
        while job.place < len(job.steps):
            what, name, seconds = job.steps[job.place]
            station = self.stations[name]
            job.place += 1
            if what == "hold" and not station.free:
                station.waiting.append(job)
                station.most = max(station.most, len(station.waiting))
                return
            if what == "hold":
                station.free -= 1
                station.busy += self.until - now  # what is left of it when it goes is taken off again
            elif what == "free":
                self._leave(station, now)
            else:
                heapq.heappush(self.events, (now + seconds, next(self.order), job))
                return
        self.went += 1
        if job.born >= self.settled:
            self.waits[job.kind].append(now - job.born)

    def _leave(self, station, now):
        """The server goes to whoever waits the longest; nobody overtakes."""
        if station.waiting:
            heapq.heappush(self.events, (now, next(self.order), station.waiting.popleft()))
        else:
            station.free += 1
            station.busy -= self.until - now
