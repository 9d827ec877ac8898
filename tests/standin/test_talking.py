"""Conversations on the raw WebSocket: order, ids, sound and text."""

import base64
import time

import pytest

from tests.standin.caller import payload

GREETING = ["conversation_initiation_metadata", *["agent_chat_response_part"] * 3, "agent_response", "audio"]


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


def test_what_was_heard_of_an_interrupted_turn_is_kept_with_the_original(call, finished, make_agent):
    long = (
        "This is a very long greeting that goes on and on. It has more than one sentence. Nobody hears it to its end."
    )
    caller = call(make_agent({"agent": {"first_message": long}}))
    conversation_id = caller.wait("conversation_initiation_metadata")["conversation_id"]
    caller.listen(1.5)
    caller.type("Who are you?")
    corrected = caller.wait("agent_response_correction")["corrected_agent_response"]
    caller.hang_up()
    turn = finished(conversation_id).transcript[0]
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


def test_messages_nobody_knows_are_ignored(call, make_agent):
    caller = call(make_agent())
    caller.wait("agent_response")
    for message in ({"type": "new_thing"}, {}, {"type": None}, {"type": "user_message"}, {"user_audio_chunk": 7}):
        caller.send(message)
    caller.type("Hello")
    assert caller.wait("agent_response")["event_id"] == 2
