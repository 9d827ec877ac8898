"""How conversations end: goodbye, silence, time, and clients that misbehave."""

import time

import pytest


@pytest.mark.parametrize("frame", ["not json", "[1, 2]", '"text"'])
def test_a_frame_that_is_no_json_object_closes_with_1008(call, make_agent, frame):
    caller = call(make_agent())
    caller.wait("conversation_initiation_metadata")
    caller.socket.send(frame)
    assert caller.wait("error")["error_type"] == "invalid_message"
    assert caller.wait_for_close() == (1008, "Invalid message received")


def test_goodbye_is_answered_and_ends_the_call_when_the_agent_can(call, finished, make_agent):
    can = {
        "agent": {
            "prompt": {"built_in_tools": {"end_call": {"name": "end_call", "params": {"system_tool_type": "end_call"}}}}
        }
    }
    caller = call(make_agent(can))
    conversation_id = caller.wait("conversation_initiation_metadata")["conversation_id"]
    caller.type("That is all, thank you.")
    assert "Goodbye" in caller.wait("agent_response", event_id=2)["agent_response"]
    response = caller.wait("agent_tool_response")
    assert (response["tool_name"], response["tool_type"]) == ("end_call", "system")
    began = time.monotonic()
    assert caller.wait_for_close()[0] == 1000
    assert time.monotonic() - began > 0.25
    assert finished(conversation_id).metadata.termination_reason == "end_call tool was called."


def test_goodbye_leaves_the_call_open_when_the_agent_cannot_hang_up(call, make_agent):
    caller = call(make_agent())
    caller.type("Goodbye")
    assert "Goodbye" in caller.wait("agent_response", event_id=2)["agent_response"]
    caller.listen(2)
    assert caller.closed is None


def test_a_call_ends_after_its_longest_time_with_the_error_that_says_so(call, finished, make_agent):
    caller = call(make_agent({"conversation": {"max_duration_seconds": 1}}))
    conversation_id = caller.wait("conversation_initiation_metadata")["conversation_id"]
    assert caller.wait("error")["error_type"] == "max_duration_exceeded"
    assert caller.wait_for_close()[0] == 1000
    assert "maximum duration" in finished(conversation_id).metadata.termination_reason


def test_a_long_silence_ends_the_call_and_activity_postpones_that(call, make_agent):
    agent_id = make_agent({"turn": {"silence_end_call_timeout": 2}, "agent": {"first_message": ""}})
    began = time.monotonic()
    caller = call(agent_id)
    caller.listen(1.2)
    caller.send({"type": "user_activity"})
    assert caller.wait_for_close()[0] == 1000
    assert time.monotonic() - began > 3


def test_the_agent_asks_once_whether_somebody_is_there(call, make_agent):
    caller = call(make_agent({"turn": {"turn_timeout": 1}, "agent": {"first_message": ""}}))
    assert caller.wait("agent_response")["agent_response"] == "Are you still there?"
    caller.listen(4)
    assert len(caller.texts()) == 1


def test_who_answers_no_ping_is_let_go(call, make_agent, standin):
    caller = call(make_agent(), pong=False)
    conversation_id = caller.wait("conversation_initiation_metadata")["conversation_id"]
    standin.calls[conversation_id].last_pong -= 31
    assert caller.wait_for_close()[0] == 1002
