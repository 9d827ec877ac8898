"""A stand-in for the whole run, empty for every test, and the official client that talks to it."""

import copy
import time

import pytest
from elevenlabs import ElevenLabs

from tests.standin.caller import Caller
from tests.standin.listener import Listener
from voice.standin.definitions import merge
from voice.standin.options import Options
from voice.standin.server import Running

SENTENCES = [
    "How long does the lamp burn?",
    "What does the warranty cover?",
    "Where can I return the lamp?",
    "How heavy is the GX-40 lamp?",
]
EVENTS = [
    "conversation_initiation_metadata",
    "audio",
    "interruption",
    "ping",
    "user_transcript",
    "agent_response",
    "agent_response_correction",
    "agent_chat_response_part",
    "client_tool_call",
    "agent_tool_request",
    "agent_tool_response",
    "client_error",
]
WEBHOOK_TOOL = {
    "type": "webhook",
    "name": "query_knowledge",
    "description": "Looks things up.",
    "response_timeout_secs": 5,
    "api_schema": {
        "url": "",
        "method": "POST",
        "request_headers": {},
        "request_body_schema": {
            "type": "object",
            "properties": {
                "function_name": {"type": "string", "constant_value": "query_knowledge"},
                "conversation_id": {"type": "string", "dynamic_variable": "system__conversation_id"},
                "parameters": {
                    "type": "object",
                    "properties": {
                        "query": {"type": "string", "description": "What the visitor wants to know."},
                        "persona_id": {"type": "string", "constant_value": "persona-1"},
                    },
                },
            },
        },
        "response_filter": {"mode": "allow", "filters": ["result.content"]},
    },
}


@pytest.fixture(scope="session")
def running(tmp_path_factory):
    """The server, in a thread of this process."""
    sentences = tmp_path_factory.mktemp("standin") / "sentences.txt"
    sentences.write_text("\n".join(SENTENCES))
    options = Options(
        port=0, sentences=sentences, ping_seconds=0.5, webhook_delay=0.05, webhook_retries=(0, 0.05, 0.05), quiet=True
    )
    with Running(options) as server:
        server.standin.recogniser.prepare()
        yield server


@pytest.fixture
def standin(running):
    """The stand-in's insides, empty at the start of every test."""
    running.standin.reset()
    return running.standin


@pytest.fixture
def url(running, standin):
    return running.url


@pytest.fixture
def client(url):
    """The official Python SDK, unchanged."""
    return ElevenLabs(base_url=url, api_key="any key")


@pytest.fixture
def api(client):
    return client.conversational_ai


@pytest.fixture
def listener():
    listener = Listener()
    yield listener
    listener.close()


@pytest.fixture
def make_tool(api):
    """Create a webhook tool at an address; `changes` are laid over its configuration."""

    def make(address: str, **changes):
        config = merge(copy.deepcopy(WEBHOOK_TOOL), {"api_schema": {"url": address}})
        return api.tools.create(request={"tool_config": merge(config, changes)})

    return make


@pytest.fixture
def make_agent(api):
    """Create an agent that greets with "Ask me."; the arguments are laid over its two settings trees."""

    def make(config=None, platform=None, tools=(), name="Lamps"):
        prompt = {"prompt": "Answer.", "tool_ids": [tool.id for tool in tools], "built_in_tools": {}}
        base = {"agent": {"first_message": "Ask me.", "prompt": prompt}, "conversation": {"client_events": EVENTS}}
        base["turn"] = {"turn_timeout": -1}
        created = api.agents.create(
            name=name, conversation_config=merge(base, config or {}), platform_settings=platform or {}
        )
        return created.agent_id

    return make


@pytest.fixture
def call(url):
    """Connect to an agent on the raw WebSocket. Every connection is closed after the test."""
    callers = []

    def dial(
        agent_id: str | None = None, init: dict | None = None, address: str = "", introduce=True, **options
    ) -> Caller:
        target = address or f"{url.replace('http', 'ws')}/v1/convai/conversation?agent_id={agent_id}"
        caller = Caller(target, init=(init or {}) if introduce else None, **options)
        callers.append(caller)
        return caller

    yield dial
    for caller in callers:
        caller.hang_up()


@pytest.fixture
def finished(api):
    """Give a conversation's record as soon as the call is over and analysed."""

    def wait(conversation_id: str, seconds: float = 20):
        until = time.monotonic() + seconds
        while (record := api.conversations.get(conversation_id)).status not in ("done", "failed"):
            assert time.monotonic() < until, f"still {record.status}"
            time.sleep(0.05)
        return record

    return wait
