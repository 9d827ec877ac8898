"""The official Python SDK's two conversations, unchanged: every test holds one of each at the same time."""

import asyncio
import threading

import pytest
from elevenlabs.conversational_ai.conversation import AgentChatResponsePartType, ConversationInitiationData

from tests.standin.conftest import SENTENCES
from tests.standin.speech import say
from tests.standin.talkers import speak_all, until

LONG = "This is a very long greeting that goes on and on. It has more than one sentence. Nobody hears it to its end."
TEXT_ONLY = {"conversation": {"text_only": True}}
MAY_BE_TEXT_ONLY = {"overrides": {"conversation_config_override": TEXT_ONLY}}


def test_a_spoken_question_is_answered_aloud_over_a_signed_url(converse, make_agent, make_tool, listener):
    agent_id = make_agent(
        {"agent": {"first_message": ""}}, {"auth": {"enable_auth": True}}, tools=[make_tool(f"{listener.url}/tool")]
    )
    talks = converse(agent_id, headset=True)
    speak_all(talks, say(SENTENCES[0]), pace=2)
    until(lambda talk: len(talk.headset.heard) > 32000, *talks)
    for talk in talks:
        assert talk.notes.heard == [SENTENCES[0]]
        assert talk.notes.said == ["The lamp burns for forty hours."]
    assert [request.json["parameters"]["query"] for request in listener.received] == [SENTENCES[0]] * 2


def test_an_agent_that_wants_no_authorization_is_reached_by_its_id(converse, make_agent):
    talks = converse(make_agent(), requires_auth=False)
    until(lambda talk: talk.notes.said == ["Ask me."], *talks)


@pytest.mark.parametrize(("headset", "override"), [(False, {}), (True, TEXT_ONLY)])
def test_a_text_conversation_has_no_sound_however_it_is_asked_for(converse, make_agent, api, headset, override):
    config = ConversationInitiationData(conversation_config_override=override)
    talks = converse(make_agent(platform=MAY_BE_TEXT_ONLY), headset=headset, config=config)
    for talk in talks:
        until(lambda talk: talk.notes.said, talk)
        talk.do("send_user_message", "How are you?")
    until(lambda talk: len(talk.notes.said) == 2, *talks)
    for talk in talks:
        assert talk.notes.alignments == []
        assert not headset or talk.headset.heard == b""
        assert api.conversations.get(talk.end()).metadata.text_only


def test_a_text_comes_in_parts_between_a_start_and_a_stop(chat):
    for talk in chat():
        until(lambda talk: len(talk.notes.parts) >= 3, talk)
        talk.notes.parts.clear()
        talk.do("send_user_message", "Who are you?")
        until(lambda talk: len(talk.notes.said) == 2 and len(talk.notes.parts) >= 4, talk)
        kinds = [kind for _text, kind in talk.notes.parts]
        start, delta, stop = AgentChatResponsePartType
        assert kinds == [start, delta, delta, stop]
        assert "".join(text for text, _kind in talk.notes.parts) == talk.notes.said[1]


def test_every_piece_of_sound_comes_with_its_alignment_and_the_round_trip_is_measured(converse, make_agent):
    talks = converse(make_agent(), headset=True)
    until(lambda talk: "".join(sum((one.chars for one in talk.notes.alignments), [])) == "Ask me.", *talks)
    until(lambda talk: talk.notes.latencies, *talks)
    for talk in talks:
        for one in talk.notes.alignments:
            assert len(one.chars) == len(one.char_start_times_ms) == len(one.char_durations_ms)
        assert all(isinstance(milliseconds, int) and milliseconds > 0 for milliseconds in talk.notes.latencies)


def test_speaking_into_the_greeting_interrupts_it_and_the_answer_is_heard(converse, make_agent):
    talks = converse(make_agent({"agent": {"first_message": LONG}}), headset=True)
    until(lambda talk: talk.headset.heard, *talks)
    speak_all(talks, say(SENTENCES[0]))
    until(lambda talk: len(talk.notes.said) == 2 and talk.headset.afterwards, *talks)
    for talk in talks:
        assert talk.headset.interrupted == 1
        check_correction(talk)


