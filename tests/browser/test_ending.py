"""A call that ends too soon says why, with a next step, and the thread goes on in text."""

import time

import pytest
from playwright.sync_api import expect

from tests.browser.chat import Chat

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


def test_a_broken_connection_is_explained_at_once(open_page, line, agent):
    def drop(call):
        call.greet()
        time.sleep(1)
        call.connection.socket.close()

    line(drop)
    chat = Chat(open_page())
    chat.talk()
    chat.expect_state("ended")
    chat.expect_notice("connection broke off")


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
