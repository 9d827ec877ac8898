"""Phone calls that begin, on PostgreSQL: the first one after the start, then at 1 and 8 connections, against a bare DRF view
on the same server in the same minute. Every ring is a new call, with its own thread and session."""

import json
import uuid

from benchmarks import figures, load, site

ROUNDS, SECONDS, NUMBERS = 4, 1.0, 400
MANY = str(10**6)


def run():
    with site.running(postgresql=True, VOICE_MAX_SESSIONS=MANY, prepare=site.LOAD + PREPARE) as open_:
        first = load.closed_loop(open_.port, _ring, 1, 0.2)
        print(f"first ring after the start: {first[0]:.1f} ms")
        for connections in (1, 8):
            taken = {"bare DRF view": [], "a phone rings": []}
            for _ in range(ROUNDS):
                taken["bare DRF view"] += load.closed_loop(open_.port, _bare, connections, SECONDS)
                taken["a phone rings"] += load.closed_loop(open_.port, _ring, connections, SECONDS)
            _print(connections, taken)


# A persona of the demo that answers so many numbers that none of them rings too often.
PREPARE = f"""
from personas.models import Persona
from voice.models import Agent, PhoneNumber
persona = Persona.objects.order_by("slug").first()
Agent.objects.filter(persona=persona).update(elevenlabs_agent_id="agent_bench", state="in_step")
PhoneNumber.objects.bulk_create(
    PhoneNumber(elevenlabs_number_id=str(n), number=f"+1555{{n:07}}", persona=persona, state="in_step")
    for n in range({NUMBERS})
)
"""


def _print(connections, taken):
    floor = taken["bare DRF view"]
    print(
        f"\n{connections} connection{'s' * (connections > 1)}, milliseconds, {ROUNDS} rounds of {SECONDS:.0f} s in turn"
    )
    for name, values in taken.items():
        ratios = [figures.percentile(values, share) / figures.percentile(floor, share) for share in (0.5, 0.95)]
        print(f"  {name:15} {figures.spread(values)}   p50 {ratios[0]:.1f} x, p95 {ratios[1]:.1f} x the bare view")


def _bare(_):
    return load.post("/bare", json.dumps({"query": "x" * 150}).encode())


def _ring(number):
    body = {
        "caller_id": f"+49{uuid.uuid4().int % 10**9:09}",
        "agent_id": "agent_bench",
        "called_number": f"+1555{number % NUMBERS:07}",
        "call_sid": f"CA{uuid.uuid4().hex}",
    }
    return load.post("/elevenlabs/conversation-start", json.dumps(body).encode(), X_Service_Token=site.TOKEN)
