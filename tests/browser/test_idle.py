"""Nobody speaks and nobody types: the page asks whether anybody is there, and ends the call calmly."""

import pytest
from playwright.sync_api import expect

from tests.browser import sound
from tests.browser.chat import Chat
from voice.agents import definitions
from voice.models import Session

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def calls(line, agent, settings, monkeypatch):
    """Every call greets and is quiet; the page is soon impatient."""
    settings.VOICE_IDLE_SECONDS = 2
    monkeypatch.setattr(definitions, "COUNTDOWN", 6)
    calls = []

    def greet(call):
        calls.append(call)
        call.greet()
        call.ping_every(1)

    line(greet)
    return calls


def talk(open_page):
    chat = Chat(open_page())
    chat.talk()
    chat.expect_state("idle", 20)
    return chat


def test_a_call_in_which_nobody_says_anything_counts_down_and_ends_with_a_sentence(open_page, calls):
    chat = talk(open_page)
    expect(chat.dock).to_contain_text("Still there?")
    expect(chat.dock).to_contain_text("The call ends in 0:0")
    expect(chat.page.locator("#announcer")).to_contain_text("Say or type anything, or press Stay")
    chat.expect_state("ended", 20)
    expect(chat.dock).to_contain_text("Nobody spoke or typed for a while")
    expect(chat.talk_button).to_be_focused()
    assert chat.open_tracks() == 0
    chat.go_on_typing()
    assert Session.objects.get().end_reason == "end-idle"


def test_stay_typing_and_a_voice_each_begin_the_time_anew(open_page, calls, tmp_path):
    chat = talk(open_page)
    chat.page.get_by_role("button", name="Stay").click()
    chat.expect_state("listening")
    calls[0].wait_for("user_activity")
    expect(chat.dock).to_be_focused()
    chat.expect_state("idle", 20)
    chat.question.press_sequentially("W")
    chat.expect_state("listening")
    chat.expect_state("idle", 20)
    chat.speak(sound.as_text(sound.speak("I am still here, one moment please.", tmp_path)))
    chat.expect_state("hearing")
    chat.hang_up()


def test_while_the_persona_speaks_nobody_is_idle(open_page, line, calls):
    def speak_long(call):
        call.answer_the_call()
        call.announce("x" * 80, 1)
        call.speak("x" * 80, 1, 0.1)
        call.ping_every(1)

    line(speak_long)
    chat = Chat(open_page())
    chat.talk()
    chat.expect_state("speaking", 20)
    began = chat.page.evaluate("performance.now()")
    chat.expect_state("idle", 30)
    assert chat.page.evaluate("performance.now()") - began > 7_000
    chat.hang_up()


def test_where_it_is_switched_off_no_call_counts_down(open_page, calls, settings):
    settings.VOICE_IDLE_SECONDS = 0
    chat = Chat(open_page())
    chat.talk()
    chat.expect_state("listening", 20)
    assert chat.page.evaluate("document.getElementById('chat').dataset.idle") == "0"
    chat.page.wait_for_timeout(2500)
    chat.expect_state("listening")
    chat.hang_up()
