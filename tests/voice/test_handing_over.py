"""Tasks are handed to the workers in bounded time, and what is not handed over is taken up by the sweep."""

import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from demo import processes
from knowledge import broker
from tests.conftest import ROOT
from voice import agents, gateway, tasks
from voice.claims import claimed
from voice.gateway import brake
from voice.models import Agent

pytestmark = pytest.mark.django_db


def seconds_of(count):
    began = time.monotonic()
    for _ in range(count):
        tasks.start(tasks.heartbeat)
    return time.monotonic() - began


@pytest.fixture
def frozen(valkey):
    valkey.freeze()
    yield valkey
    valkey.thaw()


def test_with_a_frozen_broker_one_caller_waits_half_a_second_and_the_others_not_at_all(frozen):
    first, others = seconds_of(1), seconds_of(200)
    assert broker.SECONDS <= first < broker.SECONDS + 2  # of which what is over is this machine's
    assert others < first


def test_a_process_that_starts_while_the_broker_is_frozen_waits_no_longer(frozen):
    """Connecting has time limits of its own, which came to seven seconds."""
    script = "import django, time; django.setup(); from voice import tasks; began = time.monotonic(); "
    script += "tasks.start(tasks.heartbeat); print(time.monotonic() - began, flush=True); import os; os._exit(0)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert float(done.stdout.split()[-1]) < broker.SECONDS + 2


def test_when_the_broker_is_back_tasks_are_handed_over_again(frozen):
    tasks.start(tasks.heartbeat)
    assert not broker.hand_over(tasks.heartbeat, ())
    frozen.thaw()
    broker.reset()  # its half minute is over
    assert broker.hand_over(tasks.heartbeat, ())


def test_a_fault_of_ours_is_not_taken_for_the_brokers():
    with pytest.raises(TypeError):
        broker.hand_over(tasks.heartbeat, ("too many", "arguments"))
    assert broker.breaker.admits()


@pytest.fixture
def started(monkeypatch):
    """What is handed over, as (arguments, countdown)."""
    handed = []
    monkeypatch.setattr(broker, "hand_over", lambda task, args, countdown=None: handed.append((args, countdown)))
    return handed


def test_what_was_not_handed_over_is_taken_up_by_the_sweep(persona, started):
    tasks.sync_waiting_agents()
    assert [args for args, _ in started] == [(persona.agent.pk,)]


def test_the_sweep_leaves_alone_what_a_task_comes_back_to(persona, started):
    agents.postpone(persona.agent, 5)
    tasks.sync_waiting_agents()
    assert started == []
    Agent.objects.update(try_at=timezone.now() - timedelta(seconds=1))
    tasks.sync_waiting_agents()
    assert len(started) == 1


def test_a_change_is_not_held_up_by_an_earlier_fault(persona):
    Agent.objects.update(state="in_step", try_at=timezone.now() + timedelta(hours=1))
    persona.save()
    assert list(agents.due()) == [persona.agent]


def test_while_they_told_us_to_wait_a_task_comes_back_later_and_asks_nothing(persona, started, settings):
    settings.ELEVENLABS_URL = f"http://127.0.0.1:{processes.free_port()}"
    brake.release()
    brake._hold(20)
    tasks.sync_agent(persona.agent.pk)
    ((args, countdown),) = started
    assert args == (persona.agent.pk,)
    assert 19 < countdown <= 31
    assert gateway.seconds_to_wait() > 19
    brake.release()
    assert Agent.objects.get().problem == ""


def test_a_task_that_finds_another_at_work_comes_back_soon_however_often(standin, persona, started):
    with claimed(persona.agent):
        for _ in range(12):
            tasks.sync_agent(persona.agent.pk)
    assert len(started) == 12
    assert all(2 <= countdown <= 3.5 for _, countdown in started)


def test_two_beats_at_once_have_the_effect_once(standin, persona, started):
    tasks.sync_waiting_agents()
    tasks.sync_waiting_agents()
    for (pk,), _ in started:
        tasks.sync_agent(pk)
    assert len(started) == 2
    assert len(standin.requests("POST", "/v1/convai/agents/create")) == 1
    assert len(standin.agents()) == 1


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_jumps_has_a_persona_synced_once_all_the_same(standin, persona, hours, monkeypatch):
    agents.sync(persona.agent)
    Agent.objects.update(claim="00000000-0000-0000-0000-000000000001", claimed_until=timezone.now())
    now = timezone.now() + timedelta(hours=hours)
    with monkeypatch.context() as moved:
        moved.setattr(timezone, "now", lambda: now)
        for row in agents.waiting():
            agents.sync(row)
    Agent.objects.update(claim=None, claimed_until=None, settle_at=timezone.now())
    persona.first_message = "Ahoy."
    persona.save()
    agents.sync(Agent.objects.get())
    assert len(standin.agents()) == len(standin.tools()) == 1
    assert Agent.objects.get().state == "in_step"
