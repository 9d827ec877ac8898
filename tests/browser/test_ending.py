"""A call that ends too soon says why, with a next step, and the thread goes on in text."""

import time

import pytest
from playwright.sync_api import expect

from tests.browser.chat import Chat
from voice.models import Conversation, Session

pytestmark = pytest.mark.django_db(transaction=True)


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
        call.greet()
        time.sleep(1)
        call.hang_up(code, reason)

    line(end)
    chat = Chat(open_page())
    chat.talk()
    chat.expect_state("ended")
    expect(chat.page.locator(".deck")).to_contain_text(words)
    assert chat.open_tracks() == 0
    chat.go_on_typing()


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


def test_a_line_that_goes_dead_is_noticed_by_its_missing_pings(open_page, line, agent):
    def fall_silent(call):
        call.greet()
        for number in (2, 3):
            time.sleep(1)
            call.ping(number)
        call.closed.wait(30)

    line(fall_silent)
    chat = Chat(open_page())
    chat.talk()
    chat.expect_state("listening")
    expect(chat.dock).to_contain_text("connection is weak", timeout=8000)
    expect(chat.dock).to_contain_text("Calling back", timeout=8000)
    chat.expect_notice("line went dead", 30)
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
