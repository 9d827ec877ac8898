"""What visitors tell a call by voice: said aloud into the microphone, carried out by the page, answered to the agent."""

import time

import pytest
from playwright.sync_api import expect

from tests.browser import sound
from tests.browser.chat import Chat
from tests.browser.conftest import PHONE, QUESTION
from voice.models import Command

pytestmark = pytest.mark.django_db(transaction=True)
ANSWER = "nine in the morning"
LINE = "A line of the test's own."


@pytest.fixture
def say(tmp_path):
    """`say(chat, words)` speaks into the scripted microphone; the agent hears it."""

    def speak(chat, words):
        chat.speak(sound.as_text(sound.speak(words, tmp_path, before=0, after=1)))
        expect(chat.turn(words, "visitor")).to_be_visible(timeout=20_000)

    return speak


def in_call(page, question=QUESTION):
    """A chat in a call in which one question was answered to its end."""
    chat = Chat(page)
    chat.talk()
    chat.expect_state("listening", 15)
    chat.ask(question)
    expect(chat.turn(ANSWER).locator(".citation")).to_have_count(1, timeout=15_000)
    chat.expect_state("speaking", 15)
    chat.expect_state("listening", 25)
    return chat


def carried_out():
    return [(one.name, one.wish, one.done) for one in Command.objects.all()]


@pytest.mark.usefixtures("standin", "agent")
def test_say_that_again_says_the_last_answer_once_more_and_marks_it_without_its_sources_twice(open_page, say):
    chat = in_call(open_page())
    say(chat, "Say that again.")
    answers = chat.turn(ANSWER)
    expect(answers).to_have_count(2, timeout=15_000)
    again = answers.last
    expect(again).to_have_attribute("data-repeats", "")
    expect(again.locator(".turn-again")).to_be_visible()
    whole = answers.first.locator(".turn-text").text_content()
    expect(again.locator(".turn-text")).to_have_text(whole, timeout=25_000)
    expect(chat.page.locator(".thread .citation")).to_have_count(1)
    chat.hang_up()
    expect(chat.talk_button).to_be_visible()
    chat.page.reload()
    expect(chat.turn(ANSWER).last).to_have_attribute("data-repeats", "")
    assert carried_out() == [("repeat_answer", "", True)]


@pytest.mark.usefixtures("standin", "agent")
def test_slower_is_remembered_for_the_next_call_and_said_honestly(open_page, say):
    chat = in_call(open_page())
    say(chat, "Slower, please.")
    expect(chat.turn("from your next call on")).to_contain_text("In this call my pace cannot change", timeout=15_000)
    kept = chat.page.evaluate("JSON.parse(localStorage.getItem('clone-advisor.settings.1')).speed")
    assert kept == 0.9
    chat.ask("Faster, please.")
    expect(chat.turn("I will speak faster")).to_be_visible(timeout=20_000)
    chat.page.wait_for_function(
        "() => JSON.parse(localStorage.getItem('clone-advisor.settings.1')).speed === 1", timeout=5000
    )


@pytest.mark.usefixtures("standin", "agent")
def test_show_me_the_source_opens_it_as_a_sheet_on_a_phone_with_the_way_back_where_one_was(open_page, say):
    chat = in_call(open_page(viewport=PHONE))
    say(chat, "Show me the source.")
    expect(chat.panel.locator("mark")).to_contain_text(ANSWER, timeout=15_000)
    expect(chat.page.locator("#source-title")).to_be_focused()
    assert chat.panel.evaluate("panel => panel.matches(':modal')")
    chat.page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()
    expect(chat.turn(ANSWER).locator(".citation-link")).to_be_focused()


