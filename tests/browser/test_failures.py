"""Every way in which a call does not start, or ends too soon, is a sentence with a next step, in bounded time."""

import time
from itertools import groupby

import pytest
from playwright.sync_api import expect

from tests.browser.chat import Chat
from tests.browser.conftest import QUESTION

pytestmark = pytest.mark.django_db(transaction=True)
TYPED_ANSWER = "nine in the morning"


def go_on_typing(chat):
    """The thread goes on in text."""
    chat.ask(QUESTION)
    expect(chat.turn(TYPED_ANSWER)).to_be_visible(timeout=10_000)


def greet(line, text="Good day.", number=1):
    line.answer_the_call()
    line.ping()
    line.announce(text, number)
    return line.speak(text, number)


def wait_until_closed(line, seconds=30):
    line.closed.wait(seconds)


def test_a_refused_microphone_is_explained_before_anything_is_reserved(open_page, standin, agent):
    chat = Chat(open_page(microphone=False, granted=False))
    standin.forget_requests()
    chat.talk()
    chat.expect_notice("Your microphone is blocked")
    assert standin.requests("GET", "/v1/convai/conversation/get-signed-url") == []
    go_on_typing(chat)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("NotFoundError", "No microphone was found"),
        ("NotReadableError", "Another program is using your microphone"),
        ("NotAllowedError", "Your microphone is blocked"),
    ],
)
def test_a_microphone_that_does_not_open_is_explained(open_page, standin, agent, name, words):
    page = open_page("/", microphone=False)
    page.add_init_script(
        f"navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('no', '{name}'); }};"
    )
    page.goto("/chat/harbour-guide/")
    chat = Chat(page)
    chat.talk()
    chat.expect_notice(words)
    expect(chat.dock).to_be_hidden()


def test_a_question_for_the_microphone_that_is_left_open_can_be_cancelled(open_page, standin, agent):
    page = open_page("/", microphone=False, granted=False)
    page.add_init_script("navigator.mediaDevices.getUserMedia = () => new Promise(() => {});")
    page.goto("/chat/harbour-guide/")
    chat = Chat(page)
    chat.talk()
    expect(chat.dock).to_contain_text("choose Allow")
    page.get_by_role("button", name="Cancel").click()
    expect(chat.talk_button).to_be_focused()
    expect(chat.dock).to_be_hidden()


def test_without_an_agent_yet_the_visitor_is_told_and_can_type(open_page, persona, standin):
    chat = Chat(open_page())
    chat.watch.expect("status of 409", "status of 503")
    if chat.talk_button.is_visible():
        chat.talk()
        expect(chat.notice).to_be_visible()
    go_on_typing(chat)


def test_a_voice_service_that_is_gone_is_explained_in_time(open_page, standin, agent, settings):
    settings.ELEVENLABS_URL = "http://127.0.0.1:9"
    chat = Chat(open_page())
    chat.watch.expect("status of 503")
    began = time.monotonic()
    chat.talk()
    expect(chat.notice).to_contain_text("not answering", timeout=12_000)
    assert time.monotonic() - began < 12
    assert chat.open_tracks() == 0
    go_on_typing(chat)


def test_a_busy_line_is_explained(open_page, standin, agent, settings):
    settings.VOICE_MAX_SESSIONS = 0
    chat = Chat(open_page())
    chat.watch.expect("status of 429")
    chat.talk()
    chat.expect_notice("All lines are taken")
    go_on_typing(chat)


CLOSES = [
    (1008, "The signed URL has expired.", "had run out"),
    (1008, "Override for field 'voice_id' is not allowed by config.", "did not accept this call"),
    (3000, "[quota_exceeded] You've run out of credits.", "minutes for voice are used up"),
    (3008, "too many concurrent connections", "All lines are taken"),
    (4300, "Agent has exceeded its daily call limit of 5.", "All lines are taken"),
    (3000, "The AI agent you are trying to reach does not exist.", "did not accept this call"),
]


