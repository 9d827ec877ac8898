"""The order of frames in whole conversations, held against what is public about it: see orders/ for what is fixed and what open.

All conversations are held at the same time, once, by callers on the raw WebSocket who subscribe to every event.
"""

import threading
import time
from contextlib import ExitStack

import pytest

from tests.standin import orders
from tests.standin.caller import Caller, payload
from tests.standin.conftest import SENTENCES
from tests.standin.listener import Listener
from tests.standin.speech import say
from tests.standin.workspace import Workspace
from voice.standin.events import CLIENT_EVENTS

LONG = "This is a very long greeting that goes on and on. It has more than one sentence. Nobody hears it to its end."
QUIET = {"agent": {"first_message": ""}}
TEXT = {"conversation": {"text_only": True}}
CLOSES = {
    "end_call": {1000},
    "longest_time": {1000},
    "queue_in_vain": {3008, 4300},
}


class Stage:
    """Holds the conversations. Every script is a method of the same name as its golden order; `callers` are theirs."""

    def __init__(self, url: str, stack: ExitStack):
        self.url, self.stack = url, stack
        self.workspace = Workspace(url)
        self.knowledge = Listener()
        stack.callback(self.knowledge.close)
        self.callers: dict[str, Caller] = {}

    def agent(self, config, **more) -> str:
        """The id of a new agent, which sends every event there is."""
        config = {**config, "conversation": {**config.get("conversation", {}), "client_events": CLIENT_EVENTS}}
        return self.workspace.agent(config, **more)

    def dial(self, agent_id: str) -> Caller:
        """A caller of this agent."""
        address = f"{self.url.replace('http', 'ws')}/v1/convai/conversation?agent_id={agent_id}"
        return self.stack.enter_context(Caller(address, init={}))

    def call(self, config, name, **more) -> Caller:
        """The script's caller, of an agent of its own."""
        self.callers[name] = self.dial(self.agent(config, **more))
        return self.callers[name]

    def spoken_turn(self, name):
        caller = self.call({}, name)
        caller.wait("context_usage")
        caller.listen(1.5)  # the greeting is heard to its end
        caller.speak(say(SENTENCES[0]), pace=2)
        caller.wait("context_usage")

    def server_tool(self, name):
        self.knowledge.delay = 0.3
        tool = self.workspace.tool(f"{self.knowledge.url}/tool", pre_tool_speech="force")
        caller = self.call(QUIET, name, tools=[tool])
        caller.wait("conversation_initiation_metadata")
        caller.type("How long does the lamp burn?")
        caller.wait("context_usage")

    def client_tool(self, name):
        caller = self.call({**QUIET, **TEXT}, name, tools=[self.workspace.client_tool("show_sources")])
        caller.wait("conversation_initiation_metadata")
        caller.type("Show sources")
        call_id = caller.wait("client_tool_call")["tool_call_id"]
        caller.send({"type": "client_tool_result", "tool_call_id": call_id, "result": "shown", "is_error": False})
        caller.wait("context_usage")

    def text_only(self, name):
        caller = self.call(TEXT, name)
        caller.wait("context_usage")
        caller.send({"type": "contextual_update", "text": "The visitor reads about lamps."})
        caller.send({"type": "user_activity"})
        caller.type("Who are you?")
        caller.wait("context_usage")

    def spoken_interruption(self, name):
        caller = self.call({"agent": {"first_message": LONG}}, name)
        caller.wait("audio")
        caller.speak(say(SENTENCES[0]))
        caller.wait("context_usage", event_id=2)

    def typed_interruption(self, name):
        caller = self.call({"agent": {"first_message": LONG}}, name)
        caller.wait("audio")
        caller.listen(0.5)
        caller.type("Who are you?")
        caller.wait("context_usage", event_id=2)

    def silence(self, name):
        caller = self.call({**QUIET, "turn": {"turn_timeout": 1}}, name)
        caller.wait("context_usage")

    def end_call(self, name):
        caller = self.call(QUIET, name, can_hang_up=True)
        caller.wait("conversation_initiation_metadata")
        caller.type("Goodbye")
        caller.wait_for_close()

    def longest_time(self, name):
        last_words = {"agent": {"first_message": "", "max_conversation_duration_message": "Time is up."}}
        self.call({**last_words, "conversation": {"max_duration_seconds": 1}}, name).wait_for_close()

    def queue(self, name):
        first, second = self._queue(name, seconds=60)
        second.type("Who are you?")
        time.sleep(1)  # what is typed must have arrived before there is room
        first.hang_up()
        second.wait("context_usage")
        second.listen(0.5)

    def queue_in_vain(self, name):
        _first, second = self._queue(name, seconds=1)
        second.wait_for_close()

    def _queue(self, name, seconds):
        queue = {"enabled": True, "wait_timeout_seconds": seconds}
        room = {"call_limits": {"agent_concurrency_limit": 1}, "queueing_config": queue}
        agent_id = self.agent(TEXT, platform=room)
        first = self.dial(agent_id)
        first.wait("agent_response")
        second = self.callers[name] = self.dial(agent_id)
        second.wait("queue_status")
        return first, second


