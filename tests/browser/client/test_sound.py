"""Microphone, speaker and volume of the official browser client, while it is connected."""

import pytest

from tests.browser.client.conftest import LONG

CHUNKS = "bench.notes.filter(note => note.payload?.type === 'user_audio_chunk')"


@pytest.fixture
def call(bench, visit):
    """A call whose microphone is Chromium's own, which beeps every second."""
    visitor = visit()
    agent_id = bench.workspace.agent({"agent": {"first_message": ""}})
    visitor.start(signedUrl=bench.workspace.signed_url(agent_id))
    visitor.wait_until(f"{CHUNKS}.some(note => note.payload.peak > 500)")
    return visitor


def tape(bench, visitor):
    """What the stand-in heard of the visitor, as it came: µ-law, piece by piece."""
    return [piece for _at, piece in bench.standin.calls[visitor.id].tape.visitor]


def test_a_muted_microphone_goes_on_sending_but_only_zeros(bench, call):
    call.do("setMicMuted", True)
    call.page.evaluate("bench.mutedAt = bench.notes.length")
    call.wait_until("bench.notes.slice(bench.mutedAt).filter(note => note.payload?.bytes).length > 70")
    peaks = call.page.evaluate("bench.notes.slice(bench.mutedAt).map(n => n.payload?.peak).filter(peak => peak >= 0)")
    assert set(peaks[10:]) == {0}  # the first few may have been under way
    assert set(b"".join(tape(bench, call)[-30:])) == {0xFF}  # silence in µ-law
    assert call.do("getInputVolume") == 0
    assert set(call.page.evaluate("[...bench.talk.getInputByteFrequencyData()]")) == {0}
    call.do("setMicMuted", False)
    call.wait_until("bench.notes.at(-1).payload?.peak > 500")


def devices(visitor, kind):
    """The ids of the browser's devices of a kind, all but the default one."""
    found = visitor.page.evaluate("navigator.mediaDevices.enumerateDevices().then(all => all.map(one => one.toJSON()))")
    return [device["deviceId"] for device in found if device["kind"] == kind and device["deviceId"] != "default"]


def test_another_microphone_can_be_taken_in_mid_call(call):
    before = call.page.evaluate("bench.microphones.at(-1).got")
    other = next(device for device in devices(call, "audioinput") if device != before)
    assert call.do("changeInputDevice", {"inputDeviceId": other}) is None
    assert call.page.evaluate("bench.microphones.at(-1).got") == other
    call.page.evaluate("bench.changedAt = bench.notes.length")
    call.wait_until("bench.notes.slice(bench.changedAt).some(note => note.payload?.peak > 500)")


def test_a_microphone_that_is_not_there_is_refused_and_the_old_one_stays(call):
    refused = call.do("changeInputDevice", {"inputDeviceId": "no such microphone"})
    assert refused["refused"] == "OverconstrainedError"
    call.page.evaluate("bench.changedAt = bench.notes.length")
    call.wait_until("bench.notes.slice(bench.changedAt).some(note => note.payload?.peak > 500)")


def test_another_speaker_can_be_taken_in_mid_call(call):
    other = devices(call, "audiooutput")[-1]
    assert call.do("changeOutputDevice", {"outputDeviceId": other}) is None
    assert call.page.evaluate("document.querySelector('body > audio').sinkId") == other


def test_a_microphone_is_chosen_at_the_start(bench, visit):
    visitor = visit()
    visitor.page.evaluate("navigator.mediaDevices.getUserMedia({ audio: true })")
    chosen = devices(visitor, "audioinput")[-1]
    agent_id = bench.workspace.agent({"agent": {"first_message": ""}})
    visitor.start(signedUrl=bench.workspace.signed_url(agent_id), inputDeviceId=chosen)
    assert visitor.page.evaluate("bench.microphones.at(-1).got") == chosen


def test_the_volume_reaches_the_speaker(bench, visit):
    visitor = visit(microphone="scripted")
    agent_id = bench.workspace.agent({"agent": {"first_message": LONG}})
    visitor.start(signedUrl=bench.workspace.signed_url(agent_id))
    visitor.do("setVolume", {"volume": 0})
    visitor.wait("onModeChange", lambda change: change["mode"] == "speaking")
    visitor.page.wait_for_timeout(200)
    visitor.listen()
    visitor.page.wait_for_timeout(600)
    assert visitor.page.evaluate("window.ear.loudness") < 0.001
    visitor.do("setVolume", {"volume": 1})
    visitor.do("sendUserMessage", "Who are you?")
    visitor.wait_until("window.ear.loudness > 0.02")
    assert visitor.do("getOutputVolume") > 0
    assert visitor.page.evaluate("Math.max(...bench.talk.getOutputByteFrequencyData())") > 50


def test_a_microphone_that_is_denied_refuses_the_start_before_any_connection(bench, visit):
    visitor = visit(granted=False)
    before = len(bench.standin.store.conversations)
    answer = visitor.start(signedUrl=bench.workspace.signed_url(bench.workspace.agent()))
    assert (answer["refused"], answer["message"]) == ("NotAllowedError", "Permission denied")
    assert len(bench.standin.store.conversations) == before
