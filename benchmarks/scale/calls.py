"""A call as work for stations: what it asks for, how often, and what each piece takes of whom."""

from dataclasses import dataclass

import numpy as np

from benchmarks.scale.queues import holding, work

CALL_SECONDS = 240  # assumed
# How often in a call. Assumed: a question every 20 s, three in ten of them asked by somebody in the last five minutes, and
# each told in one letter; a page says every 30 s that it is still there.
A_CALL = {
    "page load": 1,
    "start of a call": 1,
    "tool call, new question": 0.7 * CALL_SECONDS / 20,
    "tool call, cached": 0.3 * CALL_SECONDS / 20,
    "letter: two turns": CALL_SECONDS / 20,
    "letter: still here": CALL_SECONDS / 30,
    "attempt": 1,
    "end of a call": 1,
    "report of 20 turns": 1,
}
TOOL_CALLS = ("tool call, cached", "tool call, new question")
DIARY = {"tool call, cached": 0.5, "tool call, new question": 0.15}  # of the web server's time: after the answer
UNEVEN = 4  # shape of the gamma distribution of service times: half as much again is nothing rare
LINE_SHARE = 0.5  # of a start's work that lies inside the one lock of all lines
OTHERS_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Layout:
    """Machines and what is set on them. With one machine everything shares its cores."""

    web_machines: int = 1
    cores: int = 2
    web_processes: int = 2
    threads: int = 2
    store_cores: int = 0  # of each PostgreSQL, on a machine of its own; 0: beside the web server
    shards: int = 1  # PostgreSQL servers, by conversation
    brokers: int = 1  # Redis servers, by conversation
    connections: int = 60  # of each PostgreSQL
    workers: int = 2  # processes
    worker_machines: int = 0  # 0: beside the web server
    locks: int = 1  # of lines: one for the whole site, as it is built
    counting: float = 0.0  # seconds more at PostgreSQL inside that lock, by how many calls there are to count
    remote: float = 0.0  # seconds in which a start waits for ElevenLabs' signed address, with its thread

    @property
    def machines(self):
        return self.web_machines + self.worker_machines + (self.shards if self.store_cores else 0)


def stations(layout):
    """{station: servers}."""
    found = {f"web cores {m}": layout.cores for m in range(layout.web_machines)}
    found |= {f"web threads {m}": layout.web_processes * layout.threads for m in range(layout.web_machines)}
    found |= {f"Redis thread {n}": 1 for n in range(layout.brokers)}
    found |= {f"line lock {n}": 1 for n in range(layout.locks)}
    for shard in range(layout.shards):
        found[f"PostgreSQL connections {shard}"] = layout.connections
        if layout.store_cores:
            found[f"PostgreSQL cores {shard}"] = layout.store_cores
    found["workers"] = layout.workers
    if layout.worker_machines:
        found["worker cores"] = layout.worker_machines * layout.cores
    return found


def rates(calls, per_call=None):
    """{kind: a second} of so many calls at once."""
    return {kind: calls / CALL_SECONDS * times for kind, times in (per_call or A_CALL).items()}


def arrivals(prices, layout, per_second, seconds, seed=7, others=0.0):
    """(seconds, kind, steps) of everything that comes, by Poisson's law. ``per_second`` {kind: rate}; ``others`` are cores that
    are busy with something else on the first machine."""
    random = np.random.default_rng(seed)
    all_rates = {**per_second, "others": others / OTHERS_SECONDS}
    counts = {kind: random.poisson(rate * seconds) for kind, rate in all_rates.items()}
    kinds = [kind for kind, count in counts.items() for _ in range(count)]
    at = random.random(len(kinds)) * seconds
    for place in np.argsort(at, kind="stable"):
        for kind, steps in _Piece(prices, layout, kinds[place], random).jobs():
            yield float(at[place]), kind, steps


class _Piece:
    """One piece of work: how long it is with whom, and where that is, by lot."""

    def __init__(self, prices, layout, kind, random):
        self.layout, self.kind, self.random = layout, kind, random
        self.took = {
            name: self._draw(prices.get(kind, {}).get(name, 0)) for name in ("web", "worker", "PostgreSQL", "Valkey")
        }
        machine, shard, broker, lock = (
            int(random.integers(count)) for count in (layout.web_machines, layout.shards, layout.brokers, layout.locks)
        )
        self.cores, self.threads = f"web cores {machine}", f"web threads {machine}"
        self.stores = f"PostgreSQL cores {shard}" if layout.store_cores else "web cores 0"
        self.connections, self.broker, self.lock = (
            f"PostgreSQL connections {shard}",
            f"Redis thread {broker}",
            f"line lock {lock}",
        )

    def jobs(self):
        """[(kind, steps)]: what somebody waits for, and what is done behind their back."""
        if self.kind == "others":
            return [("others", work("web cores 0", float(self.random.exponential(OTHERS_SECONDS))))]
        web, rows = self.took["web"], self.took["PostgreSQL"]
        if self.kind in TOOL_CALLS:
            late = DIARY[self.kind] * web
            asked = self._served(web - late, self._rows(rows * 0.2 if self.kind == TOOL_CALLS[1] else 0))
            return [(self.kind, asked), ("diary", work(self.cores, late) + self._rows(rows * 0.8))]
        if self.kind == "report of 20 turns":
            at = "worker cores" if self.layout.worker_machines else "web cores 0"
            read = holding("workers", work(at, self.took["worker"]) + self._rows(rows * 0.8))
            return [(self.kind, self._served(web, self._rows(rows * 0.2))), ("report read", read)]
        if self.kind == "start of a call":
            inside = work(self.cores, web * LINE_SHARE) + self._rows(rows * LINE_SHARE + self.layout.counting)
            rest = [("wait", self.threads, self.layout.remote), *self._rows(rows * (1 - LINE_SHARE))]
            return [(self.kind, self._served(web * (1 - LINE_SHARE), holding(self.lock, inside) + rest))]
        return [(self.kind, self._served(web, self._rows(rows)))]

    def _served(self, web, inner):
        half = work(self.cores, web / 2)
        return holding(self.threads, half + self._told() + inner + half)

    def _rows(self, seconds):
        return holding(self.connections, work(self.stores, seconds)) if seconds else []

    def _told(self):
        seconds = self.took["Valkey"]
        if self.layout.machines > 1:
            return work(self.broker, seconds)
        return holding(self.broker, work("web cores 0", seconds))

    def _draw(self, milliseconds):
        return float(self.random.gamma(UNEVEN, milliseconds / UNEVEN)) / 1000 if milliseconds else 0.0