NAMES = sorted(file.stem for file in orders.FOLDER.glob("*.txt"))


@pytest.fixture(scope="module")
def callers(running):
    """A caller for every golden order, after its conversation. Fails with what went wrong in any of them."""
    problems = []

    def play(name):
        try:
            getattr(stage, name)(name)
        except Exception as problem:  # of another thread: told below, to whoever waits for it
            problems.append((name, problem))

    running.standin.reset()
    with ExitStack() as stack:
        stage = Stage(running.url, stack)
        threads = [threading.Thread(target=play, args=(name,)) for name in NAMES]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert problems == []
    return stage.callers


@pytest.mark.parametrize("name", NAMES)
def test_the_frames_of_a_conversation_come_in_the_public_order(callers, name):
    assert orders.complaint(orders.golden(name), orders.labels(callers[name].log)) == ""


@pytest.mark.parametrize("name", CLOSES)
def test_a_conversation_that_the_server_ends_is_closed_with_the_public_code(callers, name):
    assert callers[name].closed[0] in CLOSES[name]


def test_pings_count_from_one_whatever_the_turns_and_every_pong_repeats_its_ping(callers):
    for caller in callers.values():
        pings = [payload(frame)["event_id"] for frame in caller.frames if frame["type"] == "ping"]
        assert pings == list(range(1, len(pings) + 1))
        pongs = [frame["event_id"] for side, frame in caller.log if side == "C" and frame.get("type") == "pong"]
        assert pongs == pings or (caller.closed and pongs == pings[:-1])  # the last one may have met a closed door


def test_every_ping_has_a_round_trip_or_null(callers):
    trips = [
        payload(frame)["ping_ms"] for caller in callers.values() for frame in caller.frames if frame["type"] == "ping"
    ]
    assert None in trips
    assert all(trip is None or isinstance(trip, int) for trip in trips)


def test_every_piece_of_sound_has_its_turns_id_and_its_alignment(callers):
    pieces = [payload(frame) for caller in callers.values() for frame in caller.frames if frame["type"] == "audio"]
    assert len(pieces) > 30
    assert all(piece["event_id"] >= 1 and piece["alignment"].keys() >= {"chars"} for piece in pieces)


ORDER = """
C hello
together {
  S parts start #1, S parts delta #1 +, S parts stop #1
  S audio #1 *
}
S error ?  # perhaps
S bye
"""


@pytest.mark.parametrize(
    "found",
    [
        ["C hello", "S parts start #1", "S parts delta #1", "S parts stop #1", "S bye"],
        [
            "C hello",
            "S audio #1",
            "S parts start #1",
            "S audio #1",
            "S parts delta #1",
            "S parts delta #1",
            "S parts stop #1",
        ]
        + ["S error", "S bye"],
    ],
)
def test_an_order_takes_what_it_leaves_open(found):
    assert orders.complaint(ORDER, found) == ""


@pytest.mark.parametrize(
    "found",
    [
        [],
        ["S bye", "C hello"],
        ["C hello", "S parts delta #1", "S parts start #1", "S parts stop #1", "S bye"],
        ["C hello", "S parts start #1", "S parts stop #1", "S bye"],
        ["C hello", "S parts start #1", "S parts delta #1", "S parts stop #1", "S bye", "S audio #1"],
        ["C hello", "S parts start #1", "S parts delta #1", "S parts stop #1", "S audio #2", "S bye"],
    ],
)
def test_an_order_complains_of_anything_else(found):
    assert orders.complaint(ORDER, found)
