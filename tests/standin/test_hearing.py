"""Spoken questions on the raw WebSocket: recognised, refused, and spoken into the agent's words."""

import base64
import math

import httpx
import numpy as np
import pytest

from tests.standin.caller import payload
from tests.standin.conftest import SENTENCES
from tests.standin.speech import SILENCE, say
from voice.standin import sound
from voice.standin.hearing import Ear

LONG = "This is a very long greeting that goes on and on. It has more than one sentence. Nobody hears it to its end."


@pytest.mark.parametrize("sentence", SENTENCES)
def test_an_expected_question_is_heard_word_for_word(call, make_agent, sentence):
    caller = call(make_agent({"agent": {"first_message": ""}}))
    caller.wait("conversation_initiation_metadata")
    caller.speak(say(sentence), pace=2)
    heard = caller.wait("user_transcript")
    assert heard == {"user_transcript": sentence, "event_id": 1}
    assert caller.wait("agent_response")["event_id"] == 1


def test_a_spoken_question_reaches_the_tool_and_is_answered_aloud(call, make_agent, make_tool, listener):
    caller = call(make_agent({"agent": {"first_message": ""}}, tools=[make_tool(f"{listener.url}/tool")]))
    caller.wait("conversation_initiation_metadata")
    caller.speak(say(SENTENCES[0], "slt"))
    (request,) = listener.wait(path="/tool")
    assert request.json["parameters"]["query"] == SENTENCES[0]
    caller.wait("audio")
    order = [kind for kind in caller.types() if kind != "agent_chat_response_part"]
    assert order[1:6] == ["user_transcript", "agent_tool_request", "agent_tool_response", "agent_response", "audio"]


@pytest.mark.parametrize(
    "foreign", ["My brother has been living in Chicago for years.", "Which train goes to the airport tonight?"]
)
def test_what_was_not_expected_is_politely_not_understood(call, make_agent, foreign):
    caller = call(make_agent({"agent": {"first_message": ""}}))
    caller.wait("conversation_initiation_metadata")
    caller.speak(say(foreign), pace=2)
    assert caller.wait("agent_response")["agent_response"].startswith("I did not understand that.")
    assert "user_transcript" not in caller.types()


def test_two_questions_are_two_turns(call, make_agent):
    caller = call(make_agent({"agent": {"first_message": ""}}))
    caller.wait("conversation_initiation_metadata")
    for number, sentence in enumerate(SENTENCES[:2], 1):
        caller.speak(say(sentence), pace=2)
        assert caller.wait("user_transcript") == {"user_transcript": sentence, "event_id": number}
        caller.wait("agent_response", event_id=number)
        caller.listen(6)


def test_speaking_while_the_agent_speaks_interrupts_it_before_the_sentence_is_over(call, make_agent):
    caller = call(make_agent({"agent": {"first_message": LONG}}))
    caller.wait("audio")
    question = say(SENTENCES[0])
    caller.speak(question[: int(1.6 * 32000)])
    assert caller.wait("interruption", seconds=1) == {"event_id": 1}
    caller.speak(question[int(1.6 * 32000) :])
    assert caller.wait("user_transcript") == {"user_transcript": SENTENCES[0], "event_id": 2}
    frames = [frame for frame in caller.frames if frame["type"] != "ping"]
    after = frames[[frame["type"] for frame in frames].index("interruption") :]
    assert not [frame for frame in after if frame["type"] == "audio" and payload(frame)["event_id"] < 2]


def test_a_greeting_that_may_not_be_interrupted_is_not(call, make_agent):
    config = {"agent": {"first_message": LONG, "disable_first_message_interruptions": True}}
    caller = call(make_agent(config))
    caller.wait("audio")
    caller.speak(say(SENTENCES[0]))
    caller.wait("user_transcript")
    assert "interruption" not in caller.types()


