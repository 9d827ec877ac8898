"""A call that does not start says why, in bounded time, and leaves the microphone free."""

import time

import pytest
from playwright.sync_api import expect

from tests.browser import sound
from tests.browser.chat import Chat
from tests.browser.conftest import connect

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_refused_microphone_is_explained_before_anything_is_reserved(open_page, standin, agent):
    chat = Chat(open_page(microphone=False, granted=False))
    standin.forget_requests()
    chat.talk()
    chat.expect_notice("Your microphone is blocked")
    assert standin.requests("GET", "/v1/convai/conversation/get-signed-url") == []
    chat.go_on_typing()


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
    chat.go_on_typing()


def test_a_voice_service_that_is_gone_is_explained_in_time(open_page, standin, agent, settings):
    settings.ELEVENLABS_URL = "http://127.0.0.1:9"
    chat = Chat(open_page())
    chat.watch.expect("status of 503")
    began = time.monotonic()
    chat.talk()
    expect(chat.notice).to_contain_text("not answering", timeout=12_000)
    assert time.monotonic() - began < 12
    assert chat.open_tracks() == 0
    chat.go_on_typing()


CLOSES = [
    (1000, "", "start-refused"),
    (1002, "The AI agent you are trying to reach appears to be misconfigured", "start-refused"),
    (1002, "This request exceeds your quota limit.", "start-quota"),
    (1006, "", "start-unreachable"),
    (1008, "The signed URL has expired.", "start-expired"),
    (1008, "Override for field 'voice_id' is not allowed by config.", "start-refused"),
    (1011, "", "start-refused"),
    (3000, "[quota_exceeded] You've run out of credits.", "start-quota"),
    (3000, "The AI agent you are trying to reach does not exist.", "start-refused"),
    (4001, "something new", "start-refused"),
    (4300, "Agent has exceeded its daily call limit of 5.", "start-daily"),
]


@pytest.mark.parametrize(("code", "reason", "name"), CLOSES, ids=[f"{code} {why[:20]}" for code, why, _ in CLOSES])
def test_a_start_that_is_turned_down_is_explained(open_page, line, agent, code, reason, name):
    line(lambda call: call.connection.socket.close() if code == 1006 else call.hang_up(code, reason))
    chat = Chat(open_page())
    chat.talk()
    chat.expect_explained(name)


def say_nothing(call):
    call.closed.wait(40)


def begin_wrongly(call):
    """The official client waits for ever when the first message is another than it expects."""
    call.ping()
    call.closed.wait(40)


@pytest.mark.parametrize("script", [say_nothing, begin_wrongly])
def test_a_service_that_does_not_begin_is_given_up_and_the_microphone_freed(open_page, line, agent, script):
    line(script)
    chat = with_clock(open_page)
    chat.watch.expect("First received message is not conversation metadata")
    chat.talk()
    chat.expect_state("connecting")
    chat.page.wait_for_timeout(500)
    chat.page.clock.fast_forward(11_000)
    chat.expect_state("connecting")
    chat.page.clock.fast_forward(1_500)
    chat.expect_explained("start-slow")
    chat.go_on_typing()


def test_our_own_server_that_does_not_answer_is_given_up(open_page, standin, agent):
    chat = with_clock(open_page)
    chat.page.route("**/voice/start/", lambda route: None)
    chat.talk()
    expect(chat.dock).to_contain_text("is picking up")  # the time of a start has begun
    chat.page.clock.fast_forward(13_000)
    chat.expect_explained("start-slow")


def test_a_question_for_the_microphone_that_nobody_answers_is_given_up(open_page, standin, agent):
    chat = with_clock(open_page, "navigator.mediaDevices.getUserMedia = () => new Promise(() => {});", granted=False)
    chat.talk()
    expect(chat.dock).to_contain_text("choose Allow")
    chat.page.clock.fast_forward(61_000)
    chat.expect_notice(chat.sentence("microphone-unanswered"))


def with_clock(open_page, script="", **options):
    """The chat page with a clock that the test can turn."""
    page = open_page("/", **options)
    if script:
        page.add_init_script(script)
    page.clock.install()
    page.goto("/chat/harbour-guide/")
    return Chat(page)


def test_a_service_that_begins_wrongly_can_be_cancelled(open_page, line, agent):
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