@pytest.mark.parametrize(
    ("code", "reason", "words"), CLOSES, ids=[f"{code} {reason[:20]}" for code, reason, _ in CLOSES]
)
def test_a_start_that_is_turned_down_is_explained(open_page, line, agent, code, reason, words):
    line(lambda call: call.hang_up(code, reason))
    chat = Chat(open_page())
    chat.talk()
    chat.expect_notice(words)
    assert chat.open_tracks() == 0


def test_a_silent_service_is_given_up_and_the_microphone_freed(open_page, line, agent):
    line(lambda call: call.closed.wait(40))
    chat = Chat(open_page())
    began = time.monotonic()
    chat.talk()
    chat.expect_state("connecting")
    chat.expect_notice("could not be connected in time", 14)
    assert 11 < time.monotonic() - began < 14
    assert chat.open_tracks() == 0
    go_on_typing(chat)


def test_a_service_that_begins_wrongly_can_be_cancelled(open_page, line, agent):
    def begin_wrongly(call):
        call.ping()
        wait_until_closed(call)

    line(begin_wrongly)
    chat = Chat(open_page())
    chat.watch.expect("First received message is not conversation metadata")
    chat.talk()
    chat.expect_state("connecting")
    chat.page.get_by_role("button", name="Cancel").click()
    expect(chat.talk_button).to_be_focused()
    expect(chat.notice).to_be_hidden()
    chat.page.wait_for_timeout(300)
    assert chat.open_tracks() == 0


ENDS = [
    (1000, "", "ended the call"),
    (1011, "", "had a fault"),
    (1002, "This request exceeds your quota limit.", "minutes for voice are used up"),
    (1002, "", "had a fault"),
    (4001, "something new", "had a fault"),
]


@pytest.mark.parametrize(("code", "reason", "words"), ENDS, ids=[f"{code} {reason[:12]}" for code, reason, _ in ENDS])
def test_a_call_that_the_service_ends_is_explained(open_page, line, agent, code, reason, words):
    def end(call):
        greet(call)
        time.sleep(1)
        call.hang_up(code, reason)

    line(end)
    chat = Chat(open_page())
    chat.talk()
    chat.expect_state("ended")
    expect(chat.page.locator(".deck")).to_contain_text(words)
    assert chat.open_tracks() == 0
    go_on_typing(chat)


def test_a_broken_connection_is_explained_at_once(open_page, line, agent):
    def drop(call):
        greet(call)
        time.sleep(1)
        call.connection.socket.close()

    line(drop)
    chat = Chat(open_page())
    chat.talk()
    chat.expect_state("ended")
    chat.expect_notice("connection broke off")


def test_a_line_that_goes_dead_is_noticed_by_its_missing_pings(open_page, line, agent):
    def fall_silent(call):
        greet(call)
        for number in (2, 3):
            time.sleep(1)
            call.ping(number)
        wait_until_closed(call)

    line(fall_silent)
    chat = Chat(open_page())
    chat.talk()
    chat.expect_state("listening")
    expect(chat.dock).to_contain_text("connection is weak", timeout=8000)
    chat.expect_notice("line went dead", 8)
    assert chat.open_tracks() == 0


def test_going_offline_ends_the_call_with_a_sentence(open_page, standin, agent):
    chat = Chat(open_page())
    chat.watch.expect("ERR_INTERNET_DISCONNECTED")
    chat.talk()
    chat.expect_state("listening")
    chat.page.context.set_offline(True)
    chat.expect_notice("lost its connection to the internet", 6)
    assert chat.open_tracks() == 0


def test_a_microphone_that_is_pulled_out_ends_the_call_with_a_sentence(open_page, standin, agent):
    chat = Chat(open_page())
    chat.talk()
    chat.expect_state("listening")
    chat.page.evaluate("window.unplug()")
    chat.expect_notice("switched off or unplugged")


def test_a_part_of_the_page_that_does_not_load_is_explained(open_page, standin, agent):
    page = open_page("/")
    page.add_init_script(
        "AudioWorklet.prototype.addModule = async () => { throw new DOMException('no such file', 'AbortError'); };"
    )
    page.goto("/chat/harbour-guide/")
    chat = Chat(page)
    chat.talk()
    chat.expect_notice("did not load")
    assert chat.open_tracks() == 0


