"""The simulation held against real callers: what it says of them, and what was measured."""

import asyncio
import json
import time

from benchmarks import crowd, figures, site, watching
from benchmarks.scale import calls, prices, queues

SECONDS, RAMP = 120, 10
PAUSE = (8.0, 14.0)  # so that a question comes about every twenty seconds
PAIRS = {  # as the simulation calls it: the door as callers waited at it
    "start of a call": "start",
    "page load": "page",
    "letter: two turns": "heard",
    "end of a call": "end",
}
# Told after the last report was read, or after the time for it.
COUNT = """
import json, time
from voice.models import Session, ToolCall, Turn
until = time.monotonic() + 60
while Session.objects.filter(reported_at=None).exists() and time.monotonic() < until:
    time.sleep(0.5)
rows = list(ToolCall.objects.values_list("cached", "milliseconds"))
print("RESULT" + json.dumps({
    "cached": [told["total"] for cached, told in rows if cached and "total" in told],
    "new": [told["total"] for cached, told in rows if not cached and "total" in told],
    "reported": Session.objects.exclude(reported_at=None).count(),
    "turns": Turn.objects.filter(key__startswith="call:").count(),
}))
"""


def run(known, count, seconds=SECONDS):
    """Print predicted and measured, of so many callers for so long."""
    room = str(count + 50)
    flags = ["--speech", "tones", "--concurrency", room]
    options = {"standin": True, "postgresql": True, "tasks": True, "workers": 2, "flags": flags}
    with site.running(**options, VOICE_MAX_SESSIONS=room) as open_:
        meter = prices.Meter(open_)
        asyncio.run(crowd.gather(open_.url, 4, 20, 1, pause=(2.0, 3.0)))  # what only the first ones pay
        earlier = json.loads(open_.manage(COUNT))
        meter.rest()
        before, busy = meter.look(), _around(open_)
        told = asyncio.run(crowd.gather(open_.url, count, seconds, RAMP, pause=PAUSE))
        took, busy = time.monotonic() - before.at, _around(open_) - busy
        rows = json.loads(open_.manage(COUNT))
        after = meter.look()
    done, used = _done(told, rows, earlier), meter.between(before, after)
    print(
        f"\n{told.calls} calls of {count} callers in {took:.0f} s; {busy / took:.2f} cores busy with callers and stand-in"
    )
    _compare_work(known["units"], done, used)
    _compare_waits(_simulate(known["units"], done, took, busy / took), _waits(told, rows, earlier))


def _around(open_):
    """Processor seconds of the callers and the stand-in, which share the machine. What others do on it is not foreseen: a trial
    wants the machine for itself."""
    return sum(watching.look(0, program).seconds for program in (None, open_.standin))


def _compare_work(units, done, used):
    print(f"  {'processor seconds':28} predicted   measured")
    for name in prices.PROGRAMS:
        said = sum(times * units[kind][name] for kind, times in done.items()) / 1000
        print(f"  {name:28} {said:9.1f}  {used[name]:9.1f}   {_apart(said, used[name])}")


def _compare_waits(simulated, waits):
    print(f"  {'milliseconds, p50 and p95':28}       predicted          measured")
    for kind, seen in waits.items():
        drawn = [1000 * simulated.percentile(kind, share) for share in (0.5, 0.95)]
        real = [figures.percentile(seen, share) for share in (0.5, 0.95)]
        parts = "  ".join(_apart(*pair) for pair in zip(drawn, real, strict=True))
        print(f"  {kind:28} {drawn[0]:7.1f} {drawn[1]:7.1f}   {real[0]:7.1f} {real[1]:7.1f}   {parts}   of {len(seen)}")


def _done(told, rows, earlier):
    """{kind: how many} of everything the callers had done."""
    turns = rows["turns"] - earlier["turns"]
    heard = len(told.waits["heard"])
    return {
        "page load": len(told.waits["page"]),
        "start of a call": len(told.waits["start"]),
        "end of a call": len(told.waits["end"]),
        "letter: two turns": turns / 2,
        "letter: still here": max(0, heard - turns / 2),
        "tool call, cached": len(rows["cached"]) - len(earlier["cached"]),
        "tool call, new question": len(rows["new"]) - len(earlier["new"]),
        "report of 20 turns": rows["reported"] - earlier["reported"],
    }


def _waits(told, rows, earlier):
    """{kind: milliseconds}: tool calls as the server took, the others as callers waited."""
    waits = {kind: told.waits[door] for kind, door in PAIRS.items()}
    fresh = {"tool call, cached": "cached", "tool call, new question": "new"}
    return {kind: rows[name][len(earlier[name]) :] for kind, name in fresh.items()} | waits


def _simulate(units, done, took, others):
    layout = calls.Layout()
    per_second = {kind: times / took for kind, times in done.items()}
    come = calls.arrivals(units, layout, per_second, 300, others=others)
    return queues.simulate(calls.stations(layout), come, 300, settled=10)


def _apart(predicted, measured):
    return f"{predicted / measured - 1:+5.0%}" if measured else "    –"
