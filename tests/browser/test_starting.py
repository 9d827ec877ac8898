"""A call that does not start says why, in bounded time, and leaves the microphone free."""

import time

import pytest
from playwright.sync_api import expect

from tests.browser.chat import Chat

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


def test_a_busy_line_is_explained(open_page, standin, agent, settings):
    settings.VOICE_MAX_SESSIONS = 0
    chat = Chat(open_page())
    chat.watch.expect("status of 429")
    chat.talk()
    chat.expect_notice("All lines are taken")
    chat.go_on_typing()


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
    chat.go_on_typing()


def test_a_service_that_begins_wrongly_can_be_cancelled(open_page, line, agent):
    def begin_wrongly(call):
        call.ping()
        call.closed.wait(30)

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
