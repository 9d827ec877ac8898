"""One voice conversation of the official browser client, from the click to the hang-up, looked at from every side."""

from types import SimpleNamespace

import pytest

from tests.browser.client import visitor as visitors
from tests.browser.client.conftest import ANSWER, QUESTION
from tests.browser.conftest import chromium
from tests.standin.workspace import EVENTS

MORE_EVENTS = [*EVENTS, "vad_score", "tentative_user_transcript", "agent_response_complete", "context_usage"]


@pytest.fixture(scope="module")
def call(bench, playwright):
    """What was noted of a conversation in which the browser's microphone asked the question, once."""
    config = {"agent": {"first_message": ""}, "conversation": {"client_events": MORE_EVENTS}}
    agent_id = bench.workspace.agent(config, {"auth": {"enable_auth": True}}, tools=[bench.tool])
    microphone = f"--use-file-for-fake-audio-capture={bench.question}%noloop"
    assert bench.question.stat().st_size > 100_000, "the spoken question is missing"
    with chromium(playwright, microphone) as browser, visitors.sitting(browser, bench.address) as visitor:
        started = visitor.start(signedUrl=bench.workspace.signed_url(agent_id))
        visitor.listen()
        visitor.page.evaluate("bench.watchMicrophone()")
        visitor.wait_for_words(ANSWER)
        visitor.wait("onModeChange", lambda change: change["mode"] == "speaking")
        visitor.wait_until("bench.notes.findLast(note => note.name === 'onModeChange').payload.mode === 'listening'")
        visitor.wait("onPing", lambda ping: ping["ping_ms"] is not None)
        loudness, most = visitor.page.evaluate("[window.ear.loudness, bench.most]")
        visitor.do("endSession")
        visitor.wait("onDisconnect")
        notes = visitor.all_notes()
    record = bench.workspace.finished(started["id"])
    return SimpleNamespace(started=started, notes=notes, loudness=loudness, most=most, record=record)


@pytest.fixture
def told(call):
    """The payloads of one callback, in order."""
    return lambda name: [note["payload"] for note in call.notes if note["name"] == name]


def test_a_voice_conversation_over_a_signed_url_is_a_websocket_with_an_id(call, told):
    assert call.started["type"] == "voice"
    assert told("onConnect") == [{"conversationId": call.started["id"]}]


def test_the_question_is_heard_and_answered_in_words(told):
    said = [(message["role"], message["message"]) for message in told("onMessage")]
    assert said == [("user", QUESTION), ("agent", ANSWER)]


def test_the_answer_comes_out_of_the_speaker(call, told):
    assert call.loudness > 0.02
    assert told("onAudio")


def test_a_question_and_its_answer_share_an_event_id(told):
    assert {message["event_id"] for message in told("onMessage")} == {1}


def test_the_mode_is_speaking_while_the_answer_is_heard_and_listening_again_after_it(told):
    modes = [change["mode"] for change in told("onModeChange")]
    assert modes[0] == "speaking"
    assert modes[-1] == "listening"


def test_the_alignment_spells_the_answer(told):
    pieces = told("onAudioAlignment")
    assert "".join(letter for piece in pieces for letter in piece["chars"]) == ANSWER
    assert {len(piece["chars"]) - len(piece["char_start_times_ms"]) for piece in pieces} == {0}


def test_the_tool_is_announced_and_then_reported(call, told):
    (request,), (response,) = told("onAgentToolRequest"), told("onAgentToolResponse")
    assert request["tool_name"] == response["tool_name"] == "query_knowledge"
    assert request["tool_call_id"] == response["tool_call_id"]
    assert (response["tool_type"], response["is_error"], response["is_called"]) == ("webhook", False, True)
    names = [note["name"] for note in call.notes]
    assert names.index("onAgentToolRequest") < names.index("onAgentToolResponse") < names.index("onAudio")


def test_the_answer_comes_in_parts_as_well(told):
    parts = told("onAgentChatResponsePart")
    assert [parts[0]["type"], parts[-1]["type"]] == ["start", "stop"]
    assert "".join(part["text"] for part in parts) == ANSWER


def test_the_microphone_is_seen_in_its_spectrum_and_its_level(call):
    assert call.most["bins"] == 1024
    assert call.most["spectrum"] > 50
    assert call.most["volume"] > 0.05


def test_the_microphone_sends_small_pieces_of_the_voice(told):
    chunks = [sent for sent in told("onOutgoingEvent") if sent["type"] == "user_audio_chunk"]
    assert {chunk["bytes"] for chunk in chunks} == {1024}
    assert max(chunk["peak"] for chunk in chunks) > 3000


def test_the_chance_of_speech_rises_from_nothing_to_certainty(told):
    scores = [score["vadScore"] for score in told("onVadScore")]
    assert 0 <= min(scores) < 0.1
    assert 0.9 < max(scores) <= 1


def test_pings_are_answered_and_tell_the_round_trip(told):
    pings = told("onPing")
    assert pings[0] == {"event_id": 1, "ping_ms": None}
    assert pings[1]["ping_ms"] > 0
    pongs = [sent["event_id"] for sent in told("onOutgoingEvent") if sent["type"] == "pong"]
    assert pongs == [ping["event_id"] for ping in pings]


def test_what_the_model_has_read_is_told_after_the_turn(told):
    (usage,) = told("onContextUsage")
    assert usage["event_id"] == 1
    assert 0 < usage["context_tokens"] < usage["context_limit_tokens"]


def test_frames_without_a_callback_of_their_own_go_to_debug(told):
    assert {frame["type"] for frame in told("onDebug")} == {"tentative_user_transcript", "agent_response_complete"}


def test_the_status_and_the_leave_to_rate_follow_the_connection(told):
    statuses = [change["status"] for change in told("onStatusChange")]
    assert statuses == ["connecting", "connected", "disconnecting", "disconnected"]
    assert [change["canSendFeedback"] for change in told("onCanSendFeedbackChange")] == [False, True, False]


def test_hanging_up_is_the_users_doing_on_both_sides(call, told):
    assert told("onDisconnect") == [{"reason": "user"}]
    assert call.record.metadata.termination_reason == "User ended conversation (1000)"
    assert call.record.status == "done"


def test_the_record_names_the_client_and_the_signed_url(call):
    metadata = call.record.metadata
    assert (metadata.conversation_initiation_source, metadata.authorization_method) == ("js_sdk", "signed_url")
    assert [turn.message for turn in call.record.transcript if turn.message] == [QUESTION, ANSWER]
    assert call.record.has_audio


def test_nothing_went_wrong(told):
    assert told("onError") == []
