"""One agent and one tool a persona, whatever is lost, repeated, taken over, late or done by hand."""

import re
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from voice import agents, gateway, tasks
from voice.agents import definitions, workspace
from voice.claims import Busy, Lost
from voice.models import Agent
from voice.standin import agents as theirs
from voice.standin.options import Options
from voice.standin.server import Running

pytestmark = pytest.mark.django_db(transaction=True)
CREATES = ["/v1/convai/agents/create", "/v1/convai/tools"]


@pytest.fixture
def persona(standin, make_persona):
    return make_persona(slug="harbour-guide")


@pytest.fixture
def agent(persona):
    """Nothing of it is there yet, and all that agents share is: the creates that fail are its own."""
    workspace.prepare()
    return agents.note(persona)


def fresh(agent):
    return Agent.objects.get(pk=agent.pk)


def settle(agent):
    """The two minutes are over; the sweep looks."""
    Agent.objects.filter(pk=agent.pk).exclude(settle_at=None).update(settle_at=timezone.now())
    for row in agents.waiting():
        agents.sync(row)


def lapse():
    """The claims' minute and a half is over."""
    Agent.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))


def assert_one(standin, persona):
    """Exactly one of each, which the row knows and which say what the persona says."""
    (there,), (tool,) = standin.agents(), standin.tools()
    row = Agent.objects.get()
    assert (row.elevenlabs_agent_id, row.tool_id) == (there["agent_id"], tool["id"])
    assert (row.state, row.settle_at, row.claim) == ("in_step", None, None)
    whole = standin.agent(there["agent_id"])["conversation_config"]["agent"]
    assert whole["first_message"] == persona.first_message
    assert whole["prompt"]["tool_ids"] == [tool["id"], *workspace.last_known().commands]


class Work(threading.Thread):
    """A sync in another worker."""

    def __init__(self, agent):
        super().__init__()
        self.agent, self.outcome = agent, None
        self.start()

    def run(self):
        try:
            agents.sync(Agent.objects.get(pk=self.agent.pk))
            self.outcome = "done"
        except (Busy, gateway.Unreachable) as fault:
            self.outcome = type(fault)
        finally:
            connection.close()


def wait_for(standin, method, path):
    """Until a request stands in the other side's log."""
    until = time.monotonic() + 30
    while not standin.requests(method, path):
        assert time.monotonic() < until
        time.sleep(0.02)


def test_two_syncs_at_once_make_one_agent(standin, persona, agent):
    works = [Work(agent), Work(agent)]
    [work.join(60) for work in works]
    assert "done" in [work.outcome for work in works]
    assert_one(standin, persona)


def test_a_double_click_in_the_admin_makes_one_agent(standin, persona, agent, admin_client, monkeypatch):
    started = []
    monkeypatch.setattr(tasks, "start", lambda task, *ids: started.append(ids))
    form = {"action": "sync", "_selected_action": [str(persona.pk)]}
    address = reverse("admin:personas_persona_changelist")
    shown = admin_client.post(address, form).content.decode()
    form["plan"] = re.search(r'name="plan" value="(\w+)"', shown).group(1)
    for _ in range(2):
        admin_client.post(address, form)
    assert started == [(agent.pk,)] * 2
    works = [Work(Agent(pk=pk)) for (pk,) in started]
    [work.join(60) for work in works]
    agents.sync(fresh(agent))  # as the busy one's task does when it comes back
    assert_one(standin, persona)


@pytest.mark.parametrize("path", CREATES)
@pytest.mark.parametrize(
    "fault",
    [{"do": "lost_answer"}, {"do": "late_answer", "seconds": 3}, {"do": "status_after", "status": 504},
     {"do": "status_after", "status": 409}],
    ids=lambda fault: f"{fault['do']} {fault.get('status', '')}",
)  # fmt: skip
def test_a_create_that_may_have_happened_leaves_one(standin, persona, agent, settings, path, fault):
    settings.ELEVENLABS_TIMEOUT_SECONDS = 1
    standin.fail(path=path, method="POST", times=1, **fault)
    with pytest.raises(gateway.Unreachable):
        agents.sync(agent)
    settings.ELEVENLABS_TIMEOUT_SECONDS = 8
    agents.sync(fresh(agent))
    settle(agent)
    assert_one(standin, persona)


