"""Conversations on the raw WebSocket: order, ids, close codes, as the protocol's checklist has them."""

import base64
import time

import httpx
import pytest

from tests.standin.caller import payload

GREETING = ["conversation_initiation_metadata", *["agent_chat_response_part"] * 3, "agent_response", "audio"]


def signed_url(api, agent_id, **named):
    return api.conversations.get_signed_url(agent_id=agent_id, **named).signed_url


def test_the_subprotocol_is_echoed_only_when_it_is_offered(call, make_agent):
    agent_id = make_agent()
    assert call(agent_id).socket.subprotocol == "convai"
    assert call(agent_id, subprotocols=()).socket.subprotocol is None
    assert call(agent_id, subprotocols=("convai", "bearer.x")).socket.subprotocol == "convai"


def test_the_metadata_comes_first_and_the_greeting_has_id_one(call, make_agent):
    caller = call(make_agent())
    said = caller.wait("agent_response")
    audio = caller.wait("audio")
    assert caller.types()[: len(GREETING)] == GREETING
    assert said == {"agent_response": "Ask me.", "event_id": 1}
    assert audio["event_id"] == 1
    metadata = payload(caller.frames[0])
    assert metadata["agent_output_audio_format"] == metadata["user_input_audio_format"] == "pcm_16000"
    assert metadata["conversation_id"].startswith("conv_")


def test_the_type_is_the_last_key_of_every_frame(call, make_agent):
    caller = call(make_agent())
    caller.wait("audio")
    assert all(list(frame)[-1] == "type" for frame in caller.frames)


def test_who_does_not_introduce_itself_is_served_after_a_second(call, make_agent):
    began = time.monotonic()
    caller = call(make_agent(), introduce=False)
    caller.wait("conversation_initiation_metadata")
    assert 0.8 < time.monotonic() - began < 8
    caller.wait("agent_response")


def test_every_audio_chunk_is_even_aligned_and_together_they_are_the_whole_text(call, make_agent):
    text = "One moment. This is a longer greeting, with two sentences."
    caller = call(make_agent({"agent": {"first_message": text}}))
    chunks, chars = [], ""
    while chars != text:
        chunk = caller.wait("audio")
        chunks.append(chunk)
        chars += "".join(chunk["alignment"]["chars"])
        alignment = chunk["alignment"]
        assert len(alignment["chars"]) == len(alignment["char_start_times_ms"]) == len(alignment["char_durations_ms"])
        assert all(0 <= at < 300 for at in alignment["char_start_times_ms"][:-1])
    assert all(len(base64.b64decode(chunk["audio_base_64"])) % 2 == 0 for chunk in chunks)
    assert sum(len(base64.b64decode(chunk["audio_base_64"])) for chunk in chunks) > 32000


def test_speech_is_sent_faster_than_it_is_heard_but_not_at_once(call, make_agent):
    caller = call(
        make_agent(
            {"agent": {"first_message": "This greeting takes about four seconds to say, so it is sent in many pieces."}}
        )
    )
    caller.wait("audio")
    began = time.monotonic()
    frames = [payload(frame) for frame in caller.listen(6) if frame["type"] == "audio"]
    seconds = sum(len(base64.b64decode(frame["audio_base_64"])) for frame in frames) / 32000
    assert seconds > 2
    assert time.monotonic() - began >= 5.9
    caller.type("Hello")
    assert caller.wait("agent_response")["event_id"] == 2
    assert "interruption" not in caller.types()


def test_pings_begin_with_null_and_then_tell_the_round_trip(call, make_agent):
    caller = call(make_agent())
    first, second = caller.wait("ping"), caller.wait("ping")
    assert first == {"event_id": 1, "ping_ms": None}
    assert second["event_id"] == 2
    assert 0 <= second["ping_ms"] < 2000


def test_typed_messages_are_answered_and_not_echoed(call, make_agent):
    caller = call(make_agent())
    caller.wait("agent_response")
    caller.type("How are you?")
    said = caller.wait("agent_response")
    assert said["event_id"] == 2
    assert said["agent_response"].startswith("Very well")
    assert "user_transcript" not in caller.types()


