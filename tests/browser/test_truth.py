"""The page shows what was said and heard, once, whatever the line does."""

import time
from itertools import groupby

import pytest
from playwright.sync_api import expect

from tests.browser.chat import Chat

pytestmark = pytest.mark.django_db(transaction=True)


def test_looking_something_up_is_shown_in_words(open_page, line, agent):
    def look(call):
        call.greet()
        time.sleep(1)
        call.look_up(1.5)
        call.announce("Here it is.", 2)
        call.speak("Here it is.", 2)
        call.closed.wait(30)

    line(look)
    chat = Chat(open_page())
    chat.talk()
    chat.expect_state("searching")
    expect(chat.dock).to_contain_text("Looking it up")
    chat.expect_state("speaking")


def test_a_line_that_claims_to_have_looked_something_up_brings_no_source(open_page, line, agent):
    def lie(call):
        call.greet()
        time.sleep(1)
        call.look_up(0.2)
        call.announce("The ferry to the island leaves at nine in the morning from pier two.", 2)
        call.speak("The ferry to the island leaves at nine in the morning from pier two.", 2, 0.01)
        call.closed.wait(30)

    line(lie)
    chat = Chat(open_page())
    chat.talk()
    expect(chat.turn("from pier two.")).to_be_visible()
    chat.hang_up()
    chat.expect_state("ended")
    chat.page.reload()
    expect(chat.turn("from pier two.")).to_be_visible()
    assert chat.page.locator(".citation").count() == 0


def test_what_arrives_twice_is_shown_once_and_a_correction_replaces(open_page, line, agent):
    def stutter(call):
        call.greet()
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
        call.closed.wait(30)

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
        call.greet()
        time.sleep(1)
        call.announce("The lamp burns from dusk until dawn, all year round, in every weather.", 2)
        call.speak("The lamp burns from dusk until dawn, all year round, in every weather.", 2)
        time.sleep(1.5)
        call.interrupt(2)
        call.closed.wait(30)

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


def test_a_turn_of_which_nothing_was_heard_says_so_also_after_a_reload(open_page, line, agent):
    said = "The lamp burns from dusk until dawn."

    def cut(call):
        call.greet()
        time.sleep(1)
        call.announce(said, 2)
        call.speak(said, 2)
        call.interrupt(2)
        call.correct(said, "", 2)
        call.closed.wait(30)

    line(cut)
    chat = Chat(open_page())
    chat.talk()
    row = chat.page.locator(".turn[data-interrupted]")
    for _ in range(2):
        expect(row.locator(".turn-unheard")).to_have_text("Interrupted before a word was heard.")
        expect(row.locator(".turn-unheard")).to_be_visible()
        expect(row.locator(".turn-note")).to_be_hidden()
        assert row.locator(".turn-text").text_content() == ""
        chat.page.wait_for_timeout(1500)
        chat.page.reload()


def test_sound_of_an_interrupted_turn_that_still_arrives_is_not_played(open_page, line, agent):
    def babble(call):
        call.greet()
        time.sleep(1)
        call.announce("A long story about the sea.", 2)
        call.speak("A long story about the sea.", 2)
        time.sleep(0.5)
        call.interrupt(3)
        time.sleep(2.5)
        call.speak("and it goes on and on and on", 2)
        call.closed.wait(30)

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
        call.greet()
        time.sleep(1)
        call.announce("One two three four five six.", 2)
        due = time.monotonic()
        for word in ("One ", "two ", "three ", "four ", "five ", "six."):
            # By the clock: what a busy machine oversleeps makes the next gap no longer.
            due += call.speak(word, 2) + 0.12
            time.sleep(max(0, due - time.monotonic()))
        call.closed.wait(30)

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
