"""What callers notice of new code: tool calls at an even pace while the web workers are replaced, and while one is killed.

A call that is under way needs no process of ours: everything it stands on is in the database and in Redis.
"""

import asyncio
import json
import os
import signal
import time
from collections import Counter

import httpx

from benchmarks import site
from benchmarks.toolcalls import PREPARE
from tests.faults import children

A_SECOND = 20
UNHURRIED = {"TOOL_CALLS_PER_CONVERSATION": "100000", "TOOL_CALLS_PER_PERSONA": "100000"}  # one call asks for all
ACTS = {3: "reload", 25: "kill -9 of a worker", 45: "the end"}  # seconds from the start


def run(_arguments=()):
    """Prints what came of the calls in each part; exit code 1 when a reload costs one, or a killed worker more than one."""
    with site.running(workers=2, **UNHURRIED) as open_:
        asked = json.loads(open_.manage(PREPARE))
        before = set(children(open_.server.pid))
        heard = asyncio.run(_call(open_, asked))
        kept = before & set(children(open_.server.pid))
    failed = {part: sum(count for said, count in found.items() if said != 200) for part, found in heard.items()}
    for part, found in heard.items():
        print(f"  {part:28} " + ", ".join(f"{count} x {said}" for said, count in sorted(found.items(), key=str)))
    print(f"  workers from before that still run: {len(kept)}")
    if failed["after the reload"] or failed["after kill -9 of a worker"] > 1 or kept:
        raise SystemExit("Callers noticed it.")


async def _call(open_, asked):
    heard, part, began = {"before": Counter()}, "before", time.monotonic()
    acts, tasks, number = dict(ACTS), [], 0
    async with httpx.AsyncClient(
        base_url=open_.url, timeout=10, limits=httpx.Limits(max_keepalive_connections=4)
    ) as kept:
        while acts:
            await asyncio.sleep(max(0.0, began + number / A_SECOND - time.monotonic()))
            if time.monotonic() - began > min(acts):
                part = f"after {(act := acts.pop(min(acts)))}".replace("after reload", "after the reload")
                heard.setdefault(part, Counter())
                _act(open_.server.pid, act)
            tasks.append(asyncio.create_task(_ask(kept if number % 2 else None, open_.url, asked, number, heard[part])))
            number += 1
        await asyncio.gather(*tasks)
    return {name: found for name, found in heard.items() if name != "after the end"}


def _act(server, act):
    if act == "reload":
        os.kill(server, signal.SIGHUP)
    elif act.startswith("kill"):
        os.kill(children(server)[-1], signal.SIGKILL)


async def _ask(kept, url, asked, number, heard):
    """One tool call, on a connection that is kept or on one of its own, as ElevenLabs may do either."""
    body = {
        "function_name": "query_persona_knowledge",
        "conversation_id": "conv_bench",
        "parameters": {"query": asked["questions"][number % len(asked["questions"])], "persona_id": asked["persona"]},
    }
    headers = {"X-Service-Token": site.TOKEN}
    try:
        if kept:
            answer = await kept.post("/elevenlabs/function-call", json=body, headers=headers)
        else:
            async with httpx.AsyncClient(timeout=10) as own:
                answer = await own.post(f"{url}/elevenlabs/function-call", json=body, headers=headers)
        heard[answer.status_code if answer.json()["success"] else "no answer from documents"] += 1
    except httpx.HTTPError as fault:
        heard[type(fault).__name__] += 1
