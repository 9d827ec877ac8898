"""Tool calls, cached and not, at 1 and 32 connections, against a bare DRF view on the same server in the same minute."""

import json
import uuid
from pathlib import Path

from benchmarks import figures, load, site

ROUNDS, SECONDS = 4, 2.0


def run():
    with site.running() as open_:
        asked = json.loads(open_.manage(PREPARE))
        _measure(open_.port, asked)
        print(
            "\nmemory, MB (shared pages by share):", ", ".join(f"{name} {mb:.0f}" for name, mb in _memory(open_.server))
        )


# A persona of the demo with a live call; printed as JSON.
PREPARE = """
import json, uuid
from personas.models import Persona
from voice.models import Conversation, Session
persona = Persona.objects.order_by("slug").first()
thread = Conversation.objects.create(persona=persona, visitor=uuid.uuid4())
Session.objects.create(conversation=thread, elevenlabs_conversation_id="conv_bench")
golden = json.load(open("demo/golden-questions.json"))["personas"]
questions = [q["question"] for p in golden if p["slug"] == persona.slug for q in p["questions"] if q["document"]]
print("RESULT" + json.dumps({"persona": str(persona.pk), "questions": questions}))
"""


def _measure(port, asked):
    """Contestants take turns in short windows, so that what else the machine does falls on all of them alike."""
    kinds = {"bare DRF view": _bare, "tool call, cached": _cached(asked), "tool call, uncached": uncached(asked)}
    for connections in (1, 32):
        taken = {name: [] for name in kinds}
        for _ in range(ROUNDS):
            for name, request in kinds.items():
                taken[name] += load.closed_loop(port, request, connections, SECONDS)
        _print(connections, taken)


def _print(connections, taken):
    floor = taken["bare DRF view"]
    print(
        f"\n{connections} connection{'s' * (connections > 1)}, milliseconds, {ROUNDS} rounds of {SECONDS:.0f} s in turn"
    )
    for name, values in taken.items():
        ratios = [figures.percentile(values, share) / figures.percentile(floor, share) for share in (0.5, 0.95)]
        rate = len(values) / ROUNDS / SECONDS
        against = f"p50 {ratios[0]:.2f} x, p95 {ratios[1]:.2f} x the bare view"
        print(f"  {name:22} {figures.spread(values)}   {rate:6.0f}/s   {against}")


def _bare(_):
    return load.post("/bare", json.dumps({"query": "x" * 150}).encode())


def _call(asked, question):
    parameters = {"query": question, "persona_id": asked["persona"]}
    body = {"function_name": "query_persona_knowledge", "parameters": parameters, "conversation_id": "conv_bench"}
    return load.post("/elevenlabs/function-call", json.dumps(body).encode(), X_Service_Token=site.TOKEN)


def _cached(asked):
    return lambda number: _call(asked, asked["questions"][number % len(asked["questions"])])


def uncached(asked):
    """A question nobody asked before: a golden one with a word that makes it new."""
    return lambda number: _call(
        asked, f"{asked['questions'][number % len(asked['questions'])]} {uuid.uuid4().hex[:12]}"
    )


def _memory(server):
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    workers = [(f"worker {number}", figures.resident_mb(pid)) for number, pid in enumerate(children, 1)]
    return [("server", figures.resident_mb(server.pid)), *workers]
