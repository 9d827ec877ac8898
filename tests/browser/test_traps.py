"""What browsers, phones and the official client do to a call that nobody asked for: noticed, said, survived."""

import time

import pytest
from playwright.sync_api import expect

from tests.browser import sound
from tests.browser.chat import Chat
from tests.browser.conftest import QUESTION
from tests.browser.sheet import KEY

pytestmark = pytest.mark.django_db(transaction=True)

# Presses Talk without anybody having touched the page: then browsers let no sound through.
BY_ITSELF = 'addEventListener("load", () => setTimeout(() => document.getElementById("talk")?.click(), 300));'
UNTOUCHED = 2500  # milliseconds to leave the page alone: for a browser, a test that looks at it touches it
# A browser that cannot choose the rate of its sound, as Firefox cannot.
ONE_RATE = """
const supported = MediaDevices.prototype.getSupportedConstraints;
MediaDevices.prototype.getSupportedConstraints = function () {
  return { ...supported.call(this), sampleRate: undefined };
};
const Context = window.AudioContext;
window.rates = [];
window.AudioContext = class extends Context {
  constructor(...options) {
    super(...options);
    window.rates.push(this.sampleRate);
  }
};
"""
# Keeps every real microphone track that the page opens.
TRACKS = """
const request = MediaDevices.prototype.getUserMedia;
window.tracks = [];
MediaDevices.prototype.getUserMedia = async function (constraints) {
  const stream = await request.call(this, constraints);
  window.tracks.push(...stream.getTracks());
  return stream;
};
window.liveTracks = () => window.tracks.filter((track) => track.readyState === "live").length;
"""


def prepared(open_page, script="", clock=False, **options):
    """The chat page with a script that ran before it, and a clock that the test can turn."""
    page = open_page("/", **options)
    if script:
        page.add_init_script(script)
    if clock:
        page.clock.install()
    page.goto("/chat/harbour-guide/")
    return Chat(page)


def answer_and_ping(call):
    call.greet()
    call.ping_every(0.5)


def test_sound_that_the_browser_holds_back_runs_after_one_press(open_page, standin, agent):
    chat = prepared(open_page, BY_ITSELF)
    chat.watch.expect("AudioContext was not allowed to start")
    chat.page.wait_for_timeout(UNTOUCHED)
    hear = chat.page.get_by_role("button", name="Tap to hear")
    expect(hear).to_be_focused()
    expect(chat.dock).to_contain_text(chat.sentence("hint-held-back"))
    hear.click()
    chat.expect_state("speaking")
    expect(hear).to_be_hidden()
    chat.hang_up()


def test_a_start_whose_sound_nobody_lets_through_is_given_up(open_page, standin, agent):
    chat = prepared(open_page, BY_ITSELF, clock=True)
    chat.watch.expect("AudioContext was not allowed to start")
    chat.page.wait_for_timeout(UNTOUCHED)
    expect(chat.page.get_by_role("button", name="Tap to hear")).to_be_visible()
    chat.page.clock.fast_forward(61_000)
    chat.expect_explained("start-unheard")


def test_sound_that_stops_in_mid_call_runs_after_one_press(open_page, line, agent):
    line(answer_and_ping)
    chat = prepared(open_page)
    chat.talk()
    chat.expect_state("listening")
    chat.page.evaluate("document.querySelector('body > audio').pause()")
    hear = chat.page.get_by_role("button", name="Tap to hear")
    expect(chat.dock).to_contain_text(chat.sentence("hint-held-back"))
    hear.click()
    expect(hear).to_be_hidden()
    chat.expect_state("listening")
    assert chat.page.evaluate("document.querySelector('body > audio').paused") is False


def test_a_browser_that_cannot_choose_its_rate_hears_and_is_heard(open_page, standin, agent, tmp_path):
    chat = prepared(open_page, ONE_RATE)
    chat.watch.expect("resampling to")
    chat.talk()
    chat.expect_state("listening", 20)
    assert 16_000 not in chat.page.evaluate("window.rates")
    chat.listen_to_speaker()
    chat.speak(sound.as_text(sound.speak(QUESTION, tmp_path, after=1)))
    expect(chat.turn(QUESTION, "visitor")).to_be_visible(timeout=20_000)
    chat.page.wait_for_function("() => window.ear.loudness > 0.02")