def test_an_unexpected_noise_is_no_turn(call, make_agent):
    caller = call(make_agent({"agent": {"first_message": ""}}))
    caller.wait("conversation_initiation_metadata")
    at = np.arange(sound.RATE)
    hum = (4000 * np.sin(2 * math.pi * 50 * at / sound.RATE) * (at < 1600)).astype("<i2").tobytes()
    caller.speak(SILENCE + hum + SILENCE, pace=4)
    caller.listen(1.5)
    assert caller.types() == ["conversation_initiation_metadata"]


@pytest.mark.parametrize("chunk", ["%%%", "AAA", "AA=="])
def test_audio_that_is_no_base64_or_half_a_sample_does_not_end_the_call(call, make_agent, chunk):
    caller = call(make_agent())
    caller.wait("agent_response")
    caller.send({"user_audio_chunk": chunk})
    caller.type("Hello")
    assert caller.wait("agent_response")["event_id"] == 2


@pytest.mark.parametrize(
    ("format_", "rate", "width"),
    [("pcm_24000", 24000, 2), ("pcm_8000", 8000, 2), ("pcm_44100", 44100, 2), ("ulaw_8000", 8000, 1)],
)
def test_the_agents_audio_is_in_the_format_it_is_set_to(call, make_agent, format_, rate, width):
    caller = call(make_agent({"tts": {"agent_output_audio_format": format_}}))
    assert caller.wait("conversation_initiation_metadata")["agent_output_audio_format"] == format_
    caller.wait("agent_response")
    sizes = [len(base64.b64decode(payload(f)["audio_base_64"])) for f in caller.listen(3) if f["type"] == "audio"]
    assert 0.4 < sum(sizes) / rate / width < 3
    assert all(size % width == 0 for size in sizes)


def test_speech_in_ulaw_is_understood(call, make_agent):
    caller = call(make_agent({"agent": {"first_message": ""}, "asr": {"user_input_audio_format": "ulaw_8000"}}))
    caller.wait("conversation_initiation_metadata")
    data = sound.encode(say(SENTENCES[1]), "ulaw_8000")
    for at in range(0, len(data), 2000):
        caller.send({"user_audio_chunk": base64.b64encode(data[at : at + 2000]).decode()})
    assert caller.wait("user_transcript")["user_transcript"] == SENTENCES[1]


def test_the_list_is_read_again_when_it_changes(url, standin):
    new = "Which colours does the torch come in?"
    kept = standin.options.sentences.read_text()

    def hear():
        return httpx.post(f"{url}/standin/hear", content=sound.wav(say(new)), timeout=30).json()["text"]

    assert hear() is None
    try:
        standin.options.sentences.write_text(f"{kept}\n{new}\n")
        assert hear() == new
    finally:
        standin.options.sentences.write_text(kept)


def test_words_without_a_dictionary_entry_are_learned_from_flite(standin):
    standin.recogniser.prepare()
    assert SENTENCES[3] in standin.recogniser.sentences.values()
    assert standin.recogniser.left_out == []


def test_a_patient_ear_hears_one_utterance_where_an_eager_one_hears_two():
    question = say(SENTENCES[0]).rstrip(b"\0")
    both = question + b"\0" * int(0.2 * 32000) + say(SENTENCES[1])[sound.RATE :]
    patient = [event.kind for event in Ear("patient").feed(both)]
    assert patient == ["started", "paused", "paused", "ended"]
    assert [event.kind for event in Ear("eager").feed(both)].count("ended") == 2


def test_samples_keep_their_shape_through_ulaw_and_other_rates():
    original = np.frombuffer(say(SENTENCES[0]), dtype="<i2").astype(float)
    for format_ in ("ulaw_8000", "pcm_24000", "pcm_48000", "pcm_22050"):
        there_and_back = sound.decode(sound.encode(say(SENTENCES[0]), format_), format_)
        again = np.frombuffer(there_and_back, dtype="<i2").astype(float)[: len(original)]
        assert np.corrcoef(original[: len(again)], again)[0, 1] > 0.85, format_