def test_looking_something_up_is_shown_in_words(open_page, line, agent):
    def look(call):
        greet(call)
        time.sleep(1)
        call.look_up(1.5)
        call.announce("Here it is.", 2)
        call.speak("Here it is.", 2)
        wait_until_closed(call)

    line(look)
    chat = Chat(open_page())
    chat.talk()
    chat.expect_state("searching")
    expect(chat.dock).to_contain_text("Looking it up")
    chat.expect_state("speaking")


def test_what_arrives_twice_is_shown_once_and_a_correction_replaces(open_page, line, agent):
    def stutter(call):
        greet(call)
        time.sleep(1)
        for _ in range(2):
            call.hear("When does it leave?", 2)
        for _ in range(2):
            call.announce("It leaves at nine and comes back at five.", 2)
        call.speak("It leaves at nine and comes back at five.", 2)
        time.sleep(1.2)
        call.interrupt(2)
        for _ in range(2):
            call.correct("It leaves at nine and comes back at five.", "It leaves at nine", 2)
        wait_until_closed(call)

    line(stutter)
    chat = Chat(open_page())
    chat.talk()
    expect(chat.page.locator(".turn[data-interrupted]")).to_be_visible()
    expect(chat.turn("It leaves at nine").locator(".turn-text")).to_have_text("It leaves at nine")
    said = [["persona", "Good day."], ["visitor", "When does it leave?"], ["persona", "It leaves at nine"]]
    assert chat.turns() == said
    chat.page.wait_for_timeout(2000)
    assert chat.turns() == said


def test_an_interruption_without_a_correction_keeps_what_had_sounded(open_page, line, agent):
    def cut(call):
        greet(call)
        time.sleep(1)
        call.announce("The lamp burns from dusk until dawn, all year round, in every weather.", 2)
        call.speak("The lamp burns from dusk until dawn, all year round, in every weather.", 2)
        time.sleep(1.5)
        call.interrupt(2)
        wait_until_closed(call)

    line(cut)
    chat = Chat(open_page())
    chat.talk()
    row = chat.turn("The lamp burns")
    expect(row).to_have_attribute("data-interrupted", "")
    heard = row.locator(".turn-text").text_content()
    assert "The lamp burns from dusk until dawn".startswith(heard[:20]) and "weather" not in heard
    chat.page.wait_for_timeout(2500)
    chat.page.reload()
    assert ["persona", heard] in chat.turns()


def test_sound_of_an_interrupted_turn_that_still_arrives_is_not_played(open_page, line, agent):
    def babble(call):
        greet(call)
        time.sleep(1)
        call.announce("A long story about the sea.", 2)
        call.speak("A long story about the sea.", 2)
        time.sleep(0.5)
        call.interrupt(3)
        time.sleep(2.5)
        call.speak("and it goes on and on and on", 2)
        wait_until_closed(call)

    line(babble)
    chat = Chat(open_page())
    chat.talk()
    expect(chat.page.locator(".turn[data-interrupted]")).to_be_visible()
    chat.page.wait_for_timeout(2000)
    chat.listen_to_speaker()
    chat.page.wait_for_timeout(2000)
    assert chat.page.evaluate("window.ear.loudness") < 0.002


def test_the_mode_does_not_flap_in_sight(open_page, line, agent):
    def speak_with_gaps(call):
        greet(call)
        time.sleep(1)
        call.announce("One two three four five six.", 2)
        for word in ("One ", "two ", "three ", "four ", "five ", "six."):
            time.sleep(call.speak(word, 2) + 0.12)
        wait_until_closed(call)

    line(speak_with_gaps)
    chat = Chat(open_page())
    chat.page.evaluate(
        "() => { window.states = []; new MutationObserver(() => window.states.push(document.getElementById('dock')"
        ".dataset.state)).observe(document.getElementById('dock'), { attributes: true, attributeFilter: ['data-state'] }); }"
    )
    chat.talk()
    chat.expect_state("listening")
    expect(chat.turn("One two")).to_contain_text("six.", timeout=8000)
    chat.expect_state("listening")
    states = [state for state, _ in groupby(chat.page.evaluate("window.states"))]
    assert states.count("speaking") <= 2, states
