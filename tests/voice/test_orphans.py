"""What carries our mark at ElevenLabs and belongs to nobody: listed, and deleted on request alone."""

import uuid
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from voice import agents, gateway
from voice.agents import definitions, orphans, workspace
from voice.models import Agent, Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def persona(standin, make_persona):
    return make_persona(slug="harbour-guide")


@pytest.fixture
def agent(persona):
    """In step."""
    agent = agents.note(persona)
    agents.sync(agent)
    agent.refresh_from_db()
    return agent


@pytest.fixture
def add(standin):
    """`add(name, *tags)` makes an agent there."""

    def make(name, *tags):
        body = {"name": name, "tags": list(tags), "conversation_config": {}}
        answer = standin.http.post("/v1/convai/agents/create", json=body)
        return answer.raise_for_status().json()["agent_id"]

    return make


def ours():
    return definitions.tags("", workspace.last_known().installation)[0]


def test_an_agent_of_ours_without_a_row_is_left_over(agent):
    Agent.objects.all().delete()
    agent_row, tool = orphans.find()
    assert (agent_row.kind, agent_row.id, agent_row.name) == ("agent", agent.elevenlabs_agent_id, "Harbour guide")
    assert agent_row.made_at > 0
    assert (tool.kind, tool.id) == ("tool", agent.tool_id)
    assert orphans.known() == [agent_row, tool]


def test_agents_that_are_not_ours_are_never_listed_nor_deleted(standin, agent, add):
    theirs = add("Theirs", "clone-advisor:somebody-else", f"persona:{agent.persona_key}")
    untagged, alike = add("Untagged"), add("Alike", f"{ours()}-2")
    own = add("Left over", ours(), f"persona:{uuid.uuid4()}")
    assert [one.id for one in orphans.find()] == [own]
    gone = orphans.remove([f"agent:{one}" for one in (theirs, untagged, alike, own, agent.elevenlabs_agent_id)])
    assert [one.id for one in gone] == [own]
    assert {row["agent_id"] for row in standin.agents()} == {theirs, untagged, alike, agent.elevenlabs_agent_id}


@pytest.fixture
def crowded(standin):
    """What a test fills is emptied at once."""
    yield standin
    standin.http.post("/standin/reset").raise_for_status()


def test_hundreds_of_agents_over_several_pages_are_all_found(crowded, agent, add):
    tag = ours()
    mine = {add(f"Left over {number}", tag) for number in range(230)}
    for number in range(20):
        add(f"Theirs {number}", "clone-advisor:somebody-else")
    crowded.forget_requests()
    assert {one.id for one in orphans.find()} == mine
    assert len(crowded.requests("GET", "/v1/convai/agents")) == 3


def test_an_agent_that_a_worker_is_making_is_nobodys_orphan(agent, add):
    add("Just made", *definitions.tags(agent.persona_key, workspace.last_known().installation))
    Agent.objects.update(claimed_until=timezone.now() + timedelta(seconds=60))
    assert orphans.find() == []
    Agent.objects.update(claimed_until=None)
    assert [one.name for one in orphans.find()] == ["Just made"]


def test_what_a_lost_create_left_is_the_next_syncs_to_adopt(agent):
    Agent.objects.update(elevenlabs_agent_id="", tool_id="")
    assert orphans.find() == []


def test_a_tool_of_ours_that_no_agent_uses_is_left_over(standin, persona, agent):
    extra = gateway.create_tool(definitions.tool(persona, workspace.last_known()))["id"]
    assert [(one.kind, one.id) for one in orphans.find()] == [("tool", extra)]
    assert [one.id for one in orphans.remove([f"tool:{extra}"])] == [extra]
    assert [row["id"] for row in standin.tools()] == [agent.tool_id]


def test_a_tool_that_some_agent_uses_or_that_is_not_ours_stays(standin, persona, agent, make_persona, add):
    used = gateway.create_tool(definitions.tool(persona, workspace.last_known()))["id"]
    body = {"conversation_config": {"agent": {"prompt": {"tool_ids": [used]}}}}
    standin.http.patch(f"/v1/convai/agents/{add('Theirs')}", json=body).raise_for_status()
    secret = gateway.create_secret("another", "a-secret-of-somebody-else")
    stranger = type(persona)(id=uuid.uuid4(), name="Stranger")
    gateway.create_tool(definitions.tool(stranger, definitions.Shared("else", secret, "")))
    assert orphans.find() == []


def test_the_last_look_is_remembered_without_asking_again(standin, agent, add):
    own = add("Left over", ours())
    orphans.find()
    standin.forget_requests()
    assert [one.id for one in orphans.known()] == [own]
    assert standin.requests("GET") == []
    assert Workspace.objects.get().left_over[0]["name"] == "Left over"


def test_the_command_lists_what_is_left_over_and_deletes_it_only_when_told(standin, agent, add, capsys):
    own, theirs = add("Left over", ours()), add("Theirs")
    call_command("sync_agents", "--dry-run", "--prune")
    assert f"{own}  agent    delete" in capsys.readouterr().out
    call_command("sync_agents")
    printed = capsys.readouterr().out
    assert f"{own}: belongs to no persona (agent Left over)" in printed
    assert "Add --prune" in printed
    assert len(standin.agents()) == 3
    call_command("sync_agents", "--prune")
    assert f"{own}: deleted" in capsys.readouterr().out
    assert {row["agent_id"] for row in standin.agents()} == {theirs, agent.elevenlabs_agent_id}