def test_the_parts_of_a_text_are_a_start_the_pieces_and_a_stop_with_the_same_id(call, make_agent):
    caller = call(make_agent())
    caller.wait("agent_response", event_id=1)
    caller.type("Who are you?")
    said = caller.wait("agent_response", event_id=2)["agent_response"]
    parts = [
        payload(f) for f in caller.frames if f["type"] == "agent_chat_response_part" and payload(f)["event_id"] == 2
    ]
    assert [part["type"] for part in parts] == ["start", *["delta"] * (len(parts) - 2), "stop"]
    assert "".join(part["text"] for part in parts) == said


def test_typing_while_the_agent_speaks_interrupts_it_and_the_next_turn_has_the_next_id(call, make_agent):
    long = (
        "This is a very long greeting that goes on and on. It has more than one sentence. Nobody hears it to its end."
    )
    caller = call(make_agent({"agent": {"first_message": long}}))
    caller.wait("audio")
    caller.listen(1.5)
    caller.type("Who are you?")
    assert caller.wait("interruption") == {"event_id": 1}
    correction = caller.wait("agent_response_correction")
    assert correction["original_agent_response"] == long
    assert correction["event_id"] == 1
    heard = correction["corrected_agent_response"]
    assert heard
    assert long.startswith(heard)
    assert len(heard) < len(long) / 2
    assert caller.wait("agent_response")["event_id"] == 2
    caller.listen(1)
    at = caller.types().index("interruption")
    after = [frame for frame in caller.frames if frame["type"] != "ping"][at:]
    assert all(payload(frame)["event_id"] == 2 for frame in after if frame["type"] == "audio")


def test_what_was_heard_of_an_interrupted_turn_is_kept_with_the_original(call, api, make_agent):
    long = (
        "This is a very long greeting that goes on and on. It has more than one sentence. Nobody hears it to its end."
    )
    caller = call(make_agent({"agent": {"first_message": long}}))
    conversation_id = caller.wait("conversation_initiation_metadata")["conversation_id"]
    caller.listen(1.5)
    caller.type("Who are you?")
    corrected = caller.wait("agent_response_correction")["corrected_agent_response"]
    caller.socket.close()
    turn = finished(api, conversation_id).transcript[0]
    assert (turn.message, turn.original_message, turn.interrupted) == (corrected, long, True)


def test_only_the_events_the_agent_names_are_sent(call, make_agent):
    caller = call(make_agent({"conversation": {"client_events": ["agent_response"]}}))
    caller.wait("agent_response")
    caller.listen(1.5)
    assert caller.types() == ["conversation_initiation_metadata", "agent_response"]
    assert "ping" not in {frame["type"] for frame in caller.frames}


@pytest.mark.parametrize("override", [{"conversation": {"text_only": True}}, {"text_only": True}])
def test_a_text_only_session_has_no_sound_wherever_the_client_puts_the_wish(call, make_agent, override):
    allowed = {"overrides": {"conversation_config_override": {"conversation": {"text_only": True}}}}
    caller = call(make_agent(platform=allowed), init={"conversation_config_override": override})
    assert "agent_output_audio_format" in caller.wait("conversation_initiation_metadata")
    caller.type("Hello")
    caller.send({"user_audio_chunk": "AAAA"})
    assert caller.wait("agent_response", event_id=2)
    caller.listen(0.5)
    assert "audio" not in caller.types()
    assert "interruption" not in caller.types()


@pytest.mark.parametrize(
    ("override", "field"),
    [
        ({"agent": {"first_message": "Mine."}}, "first_message"),
        ({"agent": {"prompt": {"prompt": "Mine."}}}, "prompt"),
        ({"tts": {"voice_id": "EXAVITQu4vr4xnSDxMaL"}}, "voice_id"),
        ({"conversation": {"text_only": True}}, "text_only"),
    ],
)
def test_an_override_that_is_not_allowed_closes_with_1008_and_names_the_field(call, make_agent, override, field):
    caller = call(make_agent(), init={"conversation_config_override": override})
    assert caller.wait_for_close() == (1008, f"Override for field '{field}' is not allowed by config.")
    assert caller.frames == []