def test_the_resampler_keeps_speech_and_takes_away_what_the_lower_rate_cannot_carry(open_page, persona):
    page = open_page("/")
    loudness = """async ([from, to, hertz]) => {
      await import("/static/voice/worklets/resampler.js");
      const resampler = await LibSampleRate.create(1, from, to);
      const made = [];
      for (let at = 0; at < from; at += 128) {
        const block = Float32Array.from({ length: 128 }, (_, i) => Math.sin((2 * Math.PI * hertz * (at + i)) / from));
        made.push(...resampler.full(block));
      }
      const [cos, sin] = [Math.cos, Math.sin].map((wave) => {
        const part = made.slice(to / 4, (3 * to) / 4);
        const at = (i) => (2 * Math.PI * hertz * (i + to / 4)) / to;
        return (2 * part.reduce((sum, value, i) => sum + value * wave(at(i)), 0)) / part.length;
      });
      const all = Math.sqrt((2 * made.slice(to / 4, (3 * to) / 4).reduce((sum, v) => sum + v * v, 0)) / (to / 2));
      return { length: made.length, pure: Math.hypot(cos, sin), all };
    }"""
    for rates in ([48_000, 16_000], [44_100, 16_000], [16_000, 48_000]):
        tone = page.evaluate(loudness, [*rates, 1000])
        assert tone["length"] == pytest.approx(rates[1], abs=130)
        assert tone["pure"] == pytest.approx(1, abs=0.001) and tone["all"] == pytest.approx(1, abs=0.001)
    assert page.evaluate(loudness, [48_000, 16_000, 10_000])["all"] < 0.001


def test_a_microphone_that_the_system_takes_away_for_a_while_is_said_and_given_back(open_page, line, agent):
    line(answer_and_ping)
    chat = prepared(open_page, TRACKS, microphone=False)
    chat.connect()
    take = """taken => window.tracks.filter((one) => one.readyState === "live").forEach((track) => {
      Object.defineProperty(track, "muted", { value: taken, configurable: true });
      track.dispatchEvent(new Event(taken ? "mute" : "unmute"));
    })"""
    chat.page.evaluate(take, True)
    expect(chat.dock).to_contain_text(chat.sentence("hint-taken"))
    chat.page.evaluate(take, False)
    expect(chat.dock).not_to_contain_text(chat.sentence("hint-taken"))
    chat.hang_up()
    assert chat.open_tracks() == 0


def test_a_microphone_that_gives_nothing_at_all_is_said(open_page, line, agent):
    line(answer_and_ping)
    chat = prepared(open_page, clock=True)
    chat.talk()
    chat.expect_state("listening")
    chat.page.clock.fast_forward(11_000)
    expect(chat.dock).to_contain_text(chat.sentence("hint-silent"))


def test_a_microphone_that_is_forbidden_in_mid_call_ends_it_with_a_sentence(open_page, line, agent):
    line(answer_and_ping)
    chat = prepared(open_page, TRACKS, microphone=False)
    chat.watch.expect("ermission denied", "permission change", "already being set", "Error changing input")
    chat.connect()
    assert chat.open_tracks() == 1
    chat.page.context.clear_permissions()
    chat.expect_explained("microphone-lost")


def test_a_microphone_chosen_in_mid_call_that_does_not_open_leaves_the_one_before(open_page, line, agent):
    line(answer_and_ping)
    busy = """const request = navigator.mediaDevices.getUserMedia;
    navigator.mediaDevices.getUserMedia = async (what) => {
      if (what.audio?.deviceId) throw new DOMException("in use", "NotReadableError");
      return request.call(navigator.mediaDevices, what);
    };"""
    chat = prepared(open_page, busy)
    chat.watch.expect("Failed to switch input device", "Error changing input device")
    chat.connect()
    choose = """key => {
      localStorage.setItem(key, JSON.stringify({ microphone: "elsewhere" }));
      dispatchEvent(new StorageEvent("storage", { key }));
    }"""
    chat.page.evaluate(choose, KEY)
    expect(chat.notice).to_contain_text(chat.sentence("microphone-kept"))
    assert chat.open_tracks() == 1
    chat.hang_up()


