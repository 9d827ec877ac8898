"""Agents kept in step through a storm of refusals: how long it takes, and whether anybody asked before the time named."""

import contextlib
import time
from pathlib import Path

import httpx

from benchmarks import site
from tests import storms

PERSONAS, REFUSALS, SECONDS = 200, 60, 5
MIGRATE = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
"""
MAKE = """
from personas.models import Persona
for number in range({personas}):
    Persona.objects.create(name=f"Guide {{number}}", slug=f"guide-{{number}}", first_message="Good morning.")
"""
COUNT = """
from voice.models import Agent
print("RESULT", Agent.objects.filter(state="in_step").count())
"""


def run():
    print(f"{PERSONAS} personas, two worker processes with two tasks each, at most 4 requests under way")
    for retry_after in (SECONDS, None):
        _storm(retry_after)


def _storm(retry_after):
    with contextlib.ExitStack() as open_:
        here = open_.enter_context(site.running(standin=True, postgresql=True, tasks=True, prepare=MIGRATE))
        second = open_.enter_context(site.second_worker(here.environment, Path(here.environment["DATA_DIR"])))
        assert second.poll() is None
        url = here.environment["ELEVENLABS_URL"]
        time.sleep(8)  # until both take tasks
        httpx.delete(f"{url}/standin/requests").raise_for_status()
        refusals = REFUSALS if retry_after else REFUSALS // 4
        storms.begin(url, refusals, retry_after)
        began = time.monotonic()
        here.manage(MAKE.format(personas=PERSONAS))
        done = storms.wait_until(lambda: _are_in_step(here), 600)
        seconds, storm = time.monotonic() - began, storms.look(url, retry_after)
        named = f"Retry-After: {retry_after}" if retry_after else "no Retry-After"
        print(f"\n{named}{'' if done else ', NOT ALL IN STEP after ten minutes'}")
        print(f"  personas / agents / tools  {PERSONAS} / {storm.agents} / {storm.tools}")
        print(f"  requests, of them refused  {storm.requests}, {storm.refusals}")
        print(f"  seconds until all in step  {seconds:.0f}")
        if retry_after:
            print(f"  sent before their time     {storm.early}")


def _are_in_step(here):
    """Every few seconds: a process that only counts takes the processor away from those that work."""
    time.sleep(5)
    return int(here.manage(COUNT)) == PERSONAS
