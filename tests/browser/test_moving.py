"""What moves on the page follows the sound: words appear with the voice, the meter with both voices."""

import base64
import io
import random
import statistics
import struct
import wave

import pytest

from tests.browser.chat import Chat
from tests.browser.line import RATE, tone

pytestmark = pytest.mark.django_db(transaction=True)
BEAT = 0.6  # seconds from word to word; each sounds for half of that
WORDS = ["one", "two", "three", "four", "five", "six"]

# Notes, on the page's clock, when a stretch of sound begins at the speaker and when a word more stands in the last turn.
WITNESS = """
() => {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaStreamSource(document.querySelector("body > audio").srcObject).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const seen = { onsets: [], words: [], levels: [] };
  const presence = document.querySelector(".presence");
  let sounding = false;
  window.seen = seen;
  setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const loudness = Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
    if (loudness > 0.01 && !sounding) seen.onsets.push(performance.now());
    sounding = loudness > 0.01;
    seen.levels.push([performance.now(), Number(presence.style.getPropertyValue("--level")), loudness]);
  }, 10);
  new MutationObserver(() => {
    const row = document.querySelector(".thread > .turn:last-child");
    const words = row.dataset.speaker === "persona" ? row.querySelector(".turn-text").textContent.match(/\\S+/g) ?? [] : [];
    while (seen.words.length < words.length) seen.words.push(performance.now());
  }).observe(document.getElementById("thread"), { subtree: true, childList: true, characterData: true });
}
"""


def noise(seconds, loudness):
    """Hiss, which has something for every bin of a meter; 16-bit little-endian at 16 kHz."""
    dice = random.Random(1)
    count = int(seconds * RATE)
    return struct.pack(f"<{count}h", *(int(dice.uniform(-1, 1) * loudness * 32767) for _ in range(count)))


def test_words_stand_on_the_page_as_they_sound(open_page, line, agent):
    def count_aloud(call):
        call.greet()
        call.wait_for("user_message", 60)
        text, starts, sound = " ".join(WORDS), [], b""
        for number, word in enumerate(WORDS):
            starts += [round(number * BEAT * 1000)] * len(word) + [round((number + 0.5) * BEAT * 1000)]
            sound += tone(BEAT / 2) + bytes(2 * int(BEAT / 2 * RATE))
        spans = {"char_start_times_ms": starts[: len(text)], "char_durations_ms": [round(BEAT * 500)] * len(text)}
        call.announce(text, 2)
        call.send(
            "audio",
            audio_base_64=base64.b64encode(sound).decode(),
            event_id=2,
            alignment={"chars": list(text), **spans},
        )
        call.closed.wait(60)

    line(count_aloud)
    chat = Chat(open_page())
    chat.talk()
    chat.expect_state("listening")
    chat.page.evaluate(WITNESS)
    chat.ask("Count to six.")
    chat.page.wait_for_function("n => window.seen.words.length >= n && window.seen.onsets.length >= n", arg=len(WORDS))
    seen = chat.page.evaluate("window.seen")
    lags = [word - onset for word, onset in zip(seen["words"], seen["onsets"], strict=False)]
    print(f"words behind their sound, in ms: {[round(lag) for lag in lags]}")
    assert -100 < statistics.median(lags) < 250, lags
    assert all(abs(lag) < BEAT * 1000 for lag in lags), lags  # never a word late


def test_the_meter_follows_both_voices(open_page, line, agent):
    def hiss(call):
        call.greet()
        call.wait_for("user_message", 60)
        sound = noise(1.5, 0.4) + noise(1.5, 0.02) + bytes(2 * RATE)
        call.announce("Hiss.", 2)
        call.send("audio", audio_base_64=base64.b64encode(sound).decode(), event_id=2)
        call.closed.wait(60)

    line(hiss)
    chat = Chat(open_page())
    chat.talk()
    chat.expect_state("listening")
    chat.page.evaluate(WITNESS)
    loud, soft, silent = means(chat.page, lambda: chat.page.evaluate("f => window.speak(f)", as_wav(0.4, 0.02)))
    assert loud > soft + 0.1 > silent + 0.15 and silent < 0.1, f"of the microphone: {loud, soft, silent}"
    loud, soft, silent = means(chat.page, lambda: chat.ask("Hiss."))
    assert loud > soft + 0.1 > silent + 0.15 and silent < 0.1, f"of the speaker: {loud, soft, silent}"


def as_wav(*loudnesses):
    """A recording of 1.5 s of hiss at each loudness, in base64."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, RATE, 0, "NONE", ""))
        sound.writeframes(b"".join(noise(1.5, loudness) for loudness in loudnesses))
    return base64.b64encode(file.getvalue()).decode()


def means(page, make_sound):
    """How high the meter stands in the middle of a loud, a soft and a silent second and a half, which `make_sound` begins."""
    page.evaluate("() => { window.seen.levels.length = 0; }")
    make_sound()
    page.wait_for_function("() => window.seen.levels.some(([, level]) => level > 0.3)")
    page.wait_for_timeout(4800)
    levels = page.evaluate("window.seen.levels")
    began = next(at for at, level, _ in levels if level > 0.3)
    between = lambda start, end: [level for at, level, _ in levels if start < at - began < end]  # noqa: E731
    return [statistics.mean(between(start, start + 800)) for start in (400, 2100, 3800)]