@pytest.mark.parametrize("path", CREATES)
def test_a_create_that_happens_after_we_made_another_leaves_one(standin, persona, agent, settings, path):
    settings.ELEVENLABS_TIMEOUT_SECONDS = 1
    standin.fail("latency", path, method="POST", times=1, seconds=2)
    with pytest.raises(gateway.Unreachable):
        agents.sync(agent)
    settings.ELEVENLABS_TIMEOUT_SECONDS = 8
    agents.sync(fresh(agent))
    until = time.monotonic() + 30
    while len(standin.agents()) + len(standin.tools()) < 3 and time.monotonic() < until:
        time.sleep(0.1)
    settle(agent)
    assert_one(standin, persona)


def test_a_refusal_for_certain_leaves_nothing_to_look_for(standin, agent):
    standin.fail("status", "/v1/convai/agents/create", status=422, times=1)
    agents.sync(agent)
    assert fresh(agent).settle_at is None


def test_a_persona_deleted_during_its_first_sync_leaves_no_agent(standin, persona, agent):
    standin.fail("late_answer", "/v1/convai/agents/create", seconds=1.5, times=1)
    work = Work(agent)
    wait_for(standin, "POST", "/v1/convai/agents/create")
    persona.delete()
    work.join(60)
    assert (standin.agents(), standin.tools(), Agent.objects.count()) == ([], [], 0)


def test_a_persona_whose_deletion_is_refused_at_first_leaves_no_agent(standin, persona, agent):
    agents.sync(agent)
    persona.delete()
    standin.fail("status", "/v1/convai/agents/*", method="DELETE", status=429, retry_after=1, times=1)
    with pytest.raises(gateway.Unreachable):
        agents.sync(fresh(agent))
    assert list(agents.waiting()) == [agent]
    time.sleep(1.2)
    agents.sync(fresh(agent))
    assert (standin.agents(), standin.tools(), Agent.objects.count()) == ([], [], 0)


def test_a_persona_deleted_after_a_create_was_lost_leaves_neither_agent_nor_tool(standin, persona, agent):
    standin.fail("lost_answer", "/v1/convai/tools", method="POST", times=1)
    with pytest.raises(gateway.Unreachable):
        agents.sync(agent)
    persona.delete()
    agents.sync(fresh(agent))
    assert standin.tools() == []
    assert fresh(agent).state == "waiting"  # more may be to come
    settle(agent)
    assert not Agent.objects.exists()


def test_a_persona_edited_twice_during_a_sync_is_sent_twice_and_ends_as_last_edited(standin, persona, agent):
    agents.sync(agent)
    persona.first_message = "One."
    persona.save()
    standin.forget_requests()
    standin.fail("late_answer", "/v1/convai/agents/*", method="PATCH", seconds=1.5, times=1)
    work = Work(agent)
    wait_for(standin, "PATCH", "/v1/convai/agents/")
    for words in ("Two.", "Three."):
        persona.first_message = words
        persona.save()
    work.join(60)
    assert len(standin.requests("PATCH", "/v1/convai/agents/")) == 2
    agents.sync(fresh(agent))  # the edits' own tasks have nothing left to do
    assert len(standin.requests("PATCH", "/v1/convai/agents/")) == 2
    assert_one(standin, persona)


def test_an_agent_deleted_by_hand_is_made_again_once(standin, persona, agent):
    agents.sync(agent)
    standin.http.delete(f"/v1/convai/agents/{fresh(agent).elevenlabs_agent_id}").raise_for_status()
    standin.http.delete(f"/v1/convai/tools/{fresh(agent).tool_id}").raise_for_status()
    persona.first_message = "Ahoy."
    persona.save()
    agents.sync(fresh(agent))
    assert_one(standin, persona)


def test_an_agent_renamed_by_hand_is_known_by_its_id(standin, persona, agent):
    agents.sync(agent)
    known = fresh(agent).elevenlabs_agent_id
    standin.http.patch(f"/v1/convai/agents/{known}", json={"name": "Somebody else"}).raise_for_status()
    persona.first_message = "Ahoy."
    persona.save()
    agents.sync(fresh(agent))
    assert fresh(agent).elevenlabs_agent_id == known
    assert len(standin.agents()) == 1


