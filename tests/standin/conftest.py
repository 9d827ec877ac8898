"""A stand-in for the whole run, empty for every test, and the official client that talks to it."""

import pytest

from tests.standin.caller import Caller
from tests.standin.listener import Listener
from tests.standin.talkers import AsyncTalk, Talk, until
from tests.standin.workspace import Workspace
from voice.standin.options import Options
from voice.standin.server import Running

SENTENCES = [
    "How long does the lamp burn?",
    "What does the warranty cover?",
    "Where can I return the lamp?",
    "How heavy is the GX-40 lamp?",
]


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
def workspace(url):
    return Workspace(url)


@pytest.fixture
def client(workspace):
    """The official Python SDK, unchanged."""
    return workspace.client


@pytest.fixture
def api(workspace):
    return workspace.api


@pytest.fixture
def listener():
    listener = Listener()
    yield listener
    listener.close()


@pytest.fixture
def make_tool(workspace):
    return workspace.tool


@pytest.fixture
def make_agent(workspace):
    return workspace.agent


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
def finished(workspace):
    return workspace.finished


@pytest.fixture
def converse(client):
    """Start an SDK conversation of each kind with the agent; all are ended after the test."""
    started = []

    def start(agent_id, **named):
        talks = [Talk(client, agent_id, **named), AsyncTalk(client, agent_id, **named)]
        for talk in talks:
            talk.do("start_session")
            started.append(talk)
        return talks

    yield start
    for talk in started:
        talk.end()


@pytest.fixture
def chat(converse, make_agent):
    """Start text conversations with an agent that has these tools; gives them as soon as they were greeted."""

    def start(*tools, **named):
        talks = converse(make_agent(tools=tools), **named)
        until(lambda talk: talk.notes.said == ["Ask me."], *talks)
        return talks

    return start