@pytest.mark.usefixtures("standin", "agent")
def test_stop_ends_what_is_being_said_and_no_word_follows(open_page, say):
    chat = Chat(open_page())
    chat.talk()
    chat.expect_state("listening", 15)
    chat.ask(QUESTION)
    answer = chat.turn("The ferry")
    expect(answer).to_be_visible(timeout=15_000)
    chat.expect_state("speaking", 15)
    say(chat, "Stop.")
    expect(answer).to_have_attribute("data-interrupted", "")
    chat.expect_state("listening", 10)
    before = len(chat.turns())
    chat.ask("Thank you.")  # the next words are heard again
    expect(chat.turn("You are welcome")).to_be_visible(timeout=15_000)
    assert len(chat.turns()) == before + 2
    assert ("stop_speaking", "", True) in carried_out()


@pytest.mark.usefixtures("standin", "agent")
def test_hang_up_ends_the_call_by_the_agents_own_hand(open_page, say):
    chat = in_call(open_page())
    say(chat, "Hang up.")
    chat.expect_state("ended", 20)
    expect(chat.dock).to_contain_text("Maren Holt ended the call")
    expect(chat.talk_button).to_be_visible()
    assert chat.open_tracks() == 0


def asking(name, number, **parameters):
    """The frame with which the service has the page carry something out."""
    call_id = f"tlcal_{number}"
    return {
        "tool_name": name,
        "tool_call_id": call_id,
        "parameters": parameters,
        "event_id": number,
        "expects_response": True,
    }


def results(line):
    return [message for message in line.received if message["type"] == "client_tool_result"]


@pytest.mark.usefixtures("line", "agent")
def test_what_the_page_does_not_know_or_understand_is_answered_with_an_error_at_once(line, open_page):
    heard = []

    def script(call):
        call.greet()
        call.send("client_tool_call", "client_tool_call", **asking("make_coffee", 2))
        call.send("client_tool_call", "client_tool_call", **asking("set_speaking_speed", 3, speed="sideways"))
        call.send("client_tool_call", "client_tool_call", **asking("set_speaking_speed", 4))
        call.send("client_tool_call", "client_tool_call", **asking("show_sources", 5))
        until_four = iter(range(500))
        while len(results(call)) < 4 and next(until_four, None) is not None:
            call.closed.wait(0.02)
        heard.extend(results(call))
        call.ping_every(1)

    line(script)
    chat = Chat(open_page())
    chat.talk()
    chat.watch.expect("make_coffee", "set_speaking_speed")  # the client's own word about a tool that failed
    chat.expect_state("listening", 15)
    wait_until(lambda: len(heard) == 4)
    told = {one["tool_call_id"]: one for one in heard}
    assert [told[f"tlcal_{number}"]["is_error"] for number in (2, 3, 4, 5)] == [True, True, True, False]
    assert "make_coffee" in told["tlcal_2"]["result"]
    assert "sideways" in told["tlcal_3"]["result"]
    assert "say" in told["tlcal_5"]["result"]  # that there is no source is an answer, not an error


@pytest.mark.usefixtures("line", "agent")
def test_after_stop_what_a_service_still_says_is_neither_heard_nor_shown(line, open_page):
    def script(call):
        call.greet()
        call.announce(LINE * 4, 2)
        call.speak(LINE * 4, 2)
        call.closed.wait(1.5)
        call.send("client_tool_call", "client_tool_call", **asking("stop_speaking", 2))
        call.wait_for("client_tool_result")
        call.announce("Very well, I am silent.", 2)
        call.speak("Very well, I am silent.", 2)
        call.hear("And now?", 3)
        call.announce("Now I speak.", 3)
        call.speak("Now I speak.", 3)
        call.ping_every(1)

    line(script)
    chat = Chat(open_page())
    chat.talk()
    expect(chat.turn("Now I speak.")).to_be_visible(timeout=20_000)
    expect(chat.turn("A line of")).to_have_attribute("data-interrupted", "")
    assert chat.turn("I am silent").count() == 0


def wait_until(fact, seconds=15):
    until = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < until, "it did not come true"
        time.sleep(0.02)
