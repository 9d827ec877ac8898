"""Small truths about the stand-in's parts, some of them for any input."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.standin import mind, playback, results, sound, variables
from voice.standin.definitions import merge
from voice.standin.phrases import ENGLISH, PHRASES
from voice.standin.playback import Playback, Utterance
from voice.standin.speaking import Mouth
from voice.standin.voices import VOICES, get

TEXT = st.text(max_size=200)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(TEXT, inside, max_size=4),
    max_leaves=10,
)


def tool(kind, name, **schema):
    return {"tool_config": {"type": kind, "name": name, "api_schema": schema}}


ASKING = {"type": "object", "properties": {"q": {"type": "string", "description": "The question."}}}
WEBHOOK = tool("webhook", "look_up", request_body_schema=ASKING)
TOOLS = [tool("webhook", "ping"), WEBHOOK, tool("client", "show_sources"), tool("client", "slower")]


@pytest.mark.parametrize(
    ("words", "kind", "name"),
    [
        ("How long does the lamp burn?", "webhook", "look_up"),
        ("Slower, please.", "client", "slower"),
        ("Show me the sources", "client", "show_sources"),
        ("Why is it slower?", "webhook", "look_up"),
        ("What sources do you show?", "webhook", "look_up"),
    ],
)
def test_a_question_goes_to_the_asking_webhook_and_a_command_to_the_client(words, kind, name):
    intent = mind.decide(words, TOOLS)
    assert (intent.kind, intent.tool["tool_config"]["name"]) == (kind, name)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Goodbye!", "goodbye"),
        ("That is all, thank you.", "goodbye"),
        ("No thank you, that's all.", "goodbye"),
        ("Is that all you know about the lamp?", "webhook"),
        ("Hello.", "say"),
        ("Thank you very much.", "say"),
        ("Thank you, and how long does it burn?", "webhook"),
        ("Please repeat that.", "repeat"),
        ("How often does it repeat?", "webhook"),
    ],
)
def test_small_talk_and_goodbyes_are_told_from_questions(words, kind):
    assert mind.decide(words, TOOLS).kind == kind


@given(TEXT)
def test_the_mind_never_fails_on_words(words):
    assert mind.decide(words, TOOLS).kind in ("say", "repeat", "goodbye", "client", "webhook")


@given(TEXT)
def test_sentences_joined_are_the_text_again(text):
    assert "".join(playback.split_sentences(text)) == text


@given(TEXT, st.floats(0.1, 60))
def test_an_alignment_covers_every_character_without_gaps(text, seconds):
    chars, starts, lengths = playback.align(text, seconds)
    assert "".join(chars) == text
    assert all(abs(a + b - c) < 1e-6 for a, b, c in zip(starts, lengths, starts[1:], strict=False))
    assert abs(sum(lengths) - (seconds if text else 0)) < 1e-6


@given(st.text(min_size=1, max_size=80), st.integers(1, 60000))
def test_chunks_together_are_the_sound_and_the_text(text, samples):
    pcm = b"\1\0" * samples
    chunks = list(playback.cut_chunks(text, pcm, "pcm_16000"))
    assert b"".join(chunk[0] for chunk in chunks) == pcm
    assert "".join(letter for chunk in chunks for letter in chunk[2]) == text


def test_what_was_heard_ends_with_a_whole_word():
    said = Utterance("It left on Monday", 1, {}, list("It left on Monday"), [number * 0.1 for number in range(17)])
    assert said.heard_text(-1) == ""
    assert said.heard_text(0.55) == "It"
    assert said.heard_text(1.05) == "It left on"
    assert said.heard_text(9) == "It left on Monday"


def test_the_players_clock_never_runs_faster_than_life():
    now = [100.0]
    player = Playback(clock=lambda: now[0])
    assert player.enqueue(0.25) == 100.0
    assert player.enqueue(0.25) == 100.25
    now[0] = 100.4
    assert player.remaining == pytest.approx(0.1)
    now[0] = 101.0
    assert player.enqueue(0.25) == 101.0
    player.flush()
    assert player.remaining == 0


@given(JSON, JSON)
def test_merging_changes_neither_side_and_keeps_what_is_not_given(old, new):
    old, new = {"a": old, "kept": 1}, {"a": new}
    before = repr((old, new))
    merged = merge(old, new)
    assert repr((old, new)) == before
    assert merged["kept"] == 1


@given(st.text(max_size=300))
def test_any_answer_of_a_tool_can_be_read(text):
    result = results.filter_result(text, {"mode": "allow", "filters": ["result.content", "a.0.b"]})
    assert isinstance(results.words_of(result), str)


@given(JSON)
def test_the_longest_string_of_any_result_is_found(value):
    said = results.words_of(value)
    assert isinstance(said, str)


def test_variables_are_filled_in_and_unknown_ones_stay():
    assert variables.fill("{{ a }} {{b}} {{c}} {a}", {"a": 1, "b": True}) == "1 true {{c}} {a}"


@pytest.mark.parametrize("language", PHRASES)
def test_every_language_has_every_phrase(language):
    assert set(PHRASES[language]) == set(ENGLISH)


@settings(max_examples=30)
@given(st.binary(max_size=400).map(lambda data: data[: len(data) // 2 * 2]))
def test_any_samples_survive_every_format(pcm):
    for format_ in ("ulaw_8000", "pcm_8000", "pcm_48000"):
        again = sound.decode(sound.encode(pcm, format_), format_)
        assert abs(len(again) - len(pcm)) <= 8


def say(mouth, text, voice="cjVigY5qzO86Huf0OWal", language="en", speed=1.0):
    return asyncio.run(mouth.say(text, get(voice), language, speed))


def test_voices_sound_different_and_speed_changes_the_length():
    mouth = Mouth()
    said = {voice: say(mouth, "The lamp burns for forty hours.", voice) for voice in VOICES}
    assert len({len(pcm) for pcm in said.values()}) >= 3
    assert len(say(mouth, "The lamp burns for forty hours.", speed=0.7)) > 1.2 * len(said["cjVigY5qzO86Huf0OWal"])


def test_other_languages_are_spoken_by_espeak():
    assert sound.loudness(say(Mouth("espeak"), "Die Lampe brennt vierzig Stunden.", language="de")) > 100


@pytest.mark.parametrize("text", ["", "   ", "…", "-o /etc/passwd", "--help", "\x00", "a" * 6000, "日本語"])
def test_any_text_becomes_sound(text):
    assert sound.seconds(say(Mouth(), text)) > 0.1


def test_without_a_speech_program_tones_are_heard_and_the_note_says_what_to_install():
    mouth = Mouth("tones")
    assert "install flite or espeak-ng" in mouth.note
    short, long = say(mouth, "Hello."), say(mouth, "Hello, this is a much longer sentence than that.")
    assert sound.loudness(short) > 500
    assert len(long) > 2 * len(short)
