"""What goes over the wire, both ways, held against the official SDK's types.

Of our requests nothing is unknown to the SDK and nothing that it demands is missing; whatever our code reads of an answer, the
stand-in gives (that its answers hold nothing undeclared is tested in tests/standin/test_answers.py).
"""

import contextlib

import pytest
from elevenlabs.core.unchecked_base_model import UncheckedBaseModel

from tests.official.endpoints import endpoint_of
from tests.official.noting import note
from tests.official.requests import faults_of
from tests.voice.gateway_calls import CALLS, Made
from voice import agents, gateway, payloads
from voice.agents import drift, orphans, plans
from voice.gateway import account
from voice.models import Agent


@pytest.fixture
def read(monkeypatch):
    """Notes of everything read of the SDK's answers: (field, whether it was there)."""
    notes, plain = [], UncheckedBaseModel.model_dump

    def dump(model, **options):
        return note(plain(model, **options), notes, type(model).__name__)

    monkeypatch.setattr(UncheckedBaseModel, "model_dump", dump)
    return notes


@pytest.fixture
def made(standin, read):
    made = Made(standin)
    standin.forget_requests()
    return made


def absent(notes):
    return sorted({path for path, there in notes if not there})


def sent(standin):
    """What the SDK sent, without what the tests asked by themselves."""
    return [row for row in standin.all_requests() if "x-fern-language" in row["headers"]]


@pytest.mark.parametrize("name", CALLS)
def test_a_question_has_nothing_unknown_and_nothing_missing_and_its_answer_all_that_is_read(name, made, standin, read):
    CALLS[name].ask(made)
    rows = sent(standin)
    assert [fault for row in rows for fault in faults_of(row)] == []
    assert {row["status"] // 100 for row in rows} == {2}
    asked = {f"{row['method']} {endpoint_of(row['method'], row['path']).path}" for row in rows}
    assert asked == set(CALLS[name].endpoints), "these are the endpoints that CALLS should name"
    assert absent(read) == []


def test_what_a_sync_reads_of_agents_and_tools_is_there(standin, persona, read):
    agent = Agent.objects.get(persona=persona)
    agents.sync(agent)
    Agent.objects.filter(pk=agent.pk).update(elevenlabs_agent_id="", tool_id="", fingerprint="")
    agents.sync(agent)
    drift.check(agent)
    orphans.find()
    plans.make()
    assert "ToolsResponseModel.tools[].tool_config" in {path for path, _there in read}
    assert absent(read) == []


def test_what_is_read_of_a_conversation_is_there(made, read):
    report = payloads.report(gateway.conversation(made.conversation_id))
    assert [turn.text for turn in report.turns] == ["Ahoy.", "When does the ferry leave?", "At nine."]
    assert report.turns[2].looked_up == 1
    paths = {path for path, _there in read}
    assert {
        "GetConversationResponseModel.metadata.cost",
        "GetConversationResponseModel.transcript[].source_medium",
    } <= paths
    assert absent(read) == []


def test_a_field_that_the_stand_in_does_not_give_would_be_found(made, read):
    gateway.agent(made.agent_id).get("mood")
    assert absent(read) == ["GetAgentResponseModel.mood"]


def test_a_secret_is_found_on_the_second_page_too(standin):
    for number in range(100):
        secret = {"type": "new", "name": f"ours-{number}", "value": "hush"}
        standin.http.post("/v1/convai/secrets", json=secret).raise_for_status()
    made = gateway.create_secret("ours", "hush")
    assert gateway.secret_named("ours") == made


@pytest.mark.parametrize("right", account.PROBES)
def test_finding_out_what_the_key_may_do_sends_nothing_that_the_sdk_does_not_know(right, standin):
    with contextlib.suppress(gateway.Refused):
        account.PROBES[right]()
    rows = sent(standin)
    assert [fault for row in rows for fault in faults_of(row)] == []
    assert {row["status"] for row in rows} <= {200, 404}
