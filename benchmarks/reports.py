"""Post-call reports of 100 KB that are taken, on PostgreSQL and SQLite, at 1 and 8 connections, against a bare DRF view on
the same server in the same minute. Every report is a new one, signed: kept with one INSERT, not read, a task handed over."""

import hashlib
import hmac
import json
import time
import uuid

from benchmarks import figures, load, site

ROUNDS, SECONDS, BYTES = 4, 1.0, 100_000
SECRET = "wsec_of_the_benchmark_0123456789"


def run():
    for store, postgresql in (("PostgreSQL", True), ("SQLite", False)):
        with site.running(postgresql=postgresql, ELEVENLABS_WEBHOOK_SECRETS=SECRET) as open_:
            for connections in (1, 8):
                taken = {"bare DRF view": [], "a report is taken": []}
                for _ in range(ROUNDS):
                    taken["bare DRF view"] += load.closed_loop(open_.port, _bare, connections, SECONDS)
                    taken["a report is taken"] += load.closed_loop(open_.port, _report, connections, SECONDS)
                _print(store, connections, taken)


def _print(store, connections, taken):
    floor = taken["bare DRF view"]
    print(
        f"\n{store}, {connections} connection{'s' * (connections > 1)}, milliseconds, {ROUNDS} rounds of {SECONDS:.0f} s in turn"
    )
    for name, values in taken.items():
        ratios = [figures.percentile(values, share) / figures.percentile(floor, share) for share in (0.5, 0.95)]
        print(f"  {name:17} {figures.spread(values)}   p50 {ratios[0]:.1f} x, p95 {ratios[1]:.1f} x the bare view")


def _bare(_):
    return load.post("/bare", json.dumps({"query": "x" * 150}).encode())


def _report(_):
    conversation_id = f'"conversation_id": "conv_{uuid.uuid4().hex}", '
    body = HEAD + conversation_id.encode() + TAIL
    at = int(time.time())
    digest = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return load.post("/elevenlabs/post-call", body, ElevenLabs_Signature=f"t={at},v0={digest}")


# A report but for the id of its conversation: made once, so that the measurement is not one of making reports.
TURN = {
    "role": "user",
    "message": "When does the ferry leave, and where do I buy a ticket? " * 3,
    "time_in_call_secs": 3,
}
HEAD = b'{"type": "post_call_transcription", "event_timestamp": 1790000000, "data": {'
TAIL = b'"transcript": ' + json.dumps([TURN] * (BYTES // len(json.dumps(TURN)))).encode() + b"}}"
