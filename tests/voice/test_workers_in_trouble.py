"""Real workers that are killed, put to sleep, or refused again and again: every persona ends with its one agent."""

import contextlib
import os
import signal
from datetime import timedelta

import pytest
from django.utils import timezone

from config.celery import app as celery
from tests import storms, workers
from tests.storms import wait_until
from voice import agents
from voice.agents import commands
from voice.models import Agent

pytestmark = pytest.mark.django_db(transaction=True)
CREATE = "/v1/convai/agents/create"


@pytest.fixture
def work(standin, tmp_path):
    """Start a worker that talks to the stand-in; returns once it takes tasks. All are stopped afterwards."""
    standin.http.post("/standin/reset").raise_for_status()
    with contextlib.ExitStack() as running:

        def start(count=1, concurrency=1):
            address = {"ELEVENLABS_URL": standin.url, "ELEVENLABS_API_KEY": "key-of-the-tests"}
            logs = [tmp_path / f"worker{number}.log" for number in range(count)]
            begun = [running.enter_context(workers.running(log, concurrency, **address)) for log in logs]
            assert wait_until(lambda: len(celery.control.ping(timeout=0.5)) == count, 90), logs[0].read_text()
            return begun[0]

        yield start
    standin.http.post("/standin/reset").raise_for_status()


def fresh():
    return Agent.objects.get()


def take_over():
    """The dead one's claim lapses, and the sweep takes what is owed."""
    Agent.objects.update(claimed_until=timezone.now() - timedelta(seconds=1), try_at=None)
    for row in agents.due():
        agents.sync(row)


def settle():
    Agent.objects.exclude(settle_at=None).update(settle_at=timezone.now(), claim=None, claimed_until=None)
    for row in agents.waiting():
        agents.sync(row)


def assert_one(standin):
    (there,), (tool,) = standin.agents(), standin.tools()
    row = fresh()
    assert (row.elevenlabs_agent_id, row.tool_id, row.state) == (there["agent_id"], tool["id"], "in_step")


def test_the_agent_of_a_worker_killed_before_it_could_save_is_adopted(standin, work, make_persona):
    worker = work()
    standin.fail("late_answer", CREATE, seconds=60, times=1)
    agent = agents.note(make_persona())
    celery.send_task("voice.tasks.sync_agent", [agent.pk])
    assert wait_until(standin.agents, 60)
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    assert fresh().elevenlabs_agent_id == ""
    take_over()
    settle()
    assert len(standin.requests("POST", CREATE)) == 1
    assert_one(standin)


def test_a_worker_that_slept_longer_than_its_claim_wakes_up_and_leaves_one_agent(standin, work, make_persona):
    worker = work()
    standin.fail("latency", CREATE, seconds=1, times=1)
    agent = agents.note(make_persona())
    celery.send_task("voice.tasks.sync_agent", [agent.pk])
    assert wait_until(lambda: standin.requests("POST", CREATE), 60)
    os.killpg(worker.pid, signal.SIGSTOP)
    try:
        take_over()
        assert wait_until(lambda: "status" in standin.requests("POST", CREATE)[0], 30)  # it was made, before or after
        synced_at = fresh().synced_at
    finally:
        os.killpg(worker.pid, signal.SIGCONT)
    assert wait_until(lambda: fresh().synced_at > synced_at and not fresh().claim, 60)
    settle()
    assert_one(standin)


@pytest.mark.parametrize(
    ("personas", "times", "retry_after"), [(200, 12, 2), (40, 6, None)], ids=["with a time named", "without one"]
)
def test_in_a_storm_of_refusals_nobody_asks_too_early_and_all_are_in_step_at_the_end(
    standin, work, make_persona, personas, times, retry_after
):
    work(count=2, concurrency=2)
    standin.forget_requests()
    storms.begin(standin.url, times, retry_after)
    for number in range(personas):
        make_persona(f"Guide {number}")
    assert wait_until(lambda: Agent.objects.filter(state="in_step").count() == personas, 180)
    storm = storms.look(standin.url, retry_after)
    assert (storm.early, storm.refusals) == (0, times)
    assert (storm.agents, storm.tools) == (personas, personas + len(commands.COMMANDS))
    assert storm.requests < 6 * personas
