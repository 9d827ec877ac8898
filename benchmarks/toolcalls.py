"""Tool calls, cached and not, at 1 and 32 connections, against a bare DRF view on the same server in the same minute."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

from benchmarks import figures, load
from demo import processes
from tests import stores

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "token-of-the-benchmark-0123456789"
ROUNDS, SECONDS = 4, 2.0


def run():
    with tempfile.TemporaryDirectory(prefix="advisor-bench-") as folder, contextlib.ExitStack() as running:
        port, redis_port = processes.free_port(), processes.free_port()
        running.enter_context(stores.valkey(redis_port))
        environment = _environment(folder, redis_port)
        asked = json.loads(_manage(environment, _PREPARE))
        server = running.enter_context(_server(environment, port, folder))
        _measure(port, asked)
        print("memory, MB (shared pages by share):", ", ".join(f"{name} {mb:.0f}" for name, mb in _memory(server)))


def _environment(folder, redis_port):
    Path(folder, "model").symlink_to(ROOT / "var" / "model")
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "SECRET_KEY": uuid.uuid4().hex,
        "DATA_DIR": folder,
        "DATABASE_URL": "",
        "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
        "SERVICE_TOKENS": TOKEN,
        "LOG_LEVEL": "ERROR",
    }


# A persona of the demo with a live call; printed as JSON.
_PREPARE = """
import json, uuid
from django.core.management import call_command
from personas.models import Persona
from voice.models import Conversation, Session
call_command("migrate", verbosity=0)
call_command("load_demo", verbosity=0)
persona = Persona.objects.order_by("slug").first()
thread = Conversation.objects.create(persona=persona, visitor=uuid.uuid4())
Session.objects.create(conversation=thread, elevenlabs_conversation_id="conv_bench")
golden = json.load(open("demo/golden-questions.json"))["personas"]
questions = [q["question"] for p in golden if p["slug"] == persona.slug for q in p["questions"] if q["document"]]
print("RESULT" + json.dumps({"persona": str(persona.pk), "questions": questions}))
"""


def _manage(environment, script):
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"The benchmark could not be prepared:\n{done.stderr[-2000:]}")
    return done.stdout.split("RESULT", 1)[1]


@contextlib.contextmanager
def _server(environment, port, folder):
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", "1"]
    command += ["--blocking-threads", "2", "--no-ws", "config.wsgi:application"]
    server = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=Path(folder, "log").open("wb"), stderr=subprocess.STDOUT
    )
    try:
        if not processes.wait_for_port(port, server, seconds=60):
            raise SystemExit(Path(folder, "log").read_text()[-2000:])
        yield server
    finally:
        server.terminate()
        server.wait(20)


def _measure(port, asked):
    """Contestants take turns in short windows, so that what else the machine does falls on all of them alike."""
    kinds = {"bare DRF view": _bare, "tool call, cached": _cached(asked), "tool call, uncached": _uncached(asked)}
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
        print(
            f"  {name:22} {figures.spread(values)}   {rate:6.0f}/s   p50 {ratios[0]:.2f} x, p95 {ratios[1]:.2f} x the bare view"
        )


def _bare(_):
    return load.post("/bare", json.dumps({"query": "x" * 150}).encode())


def _call(asked, question):
    parameters = {"query": question, "persona_id": asked["persona"]}
    body = {"function_name": "query_persona_knowledge", "parameters": parameters, "conversation_id": "conv_bench"}
    return load.post("/elevenlabs/function-call", json.dumps(body).encode(), X_Service_Token=TOKEN)


def _cached(asked):
    return lambda number: _call(asked, asked["questions"][number % len(asked["questions"])])


def _uncached(asked):
    """A question nobody asked before: a golden one with a word that makes it new."""
    run = uuid.uuid4().hex[:6]
    return lambda number: _call(
        asked, f"{asked['questions'][number % len(asked['questions'])]} {run}{uuid.uuid4().hex[:8]}"
    )


def _memory(server):
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    return [
        ("server", figures.resident_mb(server.pid)),
        *((f"worker {i + 1}", figures.resident_mb(pid)) for i, pid in enumerate(children)),
    ]
