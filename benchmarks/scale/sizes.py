"""What the simulation says of many calls: how many a machine holds, two machines, and what gives way first beyond."""

from dataclasses import replace

from benchmarks.scale import calls, queues
from benchmarks.scale.prices import PROGRAMS

ONE = calls.Layout(remote=0.25)  # assumed: a quarter of a second for ElevenLabs' signed address
LAYOUTS = {
    "one machine": ONE,
    "two: one of them the stores'": replace(ONE, store_cores=2),
    "two: one of them stores and workers": replace(ONE, store_cores=2, worker_machines=1),
    "three: web, web, stores": replace(ONE, web_machines=2, store_cores=2, worker_machines=1),
}
LONGEST = {"tool call, new question": 0.5, "start of a call": 1.5}  # seconds: what the slowest twentieth may wait
FULL = 0.85  # of a station's time: above, the first bad minute is not worked off
SHOWN = ("tool call, cached", "tool call, new question", "letter: two turns", "start of a call", "report read")
SIZES = (60, 1_000, 100_000)
DAY = 86_400


def run(known):
    """Print tables: what so many calls ask of each program, how many some machines hold, what a thousand and a hundred
    thousand need."""
    units, counted = known["units"], {int(count): ms for count, ms in known["lines"].items()}
    print(f"\ncomputed from prices of {known['on']} ({known['of']})")
    for count in SIZES:
        print("\n".join(_demand(units, known["bytes"], counted, count)))
    for name, layout in LAYOUTS.items():
        most = _most(units, counted, layout)
        print(f"\n{name}: {most} calls at once")
        print("\n".join(_told(_simulate(units, counted, layout, most, 60))))
    for count, name, layout in _large():
        print(f"\n{count:,} calls at once, {name}")
        print("\n".join(_told(_simulate(units, counted, layout, count, 20 if count < 10_000 else 6))))


def _large():
    """(calls, in words, layout)."""
    apart = replace(ONE, cores=8, web_processes=8, store_cores=8, worker_machines=1, workers=8, connections=100)
    yield 1_000, "one web machine of 8 cores, stores of 8, a worker", apart
    yield 1_000, "two such web machines", replace(apart, web_machines=2)
    many = replace(
        apart,
        cores=16,
        web_machines=24,
        web_processes=16,
        store_cores=64,
        worker_machines=2,
        workers=64,
        connections=2_000,
    )
    yield 100_000, "24 web machines of 16 cores, one PostgreSQL of 64, one Redis: as it is built", many
    counters = replace(many, locks=1_000, counting=-1.0)
    yield 100_000, "the same, lines counted in Redis and not in rows", counters
    spread = replace(counters, brokers=8)
    yield 100_000, "and eight Redis by conversation", spread
    yield 100_000, "and two PostgreSQL by persona", replace(spread, shards=2)


def _counting(counted, count):
    """Seconds more inside the lock than with the fewest calls, between two measured numbers by straight line."""
    known = sorted(counted.items())
    base = known[0][1]
    for (low, at_low), (high, at_high) in zip(known, known[1:], strict=False):
        if count <= high:
            part = max(0, count - low) / (high - low)
            return (at_low + part * (at_high - at_low) - base) / 1000
    return (known[-1][1] - base) / 1000


def _demand(units, sizes, counted, count):
    """What so many calls ask of each program in a second, and of the disk."""
    rates = calls.rates(count)
    cores = {name: sum(rate * units[kind][name] for kind, rate in rates.items()) / 1000 for name in PROGRAMS}
    total = {
        name: sum(rate * units[kind][name] for kind, rate in rates.items())
        for name in ("statements", "commands", "wal", "rows")
    }
    starts = rates["start of a call"]
    held = starts * (_counting(counted, count) + min(counted.values()) / 1000)
    lookups = sum(rates[kind] for kind in calls.TOOL_CALLS)
    yield f"\n{count:,} calls at once: {starts:.1f} starts, {lookups:,.0f} tool calls and {sum(rates.values()):,.0f} requests a second"
    yield "  cores busy: " + ", ".join(f"{name} {busy:.2f}" for name, busy in cores.items())
    yield f"  {total['statements']:,.0f} statements, {total['commands']:,.0f} commands of Redis a second; the lock of all lines held {held:.2f} of the time"
    yield f"  {total['wal'] / 1e6:.2f} MB/s of write-ahead log, {total['rows']:,.0f} rows a second; a call keeps {_kept(sizes) / 1024:.0f} KB"


def _kept(sizes):
    """Bytes of rows that one call leaves."""
    lookups = sum(calls.A_CALL[kind] for kind in calls.TOOL_CALLS)
    rows = {
        "voice_toolcall": lookups,
        "knowledge_asked": lookups,
        "knowledge_cited": 2 * lookups,
        "voice_turn": 2 * lookups,
    }
    rows |= dict.fromkeys(("voice_conversation", "voice_session", "voice_attempt", "voice_delivery", "voice_visit"), 1)
    return sum(number * sizes.get(table, 0) for table, number in rows.items())


def _simulate(units, counted, layout, count, seconds):
    if layout.counting < 0:  # lines are not counted in rows
        layout = replace(layout, counting=0.0)
    else:
        layout = replace(layout, counting=_counting(counted, count))
    come = calls.arrivals(units, layout, calls.rates(count), seconds)
    return queues.simulate(calls.stations(layout), come, seconds, settled=seconds / 6)


def _most(units, counted, layout):
    """The most calls at once that all answer in time, to the next five."""
    low, high = 0, 40
    while _holds(_simulate(units, counted, layout, high, 60)):
        low, high = high, high * 2
    while high - low > 5:
        middle = (low + high) // 2
        low, high = (middle, high) if _holds(_simulate(units, counted, layout, middle, 60)) else (low, middle)
    return low


def _holds(told):
    in_time = all(told.percentile(kind, 0.95) <= most for kind, most in LONGEST.items())
    return in_time and max(told.shares.values()) <= FULL


def _told(told):
    """Waits, the fullest stations, and what was left waiting."""
    for kind in SHOWN:
        p50, p95 = (1000 * told.percentile(kind, share) for share in (0.5, 0.95))
        yield f"  {kind:28} p50 {p50:9.1f}  p95 {p95:9.1f} ms"
    kinds = {}
    for name, share in told.shares.items():
        kind = name.rstrip(" 0123456789")
        kinds[kind] = max(share, kinds.get(kind, 0.0))
    fullest = sorted(kinds.items(), key=lambda one: -one[1])[:5]
    yield (
        "  busy: "
        + ", ".join(f"{kind} {share:.0%}" for kind, share in fullest)
        + f"; {told.inside:,} of {told.came:,} not done at the end"
    )
