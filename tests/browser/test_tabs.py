"""Two tabs on one conversation, a reload and the way back: one thread, once, and one call at a time."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser import sound
from tests.browser.chat import Chat
from tests.browser.conftest import QUESTION
from tests.browser.test_attempts import until
from tests.browser.watching import Watch
from voice.models import Conversation, Session, Turn

pytestmark = [pytest.mark.django_db(transaction=True)]
LAMP = "Who keeps the lamp in the lighthouse?"
ALONE = "delete window.BroadcastChannel;"


@pytest.fixture
def second_tab():
    """`second_tab(chat)` opens the same page once more in the same browser."""
    watches = []

    def open_(chat, path="/chat/harbour-guide/", script=""):
        page = chat.page.context.new_page()
        page.watch = Watch(page)
        watches.append(page.watch)
        page.add_init_script(sound.MICROPHONE + script)
        page.goto(path)
        return Chat(page)

    yield open_
    for watch in watches:
        assert watch.unexpected == []


def answered(chat, text=QUESTION, words="nine in the morning"):
    chat.ask(text)
    expect(chat.turn(words).locator(".citation")).to_have_count(1)


def look_at(chat):
    """Come back to this tab."""
    chat.page.evaluate("dispatchEvent(new Event('focus'))")


def test_what_is_typed_in_one_tab_appears_once_in_the_other_and_is_the_same_after_a_reload(
    open_page, persona, second_tab
):
    first = Chat(open_page())
    second = second_tab(first)
    answered(first)
    expect(second.turn("nine in the morning").locator(".citation")).to_have_count(1)
    answered(second, LAMP, "harbour office")
    expect(first.turn("harbour office").locator(".citation")).to_have_count(1)
    for chat in (first, second):
        look_at(chat)
    first.page.wait_for_timeout(300)
    assert first.turns() == second.turns() and len(first.turns()) == 4
    second.page.reload()
    assert second.turns() == first.turns()
    assert Conversation.objects.count() == 1


def test_an_answer_whose_beginning_a_tab_missed_is_fetched_when_its_end_is_told(open_page, persona, second_tab):
    first = Chat(open_page())
    answered(first)
    second = second_tab(first)
    thread = Conversation.objects.get()
    thread.turns.create(key="late", speaker="persona", channel="typed", text="At the harbour office.")
    told = {"kind": "turn", "thread": str(thread.pk), "turn": {"key": "late", "text": "At the harbour office."}}
    first.page.evaluate(
        """told => new BroadcastChannel("conversations").postMessage({ ...told, persona: location.pathname })""", told
    )
    expect(second.turn("harbour office")).to_have_count(1)


def test_without_messages_between_tabs_the_server_is_asked_when_a_tab_is_looked_at(open_page, persona, second_tab):
    first = Chat(open_page())
    answered(first)
    second = second_tab(first, script=ALONE)
    answered(first, LAMP, "harbour office")
    assert len(second.turns()) == 2
    look_at(second)
    expect(second.turn("harbour office").locator(".citation")).to_have_count(1)
    assert second.turns() == first.turns()


def test_a_new_conversation_in_one_tab_is_told_in_the_other_and_no_question_goes_astray(open_page, persona, second_tab):
    first = Chat(open_page())
    answered(first)
    second = second_tab(first)
    second.page.get_by_role("button", name="New conversation").click()
    expect(first.notice).to_contain_text("You have gone on in another conversation since.")
    answered(second, LAMP, "harbour office")
    answered(first, "What does a night at the pier cost?", "twenty euros")
    assert len(first.turns()) == 4 and len(second.turns()) == 2
    look_at(second)
    second.notice.get_by_role("button", name="Go there").click()
    expect(second.turn("twenty euros")).to_be_visible()
    expect(second.notice).to_be_hidden()


def test_a_thread_deleted_in_another_tab_is_said_to_be_gone_and_takes_no_question(open_page, persona, second_tab):
    first = Chat(open_page())
    answered(first)
    first.watch.expect("404 (Not Found)")
    second = second_tab(first, "/conversations/")
    second.page.get_by_role("link", name="Delete").click()
    second.page.get_by_role("button", name="Delete it").click()
    expect(second.page.get_by_text("The conversation was deleted.")).to_be_visible()
    first.ask(LAMP)
    expect(first.turn("This conversation is not there any more.", "visitor")).to_be_visible()
    look_at(first)
    expect(first.notice).to_contain_text("This conversation was deleted.")
    first.notice.get_by_role("button", name="New conversation").click()
    expect(first.page.locator("#starters")).to_be_visible()
    assert Turn.objects.count() == 0


def test_a_page_left_in_mid_answer_has_it_after_the_reload(open_page, persona):
    chat = Chat(open_page())
    answered(chat)
    Turn.objects.filter(speaker="persona").delete()  # as it is when the visitor left before it was finished
    chat.page.reload()
    expect(chat.turn("nine in the morning").locator(".citation")).to_have_count(1)
    assert [speaker for speaker, _ in chat.turns()] == ["visitor", "persona"]
    assert Turn.objects.count() == 2


def test_an_old_question_without_an_answer_is_asked_again_only_when_the_visitor_wants_it(open_page, persona):
    chat = Chat(open_page())
    answered(chat)
    Turn.objects.filter(speaker="persona").delete()
    Turn.objects.update(at=timezone.now() - timedelta(hours=1))
    chat.page.reload()
    chat.page.get_by_role("button", name="Send again").click()
    expect(chat.turn("nine in the morning").locator(".citation")).to_have_count(1)
    assert Turn.objects.count() == 2


def test_the_way_back_shows_the_thread_as_it_is(open_page, persona, second_tab):
    first = Chat(open_page())
    answered(first)
    first.page.get_by_role("link", name="Earlier").click()
    expect(first.page.locator(".past-one")).to_have_count(1)
    second = second_tab(first)
    answered(second, LAMP, "harbour office")
    first.page.go_back()
    expect(first.turn("harbour office")).to_be_visible()
    assert first.turns() == second.turns()


def test_a_call_is_seen_in_the_other_tab_and_taken_over_there(open_page, standin, agent, second_tab):
    first = Chat(open_page())
    answered(first)
    second = second_tab(first)
    first.talk()
    first.expect_state("speaking")
    expect(second.turn("Good day. What would you like to know?")).to_be_visible()
    second.talk()
    expect(second.notice).to_contain_text("You are in a call with Maren Holt in another tab.")
    answered(second, LAMP, "harbour office")
    expect(first.turn("harbour office").locator(".citation")).to_have_count(1)
    second.notice.get_by_role("button", name="Talk here").click()
    second.expect_state("speaking")
    first.expect_state("ended")
    expect(first.dock).to_contain_text("The call goes on in another tab.")
    expect(first.page.locator("#rating")).to_be_hidden()
    second.hang_up()
    second.expect_state("ended")
    first.talk()
    first.expect_state("speaking")
    first.hang_up()
    first.expect_state("ended")
    until(first.page, lambda: not Session.objects.filter(ended_at=None).exists())
    first.page.wait_for_timeout(4000)  # the words of a call are the speaking tab's for a while
    for chat in (first, second):
        look_at(chat)
    until(first.page, lambda: first.turns() == second.turns())


def test_what_is_typed_in_another_tab_is_told_to_the_agent(open_page, line, agent, second_tab):
    heard = []

    def talk(call):
        call.greet()
        heard.append(call)
        call.closed.wait(30)

    line(talk)
    first = Chat(open_page())
    answered(first)
    second = second_tab(first)
    first.talk()
    first.expect_state("speaking")
    answered(second, LAMP, "harbour office")
    expect(first.turn("harbour office").locator(".citation")).to_have_count(1)
    first.page.wait_for_timeout(300)
    told = [one["text"] for one in heard[0].received if one["type"] == "contextual_update"]
    assert any(LAMP in text for text in told) and any("kept by the harbour office" in text for text in told)


def test_a_page_reloaded_in_mid_call_shows_what_was_heard_up_to_then(open_page, standin, agent):
    chat = Chat(open_page())
    chat.talk()
    chat.expect_state("speaking")
    expect(chat.turn("Good day.")).to_be_visible()
    chat.page.reload()
    expect(chat.turn("Good")).to_be_visible()
    chat.talk()
    chat.expect_state("speaking")
    chat.hang_up()
    chat.expect_state("ended")