def test_a_change_that_is_rolled_back_starts_no_task(standin, make_persona, monkeypatch):
    started = []
    monkeypatch.setattr(tasks, "start", lambda task, *ids: started.append(ids))
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        make_persona("Nobody")
        raise ZeroDivisionError
    assert (started, Agent.objects.count()) == ([], 0)


def test_an_agent_on_the_third_page_is_found(settings, make_persona):
    """250 others carry the same persona's tag, from other installations; ours is the oldest, and they list the newest
    first."""
    with Running(Options(port=0, speech="tones", quiet=True)) as other:
        settings.ELEVENLABS_URL, settings.ELEVENLABS_API_KEY = other.url, "key-of-the-tests"
        agent = agents.note(make_persona())
        agents.sync(agent)
        store, known = other.standin.store, fresh(agent).elevenlabs_agent_id
        store.agents[known]["created"] -= 60
        body = {"conversation_config": {}, "tags": definitions.tags(agent.persona_key, "somebody-else")}
        for number in range(250):
            theirs.add(store, {"name": f"A{number}", **body})
        Agent.objects.update(elevenlabs_agent_id="", fingerprint="", settle_at=timezone.now())
        other.standin.requests.clear()
        agents.sync(fresh(agent))
        assert fresh(agent).elevenlabs_agent_id == known
        assert len(store.agents) == 251
        looks = [row for row in other.standin.requests if row["path"] == "/v1/convai/agents"]
        assert len(looks) >= 3


def test_a_worker_that_wakes_up_after_its_claim_lapsed_leaves_one_agent(standin, persona, agent):
    standin.fail("latency", "/v1/convai/agents/create", seconds=1, times=1)
    asleep = Work(agent)
    wait_for(standin, "POST", "/v1/convai/agents/create")
    lapse()
    agents.sync(fresh(agent))
    asleep.join(60)
    assert asleep.outcome is Lost
    assert len(standin.agents()) == 2  # neither knew of the other
    assert fresh(agent) in agents.waiting()
    agents.sync(fresh(agent))
    settle(agent)
    assert_one(standin, persona)


def test_an_older_definition_that_comes_in_last_does_not_stay(standin, persona, agent):
    agents.sync(agent)
    persona.first_message = "Old."
    persona.save()
    standin.fail("latency", "/v1/convai/agents/*", method="PATCH", seconds=1, times=1)
    asleep = Work(agent)
    wait_for(standin, "PATCH", "/v1/convai/agents/")
    lapse()
    persona.first_message = "New."
    persona.save()
    agents.sync(fresh(agent))
    asleep.join(60)
    assert asleep.outcome is Lost
    agents.sync(fresh(agent))
    settle(agent)
    assert_one(standin, persona)


def test_what_a_killed_workers_last_request_overwrote_is_sent_again(standin, persona, agent):
    """Nobody wakes up to tell of it: whoever takes over a claim that was never given back looks again later."""
    agents.sync(agent)
    older = definitions.agent(persona, agents.workspace.last_known(), fresh(agent).tool_id)
    Agent.objects.update(claim="00000000-0000-0000-0000-000000000001", fingerprint="")
    lapse()
    persona.first_message = "New."
    persona.save()
    agents.sync(fresh(agent))
    standin.http.patch(f"/v1/convai/agents/{fresh(agent).elevenlabs_agent_id}", json=older).raise_for_status()
    settle(agent)
    assert_one(standin, persona)


def test_a_worker_that_wakes_up_after_the_persona_went_leaves_no_agent(standin, persona, agent):
    standin.fail("latency", "/v1/convai/agents/create", seconds=1, times=1)
    asleep = Work(agent)
    wait_for(standin, "POST", "/v1/convai/agents/create")
    persona.delete()
    Agent.objects.all().delete()  # as another worker has it when all was deleted, and nothing more to come
    asleep.join(60)
    assert asleep.outcome is Lost
    assert len(standin.agents()) == 1
    (row,) = agents.waiting()
    agents.sync(row)
    settle(row)
    assert (standin.agents(), standin.tools(), Agent.objects.count()) == ([], [], 0)
