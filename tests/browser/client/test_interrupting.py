"""The official browser client is spoken into: what it stops, what it is told, and that nothing stale is heard."""

from itertools import dropwhile
from types import SimpleNamespace

import pytest

from tests.browser.client import visitor as visitors
from tests.browser.client.conftest import ANSWER, LONG, QUESTION

# Keeps what is heard with the page's clock: [milliseconds, loudness].
SERIES = "() => setInterval(() => (window.series ??= []).push([performance.now(), window.ear.now]), 50)"
LENGTHY = f"{ANSWER} Then it has to be charged again, which takes two hours and a half."
SILENT, LOUD = 0.003, 0.02


@pytest.fixture(scope="module")
def call(bench, browser):
    """What was noted when a voice spoke into the greeting, and a text was typed into the answer."""
    agent_id = bench.workspace.agent({"agent": {"first_message": LONG}}, tools=[bench.tool])
    bench.knowledge.answer, usual = {"result": {"content": LENGTHY}}, bench.knowledge.answer
    with visitors.sitting(browser, bench.address, microphone="scripted") as visitor:
        visitor.start(signedUrl=bench.workspace.signed_url(agent_id))
        visitor.listen()
        visitor.page.evaluate(SERIES)
        visitor.wait_until(f"window.ear.now > {LOUD}")
        visitor.say(bench.words)
        visitor.wait_for_words(ANSWER)
        visitor.wait_until(f"window.series.at(-1)[1] > {LOUD}")
        visitor.do("sendUserMessage", "Who are you?")
        visitor.wait_for_words("I am the assistant here.")
        visitor.wait("onIncomingEvent", lambda frame: frame["type"] == "audio" and frame["event_id"] == 3)
        notes, series = visitor.all_notes(), visitor.page.evaluate("window.series")
        visitor.do("endSession")
    bench.knowledge.answer = usual
    return SimpleNamespace(notes=notes, series=series)


@pytest.fixture
def told(call):
    return lambda name: [note["payload"] for note in call.notes if note["name"] == name]


def test_a_voice_and_a_typed_text_interrupt_and_name_the_turn_that_was_cut(told):
    assert told("onInterruption") == [{"event_id": 1}, {"event_id": 2}]


def test_the_client_is_told_what_was_heard_of_each(told):
    first, second = told("onAgentResponseCorrection")
    assert (first["original_agent_response"], first["event_id"]) == (LONG, 1)
    assert LONG.startswith(first["corrected_agent_response"])
    assert (second["original_agent_response"], second["event_id"]) == (LENGTHY, 2)
    assert LENGTHY.startswith(second["corrected_agent_response"])


def test_the_mode_is_listening_with_the_interruption(call):
    changes = [note for note in call.notes if note["name"] in ("onInterruption", "onModeChange")]
    after = list(dropwhile(lambda note: note["name"] != "onInterruption", changes))
    assert after[1]["payload"] == {"mode": "listening"}


def test_the_speaker_falls_silent_before_the_next_turn_is_heard(call):
    cut = next(note["at"] for note in call.notes if note["name"] == "onInterruption")
    following = next(note["at"] for note in call.notes if note["name"] == "onAudio" and note["at"] > cut)
    between = [loudness for at, loudness in call.series if cut < at < following]
    assert between and min(between) < SILENT


def test_no_sound_of_a_cut_turn_is_sent_any_more(told):
    cut = 0
    for frame in told("onIncomingEvent"):
        if frame["type"] == "interruption":
            cut = frame["interruption_event"]["event_id"]
        assert frame["type"] != "audio" or frame["event_id"] > cut
    assert cut == 2


def test_the_turn_after_an_interruption_has_the_next_id_and_is_heard(call, told):
    messages = [(message["event_id"], message["message"]) for message in told("onMessage")]
    assert messages[:3] == [(1, LONG), (2, QUESTION), (2, LENGTHY)]
    assert messages[3][0] == 3
    cut = next(note["at"] for note in call.notes if note["name"] == "onInterruption")
    assert max(loudness for at, loudness in call.series if at > cut + 1000) > LOUD
