"""`python -m benchmarks soak`: many conversations at once, for minutes, on the whole site as in production.

Not part of `make bench`. It stops by itself and leaves no process behind.
"""

import argparse
import asyncio
import json
import time
from collections import Counter

import httpx
import redis

from benchmarks import crowd, figures, site, trouble, watching

SECONDS_TO_REPORT = 150  # a task that was lost with Redis is handed out again within two minutes
WAITS = {
    "server": "tool call, as the server took",
    "tool": "tool call, as the caller waited",
    "sound": "question to its answer's sound",
    "start": "start of a call",
    "heard": "what was heard, told",
    "page": "the page",
    "end": "the end of a call",
}
# Keys that live as long as what they tell of: the knowledge version of a persona, and Celery's own.
LASTING = ("_kombu", "unacked", "celery", "clone-advisor:knowledge:version:")


def run(arguments):
    """Print success, waits, and what each program needed."""
    given = _read(arguments)
    ramp = max(5.0, given.conversations / 10)
    room = str(given.conversations + 20)
    flags = ["--speech", "auto" if given.audio else "tones", "--concurrency", room]
    options = {"standin": True, "postgresql": True, "tasks": True, "workers": given.workers, "flags": flags}
    with site.running(**options, VOICE_MAX_SESSIONS=room) as open_:
        _lift_credits(open_)
        with watching.Watch(_programs(open_), {"connections": lambda: _connections(open_)}) as watch:
            began, befell = time.monotonic(), []
            told = asyncio.run(_soak(open_, given, ramp, befell))
            rows = json.loads(open_.manage(COUNT.replace("SECONDS", str(SECONDS_TO_REPORT))))
        print(f"\n{given.conversations} conversations for {given.minutes:g} minutes, {given.audio} of them spoken")
        if befell:
            print("  faults of 3 s: " + ", ".join(f"{what} at {at - began:.0f} s" for at, what in befell))
        for line in (*_success(told), *_waits(told, rows), *_slow(told, began), *_reports(rows), *_complaints(open_)):
            print(f"  {line}")
        print(f"\nfrom {ramp:.0f} s on, when all had come")
        print("\n".join(watch.lines(ramp)))
        print(f"  keys in Redis that never end: {_lasting(open_) or 'none but the known ones'}")
    return told, rows, watch


async def _soak(open_, given, ramp, befell):
    over = asyncio.Event()
    brewing = [asyncio.create_task(trouble.brew(open_, ramp, befell, over))] if given.faults else []
    told = await crowd.gather(open_.url, given.conversations, given.minutes * 60, ramp, audio=given.audio)
    over.set()
    await asyncio.gather(*brewing)
    return told


def _read(arguments):
    parser = argparse.ArgumentParser(prog="python -m benchmarks soak", description=__doc__.splitlines()[0])
    parser.add_argument("--conversations", type=int, default=30, help="at once (default: 30)")
    parser.add_argument("--minutes", type=float, default=2.0, help="how long (default: 2)")
    parser.add_argument("--audio", type=int, default=0, help="how many of them speak (default: none)")
    parser.add_argument("--workers", type=int, default=2, help="processes of the web server (default: 2)")
    parser.add_argument("--faults", action="store_true", help="let Redis die and PostgreSQL pause now and then")
    return parser.parse_args(arguments)


def _programs(open_):
    programs = {"web": open_.server, "worker": open_.worker, "stand-in": open_.standin}
    stores = {"PostgreSQL": open_.postgresql, "Valkey": open_.valkey}
    return programs | stores | {"visitors": None}


def _lift_credits(open_):
    """The account of a stand-in is used up after 180,000 seconds of talk."""
    limits = f"{open_.environment['ELEVENLABS_URL']}/standin/limits"
    httpx.patch(limits, json={"credits": 10**9}, trust_env=False).raise_for_status()


def _connections(open_):
    """How many processes of PostgreSQL serve somebody."""
    return len(watching.faults.children(open_.postgresql.pid))


def _success(told):
    yield f"{told.exchanges} questions in {told.calls} calls, {told.most} at once; answered {told.success:.3%}"
    for reason, count in told.failed.most_common(5):
        yield f"not answered: {count} × {reason}"
    yield f"starts refused: {dict(told.refused) or 'none'}; faults of ours: {dict(told.faults) or 'none'}; untold: {told.lost}"


def _waits(told, rows):
    yield "milliseconds"
    for door, name in WAITS.items():
        if values := rows["total"] if door == "server" else told.waits.get(door):
            yield f"  {name:34} {figures.spread(values)}   of {len(values)}"


def _slow(told, began):
    """When callers had to wait, in stretches of ten seconds."""
    stretches = Counter(int((at - began) // 10) * 10 for at, _ in told.slow)
    if told.slow:
        when = ", ".join(f"{count} at {second} s" for second, count in sorted(stretches.items()))
        yield f"tool calls over {crowd.SLOW_SECONDS} s: {when}; the longest {max(taken for _, taken in told.slow):.1f} s"


def _complaints(open_, most=5):
    """What the web server had to complain of, each sort once."""
    lines = open_.log.read_text(errors="replace").splitlines()
    sorts = Counter(
        line.split(" ", 2)[-1][:160] for line in lines if "WARNING" in line or "ERROR" in line or "Error" in line
    )
    yield from (f"log, {count} ×: {line}" for line, count in sorts.most_common(most))


def _reports(rows):
    yield f"tool calls by outcome: {rows['outcomes']}"
    yield f"reports joined: {rows['reported']} of {rows['sessions']} calls; deliveries unread: {rows['unread']}"
    yield f"turns that only the report told: {rows['added']}; answers with sources: {rows['cited']}"


# Counted after the last report was read, or after the time for it.
COUNT = """
import json, time
from collections import Counter
from voice.models import Delivery, Session, ToolCall, Turn
until = time.monotonic() + SECONDS
while Session.objects.filter(reported_at=None).exists() and time.monotonic() < until:
    time.sleep(0.5)
calls = list(ToolCall.objects.values_list("outcome", "milliseconds"))
print("RESULT" + json.dumps({
    "total": [told["total"] for _, told in calls if "total" in told],
    "outcomes": Counter(outcome for outcome, _ in calls),
    "sessions": Session.objects.count(),
    "reported": Session.objects.exclude(reported_at=None).count(),
    "unread": Delivery.objects.filter(read_at=None).count(),
    "added": Turn.objects.filter(key__startswith="report:").count(),
    "cited": Turn.objects.filter(speaker="persona").exclude(citations=[]).count(),
}))
"""


def _lasting(open_):
    with redis.Redis(port=open_.valkey.port) as store:
        keys = [key.decode(errors="replace") for key in store.scan_iter(count=1000) if store.ttl(key) == -1]
    return [key for key in keys if not key.startswith(LASTING)][:20]
