"""A call that ends too soon says why, with a next step, and the thread goes on in text."""

import time

import pytest
from playwright.sync_api import expect

from tests.browser.chat import Chat
from voice.models import Conversation, Session

pytestmark = pytest.mark.django_db(transaction=True)


ENDS = [
    (1000, "", "end-agent"),
    (1000, "[quota_exceeded] You've run out of credits.", "start-quota"),
    (1002, "This request exceeds your quota limit.", "start-quota"),
    (1002, "", "end-fault"),
    (1008, "policy", "end-fault"),
    (1011, "", "end-fault"),
    (3008, "too many concurrent connections", "start-busy"),
    (4001, "something new", "end-fault"),
]


@pytest.mark.parametrize(("code", "reason", "name"), ENDS, ids=[f"{code} {why[:12]}" for code, why, _ in ENDS])
def test_a_call_that_the_service_ends_is_explained(open_page, line, agent, code, reason, name):
    def end(call):
        call.greet()
        time.sleep(1)
        call.hang_up(code, reason)

    line(end)
    chat = Chat(open_page())
    chat.talk()
    chat.expect_state("ended")
    expect(chat.page.locator(".deck")).to_contain_text(chat.sentence(name))
    assert chat.open_tracks() == 0
    chat.go_on_typing()


FAULTS = [("llm_error", "the model failed", "end-fault"), ("http_exception", "out of credits", "start-quota")]


@pytest.mark.parametrize(("kind", "words", "name"), FAULTS)
def test_a_fault_that_is_named_before_a_calm_goodbye_is_what_is_explained(open_page, line, agent, kind, words, name):
    def end(call):
        call.greet()
        time.sleep(1)
        call.send("error", code=1002, message=words, error_type=kind)
        call.hang_up(1000)

    line(end)
    chat = Chat(open_page())
    chat.watch.expect("Server error")
    chat.talk()
    chat.expect_explained(name)


def test_a_call_that_reaches_its_longest_time_ends_calmly(open_page, line, agent):
    def end(call):
        call.greet()
        time.sleep(1)
        call.send("error", code=1000, message="too long", error_type="max_duration_exceeded")
        call.closed.wait(20)

    line(end)
    chat = Chat(open_page())
    chat.talk()
    chat.expect_state("ended")
    expect(chat.dock).to_contain_text(chat.sentence("end-time"))
    assert chat.open_tracks() == 0


def test_a_call_that_the_service_forgets_to_end_is_ended(open_page, line, agent, settings):
    settings.VOICE_MAX_SECONDS = 60

    def go_on(call):
        call.greet()
        call.ping_every(1)

    line(go_on)
    chat = with_clock(open_page)
    chat.connect()
    chat.page.clock.fast_forward(66_000)
    chat.expect_state("ended")
    expect(chat.dock).to_contain_text(chat.sentence("end-time"))
    assert chat.open_tracks() == 0


def test_a_broken_connection_is_taken_up_again_without_a_greeting_and_with_what_was_said(open_page, line, agent):
    calls = []

    def drop_once(call):
        calls.append(call)
        call.greet("Good day.") if len(calls) == 1 else call.answer_the_call()
        if len(calls) == 1:
            time.sleep(2)
            call.connection.socket.close()
        call.ping_every(1)

    line(drop_once)
    chat = Chat(open_page())
    chat.talk()
    expect(chat.page.locator("#announcer")).to_contain_text("connected again")
    chat.expect_state("listening")
    begun = calls[1].wait_for("conversation_initiation_client_data")
    assert begun["conversation_config_override"]["agent"]["first_message"] == ""
    assert "Good day." in calls[1].wait_for("contextual_update")["text"]
    chat.hang_up()
    assert Conversation.objects.count() == 1
    assert Session.objects.count() == 2


def test_what_a_dropped_call_left_unanswered_is_asked_again_once(open_page, line, agent):
    calls = []

    def drop_on_a_question(call):
        calls.append(call)
        if len(calls) > 1:
            call.answer_the_call()
            return call.ping_every(1)
        call.greet()
        call.hear("When does the ferry leave?", 2)
        time.sleep(1)
        return call.connection.socket.close()

    line(drop_on_a_question)
    chat = Chat(open_page())
    chat.talk()
    expect(chat.page.locator("#announcer")).to_contain_text("connected again")
    assert calls[1].wait_for("user_message")["text"] == "When does the ferry leave?"
    expect(chat.turn("When does the ferry leave?", "visitor")).to_have_count(1)
    chat.hang_up()


def drop(call):
    """A line that breaks a second after the greeting."""
    call.greet()
    time.sleep(1)
    call.connection.socket.close()


def test_a_connection_that_breaks_twice_is_explained(open_page, line, agent):
    line(drop)
    chat = Chat(open_page())
    chat.talk()
    chat.expect_notice("connection broke off", 20)
    assert chat.open_tracks() == 0


def test_a_call_about_to_be_taken_up_again_can_be_hung_up(open_page, line, agent):
    line(drop)
    chat = Chat(open_page())
    chat.talk()
    expect(chat.dock).to_contain_text("Calling back")
    chat.hang_up()
    expect(chat.talk_button).to_be_visible()
    chat.page.wait_for_timeout(1500)
    assert chat.open_tracks() == 0
    assert Session.objects.filter(ended_at=None).count() == 0


def with_clock(open_page):
    """The chat page with a clock that the test can turn."""
    page = open_page("/")
    page.clock.install()
    page.goto("/chat/harbour-guide/")
    return Chat(page)


@pytest.mark.parametrize("pings", [2, 0])
def test_a_line_that_goes_dead_is_noticed_by_its_missing_pings(open_page, line, agent, pings):
    calls = []

    def fall_silent(call):
        calls.append(call)
        call.greet()
        for number in range(pings):
            time.sleep(0.5)
            call.ping(number + 2)
        call.closed.wait(30)

    patience = 6_000 if pings else 20_000  # the service has shown how often it pings, or not
    line(fall_silent)
    chat = with_clock(open_page)
    chat.connect()
    chat.page.wait_for_timeout(1500)
    chat.page.clock.run_for(0.6 * patience)
    expect(chat.dock).to_contain_text(chat.sentence("hint-weak"))
    chat.page.clock.run_for(0.5 * patience)
    expect(chat.dock).to_contain_text(chat.sentence("state-resuming"))
    expect(chat.page.locator("#announcer")).to_contain_text("connected again")
    chat.page.wait_for_timeout(1500)
    chat.page.clock.run_for(1.1 * patience)
    chat.expect_explained("end-silent")
    assert len(calls) == 2


def test_going_offline_ends_the_call_with_a_sentence(open_page, standin, agent):
    chat = Chat(open_page())
    chat.watch.expect("ERR_INTERNET_DISCONNECTED")
    chat.talk()
    chat.expect_state("listening")
    chat.page.context.set_offline(True)
    chat.expect_explained("end-offline", 6)


def test_a_microphone_that_is_pulled_out_ends_the_call_with_a_sentence(open_page, standin, agent):
    chat = Chat(open_page())
    chat.talk()
    chat.expect_state("listening")
    chat.watch.expect("Failed to switch input device", "Error changing input device")  # there is no other one
    chat.page.evaluate("window.unplug()")
    chat.expect_explained("microphone-lost")