@pytest.mark.parametrize("worklet", ["micWorklet", "speechWorklet"])
def test_a_sound_worklet_that_is_not_there_is_explained(open_page, standin, agent, worklet):
    page = open_page("/")
    page.add_init_script(
        f"""document.addEventListener("readystatechange", () => {{
          document.getElementById("chat").dataset.{worklet} = "/static/gone.js";
        }}, {{ once: true }});"""
    )
    page.goto("/chat/harbour-guide/")
    chat = Chat(page)
    chat.watch.expect("404")
    chat.talk()
    chat.expect_explained("page-broken")


def test_a_microphone_that_the_client_asks_for_after_a_failed_start_is_not_opened(open_page, standin, agent):
    page = open_page("/")
    page.add_init_script(
        """const original = AudioWorklet.prototype.addModule;
        AudioWorklet.prototype.addModule = async function (url) {
          if (String(url).includes("audioConcat")) throw new DOMException("no such worklet", "AbortError");
          await new Promise((go) => (window.goOn = go)); // the microphone's own comes late
          return original.call(this, url);
        };"""
    )
    page.goto("/chat/harbour-guide/")
    chat = Chat(page)
    chat.talk()
    chat.expect_explained("page-broken")
    page.evaluate("window.goOn()")
    page.wait_for_timeout(500)
    assert chat.open_tracks() == 0


def test_a_client_that_does_not_load_is_explained(open_page, standin, agent):
    page = open_page("/")
    page.route("**/elevenlabs-client*.js", lambda route: route.abort())
    page.goto("/chat/harbour-guide/")
    chat = Chat(page)
    chat.watch.expect("ERR_FAILED")
    chat.talk()
    chat.expect_explained("page-broken")


@pytest.mark.parametrize(
    ("script", "name"),
    [
        ("delete window.AudioWorkletNode;", "browser-unfit"),
        ("Object.defineProperty(navigator, 'mediaDevices', { value: undefined });", "microphone-insecure"),
    ],
)
def test_a_browser_that_cannot_carry_a_call_is_explained(open_page, standin, agent, script, name):
    page = open_page("/", microphone=False, granted=False)
    page.add_init_script(script if name == "microphone-insecure" else sound.MICROPHONE + script)
    page.goto("/chat/harbour-guide/")
    standin.forget_requests()
    chat = Chat(page)
    chat.talk()
    chat.expect_notice(chat.sentence(name))
    assert standin.requests("GET", "/v1/convai/conversation/get-signed-url") == []


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ({"status": 500, "body": "<h1>Server Error</h1>"}, "start-refused"),
        ({"status": 403, "body": "<h1>CSRF verification failed.</h1>"}, "start-stale"),
        (None, "start-unreachable"),
    ],
)
def test_our_own_server_that_fails_is_explained(open_page, standin, agent, answer, name):
    chat = Chat(open_page())
    chat.watch.expect("status of", "ERR_FAILED")
    chat.page.route("**/voice/start/", lambda route: route.fulfill(**answer) if answer else route.abort())
    chat.talk()
    chat.expect_explained(name)


def test_voice_that_was_switched_off_meanwhile_says_so(open_page, standin, agent, settings):
    chat = Chat(open_page())
    chat.watch.expect("status of 403")
    settings.ENABLE_VOICE_CHAT = False
    chat.talk()
    chat.expect_notice("Voice is not switched on here")
    assert chat.open_tracks() == 0


@pytest.mark.parametrize("reach", ["a closed port", "an address that the page's policy forbids"])
def test_a_line_that_cannot_be_reached_is_explained(open_page, standin, agent, settings, reach):
    if reach == "a closed port":
        connect(settings, settings.ELEVENLABS_URL, "ws://127.0.0.1:9")
    chat = Chat(open_page())
    chat.watch.expect("ERR_", "Content Security Policy", "policy: connect-src", "WebSocket connection")

    def lead_astray(route):
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "signed_url": "ws://127.0.0.1:9/?x=1"})

    chat.page.route("**/voice/start/", lead_astray)
    chat.talk()
    chat.expect_explained("start-unreachable")


def test_a_line_that_begins_without_saying_how_it_sounds_is_explained(open_page, line, agent):
    def begin(call):
        call.wait_for("conversation_initiation_client_data")
        call.send("conversation_initiation_metadata", conversation_id="conv_1")
        call.closed.wait(20)

    line(begin)
    chat = Chat(open_page())
    chat.talk()
    chat.expect_explained("start-refused")