def test_an_override_that_is_allowed_is_applied(call, make_agent):
    allowed = {"overrides": {"conversation_config_override": {"agent": {"first_message": True}}}}
    caller = call(
        make_agent(platform=allowed), init={"conversation_config_override": {"agent": {"first_message": "Mine."}}}
    )
    assert caller.wait("agent_response")["agent_response"] == "Mine."


def test_missing_variables_close_with_1008_and_are_named_with_their_place(call, make_agent):
    caller = call(make_agent({"agent": {"first_message": "Hello {{name}}."}}))
    code, reason = caller.wait_for_close()
    assert (code, reason) == (1008, "Missing required dynamic variables in first message: {'name'}")


def test_variables_come_from_the_client_or_from_placeholders_but_never_system_ones(call, make_agent):
    agent_id = make_agent(
        {
            "agent": {
                "first_message": "{{name}}, {{place}}, {{system__agent_id}}.",
                "dynamic_variables": {"dynamic_variable_placeholders": {"place": "Bern"}},
            }
        }
    )
    caller = call(agent_id, init={"dynamic_variables": {"name": "Ada", "system__agent_id": "forged"}})
    assert caller.wait("agent_response")["agent_response"] == f"Ada, Bern, {agent_id}."


def test_an_unknown_agent_closes_with_3000(call, standin):
    assert call("agent_nobody").wait_for_close() == (3000, "The AI agent you are trying to reach does not exist.")


def test_an_agent_that_wants_authorization_is_not_reached_without_a_signature(call, api, make_agent):
    agent_id = make_agent(platform={"auth": {"enable_auth": True}})
    assert call(agent_id).wait_for_close()[0] == 3000
    caller = call(address=signed_url(api, agent_id))
    assert caller.wait("agent_response")["event_id"] == 1


def test_a_forged_signature_closes_with_3000(call, api, make_agent):
    address = signed_url(api, make_agent())
    assert call(address=address[:-4] + "XXXX").wait_for_close() == (3000, "The conversation signature is not valid.")


def test_a_signature_opens_no_other_agent(call, api, make_agent):
    first, second = make_agent(), make_agent()
    assert call(address=signed_url(api, first).replace(first, second)).wait_for_close()[0] == 3000


def test_an_expired_signature_closes_with_3000(call, api, make_agent, standin):
    address = signed_url(api, make_agent())
    for ticket in standin.store.tickets.values():
        ticket["expires"] -= 901
    assert call(address=address).wait_for_close() == (3000, "The conversation signature has expired.")


def test_a_signed_url_with_a_conversation_id_names_the_conversation_and_works_once(call, api, make_agent):
    address = signed_url(api, make_agent(), include_conversation_id=True)
    conversation_id = address.split("conversation_id=")[1]
    caller = call(address=address)
    assert caller.wait("conversation_initiation_metadata")["conversation_id"] == conversation_id
    assert call(address=address).wait_for_close() == (3000, "The conversation signature has already been used.")


def test_a_signed_url_without_one_works_again_and_both_spellings_of_its_address_answer(call, api, url, make_agent):
    agent_id = make_agent()
    address = signed_url(api, agent_id)
    ids = [call(address=address).wait("conversation_initiation_metadata")["conversation_id"] for _ in range(2)]
    assert ids[0] != ids[1]
    other = f"{url}/v1/convai/conversation/get_signed_url"
    answer = httpx.get(other, params={"agent_id": agent_id}, headers={"xi-api-key": "k"})
    assert answer.json()["signed_url"].startswith("ws://")


def test_what_the_sdks_append_to_a_signed_url_is_taken(call, api, make_agent):
    address = signed_url(api, make_agent()) + "&source=js_sdk&version=1.25.0&environment=production"
    assert call(address=address).wait("agent_response")


def test_a_page_of_another_host_than_the_allowlist_names_is_refused(call, make_agent):
    agent_id = make_agent(platform={"auth": {"allowlist": [{"hostname": "example.org"}]}})
    assert call(agent_id, origin="https://evil.example").wait_for_close()[0] == 1008
    assert call(agent_id, origin="https://example.org").wait("agent_response")
    assert call(agent_id).wait("agent_response")


