"""What our code reads of an answer: the SDK's type declares it, and the stand-in gives it."""

import pytest
from elevenlabs.core.unchecked_base_model import UncheckedBaseModel

from tests.official.noting import note
from tests.voice.gateway_calls import CALLS, Made
from voice import agents, gateway, payloads
from voice.models import Agent


@pytest.fixture
def read(monkeypatch):
    """Notes of everything read of the SDK's answers: (field, whether it was there)."""
    notes, plain = [], UncheckedBaseModel.model_dump

    def dump(model, **options):
        return note(plain(model, **options), notes, type(model).__name__)

    monkeypatch.setattr(UncheckedBaseModel, "model_dump", dump)
    return notes


def absent(notes):
    return sorted({path for path, there in notes if not there})


@pytest.mark.parametrize("name", CALLS)
def test_what_the_gateway_reads_of_an_answer_is_there(name, standin, read):
    made = Made(standin)
    CALLS[name].ask(made)
    assert absent(read) == []


def test_what_a_sync_reads_of_agents_and_tools_is_there(standin, persona, read):
    agent = Agent.objects.get(persona=persona)
    agents.sync(agent)
    Agent.objects.filter(pk=agent.pk).update(elevenlabs_agent_id="", tool_id="", fingerprint="")
    agents.sync(agent)
    agents.orphans()
    assert "ToolsResponseModel.tools[].tool_config" in {path for path, _there in read}
    assert absent(read) == []


def test_what_is_read_of_a_conversation_is_there(standin, read):
    record = gateway.conversation(Made(standin).conversation_id)
    report = payloads.report(record)
    assert [turn.text for turn in report.turns] == ["Ahoy.", "When does the ferry leave?", "At nine."]
    assert report.turns[2].looked_up == 1
    paths = {path for path, _there in read}
    assert {
        "GetConversationResponseModel.metadata.cost",
        "GetConversationResponseModel.transcript[].source_medium",
    } <= paths
    assert absent(read) == []


def test_a_field_that_the_stand_in_does_not_give_would_be_found(standin, read):
    gateway.agent(Made(standin).agent_id).get("mood")
    assert absent(read) == ["GetAgentResponseModel.mood"]
