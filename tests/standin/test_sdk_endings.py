"""How the official Python SDK's conversations learn that they are over: by themselves, by the agent, by a fault."""

import httpx
import pytest

from tests.standin.talkers import until


def ending(talk):
    (end,) = talk.notes.ends
    return end.reason, end.close_code, end.close_reason


def test_a_client_that_ends_it_is_told_so_and_the_record_too(chat, workspace):
    for talk in chat():
        conversation_id = talk.end()
        assert ending(talk) == ("user", None, None)
        record = workspace.finished(conversation_id)
        assert (record.status, record.metadata.error) == ("done", None)
        assert record.metadata.termination_reason == "Client disconnected (1000)"


def test_an_agent_that_hangs_up_closes_with_1000(converse, make_agent, workspace):
    talks = converse(make_agent(can_hang_up=True))
    until(lambda talk: talk.notes.said, *talks)
    for talk in talks:
        talk.do("send_user_message", "Goodbye")
    until(lambda talk: talk.notes.ends, *talks)
    for talk in talks:
        assert ending(talk) == ("agent", 1000, "")
        assert "Goodbye" in talk.notes.said[1]
        assert workspace.finished(talk.end()).metadata.termination_reason == "end_call tool was called."


def test_a_call_that_lasted_too_long_ends_as_if_the_agent_had_hung_up(converse, make_agent):
    talks = converse(make_agent({"conversation": {"max_duration_seconds": 1}}))
    until(lambda talk: talk.notes.ends, *talks)
    assert [ending(talk) for talk in talks] == [("agent", 1000, "")] * 2


def test_a_fault_of_the_service_is_an_error_with_its_code_and_reason(chat, url):
    for talk in chat():
        conversation_id = talk.conversation_id
        body = {"code": 1011, "reason": "Internal error"}
        httpx.post(f"{url}/standin/calls/{conversation_id}/close", json=body).raise_for_status()
        until(lambda talk: talk.notes.ends, talk)
        assert ending(talk) == ("error", 1011, "Internal error")


def test_a_lost_connection_is_an_error_with_code_1006(chat, url):
    for talk in chat():
        httpx.post(f"{url}/standin/calls/{talk.conversation_id}/drop").raise_for_status()
        until(lambda talk: talk.notes.ends, talk)
        assert ending(talk) == ("error", 1006, "")


@pytest.mark.parametrize(
    ("config", "code", "reason"),
    [
        ({"agent": {"first_message": "Hello {{name}}."}}, 1008, "dynamic variables in first message: {'name'}"),
        (None, 3000, "The AI agent you are trying to reach does not exist."),
    ],
)
def test_a_start_that_is_refused_names_the_servers_reason(converse, make_agent, config, code, reason):
    agent_id = make_agent(config) if config else "agent_nobody"
    talks = converse(agent_id, requires_auth=False)
    until(lambda talk: talk.notes.ends, *talks)
    for talk in talks:
        assert ending(talk)[:2] == ("error", code)
        assert reason in ending(talk)[2]
        assert talk.conversation_id is None


def test_the_headset_is_put_down_at_the_end(converse, make_agent):
    talks = converse(make_agent(), headset=True)
    until(lambda talk: talk.headset.heard, *talks)
    for talk in talks:
        talk.end()
        assert talk.headset.stopped