@pytest.mark.parametrize("frame", ["not json", "[1, 2]", '"text"'])
def test_a_frame_that_is_no_json_object_closes_with_1008(call, make_agent, frame):
    caller = call(make_agent())
    caller.wait("conversation_initiation_metadata")
    caller.socket.send(frame)
    assert caller.wait("error")["error_type"] == "invalid_message"
    assert caller.wait_for_close() == (1008, "Invalid message received")


def test_messages_nobody_knows_are_ignored(call, make_agent):
    caller = call(make_agent())
    caller.wait("agent_response")
    for message in ({"type": "new_thing"}, {}, {"type": None}, {"type": "user_message"}, {"user_audio_chunk": 7}):
        caller.send(message)
    caller.type("Hello")
    assert caller.wait("agent_response")["event_id"] == 2


def test_goodbye_is_answered_and_ends_the_call_when_the_agent_can(call, api, make_agent):
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
    assert finished(api, conversation_id).metadata.termination_reason == "end_call tool was called."


def test_goodbye_leaves_the_call_open_when_the_agent_cannot_hang_up(call, make_agent):
    caller = call(make_agent())
    caller.type("Goodbye")
    assert "Goodbye" in caller.wait("agent_response", event_id=2)["agent_response"]
    caller.listen(2)
    assert caller.closed is None


def test_a_call_ends_after_its_longest_time_with_the_error_that_says_so(call, api, make_agent):
    caller = call(make_agent({"conversation": {"max_duration_seconds": 1}}))
    conversation_id = caller.wait("conversation_initiation_metadata")["conversation_id"]
    assert caller.wait("error")["error_type"] == "max_duration_exceeded"
    assert caller.wait_for_close()[0] == 1000
    assert "maximum duration" in finished(api, conversation_id).metadata.termination_reason


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


def test_at_the_concurrency_limit_a_call_is_refused_with_3008(call, make_agent):
    agent_id = make_agent(platform={"call_limits": {"agent_concurrency_limit": 1}})
    call(agent_id).wait("agent_response")
    assert call(agent_id).wait_for_close() == (3008, "too many concurrent connections")


def test_with_a_queue_a_call_waits_and_is_admitted_when_there_is_room(call, make_agent):
    limits = {"call_limits": {"agent_concurrency_limit": 1}, "queueing_config": {"enabled": True}}
    agent_id = make_agent(platform=limits)
    first = call(agent_id)
    first.wait("agent_response")
    second = call(agent_id)
    assert second.wait("queue_status") == {"status": "waiting"}
    assert second.types() == ["conversation_initiation_metadata", "queue_status"]
    first.socket.close()
    assert second.wait("queue_status") == {"status": "admitted"}
    assert second.wait("agent_response")["event_id"] == 1


def test_waiting_too_long_times_out_and_closes(call, make_agent):
    queue = {"enabled": True, "wait_timeout_seconds": 1}
    agent_id = make_agent(platform={"call_limits": {"agent_concurrency_limit": 1}, "queueing_config": queue})
    call(agent_id).wait("agent_response")
    second = call(agent_id)
    second.wait("queue_status")
    assert second.wait("queue_status") == {"status": "timed_out"}
    assert second.wait_for_close()[0] == 3008


def test_the_daily_limit_closes_with_4300(call, make_agent):
    agent_id = make_agent(platform={"call_limits": {"daily_limit": 1}})
    call(agent_id).wait("agent_response")
    assert call(agent_id).wait_for_close() == (4300, "Agent has exceeded its daily call limit of 1.")


def test_without_credits_no_call_begins_and_a_running_one_ends(call, url, make_agent):
    agent_id = make_agent()
    running = call(agent_id)
    running.wait("agent_response")
    httpx.patch(f"{url}/standin/limits", json={"credits": 0})
    assert running.wait_for_close() == (1002, "This request exceeds your quota limit.")
    assert call(agent_id).wait_for_close() == (3000, "[quota_exceeded] You've run out of credits.")


def finished(api, conversation_id):
    """The record, once the call is over and analysed."""
    until = time.monotonic() + 20
    while (record := api.conversations.get(conversation_id)).status not in ("done", "failed"):
        assert time.monotonic() < until, f"still {record.status}"
        time.sleep(0.05)
    return record
