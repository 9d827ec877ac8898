"""The official Python SDK's conversations, unchanged, with a pretend microphone and loudspeaker."""

import asyncio
import threading
import time

import pytest
from elevenlabs.conversational_ai.conversation import (
    AsyncConversation,
    AudioInterface,
    ClientTools,
    Conversation,
    ConversationInitiationData,
)

from tests.standin.conftest import SENTENCES
from tests.standin.speech import say

CHUNK = 8000  # a quarter second, as the SDK's own microphone gives it


class Headset(AudioInterface):
    """Speaks what it is given at the pace of life; keeps what it hears and counts interruptions."""

    def __init__(self):
        self.heard = b""
        self.interrupted = 0
        self.mouth = None
        self.stopped = threading.Event()

    def start(self, input_callback):
        self.mouth = input_callback

    def stop(self):
        self.stopped.set()

    def output(self, audio):
        self.heard += audio

    def interrupt(self):
        self.interrupted += 1

    def speak(self, pcm):
        for at in range(0, len(pcm), CHUNK):
            self.mouth(pcm[at : at + CHUNK])
            time.sleep(0.25)


def until(condition, seconds=20):
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "it did not happen in time"
        time.sleep(0.02)


class Notes:
    """What the SDK called back with."""

    def __init__(self):
        self.said, self.heard, self.corrected, self.parts, self.ends = [], [], [], [], []

    def callbacks(self):
        return {
            "callback_agent_response": self.said.append,
            "callback_user_transcript": self.heard.append,
            "callback_agent_response_correction": lambda *pair: self.corrected.append(pair),
            "callback_agent_chat_response_part": lambda text, kind: self.parts.append((text, kind)),
            "callback_disconnect": self.ends.append,
            "callback_latency_measurement": lambda _milliseconds: None,
        }


@pytest.fixture
def converse(client):
    """Start an SDK conversation; all are ended after the test."""
    started = []

    def start(agent_id, headset=None, requires_auth=True, **named):
        notes = Notes()
        conversation = Conversation(
            client, agent_id, requires_auth=requires_auth, audio_interface=headset, **notes.callbacks(), **named
        )
        conversation.start_session()
        started.append(conversation)
        return conversation, notes

    yield start
    for conversation in started:
        conversation.end_session()


def test_a_spoken_question_is_answered_aloud(converse, make_agent, make_tool, listener):
    headset = Headset()
    agent_id = make_agent(
        {"agent": {"first_message": ""}}, {"auth": {"enable_auth": True}}, tools=[make_tool(f"{listener.url}/tool")]
    )
    _conversation, notes = converse(agent_id, headset)
    until(lambda: headset.mouth)
    headset.speak(say(SENTENCES[0]))
    until(lambda: len(headset.heard) > 32000)
    assert notes.heard == [SENTENCES[0]]
    assert notes.said == ["The lamp burns for forty hours."]
    assert listener.received[0].json["parameters"]["query"] == SENTENCES[0]


def test_speaking_into_the_greeting_interrupts_it_and_the_answer_is_heard(converse, make_agent):
    headset = Headset()
    long = (
        "This is a very long greeting that goes on and on. It has more than one sentence. Nobody hears it to its end."
    )
    _conversation, notes = converse(make_agent({"agent": {"first_message": long}}), headset)
    until(lambda: headset.heard)
    headset.speak(say(SENTENCES[0]))
    until(lambda: len(notes.said) == 2)
    before = len(headset.heard)
    until(lambda: len(headset.heard) > before)
    assert headset.interrupted == 1
    ((original, corrected),) = notes.corrected
    assert original == long
    assert long.startswith(corrected)


def test_without_a_headset_the_session_is_text_only(converse, make_agent):
    conversation, notes = converse(make_agent(), requires_auth=False)
    until(lambda: notes.said == ["Ask me."])
    conversation.send_user_message("How are you?")
    until(lambda: len(notes.said) == 2)
    kinds = [getattr(kind, "value", kind) for _text, kind in notes.parts]
    assert kinds[0] == "start"
    assert kinds[-1] == "stop"


def test_contextual_updates_and_activity_are_taken(converse, make_agent, standin):
    conversation, notes = converse(make_agent())
    until(lambda: notes.said)
    conversation.send_contextual_update("The visitor reads about lamps.")
    conversation.register_user_activity()
    told = ["The visitor reads about lamps."]
    until(lambda: any(list(call.contexts.values()) == told for call in standin.calls.values()))


def test_a_client_tool_runs_on_the_client_and_its_result_comes_back(converse, api, make_agent):
    config = {"type": "client", "name": "show_sources", "description": "Shows.", "expects_response": True}
    tool = api.tools.create(request={"tool_config": config})
    called, tools = [], ClientTools()
    tools.register("show_sources", lambda parameters: called.append(parameters) or {"shown": 3})
    conversation, notes = converse(make_agent(tools=[tool]), client_tools=tools)
    until(lambda: notes.said)
    conversation.send_user_message("Show sources")
    until(lambda: "Done." in notes.said)
    assert called[0]["tool_call_id"].startswith("tlcal_")


def test_variables_and_the_user_reach_the_agent(converse, api, make_agent):
    config = ConversationInitiationData(dynamic_variables={"name": "Ada"})
    agent_id = make_agent({"agent": {"first_message": "Hello {{name}}."}})
    conversation, notes = converse(agent_id, config=config, user_id="user-7")
    until(lambda: notes.said == ["Hello Ada."])
    conversation.end_session()
    record = api.conversations.get(conversation.wait_for_session_end())
    assert record.user_id == "user-7"


def test_the_disconnect_callback_names_the_servers_reason(converse, make_agent):
    _conversation, notes = converse(make_agent({"agent": {"first_message": "Hello {{name}}."}}))
    until(lambda: notes.ends)
    assert notes.ends[0].close_code == 1008
    assert "{'name'}" in notes.ends[0].close_reason


def test_the_asynchronous_conversation_works_as_well(client, make_agent):
    async def talk():
        said = []

        async def hear(text):
            said.append(text)

        conversation = AsyncConversation(client, make_agent(), requires_auth=True, callback_agent_response=hear)
        await conversation.start_session()
        for expected in (1, 2):
            async with asyncio.timeout(20):
                while len(said) < expected:
                    await asyncio.sleep(0.02)
            if expected == 1:
                await conversation.send_user_message("Who are you?")
        await conversation.end_session()
        return said

    said = asyncio.run(talk())
    assert said[0] == "Ask me."
    assert said[1].startswith("I am the assistant here.")
