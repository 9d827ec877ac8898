"""Everything the stand-in says on the socket, and on record afterwards, in conversations that have it all."""

import inspect
import json

import httpx
import pytest
from elevenlabs.types import GetConversationResponseModel

from tests.official.frames import frame_faults
from tests.official.shapes import problems
from tests.standin.caller import payload
from tests.standin.conftest import SENTENCES
from tests.standin.speech import say
from voice.standin import frames
from voice.standin.events import CLIENT_EVENTS

GOODBYE = {"end_call": {"type": "system", "name": "end_call", "params": {"system_tool_type": "end_call"}}}
SHOW = {"type": "client", "name": "show_sources", "description": "Shows them.", "expects_response": True}


@pytest.fixture
def rich_agent(api, make_agent, make_tool, listener):
    """An agent with both kinds of tools that tells everything it can."""
    tools = [make_tool(f"{listener.url}/tool"), api.tools.create(request={"tool_config": SHOW})]
    config = {
        "agent": {"prompt": {"built_in_tools": GOODBYE, "tool_ids": [tool.id for tool in tools]}},
        "conversation": {"client_events": CLIENT_EVENTS},
    }
    criteria = [{"id": "helped", "name": "Helped", "type": "prompt", "conversation_goal_prompt": "Was it answered?"}]
    collection = {"order": {"type": "string", "description": "The order number."}}
    return make_agent(config, {"evaluation": {"criteria": criteria}, "data_collection": collection})


def spoken(call, agent_id):
    """A question is asked aloud and looked up, the answer interrupted, a client tool run, goodbye said."""
    caller = call(agent_id, init={"user_id": "u-1", "dynamic_variables": {"place": "Bern"}})
    caller.wait("audio")
    caller.listen(1)
    caller.speak(say(SENTENCES[0]))
    caller.wait("agent_tool_response")
    caller.wait("audio")
    caller.type("Show sources")
    asked = caller.wait("client_tool_call")
    caller.send(
        {"type": "client_tool_result", "tool_call_id": asked["tool_call_id"], "result": "ok", "is_error": False}
    )
    caller.wait("audio", event_id=asked["event_id"])
    caller.send({"type": "feedback", "event_id": asked["event_id"], "score": "like"})
    caller.type("Goodbye")
    caller.wait_for_close()
    return caller


def typed(call, make_agent):
    """Two text-only calls where there is room for one: the second waits its turn, and sends what is no message."""
    platform = {"call_limits": {"agent_concurrency_limit": 1}, "queueing_config": {"enabled": True}}
    platform["overrides"] = {"conversation_config_override": {"conversation": {"text_only": True}}}
    agent_id = make_agent({"conversation": {"client_events": CLIENT_EVENTS}}, platform)
    text_only = {"conversation_config_override": {"conversation": {"text_only": True}}}
    first, second = call(agent_id, init=text_only), call(agent_id, init=text_only)
    first.wait("agent_response")
    second.wait("queue_status")
    first.hang_up()
    second.wait("agent_response")
    second.socket.send("no JSON")
    second.wait_for_close()
    return first, second


@pytest.fixture
def hook(client, standin, listener):
    """The workspace's webhook."""
    made = client.webhooks.create(settings={"auth_type": "hmac", "name": "R", "webhook_url": f"{listener.url}/report"})
    standin.store.settings["webhooks"] = {"post_call_webhook_id": made.webhook_id}


def test_every_kind_of_frame_is_sent_exactly_as_declared_and_what_is_kept_and_reported_is_of_the_sdks_type(
    call, url, hook, make_agent, rich_agent, listener, finished
):
    callers = [spoken(call, rich_agent), *typed(call, make_agent)]
    sent = [frame for caller in callers for frame in caller.frames]
    assert [fault for frame in sent for fault in frame_faults(frame)] == []
    kinds = [function for function in vars(frames).values() if inspect.isfunction(function)]
    missing = {kind_of(function) for function in kinds} - {frame["type"] for frame in sent}
    assert missing == set(), "let these conversations have one of each frame that voice/standin/frames.py can make"

    conversation_id = payload(callers[0].frames[0])["conversation_id"]
    finished(conversation_id)
    record = httpx.get(f"{url}/v1/convai/conversations/{conversation_id}", headers={"xi-api-key": "k"}).json()
    envelope = json.loads(listener.wait(path="/report")[0].body)
    assert list(envelope) == ["type", "event_timestamp", "data"]
    assert problems(GetConversationResponseModel, record, "record") == []
    assert problems(GetConversationResponseModel, envelope["data"], "data") == []


def kind_of(function):
    """The type of the frames a function makes, as its source says."""
    return inspect.getsource(function).rpartition('"type": "')[2].partition('"')[0]
