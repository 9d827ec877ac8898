"""Conversations that fail on demand: one agent's, a share of them, or one call that is under way."""

import itertools
import json
import time

import httpx
import pytest

from tests.standin.caller import payload


@pytest.fixture
def fault(url):
    """Add a rule for conversations."""

    def add(**rule):
        httpx.post(f"{url}/standin/faults", json={"on": "websocket", **rule}).raise_for_status()

    return add


@pytest.fixture
def two_calls(call, make_agent):
    """Two calls of one agent, after the greeting, as (caller, id)."""
    agent_id = make_agent({"conversation": {"text_only": True}})
    callers = [call(agent_id) for _ in range(2)]
    for caller in callers:
        caller.wait("agent_response")
    return [(caller, payload(caller.frames[0])["conversation_id"]) for caller in callers]


def fail(url, conversation_id, **rule):
    return httpx.post(f"{url}/standin/calls/{conversation_id}/fail", json=rule)


def answers(caller):
    """Whether the call goes on."""
    caller.type("Who are you?")
    return caller.wait("agent_response", event_id=2)


def test_a_fault_can_be_meant_for_one_agent_only(fault, call, make_agent):
    unlucky, lucky = make_agent(), make_agent()
    fault(do="close", code=1011, reason="Out of order", path=f"*{unlucky}*")
    assert call(unlucky).wait_for_close() == (1011, "Out of order")
    assert call(lucky).wait("agent_response")


def test_a_fault_can_be_meant_for_a_share_of_the_calls(fault, call, make_agent, standin, monkeypatch):
    monkeypatch.setattr(standin.faults, "chance", itertools.cycle([0.1, 0.9]).__next__)
    fault(do="close", percent=50)
    agent_id = make_agent()
    begins = [call(agent_id) for _ in range(4)]
    assert [caller.wait_for_close()[0] for caller in begins[::2]] == [1011, 1011]
    assert all(caller.wait("agent_response") for caller in begins[1::2])


@pytest.mark.parametrize(
    ("rule", "close"),
    [
        ({"do": "drop"}, (1006, "")),
        ({"do": "half_frame"}, (1006, "")),
        ({"do": "close", "code": 1002, "reason": "Gone"}, (1002, "Gone")),
        ({"do": "close", "code": 4300, "after": 0.3}, (4300, "Internal error")),
    ],
)
def test_one_call_can_be_ended_badly_while_another_goes_on(two_calls, url, rule, close):
    (unlucky, conversation_id), (lucky, _) = two_calls
    assert fail(url, conversation_id, **rule).status_code == 202
    assert unlucky.wait_for_close() == close
    assert answers(lucky)


def test_one_call_can_fall_silent_while_another_goes_on(two_calls, url):
    (unlucky, conversation_id), (lucky, _) = two_calls
    fail(url, conversation_id, do="silence")
    unlucky.type("Who are you?")
    assert answers(lucky)
    unlucky.listen(0.5)
    before = len(unlucky.frames)
    assert unlucky.listen(1.2) == []  # more than two pings would have come
    assert (len(unlucky.texts()), len(unlucky.frames), unlucky.closed) == (1, before, None)


def test_every_frame_of_one_call_can_be_late(two_calls, url):
    (slow, conversation_id), (quick, _) = two_calls
    fail(url, conversation_id, do="latency", seconds=0.3)
    began = time.monotonic()
    slow.type("Who are you?")
    slow.wait("agent_response", event_id=2)
    assert time.monotonic() - began > 5 * 0.3  # a start, two pieces, a stop and the whole
    assert answers(quick)


def test_one_call_can_be_sent_what_is_no_json(two_calls, url):
    (unlucky, conversation_id), _ = two_calls
    fail(url, conversation_id, do="garbage")
    with pytest.raises(json.JSONDecodeError):
        unlucky.listen(5)


@pytest.mark.parametrize("rule", [{"do": "wrong_first"}, {"do": "status"}, {}, {"do": "close", "code": 7}])
def test_a_fault_that_no_call_can_meet_is_refused(two_calls, url, rule):
    assert fail(url, two_calls[0][1], **rule).status_code == 422


def test_a_call_nobody_knows_cannot_fail(standin, url):
    assert fail(url, "conv_nobody", do="drop").status_code == 404


def test_a_start_that_hangs_ends_when_the_client_gives_up(fault, call, make_agent, standin):
    fault(do="hang")
    caller = call(make_agent())
    assert caller.listen(0.5) == []
    caller.hang_up()
    assert caller.socket.close_code == 1000  # the close was answered; otherwise it would be 1006
    assert standin.store.conversations == {}


def test_who_leaves_the_queue_is_a_failed_call_and_takes_no_room(call, make_agent, standin):
    room = {"call_limits": {"agent_concurrency_limit": 1}, "queueing_config": {"enabled": True}}
    agent_id = make_agent({"conversation": {"text_only": True}}, room)
    first, second = call(agent_id), call(agent_id)
    first.wait("agent_response")
    second.wait("queue_status")
    left = payload(second.frames[0])["conversation_id"]
    second.hang_up()
    first.hang_up()
    assert call(agent_id).wait("agent_response")
    record = standin.store.conversations[left]
    assert (record["status"], record["metadata"]["termination_reason"]) == ("failed", "The caller left the queue.")


def test_over_the_accounts_concurrency_a_call_is_refused_or_a_burst(call, url, make_agent, workspace):
    httpx.patch(f"{url}/standin/limits", json={"concurrency": 1}).raise_for_status()
    text = {"conversation": {"text_only": True}}
    strict = make_agent(text, {"call_limits": {"bursting_enabled": False}})
    running = call(strict)
    running.wait("agent_response")
    assert call(strict).wait_for_close() == (3008, "too many concurrent connections")
    burst = call(make_agent(text))
    burst.wait("agent_response")
    burst.hang_up()
    assert workspace.finished(payload(burst.frames[0])["conversation_id"]).metadata.charging.is_burst


def test_a_signed_url_of_an_agent_that_was_deleted_closes_with_3000(call, api, make_agent, workspace):
    agent_id = make_agent()
    address = workspace.signed_url(agent_id)
    api.agents.delete(agent_id)
    assert call(address=address).wait_for_close() == (3000, "The AI agent you are trying to reach does not exist.")


def test_a_variable_missing_from_the_prompt_is_named_with_its_place(call, make_agent):
    agent_id = make_agent({"agent": {"prompt": {"prompt": "You talk to {{name}} about {{topic}}."}}})
    reason = "Missing required dynamic variables in prompt: {'name', 'topic'}"
    assert call(agent_id).wait_for_close() == (1008, reason)