def test_a_call_outlasts_a_short_sleep_of_the_device(open_page, line, agent):
    line(answer_and_ping)
    chat = prepared(open_page, clock=True)
    chat.talk()
    chat.expect_state("listening")
    chat.page.clock.fast_forward(30_000)
    chat.page.wait_for_timeout(1500)
    chat.expect_state("listening")
    expect(chat.dock).not_to_contain_text("weak")
    expect(chat.notice).to_be_hidden()


def test_a_line_that_died_while_the_device_slept_is_taken_up_again(open_page, line, agent):
    calls = []

    def answer(call):
        calls.append(call)
        call.greet() if len(calls) == 1 else answer_and_ping(call)
        call.closed.wait(30)

    line(answer)
    chat = prepared(open_page, clock=True)
    chat.talk()
    chat.expect_state("listening")
    chat.page.clock.fast_forward(90_000)
    expect(chat.page.locator("#announcer")).to_contain_text("connected again", timeout=15_000)
    chat.hang_up()
    assert len(calls) == 2


def test_a_page_that_a_phone_freezes_for_a_while_goes_on(open_page, line, agent):
    line(answer_and_ping)
    chat = prepared(open_page)
    chat.talk()
    chat.expect_state("listening")
    phone = chat.page.context.new_cdp_session(chat.page)
    phone.send("Page.setWebLifecycleState", {"state": "frozen"})
    time.sleep(4)
    phone.send("Page.setWebLifecycleState", {"state": "active"})
    chat.page.wait_for_timeout(1000)
    chat.expect_state("listening")
    expect(chat.notice).to_be_hidden()


def test_a_page_that_is_left_hears_nothing_any_more(open_page, line, agent):
    line(answer_and_ping)
    chat = prepared(open_page)
    chat.talk()
    chat.expect_state("listening")
    assert chat.open_tracks() == 1
    chat.page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    assert chat.open_tracks() == 0


def test_hanging_up_twice_ends_a_call_once(open_page, line, agent):
    line(answer_and_ping)
    chat = prepared(open_page)
    chat.talk()
    chat.expect_state("listening")
    told = []
    chat.page.on("request", lambda request: told.append(request) if request.url.endswith("/end/") else None)
    chat.page.locator("#end").evaluate("button => { button.click(); button.click(); }")
    chat.expect_state("ended")
    chat.page.wait_for_timeout(500)
    assert len(told) == 1
    assert chat.open_tracks() == 0


NONSENSE = {
    "half a frame": lambda call: call.connection.send('{"audio_event": {"audio_base_64": "AAAA'),
    "no type": lambda call: call.connection.send('{"audio_event": {}}'),
    "an unknown type": lambda call: call.send("weather_report", rain=True),
    "sound without sound": lambda call: call.connection.send('{"type": "audio"}'),
    "an odd number of bytes": lambda call: call.send("audio", audio_base_64="AAAA", event_id=1),
    "words without words": lambda call: call.connection.send('{"type": "agent_response"}'),
    "an error that passes": lambda call: call.send("error", code=1011, message="a hiccup", error_type="llm_error"),
}


def test_a_call_goes_on_after_whatever_makes_no_sense(open_page, line, agent):
    def babble(call):
        call.greet()
        time.sleep(1)
        for number, send in enumerate(NONSENSE.values(), 2):
            send(call)
            call.hear(f"Question {number}?", number)
            call.announce(f"Answer {number}.", number)
            call.speak(f"Answer {number}.", number, 0.01)
        call.ping_every(1)

    line(babble)
    chat = prepared(open_page)
    chat.watch.expect("error: ")
    chat.talk()
    for number in range(2, len(NONSENSE) + 2):
        expect(chat.turn(f"Answer {number}.")).to_be_visible()
    chat.expect_state("listening")
    chat.hang_up()
