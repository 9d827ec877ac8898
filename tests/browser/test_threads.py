"""Earlier conversations: found, opened and gone on with, deleted; and one thread whatever page shows it."""

import pytest
from playwright.sync_api import expect

from tests.browser.chat import Chat
from tests.browser.conftest import PHONE, QUESTION
from tests.browser.test_access import complaints, is_wider_than_the_screen
from voice.models import Conversation

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("persona")]


def test_an_earlier_conversation_is_found_gone_on_with_and_deleted(open_page):
    chat = Chat(open_page())
    page = chat.page
    chat.ask("Who keeps the lamp in the lighthouse?")
    expect(chat.turn("harbour office").locator(".citation")).to_have_count(1)
    page.get_by_role("button", name="New conversation").click()
    chat.ask(QUESTION)
    expect(chat.turn("nine in the morning").locator(".citation")).to_have_count(1)

    page.get_by_role("link", name="Earlier").click()
    expect(page.locator(".past-one h2")).to_have_text([QUESTION, "Who keeps the lamp in the lighthouse?"])
    assert complaints(page) == []
    page.get_by_label("Words that were said").fill("lamp")
    page.get_by_role("button", name="Find").click()
    expect(page.locator(".past-one")).to_have_count(1)
    page.get_by_role("link", name="Who keeps the lamp in the lighthouse?", exact=True).click()
    expect(chat.turn("harbour office").locator(".citation")).to_have_count(1)
    chat.ask("What does a night at the pier cost?")
    expect(chat.turn("twenty euros").locator(".citation")).to_have_count(1)
    page.goto("/chat/harbour-guide/")
    expect(chat.turn("twenty euros")).to_be_visible()  # the one gone on with is the latest now
    assert len(chat.turns()) == 4

    page.goto("/conversations/")
    page.get_by_role("link", name=f"Delete “{QUESTION}”").click()
    expect(page.get_by_text("This goes, for good:")).to_be_visible()
    assert complaints(page) == []
    page.get_by_role("link", name="Keep it").click()
    expect(page.locator(".past-one")).to_have_count(2)
    page.get_by_role("link", name=f"Delete “{QUESTION}”").click()
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_text("The conversation was deleted.")).to_be_visible()
    expect(page.locator(".past-one h2")).to_have_text(["Who keeps the lamp in the lighthouse?"])
    assert Conversation.objects.count() == 1


def test_the_conversations_fit_a_phone_and_need_no_script(open_page):
    page = open_page(viewport=PHONE, java_script_enabled=False, microphone=False)
    page.locator("#question").fill(QUESTION)
    page.locator("#send").click()
    page.get_by_role("link", name="Earlier").click()
    expect(page.locator(".past-one")).to_have_count(1)
    page.get_by_role("link", name=QUESTION, exact=True).click()
    expect(page.locator(".turn")).to_have_count(2)
    page.locator("#question").fill("Who keeps the lamp in the lighthouse?")
    page.locator("#send").click()
    expect(page.locator(".turn")).to_have_count(4)
    page.goto("/conversations/")
    page.get_by_role("link", name=f"Delete “{QUESTION}”").click()
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_text("Nothing was said yet.")).to_be_visible()


def test_the_list_is_no_wider_than_a_phone(open_page):
    chat = Chat(open_page(viewport=PHONE))
    chat.ask(QUESTION)
    expect(chat.turn("nine in the morning").locator(".citation")).to_have_count(1)
    chat.page.goto("/conversations/")
    assert not is_wider_than_the_screen(chat.page)
