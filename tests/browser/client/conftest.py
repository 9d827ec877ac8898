"""What tests of the official browser client share: one stand-in, one page without any code of ours, one Chromium."""

from contextlib import ExitStack
from types import SimpleNamespace

import pytest

from tests.browser import sound
from tests.browser.client import visitor as visitors
from tests.standin.listener import Listener
from tests.standin.workspace import Workspace
from voice.standin.options import Options
from voice.standin.server import Running

QUESTION = "How long does the lamp burn?"
ANSWER = "The lamp burns for forty hours."
LONG = "This is a very long greeting that goes on and on. It has more than one sentence. Nobody hears it to its end."


@pytest.fixture(scope="session")
def bench(tmp_path_factory):
    """The stand-in (`standin` inside, `workspace` outside), the page's address, and a tool that asks `knowledge`."""
    folder = tmp_path_factory.mktemp("bench")
    (folder / "sentences.txt").write_text(QUESTION)
    options = Options(
        port=0, sentences=folder / "sentences.txt", speech="flite", ping_seconds=0.5, webhook_delay=0, quiet=True
    )
    with Running(options) as running, visitors.serving(running.url) as address:
        running.standin.recogniser.prepare()
        knowledge = Listener()
        workspace = Workspace(running.url)
        yield SimpleNamespace(
            standin=running.standin,
            workspace=workspace,
            url=running.url,
            address=address,
            knowledge=knowledge,
            tool=workspace.tool(f"{knowledge.url}/tool"),
            words=sound.as_text(sound.speak(QUESTION, folder, before=0, after=1)),
            question=sound.speak(QUESTION, folder, before=2, after=30),
        )
        knowledge.close()


@pytest.fixture
def mended(bench):
    """The stand-in, without its faults after the test."""
    yield bench.standin
    bench.standin.faults.remove()


@pytest.fixture
def visit(bench, browser):
    """`visit(microphone="device" | "scripted", granted=True)` gives a visitor before the page."""
    with ExitStack() as stack:
        yield lambda **how: stack.enter_context(visitors.sitting(browser, bench.address, **how))


@pytest.fixture(scope="session")
def _texter(bench, browser):
    with visitors.sitting(browser, bench.address, granted=False) as visitor:
        yield visitor


@pytest.fixture
def texter(_texter):
    """A visitor without a microphone, who has not begun anything. The page is the same for all, so one test has one."""
    _texter.begin_anew()
    return _texter


@pytest.fixture
def chat(bench, texter):
    """The visitor in a text conversation that was greeted, with an agent as `Workspace.agent` makes it."""

    def start(*, tools=(), config=None, options=None, **agent):
        text = {"conversation": {"text_only": True}}
        agent_id = bench.workspace.agent({**text, **(config or {})}, tools=tools, **agent)
        texter.start(signedUrl=bench.workspace.signed_url(agent_id), textOnly=True, **(options or {}))
        texter.wait_for_words("Ask me.")
        return texter

    return start
