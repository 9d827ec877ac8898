"""Typed chat: it works without any voice service, and without a script."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.chat import Chat
from tests.browser.conftest import PHONE, QUESTION

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("persona")]


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desktop", "phone"])
def test_a_typed_question_is_answered_with_its_source(open_page, viewport):
    chat = Chat(open_page(**({"viewport": viewport} if viewport else {})))
    chat.ask(QUESTION)
    answer = chat.turn("nine in the morning")
    expect(answer.locator(".citation")).to_have_count(1, timeout=10_000)
    assert chat.citations(answer) == ["Island Timetable"]
    expect(chat.question).to_be_focused()
    expect(chat.question).to_have_value("")


def test_a_starter_question_asks_itself_and_goes(open_page):
    chat = Chat(open_page())
    chat.page.get_by_role("button", name=QUESTION).click()
    expect(chat.turn("nine in the morning")).to_be_visible(timeout=10_000)
    expect(chat.page.locator("#starters")).to_be_hidden()


def test_the_thread_is_there_after_reload_and_gone_in_a_new_conversation(open_page):
    chat = Chat(open_page())
    chat.ask(QUESTION)
    expect(chat.turn("nine in the morning").locator(".citation")).to_have_count(1, timeout=10_000)
    said = chat.turns()
    chat.page.reload()
    assert chat.turns() == said
    chat.page.get_by_role("button", name="New conversation").click()
    expect(chat.page.locator("#starters")).to_be_visible()
    assert chat.turns() == []


def test_text_of_people_and_documents_is_never_markup(open_page):
    chat = Chat(open_page())
    chat.ask("<img src=x onerror=alert(1)> When does the ferry to the island leave?")
    expect(chat.turn("<img src=x", "visitor")).to_be_visible()
    chat.page.reload()
    expect(chat.turn("<img src=x", "visitor")).to_be_visible()
    assert chat.page.locator(".thread img").count() == 0


def test_without_a_script_the_form_asks_and_the_page_shows_the_answer(open_page):
    page = open_page(java_script_enabled=False, microphone=False)
    page.locator("#question").fill(QUESTION)
    page.locator("#send").click()
    answer = page.locator('.turn[data-speaker="persona"]')
    expect(answer).to_contain_text("nine in the morning")
    answer.locator(".citation-link").click()
    expect(page.locator("mark#passage")).to_contain_text("nine in the morning")


def test_a_question_that_did_not_arrive_can_be_sent_again(open_page):
    chat = Chat(open_page())
    chat.watch.expect("ERR_INTERNET_DISCONNECTED")
    chat.page.context.set_offline(True)
    chat.ask(QUESTION)
    expect(chat.turn("Not sent: no connection.", "visitor")).to_be_visible()
    chat.page.context.set_offline(False)
    chat.page.get_by_role("button", name="Send again").click()
    expect(chat.turn("nine in the morning")).to_be_visible(timeout=10_000)
    assert [speaker for speaker, _ in chat.turns()] == ["visitor", "persona"]


def test_an_answer_that_breaks_off_is_said_to_have_broken_off(open_page):
    chat = Chat(open_page())
    piece = json.dumps({"delta": "The ferry"}) + "\n"
    chat.page.route("**/say/", lambda route: route.fulfill(body=piece, content_type="application/x-ndjson"))
    chat.ask(QUESTION)
    expect(chat.turn("The answer broke off.", "visitor")).to_be_visible()
    chat.page.unroute("**/say/")
    chat.page.get_by_role("button", name="Send again").click()
    expect(chat.turn("nine in the morning")).to_be_visible(timeout=10_000)


def test_a_refusal_of_the_server_is_said_in_its_words(open_page):
    chat = Chat(open_page())
    chat.watch.expect("status of 429")
    body = json.dumps({"error": {"code": "too_fast", "message": "That was very fast."}})
    chat.page.route("**/say/", lambda route: route.fulfill(status=429, body=body, content_type="application/json"))
    chat.ask(QUESTION)
    expect(chat.turn("That was very fast.", "visitor")).to_be_visible()


def test_a_source_opens_beside_the_thread_and_gives_the_focus_back(open_page):
    chat = Chat(open_page())
    chat.ask(QUESTION)
    card = chat.turn("nine in the morning").locator(".citation-link")
    card.click(timeout=10_000)
    expect(chat.panel.locator("mark")).to_be_in_viewport()
    expect(chat.panel.get_by_role("heading", name="Island Timetable")).to_be_focused()
    expect(card).to_have_attribute("aria-expanded", "true")
    chat.page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()
    expect(card).to_be_focused()


def test_a_source_that_cannot_be_fetched_says_so_and_keeps_its_link(open_page):
    chat = Chat(open_page())
    chat.ask(QUESTION)
    card = chat.turn("nine in the morning").locator(".citation-link")
    expect(card).to_be_visible(timeout=10_000)
    chat.watch.expect("status of 500")
    chat.page.route("**/documents/**", lambda route: route.fulfill(status=500))
    card.click()
    expect(chat.panel).to_contain_text("cannot be shown right now")
    assert "/documents/" in chat.panel.get_by_role("link").get_attribute("href")
