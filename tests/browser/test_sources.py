"""A source is read beside the thread on a wide screen, and as a sheet on a phone."""

import pytest
from playwright.sync_api import expect

from tests.browser.chat import Chat
from tests.browser.conftest import PHONE, QUESTION

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standin", "agent")]


def open_source(chat):
    chat.ask(QUESTION)
    card = chat.turn("nine in the morning").locator(".citation-link")
    card.click()
    expect(chat.panel.locator("mark")).to_be_in_viewport()
    return card


def test_on_a_wide_screen_a_source_covers_neither_thread_nor_composer(open_page):
    chat = Chat(open_page())
    open_source(chat)
    panel = chat.panel.bounding_box()
    for covered in ("#thread", "#composer", ".chat-page .bar"):
        box = chat.page.locator(covered).bounding_box()
        assert box["x"] + box["width"] <= panel["x"] + 1, covered
    chat.ask("What does a night at the pier cost?")  # the page is not held by it
    expect(chat.turn("twenty euros")).to_be_visible()
    chat.page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()


def test_on_a_phone_a_source_is_a_sheet_that_a_pull_or_the_back_button_closes(open_page):
    chat = Chat(open_page(viewport=PHONE, has_touch=True))
    address = chat.page.url
    card = open_source(chat)
    bar = chat.page.locator(".source-bar").bounding_box()
    mouse = chat.page.mouse
    mouse.move(bar["x"] + 60, bar["y"] + 20)
    mouse.down()
    mouse.move(bar["x"] + 60, bar["y"] + 400, steps=5)
    mouse.up()
    expect(chat.panel).to_be_hidden()
    expect(card).to_be_focused()
    card.click()
    expect(chat.panel).to_be_visible()
    chat.page.go_back()
    expect(chat.panel).to_be_hidden()
    assert chat.page.url == address
    expect(card).to_have_attribute("aria-expanded", "false")