def test_typing_into_the_greeting_interrupts_it_and_the_answer_is_heard(converse, make_agent):
    talks = converse(make_agent({"agent": {"first_message": LONG}}), headset=True)
    until(lambda talk: len(talk.headset.heard) > 16000, *talks)
    for talk in talks:
        talk.do("send_user_message", "Who are you?")
    until(lambda talk: talk.headset.interrupted == 1 and len(talk.headset.afterwards) > 16000, *talks)
    for talk in talks:
        check_correction(talk)


def check_correction(talk):
    ((original, corrected),) = talk.notes.corrected
    assert original == LONG
    assert LONG.startswith(corrected)
    assert len(corrected) < len(LONG)


def fail(_parameters):
    raise RuntimeError("no sources today")


async def show(parameters):
    await asyncio.sleep(0)
    return f"shown at the {parameters['of']}"


@pytest.mark.parametrize(
    ("handler", "is_async", "result", "is_error"),
    [
        (lambda parameters: f"shown at the {parameters['of']}", False, "shown at the Show sources", False),
        (show, True, "shown at the Show sources", False),
        (lambda _parameters: {"shown": 3}, False, '{"shown": 3}', False),
        (lambda _parameters: None, False, "Client tool: show_sources called successfully.", False),
        (fail, False, "no sources today", True),
        (None, False, "Tool 'show_sources' is not registered", True),
    ],
    ids=["a function", "a coroutine function", "an object", "nothing", "a failure", "no handler"],
)
def test_what_a_client_tool_does_reaches_the_agent(chat, workspace, handler, is_async, result, is_error):
    parameters = {"type": "object", "properties": {"of": {"type": "string", "description": "Of what."}}}
    tool = workspace.client_tool("show_sources", parameters=parameters)
    talks = chat(tool, tools={"show_sources": (handler, is_async)} if handler else {})
    for talk in talks:
        talk.do("send_user_message", "Show sources")
    until(lambda talk: len(talk.notes.said) == 2, *talks)
    for talk in talks:
        assert talk.notes.said[1].startswith("That did not work" if is_error else "Done.")
        (noted,) = tool_results(workspace.finished(talk.end()))
        assert (noted.result_value, noted.is_error) == (result, is_error)


def tool_results(record):
    return [result for turn in record.transcript for result in turn.tool_results]


def test_a_client_tool_is_given_its_call_id_beside_its_parameters(chat, workspace):
    given = []
    tools = {"show_sources": (given.append, False)}
    for talk in chat(workspace.client_tool("show_sources"), tools=tools):
        talk.do("send_user_message", "Show sources")
    until(lambda: len(given) == 2)
    assert all(parameters["tool_call_id"].startswith("tlcal_") for parameters in given)


def test_a_client_tool_nobody_waits_for_lets_the_agent_go_on_at_once(chat, workspace):
    tool, gone_on = workspace.client_tool("show_sources", expects_response=False), threading.Event()
    talks = chat(tool, tools={"show_sources": (lambda _parameters: gone_on.wait(20), False)})
    for talk in talks:
        talk.do("send_user_message", "Show sources")
        until(lambda talk: talk.notes.said[1:] == ["Done."], talk)
    gone_on.set()
    assert all(
        result.tool_latency_secs == 0 for talk in talks for result in tool_results(workspace.finished(talk.end()))
    )


def test_contextual_updates_are_kept_and_activity_is_noticed(chat, standin):
    for talk in chat():
        call = next(call for call in standin.calls.values() if call.id == talk.conversation_id)
        talk.do("send_contextual_update", "The visitor reads about lamps.")
        until(lambda call=call: list(call.contexts.values()) == ["The visitor reads about lamps."])
        before = call.last_sign
        talk.do("register_user_activity")
        until(lambda call=call, before=before: call.last_sign > before)
        assert talk.notes.said == ["Ask me."]


def test_variables_and_the_user_reach_the_agent(converse, api, make_agent):
    config = ConversationInitiationData(dynamic_variables={"name": "Ada"})
    agent_id = make_agent({"agent": {"first_message": "Hello {{name}}."}})
    talks = converse(agent_id, config=config, user_id="user-7")
    until(lambda talk: talk.notes.said == ["Hello Ada."], *talks)
    for talk in talks:
        record = api.conversations.get(talk.end())
        assert record.user_id == "user-7"
        assert record.metadata.conversation_initiation_source == "python_sdk"
